// The motion filter through the split stage: where clips, records and embeddings end up. Videos are fakes of 8 x 8 pixels
// whose gray frames of 32 x 32 are given here.
import { describe, expect, test } from "vitest";
import { readTable } from "../../src/io/parquet_read.ts";
import { LocalExecutor } from "../../src/pipeline/local_executor.ts";
import { SplitStage, type SplitStageOptions } from "../../src/stages/split.ts";
import type { SplitSummary } from "../../src/stages/split_summary.ts";
import { parseClipMetadata } from "../../src/video/metadata.ts";
import { pathsOf, textOf } from "../io/storages.ts";
import { useGpu } from "../support/gpu.ts";
import { waves } from "../support/moving_frames.ts";
import { type World, world } from "./fakes.ts";

/** A picture that moves by `speed` pixels per frame. */
function grayFrame(speed: number, index: number): Uint8Array {
  return Uint8Array.from({ length: 32 * 32 }, (_, i) => waves((i % 32) - speed * index, Math.floor(i / 32)));
}

describe("SplitStage with a motion filter", () => {
  const context = useGpu();

  /** Clip 0 moves, clip 1 stands still, and so on; "still.mp4" does not move at all. */
  async function withVideos(...names: string[]): Promise<World> {
    const made = world();
    for (const name of names) await made.storage("videos").write(name, "60 10");
    made.engine.gray = ({ video, clip, index }) =>
      grayFrame(clip % 2 === 0 && video !== "still.mp4" ? 1 : 0, index);
    return { ...made, context: { ...made.context, device: async () => context.gpu } };
  }

  async function split(
    made: World,
    options: Partial<SplitStageOptions>,
  ): Promise<{ readonly status: string; readonly summary: SplitSummary }> {
    const stage = new SplitStage({
      ...{ videoDir: "videos", outputPath: "out", splitDurationSeconds: 2 },
      ...options,
    });
    const [result] = await new LocalExecutor().run([stage], made.context);
    const { status, summary } = result!.units[0]!;
    return { status, summary: summary as unknown as SplitSummary };
  }

  const resultsOf = async ({ storage }: World, folder: string): Promise<string[]> =>
    (await pathsOf(storage("out"))).filter((path) => path.startsWith(`${folder}/`));
  const idOf = (path: string): string => path.replace(/^.*\//, "").replace(/\.\w+$/, "");

  test("drops what does not move: its file aside, its record kept, no embedding", async () => {
    const made = await withVideos("a.mp4");
    const { summary } = await split(made, { motionFilter: "enable" });
    expect(summary).toMatchObject({ clips: 2, clipSeconds: 4, filteredClips: 1 });
    const [clips, filtered] = [await resultsOf(made, "clips"), await resultsOf(made, "filtered_clips")];
    expect([clips.length, filtered.length]).toEqual([2, 1]);
    expect(await textOf(made.storage("out"), filtered[0]!)).toBe("a.mp4 2 4");

    const chunk = JSON.parse(await textOf(made.storage("out"), "processed_clip_chunks/a.mp4_0.json")) as {
      readonly clips: readonly string[];
    };
    expect(chunk).toMatchObject({
      ...{ num_clips_filtered_by_motion: 1, num_clips_passed: 2, num_clips_transcoded: 3 },
      ...{ num_clips_with_embeddings: 2, filtered_clips: [idOf(filtered[0]!)], total_clip_duration: 6 },
    });
    expect([...chunk.clips].sort()).toEqual(clips.map(idOf));
    const [table] = await resultsOf(made, "fake_embd_parquet");
    const { id } = await readTable(made.storage("out"), table!, ["id"]);
    expect([...(id as readonly string[])].sort()).toEqual(clips.map(idOf));

    for (const path of [...clips, ...filtered]) {
      const name = `metas/v0/${idOf(path)}.json`;
      const metadata = parseClipMetadata(await textOf(made.storage("out"), name), name);
      expect(metadata.clip_location).toBe(path);
      // One pixel of 32 is a quarter of one of 8.
      const expected = path.startsWith("clips/") ? 0.25 / 16 : 0;
      expect(metadata.motion_score?.global_mean).toBeCloseTo(expected, 3);
      expect(metadata.motion_score?.per_patch_min_256).toBeCloseTo(expected, 3);
      const keys = Object.keys(metadata);
      expect(keys[keys.indexOf("num_bytes") + 1]).toBe("motion_score");
    }
  });

  test("score-only records and drops nothing", async () => {
    const made = await withVideos("a.mp4");
    expect((await split(made, { motionFilter: "score-only" })).summary.filteredClips).toBe(0);
    expect((await resultsOf(made, "clips")).length).toBe(3);
    expect(await resultsOf(made, "filtered_clips")).toEqual([]);
    for (const path of await resultsOf(made, "metas"))
      expect(await textOf(made.storage("out"), path)).toContain('"motion_score"');
  });

  test("a video of which nothing is left has records and no table of embeddings", async () => {
    const made = await withVideos("still.mp4");
    expect(await split(made, { motionFilter: "enable" })).toMatchObject({
      status: "done",
      summary: { clips: 0, filteredClips: 3 },
    });
    expect(await resultsOf(made, "fake_embd_parquet")).toEqual([]);
    expect((await resultsOf(made, "filtered_clips")).length).toBe(3);
    expect((await split(made, { motionFilter: "enable" })).status).toBe("resumed");
  });

  test("another threshold moves clips to where they then belong", async () => {
    const made = await withVideos("a.mp4");
    await split(made, { motionFilter: "enable" });
    const options = { motionFilter: "enable", motionGlobalMeanThreshold: 1 } as const;
    expect((await split(made, options)).status).toBe("done");
    expect(await resultsOf(made, "clips")).toEqual([]);
    expect((await resultsOf(made, "filtered_clips")).length).toBe(3);
    await split(made, { motionFilter: "disable" });
    expect(await resultsOf(made, "filtered_clips")).toEqual([]);
    expect((await resultsOf(made, "clips")).length).toBe(3);
  });

  test("what was left by a process killed while it moved clips is removed", async () => {
    const made = await withVideos("a.mp4");
    const output = made.storage("out");
    const remove = output.delete.bind(output);
    const reached = new Promise<void>((resolve) => {
      output.delete = async (path) => {
        if (!path.startsWith("clips/")) return await remove(path);
        resolve();
        await new Promise(() => undefined);
      };
    });
    void split(made, { motionFilter: "enable" });
    await reached;
    output.delete = remove;
    const twice = (await resultsOf(made, "filtered_clips")).map(idOf);
    expect((await resultsOf(made, "clips")).map(idOf)).toEqual(expect.arrayContaining(twice));

    await split(made, { motionFilter: "disable" });
    expect(await resultsOf(made, "filtered_clips")).toEqual([]);
    expect((await resultsOf(made, "clips")).length).toBe(3);
  });

  test("a clip that could not be measured is kept and says so", async () => {
    const made = await withVideos("a.mp4");
    const whole = made.engine.split.bind(made.engine);
    const lossy = {
      ...made.engine,
      split: (request, sinks) =>
        whole(request, {
          ...sinks,
          // Damage took every second frame of the last clip.
          onGrayFrame: async (frame) => {
            if (frame.clip < 2 || frame.sample % 2 === 0) await sinks.onGrayFrame?.(frame);
          },
        }),
    } as typeof made.engine;
    const { summary } = await split(
      { ...made, context: { ...made.context, mediaEngine: async () => lossy } },
      { motionFilter: "enable" },
    );
    expect(summary).toMatchObject({ clips: 2, filteredClips: 1 });
    const records = await Promise.all(
      (await resultsOf(made, "metas")).map(async (path) => await textOf(made.storage("out"), path)),
    );
    const unmeasured = records.filter((text) => !text.includes("motion_score"));
    expect(unmeasured.map((text) => (JSON.parse(text) as { errors: unknown }).errors)).toEqual([
      { motion: "No two neighbouring frames could be compared" },
    ]);
  });
});
