// The plan of a split, and the parts that meet decoded frames by time: no ffmpeg involved.
import { describe, expect, test } from "vitest";
import type { SourceStream } from "../../src/media/engine.ts";
import { GrayRouter } from "../../src/media/gray_router.ts";
import { pictureFormat } from "../../src/media/picture_format.ts";
import { SampleRouter } from "../../src/media/sample_router.ts";
import { fileOfSegment, SegmentCheck, tickOfLabel } from "../../src/media/segment_check.ts";
import { clipAtTick, planSplit } from "../../src/media/split_plan.ts";
import { decimal, stepExpression } from "../../src/media/step_expression.ts";

const stream: SourceStream = {
  ...{ videoStream: 0, audioStream: null, audioSampleRate: null, timeBase: [1, 100], startSeconds: 0 },
  ...{
    timesFromRate: false,
    clockRestarts: false,
    picture: pictureFormat({}, { width: 2, height: 2, rotationDegrees: 0 }),
    seekable: true,
  },
};
/** Ten frames a second, so that frame i is shown at tick 10 i. */
const frameTimes = Float64Array.from({ length: 100 }, (_, i) => i / 10);
const span = (startSeconds: number, endSeconds: number) => ({ startSeconds, endSeconds });

/** What ffmpeg makes of an expression of nested if(lt(x,b),l,r). */
function evaluate(expression: string, x: number): number {
  const inner = /^if\(lt\(x,([^,]+)\),(.*)\)$/.exec(expression);
  if (inner === null) return Number(expression);
  const [, boundary = "", branches = ""] = inner;
  let depth = 0;
  const comma = [...branches].findIndex((letter) => {
    if (letter === "(") depth++;
    if (letter === ")") depth--;
    return letter === "," && depth === 0;
  });
  return evaluate(x < Number(boundary) ? branches.slice(0, comma) : branches.slice(comma + 1), x);
}

describe("step expressions", () => {
  test.each([0, 1, 2, 3, 8, 1000])("%d boundaries", (count) => {
    const boundaries = Array.from({ length: count }, (_, i) => i * 2);
    const values = Array.from({ length: count + 1 }, (_, i) => i);
    const expression = stepExpression("x", boundaries, values);
    for (const x of [-1, 0, 1, 2, 3.5, 2 * count - 2, 2 * count, 5000]) {
      expect(evaluate(expression, x)).toBe(boundaries.filter((boundary) => boundary <= x).length);
    }
    const depth = Math.max(0, ...expression.split(/[^)]/).map((closing) => closing.length));
    expect(depth).toBeLessThanOrEqual(Math.ceil(Math.log2(count + 1)) + 1);
  });

  test("numbers are written without exponents, which ffmpeg reads as prefixes", () => {
    expect(decimal(1e-7)).toBe("0.000000100000");
    expect(decimal(1e15)).toBe("1000000000000000");
    expect(decimal(-0.5)).toBe("-0.5");
  });
});

