import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { type MediaMaterial, smokeInChromium } from "./browser.ts";
import { damagedFile, mediaCases, refusedFiles } from "./media_case.ts";
import type { SmokeResult } from "./smoke.ts";

const script = fileURLToPath(new URL("main.ts", import.meta.url));
const bin = (name: string): string =>
  fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));

const checks = [
  "row_normalize",
  "mean_pool",
  "frame_to_tensor",
  "pairwise_max",
  "kmeans_assign",
  "kmeans_screen",
  "thresholded pairwise",
  "similar pairs",
  "kmeans",
  "dedup pipeline",
];

let folder: TempFolder;
let material: MediaMaterial;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  const native = await createNativeEngine();
  material = {
    cases: await mediaCases(native, folder),
    refused: await refusedFiles(native, folder),
    damaged: await damagedFile(folder),
  };
  await writeFile(folder.file("case.json"), JSON.stringify(material.cases[0]));
});
afterAll(() => folder.remove());

async function smokeIn(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<SmokeResult> {
  const { stdout } = await promisify(execFile)(bin(command), [...args, script, folder.file("case.json")], {
    env: { ...process.env, ...env },
    timeout: 110_000,
  });
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as SmokeResult;
}

// Each runtime compiles every shader anew, on the CPU.
describe("the smoke suite", { timeout: 120_000 }, () => {
  test.each([
    ["Node", "node", ["--no-warnings"], {}],
    ["Bun", "bun", ["run"], {}],
    ["Deno with its own WebGPU", "deno", ["run", "--allow-all", "--no-check"], {}],
    ["Deno with Dawn", "deno", ["run", "--allow-all", "--no-check"], { CLIPSIEVE_WEBGPU: "dawn" }],
  ])("passes in %s", async (_name, command, args, env) => {
    const { passed, failed, adapter } = await smokeIn(command, args, env as Record<string, string>);
    expect(failed).toEqual([]);
    expect(passed).toEqual([...checks, "native media engine", "wasm media engine"]);
    expect(adapter).not.toBe("");
  });

  test("passes in headless Chromium", async () => {
    const { passed, failed, adapter } = await smokeInChromium(existsSync, material);
    expect(failed).toEqual([]);
    expect(passed).toEqual([
      ...checks,
      ...material.cases
        .filter(({ name }) => !["other.avi", "ten_bits.mp4"].includes(name))
        .map(({ name }) => `WebCodecs on ${name}`),
      ...[
        "wasm in a worker on turned.mp4",
        "wasm in a worker on other.avi",
        "fallback on other.avi",
        "fallback on ten_bits.mp4",
        "stop request",
        "refusals",
        "damage",
      ],
    ]);
    expect(adapter).not.toBe("");
  });
});
