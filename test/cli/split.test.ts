import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { v5 as uuid5 } from "uuid";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clipsieve, filesOf, makeVideo, recordOf, temporaryFolder } from "./command_line.ts";

const folder = temporaryFolder();
const at = (...names: string[]): string => join(folder.path, ...names);
const short = ["--fixed-stride-split-duration", "2", "--no-generate-embeddings"];

beforeAll(() => {
  makeVideo(at("videos/a.mp4"), { seconds: 5 });
  makeVideo(at("videos/sub/b.mov"), { seconds: 4, source: "smptebars" });
});
afterAll(() => folder.remove());

const namesOf = (output: string, below: string): string[] =>
  [...filesOf(output).keys()].filter((name) => name.startsWith(`${below}/`)).sort();

describe("clipsieve split", () => {
  test("--dry-run plans and makes nothing, and --json prints exactly one object", async () => {
    const { code, stdout, stderr } = await clipsieve([
      ...["split", "--video-dir", at("videos"), "--output-path", at("dry"), "--dry-run", "--json", "--quiet"],
      ...short,
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ status: "ok", counts: { videos: 2, clips: 4 } });
    expect(existsSync(at("dry"))).toBe(false);
  });

  test("--limit-clips, --video-limit and --no-upload-clips hold", async () => {
    const args = ["split", "--video-dir", at("videos"), "--output-clip-path", at("few"), ...short];
    const { code } = await clipsieve([
      ...args,
      "--limit-clips",
      "1",
      "--video-limit",
      "1",
      "--no-upload-clips",
    ]);
    expect(code).toBe(0);
    expect(recordOf(at("few")).inputs).toMatchObject([{ path: "a.mp4", status: "ok", clips: 1 }]);
    expect(namesOf(at("few"), "metas")).toHaveLength(1);
    expect(namesOf(at("few"), "clips")).toEqual([]);
  });

  test("--log-format json makes every line of standard error JSON", async () => {
    const args = [
      "split",
      "--video-dir",
      at("videos/sub"),
      "--output-path",
      at("logged"),
      "--log-format",
      "json",
    ];
    const { code, stdout, stderr } = await clipsieve([...args, ...short, "--transcode-cpus-per-worker", "4"]);
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { level: string; message: string });
    expect([code, stdout]).toEqual([0, ""]);
    expect(lines.find(({ level }) => level === "warn")?.message).toContain("--transcode-cpus-per-worker");
    expect(lines.at(-1)?.message).toMatch(/^Finished, ok: .*clips 2/);
  });

  test("the output folder may lie inside the video folder, or hold it", async () => {
    mkdirSync(at("nest"));
    copyFileSync(at("videos/sub/b.mov"), at("nest/b.mov"));
    for (const output of [at("nest/out"), at("nest/out"), folder.path]) {
      const args = ["split", "--video-dir", `${at("nest")}/`, "--output-path", output, ...short];
      const { code } = await clipsieve([...args, ...(output === folder.path ? ["--dry-run"] : [])]);
      expect(code).toBe(0);
    }
    expect(recordOf(at("nest/out")).inputs.map(({ path }) => path)).toEqual(["b.mov"]);
  });

  test("ids come from the path in the video folder; with --compat nemo from the absolute one", async () => {
    const split = async (output: string, ...args: string[]): Promise<string[]> => {
      const { code } = await clipsieve(
        [
          "split",
          "--video-dir",
          "videos/../videos/a.mp4",
          "--output-path",
          output,
          ...short,
          "--no-upload-clips",
          ...args,
        ],
        { cwd: folder.path },
      );
      expect(code).toBe(0);
      return namesOf(at(output), "metas");
    };
    const named = (path: string): string[] =>
      [
        [0, 20],
        [20, 40],
      ]
        .map(([first, end]) => `metas/v0/${uuid5(`${path}_${first}_${end}`, uuid5.URL)}.json`)
        .sort();
    expect(await split("ids")).toEqual(named("a.mp4"));
    expect(await split("ids_nemo", "--compat", "nemo")).toEqual(named(at("videos/a.mp4")));
  });

  test("odd names are worked and unfit files named, each once, and the run ends with 3", async () => {
    const good = [
      "-lead.mp4",
      "with space.mp4",
      "quo'te\".mp4",
      "new\nline.mp4",
      "🎬.mp4",
      "a%03d.mp4",
      "v1.2.x.MP4",
    ];
    good.push(`${"x".repeat(246)}.mp4`);
    mkdirSync(at("odd"));
    for (const name of good) copyFileSync(at("videos/sub/b.mov"), at("odd", name));
    writeFileSync(at("odd/empty.mp4"), "");
    writeFileSync(at("odd/text.mp4"), "not a video");
    writeFileSync(at("odd/\u001b[2Jcut.mp4"), filesOf(at("videos")).get("a.mp4")!.subarray(0, 3000));
    symlinkSync("nowhere", at("odd/broken.mp4"));
    const args = ["split", "--video-dir", "odd", "--output-path", "odd_out", ...short, "--no-upload-clips"];
    const { code, stderr } = await clipsieve(args, { cwd: folder.path });
    const { status, inputs } = recordOf(at("odd_out"));
    expect([code, status]).toEqual([3, "partial"]);
    expect(
      inputs
        .filter(({ status, clips }) => status === "ok" && clips === 2)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(good.sort());
    const unfit = inputs.filter(({ status }) => status !== "ok").map(({ path, reason }) => [path, reason]);
    expect(unfit.sort()).toEqual([
      ["\u001b[2Jcut.mp4", "incomplete-metadata"],
      ["broken.mp4", "broken-link"],
      ["empty.mp4", "empty-file"],
      ["text.mp4", "not-a-video"],
    ]);
    // A file name must not drive the terminal.
    expect(stderr).toContain("\\x1b[2Jcut.mp4");
    expect(stderr).not.toContain("\u001b");
  });

  test("where all inputs are passed over it ends with 0, and says that no clip was made, and why", async () => {
    mkdirSync(at("unfit"));
    writeFileSync(at("unfit/empty.mp4"), "");
    writeFileSync(at("unfit/text.mp4"), "not a video");
    writeFileSync(at("unfit/words.mp4"), "no video either");
    const args = ["split", "--video-dir", "unfit", "--output-path", "unfit_out", ...short, "--quiet"];
    const { code, stderr } = await clipsieve(args, { cwd: folder.path });
    expect([code, stderr]).toEqual([0, "No clip was made of 3 inputs: 2 not-a-video, 1 empty-file\n"]);
  });

  test("where nothing comes through it ends with 1", async () => {
    mkdirSync(at("bad"));
    writeFileSync(at("bad/cut.mp4"), filesOf(at("videos")).get("a.mp4")!.subarray(0, 3000));
    const { code } = await clipsieve([
      "split",
      "--video-dir",
      at("bad"),
      "--output-path",
      at("bad_out"),
      ...short,
    ]);
    expect([code, recordOf(at("bad_out")).status]).toEqual([1, "failed"]);
  });
});
