// The golden cases of NeMo Curator's TransNetV2 helpers, and where the default does better.
import { describe, expect, test } from "vitest";
import {
  divideScene,
  filterScenes,
  filterScenesAsNemo,
  type SceneFilters,
} from "../../src/video/scene_filters.ts";
import { type Scene, type SceneOptions, scenesOf } from "../../src/video/transnet_scenes.ts";
import { type TransnetOptions, transnetSpans } from "../../src/video/transnet_spans.ts";

type Pair = readonly [number, number];
const scenes = (...pairs: Pair[]): Scene[] => pairs.map(([start, end]) => ({ start, end }));
const pairs = (found: readonly Scene[]): Pair[] => found.map(({ start, end }) => [start, end]);
const all: SceneFilters = { minLength: 0, maxLength: 0, maxLengthMode: "truncate", cropLength: 0 };

describe("divideScene()", () => {
  test.each<[Pair, number, number, Pair[]]>([
    [
      [0, 100],
      30,
      10,
      [
        [0, 30],
        [30, 60],
        [60, 90],
        [90, 100],
      ],
    ],
    [
      [0, 90],
      30,
      10,
      [
        [0, 30],
        [30, 60],
        [60, 90],
      ],
    ],
    [
      [0, 95],
      30,
      10,
      [
        [0, 30],
        [30, 60],
        [60, 90],
      ],
    ],
    [
      [0, 95],
      30,
      0,
      [
        [0, 30],
        [30, 60],
        [60, 90],
        [90, 95],
      ],
    ],
    [[0, 20], 30, 10, [[0, 20]]],
    [[10, 10], 30, 10, []],
  ])("%j into parts of %i, the last one of %i at least", ([start, end], longest, shortest, expected) => {
    expect(pairs(divideScene({ start, end }, longest, shortest))).toEqual(expected);
  });

  test("a length off by rounding makes no sliver and loses no part", () => {
    expect(pairs(divideScene({ start: 0, end: 20.0004 }, 10, 0))).toEqual([
      [0, 10],
      [10, 20.0004],
    ]);
    expect(pairs(divideScene({ start: 0, end: 11.9996 }, 10, 2))).toEqual([
      [0, 10],
      [10, 11.9996],
    ]);
  });
});

describe("filterScenesAsNemo()", () => {
  const three = scenes([0, 30], [30, 90], [90, 150]);
  test.each<[string, Scene[], Partial<SceneFilters>, Pair[]]>([
    [
      "shortest",
      three,
      { minLength: 40 },
      [
        [30, 90],
        [90, 150],
      ],
    ],
    [
      "truncate",
      three,
      { maxLength: 50 },
      [
        [0, 30],
        [30, 80],
        [90, 140],
      ],
    ],
    [
      "crop",
      three,
      { cropLength: 5 },
      [
        [5, 25],
        [35, 85],
        [95, 145],
      ],
    ],
    ["crop to nothing", scenes([0, 8], [10, 18]), { cropLength: 5 }, []],
    ["crop one to nothing", scenes([0, 8], [10, 30]), { cropLength: 5 }, [[15, 25]]],
    [
      "defaults at 30 fps: parts of 10 s lose 0.5 s at both ends",
      scenes([0, 660]),
      { minLength: 60, maxLength: 300, maxLengthMode: "stride", cropLength: 15 },
      [
        [15, 285],
        [315, 585],
      ],
    ],
  ])("%s", (_name, given, filters, expected) => {
    expect(pairs(filterScenesAsNemo(given, { ...all, ...filters }))).toEqual(expected);
  });
});

describe("filterScenes()", () => {
  const whole = { start: 0, end: 150 };
  const three = scenes([0, 30], [30, 90], [90, 150]);
  test.each<[string, Scene[], Partial<SceneFilters>, Pair[]]>([
    [
      "shortest",
      three,
      { minLength: 40 },
      [
        [30, 90],
        [90, 150],
      ],
    ],
    [
      "truncate",
      three,
      { maxLength: 50 },
      [
        [0, 30],
        [30, 80],
        [90, 140],
      ],
    ],
    [
      "crops at cuts, not where the video begins and ends",
      three,
      { cropLength: 5 },
      [
        [0, 25],
        [35, 85],
        [95, 150],
      ],
    ],
    ["crop to nothing", scenes([2, 10], [12, 20]), { cropLength: 5 }, []],
    [
      "parts of a long scene touch",
      scenes([0, 50], [51, 150]),
      { cropLength: 5, maxLength: 30, maxLengthMode: "stride", minLength: 5 },
      [
        [0, 30],
        [30, 45],
        [56, 86],
        [86, 116],
        [116, 146],
      ],
    ],
    [
      "a truncated scene has its full length",
      scenes([51, 149]),
      { cropLength: 5, maxLength: 30, maxLengthMode: "truncate" },
      [[56, 86]],
    ],
  ])("%s", (_name, given, filters, expected) => {
    expect(pairs(filterScenes(given, whole, { ...all, ...filters }))).toEqual(expected);
  });
});