describe("a plan", () => {
  const plan = planSplit(
    {
      spans: [span(0, 2), span(2, 3), span(5, 6), span(30, 40)],
      sampleFrames: [[0, 10, 19], [], [55, 55], []],
      frameTimes,
    },
    stream,
  );

  test("limits lie between frames; touching clips form one stretch", () => {
    expect(plan.clips.map(({ startTick, endTick }) => [startTick, endTick])).toEqual([
      [-1e15, 195],
      [195, 295],
      [495, 595],
    ]);
    expect(plan.stretches).toEqual([
      { startTick: -1e15, firstTick: 0, endTick: 295 },
      { startTick: 495, firstTick: 500, endTick: 595 },
    ]);
    expect(plan.emptySpans).toEqual([3]);
    expect(plan.endTick).toBe(595);
  });

  test("gray frames are met in windows of their own, neighbours in one", () => {
    const grayFrames = { width: 32, height: 32, frames: [[3, 4, 4, 8], [], [99]] };
    const { clips, graySampling } = planSplit(
      { spans: [span(0, 2), span(2, 3), span(5, 6)], sampleFrames: [], frameTimes, grayFrames },
      stream,
    );
    expect(graySampling).toEqual({ boundaries: [25, 45, 75, 85, 585, 595], values: [0, 1, 0, 1, 0, 1, 0] });
    expect(clips.map(({ gray }) => gray.length)).toEqual([4, 0, 1]);
    expect(plan.graySampling).toBeNull();
  });

  test("a gray frame that was lost has no stand-in", async () => {
    const grayFrames = {
      width: 32,
      height: 32,
      frames: [
        [3, 4, 4, 8],
        [20, 21],
      ],
    };
    const met: number[][] = [];
    const router = new GrayRouter(
      planSplit({ spans: [span(0, 2), span(2, 3)], sampleFrames: [], frameTimes, grayFrames }, stream),
      async ({ clip, sample, data }) => void met.push([clip, sample, data[0]!]),
    );
    for (const tick of [40, 80, 211, 5000]) await router.push(tick, Uint8Array.of(tick));
    expect(met).toEqual([
      [0, 1, 40],
      [0, 2, 40],
      [0, 3, 80],
      [1, 1, 211],
    ]);
    expect([...router.clipsMet]).toEqual([0, 1]);
  });

  test("a frame selected is the first since the latest wanted moment", () => {
    expect(plan.sampling).toEqual({
      boundaries: [-1e15, 95, 185, 195, 495, 545, 595],
      values: [-2e15, -1e15, 95, 185, -2e15, 495, 545, -2e15],
    });
  });

  test("frames are given to clips by time", () => {
    const found = [-50, 0, 194, 195, 300, 494, 495, 594, 595].map((tick) => clipAtTick(plan, tick)?.index);
    expect(found).toEqual([0, 0, 0, 1, undefined, undefined, 2, 2, undefined]);
  });

  test("a clip that reaches the last frame has no end", () => {
    const whole = planSplit({ spans: [span(0, 10)], sampleFrames: [[]], frameTimes }, stream);
    expect([whole.endTick, whole.sampling, whole.clips[0]?.endTick]).toEqual([null, null, 1e15]);
  });
});

describe("sampled frames", () => {
  const plan = planSplit(
    {
      spans: [span(0, 2), span(2, 4)],
      sampleFrames: [
        [0, 9, 9, 19],
        [25, 35],
      ],
      frameTimes,
    },
    stream,
  );

  async function route(ticks: readonly number[]): Promise<string[]> {
    const sent: string[] = [];
    const geometry = { width: 2, height: 2, matrix: "bt601", range: "limited" } as const;
    const router = new SampleRouter(plan, geometry, async ({ clip, sample, frame }) => {
      sent.push(`${clip}.${sample}=${frame.data[0]}`);
    });
    for (const tick of ticks) await router.push(tick, Uint8Array.of(tick));
    await router.finish();
    return sent;
  }

  test("go where they are wanted, repeats included", async () => {
    expect(await route([0, 90, 190, 200, 250])).toEqual([
      "0.0=0",
      "0.1=90",
      "0.2=90",
      "0.3=190",
      "1.0=250",
      "1.1=250",
    ]);
  });

  test("stand in for lost ones: the nearest of the clip, the earlier of two as near", async () => {
    expect(await route([10, 80, 100, 200])).toEqual([
      "0.0=10",
      "0.1=80",
      "0.2=80",
      "0.3=100",
      "1.0=200",
      "1.1=200",
    ]);
    expect(await route([240])).toEqual(["1.0=240", "1.1=240"]);
  });
});

describe("finished segments", () => {
  const plan = planSplit(
    { spans: [span(0, 1), span(1, 2), span(2, 3)], sampleFrames: [], frameTimes },
    stream,
  );

  test("are paired with clips while the frame counts agree", () => {
    const check = new SegmentCheck(plan);
    for (let tick = 0; tick < 300; tick += 10) check.countFrame(tick);
    expect([10, 10, 10, 10].map((count) => check.take(count)?.index)).toEqual([0, 1, 2, undefined]);
    expect(check.emptyClips()).toEqual([]);
  });

  test("are held back from the first that does not", () => {
    const check = new SegmentCheck(plan);
    for (const tick of [0, 10, 200, 210, 220]) check.countFrame(tick);
    expect([2, 3, 3].map((count) => check.take(count)?.index)).toEqual([0, undefined, undefined]);
    expect([check.emptyClips(), check.filledClips()]).toEqual([[1], [0, 2]]);
  });

  test("are read from what ffmpeg prints", () => {
    expect(tickOfLabel("frame:12   pts:-1200   pts_time:-0.4")).toBe(-1200);
    expect(tickOfLabel("clip=1")).toBeUndefined();
    expect(tickOfLabel("frame=12")).toBeUndefined();
    expect(fileOfSegment("clip_000012.mp4,1.0,2.0")).toBe("clip_000012.mp4");
    expect(fileOfSegment("progress=continue")).toBeUndefined();
  });
});
