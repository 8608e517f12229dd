// The package as a user gets it: `npm pack`, a real install into an empty folder, `npx clipsieve doctor` and `bench`, and
// imports of every entry in Node 24, Node 22, Bun and Deno. Takes about a minute, most of it npm; `npm test` has the quick
// half.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "..");
const binaries = join(root, "node_modules/.bin");
const folder = mkdtempSync(join(tmpdir(), "clipsieve-install-"));
const app = join(folder, "app");
const node22Folder = join(folder, "node22");
const began = performance.now();
let failedCount = 0;

/** Only the runtimes themselves: a command of this repository must not stand in for one of the package. */
const path = [binaries, process.env.PATH ?? ""].join(delimiter);

function check(what: string, cwd: string, command: string, args: readonly string[], expected?: RegExp): void {
  const start = performance.now();
  const env = { ...process.env, PATH: path, ONNXRUNTIME_NODE_INSTALL: "skip" };
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    timeout: 300_000,
  });
  const good = status === 0 && (expected === undefined || expected.test(`${stdout}${stderr}`));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${good ? "ok    " : "FAILED"}  ${what} (${seconds} s)\n`);
  if (good) return;
  failedCount += 1;
  process.stdout.write(`exit code ${status}\n${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}\n`);
}

const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
for (const name of [app, node22Folder]) {
  mkdirSync(name);
  writeFileSync(join(name, "package.json"), '{ "private": true, "type": "module" }\n');
}
copyFileSync(join(root, "test/package/import_all.mjs"), join(app, "import_all.mjs"));

check("npm pack", root, "npm", ["pack", "--loglevel=error", "--pack-destination", folder]);
const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "clipsieve.tgz";
check("npm install into an empty folder", app, "npm", [
  "install",
  "--prefer-offline",
  ...quiet,
  join(folder, tarball),
]);
check("npx clipsieve doctor", app, "npx", ["--no-install", "clipsieve", "doctor"]);
check("npx clipsieve --version", app, "npx", ["--no-install", "clipsieve", "--version"], /^\d+\.\d+\.\d+/);
check(
  "npx clipsieve bench",
  app,
  "npx",
  ["--no-install", "clipsieve", "bench", "--suite", "kmeans", "--quick", "--no-peers"],
  /^assign .*GFLOP\/s[\s\S]*^ceiling: \d+ GFLOP/m,
);
check("imports in Node 24", app, join(binaries, "node"), ["import_all.mjs"], /^all there$/m);
check("imports in Bun", app, join(binaries, "bun"), ["import_all.mjs"], /^all there$/m);
check("imports in Deno", app, join(binaries, "deno"), ["run", "-A", "import_all.mjs"], /^all there$/m);

const node22 = `node-${process.platform}-${process.arch}`;
check("Node 22 from npm", node22Folder, "npm", ["install", "--prefer-offline", ...quiet, `${node22}@22`]);
const node22Binary = join(node22Folder, "node_modules", node22, "bin/node");
check("imports in Node 22", app, node22Binary, ["import_all.mjs"], /^all there$/m);
check("doctor in Node 22", app, node22Binary, ["node_modules/clipsieve/dist/src/cli/main.js", "doctor"]);

rmSync(folder, { recursive: true, force: true });
process.stdout.write(
  `package: ${failedCount} failed, ${((performance.now() - began) / 1000).toFixed(0)} s\n`,
);
process.exitCode = failedCount === 0 ? 0 : 1;
