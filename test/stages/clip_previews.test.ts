// Previews through the split stage: where they lie and what the records say of them.
import { describe, expect, test } from "vitest";
import { MediaEngineError } from "../../src/errors.ts";
import { LocalExecutor } from "../../src/pipeline/local_executor.ts";
import { SplitStage, type SplitStageOptions } from "../../src/stages/split.ts";
import { pathsOf, textOf } from "../io/storages.ts";
import { useGpu } from "../support/gpu.ts";
import { type World, world } from "./fakes.ts";

async function withVideo(content: string): Promise<World> {
  const made = world();
  await made.storage("videos").write("a.mp4", content);
  return made;
}

async function split(made: World, options: Partial<SplitStageOptions> = {}): Promise<string> {
  const stage = new SplitStage({
    ...{ videoDir: "videos", outputPath: "out", generatePreviews: true },
    ...options,
  });
  const [result] = await new LocalExecutor().run([stage], made.context);
  return result!.units[0]!.status;
}

const resultsOf = async ({ storage }: World, folder: string): Promise<string[]> =>
  (await pathsOf(storage("out"))).filter((path) => path.startsWith(`${folder}/`));

const recordsOf = async (made: World): Promise<Record<string, unknown>[]> =>
  await Promise.all(
    (await resultsOf(made, "metas")).map(
      async (path) => JSON.parse(await textOf(made.storage("out"), path)) as Record<string, unknown>,
    ),
  );

describe("SplitStage with previews", () => {
  const context = useGpu();

  test("writes one for each window, named by its first and last frame", async () => {
    // Clips of 300 and of 90 frames: one window each, as what is left of the first is short.
    const made = await withVideo("390 30");
    expect(await split(made)).toBe("done");
    const records = await recordsOf(made);
    const paths = records
      .map(({ span_uuid, duration_span }) => {
        const [start] = duration_span as [number, number];
        return `previews/${span_uuid}/0_${start === 0 ? 299 : 89}.webp`;
      })
      .sort();
    expect(await resultsOf(made, "previews")).toEqual(paths);
    expect(records.map(({ windows }) => windows)).toEqual(
      expect.arrayContaining([[{ start_frame: 0, end_frame: 299 }], [{ start_frame: 0, end_frame: 89 }]]),
    );
    const chunk = JSON.parse(
      await textOf(made.storage("out"), "processed_clip_chunks/a.mp4_0.json"),
    ) as object;
    expect(chunk).toMatchObject({ num_clips_with_webp: 2 });
    expect(await split(made)).toBe("resumed");
    expect(await split(made, { generatePreviews: false })).toBe("done");
    expect(await resultsOf(made, "previews")).toEqual([]);
  });

  test("long clips have several", async () => {
    const made = await withVideo("600 60");
    await split(made);
    const names = (await resultsOf(made, "previews")).map((path) => path.split("/")[2]);
    expect(names).toEqual(["0_255.webp", "256_599.webp"]);
  });

  test("clips that a filter dropped have none", async () => {
    const made = await withVideo("60 10");
    await split(
      { ...made, context: { ...made.context, device: async () => context.gpu } },
      { motionFilter: "enable" },
    );
    expect((await resultsOf(made, "filtered_clips")).length).toBe(1);
    expect(await resultsOf(made, "previews")).toEqual([]);
    expect((await recordsOf(made)).map(({ windows }) => windows)).toEqual([[]]);
  });

  test("clips that a filter kept have theirs", async () => {
    const made = await withVideo("60 10");
    await split(
      { ...made, context: { ...made.context, device: async () => context.gpu } },
      { motionFilter: "score-only" },
    );
    expect((await resultsOf(made, "previews")).length).toBe(1);
  });

  test("an engine without WebP is refused before anything is written", async () => {
    const made = await withVideo("60 10");
    made.engine.encoders = async (names) =>
      names.map((name) => ({ name, works: name !== "libwebp", reason: "Unknown encoder 'libwebp'" }));
    const refused = await split(made).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(MediaEngineError);
    expect((refused as Error).message).toMatch(/libwebp \(Unknown encoder.*leave --generate-previews out/);
    expect(await resultsOf(made, "clips")).toEqual([]);
  });
});
