import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { readTable } from "../../src/io/parquet_read.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { LocalExecutor } from "../../src/pipeline/local_executor.ts";
import { inputsOf } from "../../src/pipeline/outcome.ts";
import { SplitStage, type SplitStageOptions } from "../../src/stages/split.ts";
import { parseClipMetadata } from "../../src/video/metadata.ts";
import { pathsOf, textOf } from "../io/storages.ts";
import { useGpu } from "../support/gpu.ts";
import { type World, world } from "./fakes.ts";

const run = async (
  { context }: World,
  options: Partial<SplitStageOptions> = {},
): Promise<readonly (readonly [key: string, status: string])[]> => {
  const stage = new SplitStage({
    videoDir: "videos",
    outputPath: "out",
    splitDurationSeconds: 2,
    ...options,
  });
  const [result] = await new LocalExecutor().run([stage], context);
  return result!.units.map(({ key, status }) => [key, status]);
};

async function withVideos(videos: Readonly<Record<string, string>>): Promise<World> {
  const made = world();
  for (const [path, text] of Object.entries(videos)) await made.storage("videos").write(path, text);
  return made;
}

const resultsOf = async ({ storage }: World): Promise<string[]> =>
  (await pathsOf(storage("out"))).filter((path) => !path.startsWith(".clipsieve/"));