describe("scenesOf()", () => {
  const of = (answers: readonly number[], options?: SceneOptions): Pair[] =>
    pairs(scenesOf(answers, 0.5, options));
  const nemo = { compat: "nemo" } as const;

  test("nemo: the golden cases", () => {
    expect(of([0, 0, 1, 0, 0], nemo)).toEqual([
      [0, 2],
      [3, 4],
    ]);
    expect(of([0, 0, 0, 0], nemo)).toEqual([[0, 4]]);
    expect(of([0, 0, 0, 0], { ...nemo, wholeVideoIfNone: false })).toEqual([]);
  });

  test("the last scene keeps its last frame", () => {
    expect(of([0, 0, 1, 0, 0])).toEqual([
      [0, 2],
      [3, 5],
    ]);
    expect(of([0, 0, 0, 0])).toEqual([[0, 4]]);
  });

  test.each<[number[], Pair[], Pair[]]>([
    [[1, 1, 0, 0], [[2, 4]], [[0, 4]]],
    [
      [1, 1, 0, 1, 0, 0],
      [
        [2, 3],
        [4, 6],
      ],
      [
        [2, 3],
        [4, 5],
      ],
    ],
    [[0, 0, 1, 1], [[0, 2]], [[0, 2]]],
    [
      [0, 1, 1, 0],
      [
        [0, 1],
        [3, 4],
      ],
      [
        [0, 1],
        [3, 3],
      ],
    ],
    [[1, 1, 1], [[0, 3]], [[0, 3]]],
    [[], [], []],
  ])("transitions at the ends: %j", (answers, expected, expectedOfNemo) => {
    expect(of(answers)).toEqual(expected);
    expect(of(answers, nemo)).toEqual(expectedOfNemo);
  });

  test("the threshold itself is no transition", () => {
    expect(pairs(scenesOf([0, 0.4, 0.41, 0], 0.4))).toEqual([
      [0, 2],
      [3, 4],
    ]);
  });
});

describe("transnetSpans()", () => {
  /** Frames at a steady rate with transitions at the given frames. */
  const judged = (frameCount: number, frameRate: number, cuts: readonly number[]) => ({
    probabilities: Array.from({ length: frameCount }, (_, frame) => (cuts.includes(frame) ? 0.9 : 0.1)),
    times: Array.from({ length: frameCount }, (_, frame) => frame / frameRate),
    durationSeconds: frameCount / frameRate,
    frameRate,
  });
  const spans = (...[frames, options]: Parameters<typeof transnetSpans>): Pair[] =>
    transnetSpans(frames, options).map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]);
  const nemo: TransnetOptions = { compat: "nemo" };

  test("a video of one scene is worked whole, where nemo throws a tenth away", () => {
    expect(spans(judged(750, 25, []))).toEqual([
      [0, 10],
      [10, 20],
      [20, 30],
    ]);
    expect(spans(judged(750, 25, []), nemo)).toEqual([
      [0.48, 9.52],
      [10.48, 19.52],
      [20.48, 29.52],
    ]);
  });

  test("crops beside a cut only", () => {
    expect(spans(judged(250, 25, [100]))).toEqual([
      [0, 3.5],
      [4.54, 10],
    ]);
    expect(spans(judged(250, 25, [100]), nemo)).toEqual([
      [12 / 25, 88 / 25],
      [113 / 25, 237 / 25],
    ]);
  });

  test("nemo counts int(seconds * fps) frames and divides by the rate", () => {
    const rate = 30000 / 1001;
    expect(spans(judged(600, rate, [299]), nemo)).toEqual([
      [14 / rate, 285 / rate],
      [314 / rate, 585 / rate],
    ]);
    expect(
      spans(judged(600, rate, [299]), { ...nemo, maxLengthMode: "truncate", maxLengthSeconds: 5 }),
    ).toEqual([
      [14 / rate, 135 / rate],
      [314 / rate, 435 / rate],
    ]);
  });

  test.each(["none", "nemo"] as const)("with compat %s limitClips holds", (compat) => {
    expect(spans(judged(1000, 25, []), { compat })).toHaveLength(4);
    expect(spans(judged(1000, 25, []), { compat, limitClips: 2 })).toHaveLength(2);
  });

  test("0 switches crop, shortest and longest off", () => {
    const off = { cropSeconds: 0, minLengthSeconds: 0, maxLengthSeconds: 0 };
    expect(spans(judged(1000, 25, [1, 500]), off)).toEqual([
      [0, 1 / 25],
      [2 / 25, 20],
      [501 / 25, 40],
    ]);
  });

  test("measures in media time where the rate varies", () => {
    // Four pictures in the first second, then one that stands for 29 seconds, a cut, and four more.
    const times = [0, 0.25, 0.5, 0.75, 1, 30, 30.5, 31, 31.5, 32];
    const probabilities = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    const frames = { probabilities, times, durationSeconds: 34, frameRate: 10 / 34 };
    // The parts from 10 s and from 20 s on show no new frame.
    expect(spans(frames)).toEqual([
      [0, 10],
      [31, 34],
    ]);
  });
});
