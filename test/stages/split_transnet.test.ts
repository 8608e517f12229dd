import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { v5 as uuid5 } from "uuid";
import { beforeAll, describe, expect, test } from "vitest";
import { ModelError } from "../../src/errors.ts";
import { nodeRuntime, Pipeline, SplitStage, type SplitStageOptions } from "../../src/node.ts";
import { scratchFolder } from "../support/scratch_folder.ts";
import { writeTinyShotModel } from "../support/tiny_shot_model.ts";

const videoDir = scratchFolder();
const modelDir = writeTinyShotModel();

/** Scenes of one picture each, 96 x 54 at 10 frames a second: where the bright box lies, and for how many seconds. */
function makeScenes(path: string, scenes: readonly (readonly [box: string, seconds: number])[]): void {
  const inputs = scenes.flatMap(([box, seconds]) => [
    ...["-f", "lavfi", "-i"],
    `color=c=0x303030:s=96x54:r=10:d=${seconds},drawbox=${box}:color=0xa0a0a0:t=fill`,
  ]);
  const joined = ["-filter_complex", `concat=n=${scenes.length}:v=1`, "-c:v", "mpeg4", "-q:v", "2"];
  execFileSync("ffmpeg", ["-loglevel", "error", ...inputs, ...joined, "-pix_fmt", "yuv420p", `file:${path}`]);
}

beforeAll(() => {
  const [top, bottom] = ["x=0:y=0:w=96:h=27", "x=0:y=27:w=96:h=27"];
  const [left, right] = ["x=0:y=0:w=48:h=54", "x=48:y=0:w=48:h=54"];
  // The model sees what changes between left and right: were it fed frames lying on their side, it would see the first
  // change and not the last.
  makeScenes(join(videoDir, "scenes.mp4"), [
    [top, 3],
    [bottom, 3],
    [left, 4],
    [right, 4],
  ]);
});

interface Made {
  readonly spans: readonly (readonly number[])[];
  readonly ids: readonly string[];
  readonly cuts: readonly { readonly frame: number; readonly seconds: number; readonly score: number }[];
  readonly unit: { readonly status: string; readonly reason: string | null; readonly message: string | null };
}

async function split(
  options: Partial<SplitStageOptions>,
  outputPath = scratchFolder(),
  models = modelDir,
): Promise<Made> {
  const runtime = nodeRuntime({ device: "software", modelDir: models });
  const off = { uploadClips: false, generateEmbeddings: false };
  const stage = new SplitStage({
    videoDir,
    outputPath,
    splittingAlgorithm: "transnetv2",
    ...off,
    ...options,
  });
  try {
    const { stages } = await new Pipeline({ name: "test", stages: [stage] }).run({ runtime });
    const output = runtime.openStorage(outputPath);
    const read = async (path: string): Promise<unknown> =>
      JSON.parse(new TextDecoder().decode(await output.read(path)));
    const clips: { id: string; span: readonly number[] }[] = [];
    let cuts: Made["cuts"] = [];
    for await (const { path } of output.list("")) {
      if (path.startsWith("metas/")) {
        const { duration_span: span } = (await read(path)) as { readonly duration_span: readonly number[] };
        clips.push({ id: path.replace(/^.*\/(.*)\.json$/, "$1"), span });
      }
      if (path.startsWith("processed_videos/"))
        cuts = ((await read(path)) as { readonly scene_cuts: Made["cuts"] }).scene_cuts;
    }
    clips.sort((a, b) => a.span[0]! - b.span[0]!);
    const unit = stages[0]!.units[0]!;
    return { spans: clips.map(({ span }) => span), ids: clips.map(({ id }) => id), cuts, unit };
  } finally {
    await runtime.close();
  }
}

const named = (path: string, ...frames: string[]): string[] =>
  frames.map((pair) => uuid5(`${path}_${pair}`, uuid5.URL));

describe("a split by TransNetV2", () => {
  test("cuts where scenes change, the right way up, and crops beside cuts alone", async () => {
    const { spans, ids, cuts } = await split({});
    expect(spans).toEqual([
      [0, 5.4],
      [6.5, 9.4],
      [10.5, 14],
    ]);
    expect(ids).toEqual(named("scenes.mp4", "0_54", "65_94", "105_140"));
    expect(cuts.map(({ frame, seconds }) => [frame, seconds])).toEqual([
      [60, 6],
      [100, 10],
    ]);
    expect(cuts[1]!.score).toBeCloseTo(2 * cuts[0]!.score, 1);
  });

  test("with compat nemo cuts, crops and names clips as NeMo Curator does", async () => {
    const { spans, ids } = await split({ compat: "nemo" });
    expect(spans).toEqual([
      [0.5, 5.4],
      [6.5, 9.4],
      [10.5, 13.4],
    ]);
    expect(ids).toEqual(named(join(videoDir, "scenes.mp4"), "5_54", "65_94", "105_134"));
  });

  test("its rules hold, and a changed one makes the results stale", async () => {
    const output = scratchFolder();
    const rules = { threshold: 0.6, minLengthSeconds: 3, maxLengthSeconds: 4, cropSeconds: 1 };
    const truncated = await split(
      { transnetv2: { ...rules, maxLengthMode: "truncate" }, limitClips: 2 },
      output,
    );
    // The change from bottom to left scores less than 0.6.
    expect(truncated.spans).toEqual([
      [0, 4],
      [11, 14],
    ]);
    // Of the first scene, 8.9 s long once cropped, parts of 4 s; the rest is too short.
    const divided = await split({ transnetv2: { ...rules, maxLengthMode: "stride" }, limitClips: 2 }, output);
    expect(divided.spans).toEqual([
      [0, 4],
      [4, 8],
    ]);
  });

  test("scenes that are all too short are a stated reason", async () => {
    const { unit } = await split({ transnetv2: { minLengthSeconds: 9, maxLengthSeconds: 0 } });
    expect(unit).toMatchObject({
      status: "skipped",
      reason: "too-short",
      message: expect.stringContaining("--transnetv2-min-length-s"),
    });
  });

  test("a model that fails ends the run, since it would fail at every video", async () => {
    const failure = split({}, scratchFolder(), writeTinyShotModel({ frames: 10 }));
    await expect(failure).rejects.toThrow(ModelError);
    await expect(failure).rejects.toThrow("input 1 x 100 x 27 x 48 x 3");
  });
});