describe("SplitStage over any engine and storage", () => {
  test("writes clips, metadata, records and embeddings", async () => {
    const made = await withVideos({ "a.mp4": "50 10", "sub/b.mkv": "40 10", "notes.txt": "no video" });
    expect(await run(made)).toEqual([
      ["a.mp4", "done"],
      ["sub/b.mkv", "done"],
    ]);
    const paths = await resultsOf(made);
    const count = (folder: string): number => paths.filter((path) => path.startsWith(`${folder}/`)).length;
    expect([count("clips"), count("metas/v0"), count("fake_embd_parquet")]).toEqual([4, 4, 2]);
    expect(paths).toContain("processed_videos/sub/b.mkv.json");
    expect(paths).toContain("processed_clip_chunks/a.mp4_0.json");
    const [tables] = paths.filter((path) => path.startsWith("fake_embd_parquet/"));
    const { id } = await readTable(made.storage("out"), tables!, ["id"]);
    expect(paths).toContain(`clips/${String(id![0])}.mp4`);
  });

  test("records say how long a clip is, save those for NeMo Curator's readers", async () => {
    for (const [compat, duration_seconds] of [
      ["none", 2],
      ["nemo", undefined],
    ] as const) {
      const made = await withVideos({ "a.mp4": "20 10" });
      await run(made, { compat });
      const path = (await resultsOf(made)).find((path) => path.startsWith("metas/v0/"));
      const record = parseClipMetadata(await textOf(made.storage("out"), path!), path!);
      expect([compat, record.duration_seconds]).toEqual([compat, duration_seconds]);
    }
  });

  test("a video that fails half way leaves nothing, and the others are whole", async () => {
    const made = await withVideos({ "a.mp4": "50 10", "b.mp4": "40 10" });
    made.engine.failing = "a.mp4";
    expect(await run(made)).toEqual([
      ["a.mp4", "failed"],
      ["b.mp4", "done"],
    ]);
    const alone = await withVideos({ "b.mp4": "40 10" });
    await run(alone);
    expect(await resultsOf(made)).toEqual(await resultsOf(alone));
  });

  test("what a killed process left is removed, whatever the next one is asked to do", async () => {
    const made = await withVideos({ "a.mp4": "50 10", "b.mp4": "40 10" });
    const frozen = { ...made.context };
    // A process that is killed neither finishes nor cleans up: the run is left waiting inside its first clip.
    const reached = new Promise<void>((resolve) => {
      const split = made.engine.split.bind(made.engine);
      frozen.mediaEngine = async () => ({
        ...made.engine,
        split: (request, sinks) =>
          split(request, {
            ...sinks,
            onClip: async (clip) => {
              await sinks.onClip(clip);
              resolve();
              await new Promise(() => undefined);
            },
          }),
      });
    });
    void run({ ...made, context: frozen });
    await reached;
    const left = (await resultsOf(made)).filter((path) => path.startsWith("clips/"));
    expect(left.length).toBeGreaterThan(0);

    const options = { splitDurationSeconds: 3, uploadClips: false };
    await made.storage("videos").delete("b.mp4");
    expect(await run(made, options)).toEqual([["a.mp4", "done"]]);
    const fresh = await withVideos({ "a.mp4": "50 10" });
    await run(fresh, options);
    expect(await resultsOf(made)).toEqual(await resultsOf(fresh));
  });

  test("a file that cannot be read fails alone", async () => {
    const made = await withVideos({ "a.mp4": "50 10", "b.mp4": "40 10" });
    const videos = made.storage("videos");
    const read = videos.read.bind(videos);
    videos.read = async (path, range) => {
      if (path === "a.mp4") throw new DataError(`Cannot read a file as permission was denied: ${path}`);
      return await read(path, range);
    };
    expect(await run(made)).toEqual([
      ["a.mp4", "failed"],
      ["b.mp4", "done"],
    ]);
  });

  test("one that --strict fails says what the decoder said, and how often", async () => {
    const made = await withVideos({ "a.mp4": "50 10" });
    const report = { decodeErrors: 52, complaint: "concealed 3 errors.", emptySpans: [], notes: [] };
    const engine = { ...made.engine, split: async () => report };
    const context = { ...made.context, mediaEngine: async () => engine };
    const stage = new SplitStage({ videoDir: "videos", outputPath: "out", strict: true });
    const [result] = await new LocalExecutor().run([stage], context);
    expect(inputsOf([result!])).toMatchObject([
      {
        reason: "decode-errors",
        decodeErrors: 52,
        message:
          "Cannot take a video under --strict as the decoder complained 52 times, first: concealed 3 errors: a.mp4. Leave --strict out to keep the clips that decode",
      },
    ]);
  });

  test.each([
    ["a clip holds no key frame", { all: [0], entries: [0], primingPackets: 0, trailingPackets: 0 }],
    ["packets carry no presentation times", undefined],
  ])("frames of any kind are sampled, as %s: a note says so", async (why, keyFrames) => {
    const made = await withVideos({ "a.mp4": "40 10" });
    const probe: MediaEngine["probe"] = async (source) => ({
      ...(await made.engine.probe(source)),
      ...(keyFrames === undefined ? {} : { keyFrames }),
    });
    const context = { ...made.context, mediaEngine: async () => ({ ...made.engine, probe }) };
    await run({ ...made, context }, { frameSource: "keyframes" });
    const record = JSON.parse(await textOf(made.storage("out"), "processed_videos/a.mp4.json")) as object;
    expect(record).toMatchObject({ notes: [`frames of any kind sampled, as ${why}`] });
  });

  test("decodes again only what changed", async () => {
    const made = await withVideos({ "a.mp4": "50 10", "b.mp4": "40 10" });
    await run(made);
    await made.storage("videos").write("b.mp4", "60 10");
    expect(await run(made)).toEqual([
      ["a.mp4", "resumed"],
      ["b.mp4", "done"],
    ]);
    // The first two are decoded side by side: which begins is not promised, how often each is decoded is.
    expect([...made.engine.decoded].sort()).toEqual(["a.mp4", "b.mp4", "b.mp4"]);
    expect(made.engine.decoded.at(-1)).toBe("b.mp4");
    const record = JSON.parse(await textOf(made.storage("out"), "processed_videos/b.mp4.json")) as object;
    expect(record).toMatchObject({ num_frames: 60, num_total_clips: 3 });
  });

  test("options of another splitting algorithm make nothing stale, those of its own do", async () => {
    const made = await withVideos({ "a.mp4": "50 10" });
    await run(made);
    expect(await run(made, { content: { threshold: 12 } })).toEqual([["a.mp4", "resumed"]]);
    expect(await run(made, { minClipLengthSeconds: 1 })).toEqual([["a.mp4", "done"]]);
  });

  test("a dry run writes nothing, not even a journal", async () => {
    const made = await withVideos({ "a.mp4": "50 10" });
    await run(made, { dryRun: true });
    expect(await pathsOf(made.storage("out"))).toEqual([]);
    expect(made.engine.decoded).toEqual([]);
  });
});

describe("SplitStage that looks for scenes", () => {
  const device = useGpu();

  test("scenes are cut where the algorithm says so, and the record tells why", async () => {
    const made = await withVideos({ "a.mp4": "100 10" });
    const context = { ...made.context, device: async () => device.gpu };
    const scenes = { splittingAlgorithm: "content", content: { minLengthSeconds: 1 } } as const;
    expect(await run({ ...made, context }, scenes)).toEqual([["a.mp4", "done"]]);
    const record = JSON.parse(await textOf(made.storage("out"), "processed_videos/a.mp4.json")) as object;
    const scene_cuts = [{ frame: 50, seconds: 5, score: 85 }];
    expect(record).toMatchObject({ num_total_clips: 2, splitting_algorithm: "content", scene_cuts });
  });
});
