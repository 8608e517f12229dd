// Makes the npm package and unpacks it as an install would, with this repository's node_modules lent for its
// dependencies: no network, a few seconds. `.ci/check-package.ts` does the real install.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../house/tree.ts";

export interface InstalledPackage {
  /** A folder that has nothing but node_modules. */
  readonly folder: string;
  /** Files of the package, relative to it. */
  readonly files: readonly string[];
  readonly sizeBytes: number;
  remove(): void;
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function runIn(cwd: string, command: string, ...args: readonly string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    timeout: 120_000,
  });
  return {
    status,
    stdout: stdout ?? "",
    stderr: `${stderr ?? ""}${error === undefined ? "" : error.message}`,
  };
}

function runOrThrow(cwd: string, command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = runIn(cwd, command, ...args);
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

export function installPackage(): InstalledPackage {
  const folder = mkdtempSync(join(tmpdir(), "clipsieve-package-"));
  const report = runOrThrow(root, "npm", "pack", "--json", "--loglevel=error", "--pack-destination", folder);
  // What the build prints comes first; npm's report is the JSON at the end.
  const packed = JSON.parse(report.slice(report.search(/^[[{]/m))) as unknown;
  const [entry] = (Array.isArray(packed) ? packed : Object.values(packed as object)) as readonly {
    readonly filename: string;
    readonly size: number;
    readonly files: readonly { readonly path: string }[];
  }[];
  if (entry === undefined) throw new Error(`npm pack reported nothing: ${report}`);
  const target = join(folder, "node_modules/clipsieve");
  mkdirSync(target, { recursive: true });
  runOrThrow(folder, "tar", "-xzf", entry.filename, "--strip-components=1", "-C", target);
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!name.startsWith("."))
      symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  return {
    folder,
    files: entry.files.map(({ path }) => path).sort(),
    sizeBytes: entry.size,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
