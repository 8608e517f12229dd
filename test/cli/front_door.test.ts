import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { resolveOptions } from "../../src/cli/config.ts";
import { clipsieve, makeVideo, temporaryFolder } from "./command_line.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);

beforeAll(() => makeVideo(at("videos/a.mp4"), { seconds: 3 }));
afterAll(() => folder.remove());

/** Prints the URL of every module that is loaded. */
const tracer = `--import=data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from "node:module";
   registerHooks({ resolve(name, context, next) {
     const found = next(name, context); process.stderr.write("loaded " + found.url + "\\n"); return found; } });`,
)}`;

describe("help", () => {
  test.each([[["--help"]], [["--version"]], [["run", "--help"]]])(
    "%j loads no GPU, model or ffmpeg",
    async (args) => {
      const { code, stdout, stderr } = await clipsieve(args, { env: { NODE_OPTIONS: tracer } });
      expect(code).toBe(0);
      expect(stdout).toMatch(/\d\.\d|Usage/);
      expect(stderr).toContain("/src/cli/main.ts");
      expect(stderr).not.toMatch(/\/(webgpu|@huggingface|onnxruntime[-\w]*|src\/(gpu|media|embed|stages))\//);
    },
  );

  test("of every command names its options", async () => {
    for (const [command, option] of [
      ["split", "--fixed-stride-split-duration"],
      ["dedup", "--n-clusters"],
      ["export", "--samples-per-shard"],
      ["run", "--eps"],
      ["doctor", "--model-dir"],
      ["bench", "--quick"],
    ] as const) {
      const { code, stdout } = await clipsieve([command, "--help"]);
      expect([command, code, stdout.includes(option)]).toEqual([command, 0, true]);
    }
  });

  test("report says that it comes, whatever is asked of it", async () => {
    const { code, stderr } = await clipsieve(["report", "--output-path", at("out")]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/comes with a later version/);
  });
});

describe("wrong usage ends with 2, says what is right, and makes nothing", () => {
  const videos = ["--video-dir", at("videos"), "--output-path", at("none")];
  test.each([
    [["spilt"], "Did you mean split?"],
    [["split", "--vidoe-dir", "x"], "Did you mean --video-dir?"],
    [["bench", "--nope"], "--nope"],
    [["split", "--output-path", at("none")], "a required option is missing: --video-dir"],
    [["split", ...videos, "--limit-clips", "1.5"], "it must be a whole number: 1.5"],
    [["split", ...videos, "--fixed-stride-split-duration", "0"], "it must be more than 0: 0"],
    [["split", ...videos, "--device", "cuda"], "auto, gpu, software"],
    [["split", ...videos, "--generate-captions"], "writes no captions"],
    [["split", ...videos, "--transnetv2-threshold", "1.5"], "it must be"],
    [["split", "--video-dir", at("absent"), "--output-path", at("none")], at("absent")],
    [["split", "--video-dir", at("videos"), "--output-path", at("videos")], "Choose another --output-path"],
    [["run", ...videos, "--no-generate-embeddings"], "duplicates are found by embeddings"],
    [["dedup", "--output-path", at("none")], "Run `clipsieve split` first"],
    [["export", "--output-path", at("none")], "Run `clipsieve split` first"],
    [["split", "--config", at("absent.yaml")], at("absent.yaml")],
  ])("%j", async (args, remedy) => {
    const { code, stdout, stderr } = await clipsieve(args);
    expect(stderr).toContain(remedy);
    expect(stderr).not.toMatch(/\n\s+at |did not expect/);
    expect([code, stdout]).toEqual([2, ""]);
    expect(existsSync(at("none"))).toBe(false);
  });

  test("with --json standard output holds the reason as one object", async () => {
    const { code, stdout } = await clipsieve(["split", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      status: "failed",
      message: expect.stringContaining("--video-dir"),
    });
  });

  test("with --log-format json the complaint is a line of JSON too", async () => {
    const { stderr } = await clipsieve(["split", "--log-format", "json", "--nope"]);
    expect(JSON.parse(stderr)).toMatchObject({ level: "error", message: expect.stringContaining("--nope") });
  });
});

describe("configuration", () => {
  const printed = async (args: readonly string[]): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await clipsieve([...args, "--print-config"]);
    expect([code, stderr]).toEqual([0, ""]);
    return parseYaml(stdout) as Record<string, unknown>;
  };

  test("keys are kebab, snake or camel case, in YAML or JSON, and what is typed wins", async () => {
    writeFileSync(
      at("a.yaml"),
      "video-dir: v\noutput_clip_path: o\nlimitClips: 3\nno-upload-clips: true\nvideo_limit:\neps: 0.5\n",
    );
    writeFileSync(
      at("a.json"),
      '{"video_dir": "v", "outputPath": "o", "limit-clips": 4, "upload_clips": false}',
    );
    const yaml = await printed(["split", "--config", at("a.yaml")]);
    const json = await printed(["split", "--config", at("a.json"), "--limit-clips", "3"]);
    expect(yaml).toMatchObject({
      "video-dir": "v",
      "output-path": "o",
      "limit-clips": 3,
      "upload-clips": false,
    });
    expect(json).toEqual(yaml);
  });

  test("what --print-config prints can be given back", async () => {
    const first = await printed([
      "run",
      "--video-dir",
      "v",
      "--output-clip-path",
      "o",
      "--n-clusters",
      "7",
      "--no-upload-clips",
    ]);
    writeFileSync(
      at("printed.yaml"),
      Object.entries(first)
        .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
        .join(""),
    );
    expect(await printed(["run", "--config", at("printed.yaml")])).toEqual(first);
    expect(first).toMatchObject({ "output-path": "o", "n-clusters": 7, "upload-clips": false });
  });

  test("a key that no command knows is refused by name", async () => {
    writeFileSync(at("typo.yaml"), "video-dir: v\noutput-path: o\nlimit-clip: 3\n");
    const { code, stderr } = await clipsieve(["split", "--config", at("typo.yaml")]);
    expect(code).toBe(2);
    expect(stderr).toContain("no such option: limit-clip. Did you mean limit-clips?\n");
  });

  test.each([
    [
      "fixedStrideSplitDurations",
      /: fixed-stride-split-durations\. Did you mean fixed-stride-split-duration\?$/,
    ],
    ["frame", /: frame\. Its options: video-dir, /],
    ["help", /: help\. Its options: video-dir, /],
    ["", /: \. Its options: video-dir, /],
    ["two words", /: two words\. Its options: video-dir, /],
  ])("the key %j is answered with the option that was meant, or with all", (key, message) => {
    expect(() => resolveOptions("split", { [key]: 1 }, { videoDir: "v", outputPath: "o" })).toThrow(message);
  });
});
