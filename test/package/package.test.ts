// The npm package, unpacked into an empty folder: what it holds, and that what a user imports is there on each runtime.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readText, root } from "../house/tree.ts";
import { type InstalledPackage, installPackage, runIn } from "./pack.ts";

let installed: InstalledPackage;
beforeAll(() => {
  installed = installPackage();
  copyFileSync(join(import.meta.dirname, "import_all.mjs"), join(installed.folder, "import_all.mjs"));
  writeFileSync(join(installed.folder, "package.json"), '{ "type": "module" }\n');
});
afterAll(() => installed?.remove());

type Target = string | { readonly [condition: string]: Target };
const leaves = (target: Target): string[] =>
  typeof target === "string" ? [target] : Object.values(target).flatMap(leaves);

describe("the npm package", () => {
  test("holds every file that its exports and commands name", () => {
    const manifest = JSON.parse(readText("package.json")) as {
      readonly exports: Readonly<Record<string, Target>>;
      readonly bin: Readonly<Record<string, string>>;
    };
    const named = [...Object.values(manifest.exports).flatMap(leaves), ...Object.values(manifest.bin)];
    const there = new Set(installed.files);
    expect(named.filter((path) => !there.has(path.replace(/^\.\//, "")))).toEqual([]);
  });

  test("holds what it is licensed under, the manual and the built-in model, and nothing of the workshop", () => {
    expect(installed.files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
    expect(installed.files.filter((path) => path.startsWith("dist/models/builtin/")).length).toBeGreaterThan(
      1,
    );
    const own = /^dist\/(src|bench|models)\/|^(LICENSE|README\.md|CHANGELOG\.md|package\.json)$/;
    expect(installed.files.filter((path) => !own.test(path))).toEqual([]);
    expect(installed.files.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))).toEqual([]);
    expect(installed.sizeBytes).toBeLessThan(8 * 1024 * 1024);
  });

  test("holds what `clipsieve bench` reads: its shaders, and the peers' scripts and manifests", () => {
    const read = ["shaders/fma_ceiling.wgsl", "shaders/copy_ceiling.wgsl", "shaders/embedding_fill.wgsl"];
    const peers = ["python_peers.py", "package.json", "package-lock.json"].map((name) => `peers/${name}`);
    const wanted = [...read, ...peers].map((name) => `dist/bench/${name}`);
    expect(installed.files).toEqual(expect.arrayContaining(wanted));
    expect(installed.files.filter((path) => path.startsWith("dist/bench/peers/node_modules"))).toEqual([]);
  });

  test("built modules import built modules", () => {
    const modules = installed.files.filter((path) => path.endsWith(".js"));
    const wrong = modules.filter((path) =>
      /(from|import)\s*\(?\s*"\.[^"]*\.ts"/.test(
        readFileSync(join(installed.folder, "node_modules/clipsieve", path), "utf8"),
      ),
    );
    expect(modules.length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });

  test("the command starts with a line that runs it with node", () => {
    const main = readFileSync(join(installed.folder, "node_modules/clipsieve/dist/src/cli/main.js"), "utf8");
    expect(main.startsWith("#!/usr/bin/env node\n")).toBe(true);
  });

  test("types resolve for a strict TypeScript program", () => {
    const program = [
      'import { Pipeline } from "clipsieve";',
      'import { kmeans, pairwise } from "clipsieve/kernels";',
      'import * as web from "clipsieve/web";',
      'import * as reference from "clipsieve/reference";',
      "export const used: readonly unknown[] = [Pipeline, kmeans, pairwise, web, reference];",
    ];
    writeFileSync(join(installed.folder, "program.ts"), program.join("\n"));
    const options = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "--skipLibCheck"];
    const outcome = runIn(installed.folder, join(root, "node_modules/.bin/tsc"), ...options, "program.ts");
    expect(outcome).toMatchObject({ status: 0, stdout: "" });
  });
});

describe("imports of the package", () => {
  const runtimes: readonly { readonly runtime: string; readonly command: readonly string[] }[] = [
    { runtime: "Node", command: [process.execPath] },
    { runtime: "Bun", command: [join(root, "node_modules/.bin/bun")] },
    { runtime: "Deno", command: [join(root, "node_modules/.bin/deno"), "run", "-A"] },
  ];

  test.each(runtimes)("work in $runtime, and the process ends by itself", ({ command }) => {
    expect(existsSync(command[0]!)).toBe(true);
    const outcome = runIn(installed.folder, command[0]!, ...command.slice(1), "import_all.mjs");
    expect(outcome).toMatchObject({ status: 0, stdout: "all there\n" });
  });
});
