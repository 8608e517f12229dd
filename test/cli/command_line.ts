// Starts the command line as a user does, on videos of a second or less of work, in a folder that is gone afterwards.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Finished {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A running command, and what becomes of it. */
export function start(
  args: readonly string[],
  { cwd, env }: StartOptions = {},
): { readonly child: ChildProcess; readonly finished: Promise<Finished> } {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  const read = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    read.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    read.stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...read }));
  });
  return { child, finished };
}

export function clipsieve(args: readonly string[], options: StartOptions = {}): Promise<Finished> {
  return start(args, options).finished;
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "clipsieve-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Picture {
  readonly seconds: number;
  /** A source of lavfi. Default testsrc2. */
  readonly source?: string;
  readonly size?: string;
  readonly rate?: number;
}

/** Makes a video of 160x120 pixels and 10 frames a second, unless told otherwise. */
export function makeVideo(
  path: string,
  { seconds, source = "testsrc2", size = "160x120", rate = 10 }: Picture,
): void {
  mkdirSync(dirname(path), { recursive: true });
  const input = `${source}=s=${size}:r=${rate}`;
  const output = [
    "-t",
    String(seconds),
    "-c:v",
    "mpeg4",
    "-q:v",
    "4",
    "-pix_fmt",
    "yuv420p",
    "-f",
    path.endsWith(".mov") ? "mov" : "mp4",
  ];
  execFileSync("ffmpeg", ["-loglevel", "error", "-f", "lavfi", "-i", input, ...output, `file:${path}`]);
}

/** Content of every file below a folder but run.json, by path. */
export function filesOf(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (name !== "run.json") files.set(name, readFileSync(path));
  }
  return files;
}

/** Time of the last change of every file below a folder, by path. */
export function timesOf(folder: string): Record<string, number> {
  const times: Record<string, number> = {};
  for (const name of [...filesOf(folder).keys(), "run.json"])
    times[name] = statSync(join(folder, name)).mtimeMs;
  return times;
}

export interface Recorded {
  readonly status: string;
  readonly message: string | null;
  readonly inputs: readonly {
    readonly path: string;
    readonly status: string;
    readonly reason: string | null;
    readonly message: string | null;
    readonly clips: number;
    readonly clipsLost: number;
    readonly decodeErrors: number;
  }[];
  readonly counts: Readonly<Record<string, number>>;
  readonly options: Readonly<Record<string, unknown>>;
}

export function recordOf(output: string): Recorded {
  return JSON.parse(readFileSync(join(output, "run.json"), "utf8")) as Recorded;
}

/** Resolves when `ready` says so; rejects after ten seconds. */
export async function until(ready: () => boolean): Promise<void> {
  for (const started = Date.now(); !ready(); ) {
    if (Date.now() - started > 10_000) throw new Error("Waited ten seconds in vain");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
