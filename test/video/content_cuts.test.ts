import { describe, expect, test } from "vitest";
import { adaptiveCuts, contentCuts } from "../../src/video/content_cuts.ts";
import type { ScoredFrames } from "../../src/video/content_scores.ts";

function scoredFrames(scores: readonly number[], frameRate = 10): ScoredFrames {
  const frames = [...scores.keys()];
  return { scores, frames, times: frames.map((frame) => frame / frameRate), frameRate };
}

/** Scores of 1 but for some frames. */
function mostly(count: number, others: Readonly<Record<number, number>>): ScoredFrames {
  return scoredFrames(Array.from({ length: count }, (_, frame) => others[frame] ?? 1));
}

describe("contentCuts()", () => {
  const options = { threshold: 27, minSceneFrames: 15, flashFilter: "merge" } as const;

  test("a score at the threshold is a cut, one below is none", () => {
    const cuts = contentCuts(mostly(80, { 20: 27, 40: 26.99, 60: 90 }), options);
    expect(cuts).toEqual([
      { frame: 20, seconds: 2, score: 27 },
      { frame: 60, seconds: 6, score: 90 },
    ]);
  });

  test("the shortest scene counts frames, however their times are rounded", () => {
    const scores = mostly(40, { 15: 50, 30: 50 });
    const rounded = {
      ...scores,
      times: scores.frames.map((frame) => Math.round(frame * 33.3667) / 1000),
      frameRate: 29.97,
    };
    expect(contentCuts(rounded, options).map(({ frame }) => frame)).toEqual([15, 30]);
    expect(contentCuts(mostly(40, { 14: 50 }), options)).toEqual([]);
  });

  test("frames that damage took leave the numbers and times of the others", () => {
    const scored = { scores: [0, 1, 80, 1], frames: [0, 1, 40, 41], times: [0, 0.1, 4, 4.1], frameRate: 10 };
    expect(contentCuts(scored, options)).toEqual([{ frame: 40, seconds: 4, score: 80 }]);
  });

  test("no frame, no cut", () => {
    expect(contentCuts(scoredFrames([]), options)).toEqual([]);
  });
});

describe("adaptiveCuts()", () => {
  const options = { adaptiveThreshold: 3, windowFrames: 2, minContentScore: 15, minSceneFrames: 15 };

  test("a change among changes as large is no cut; one that stands out is", () => {
    const movement = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [30 + i, 40]));
    const cuts = adaptiveCuts(mostly(80, { ...movement, 60: 40 }), options);
    expect(cuts).toEqual([{ frame: 60, seconds: 6, score: 40 }]);
  });

  test("the ratio to the mean of the frames around it is the score, and must reach the threshold", () => {
    const around = { 28: 4, 29: 6, 30: 18, 31: 7, 32: 7 };
    expect(adaptiveCuts(mostly(60, around), options)).toEqual([{ frame: 30, seconds: 3, score: 3 }]);
    expect(adaptiveCuts(mostly(60, { ...around, 32: 7.1 }), options)).toEqual([]);
  });

  test("a change too small is no cut, though all around it is still", () => {
    const still = (score: number) =>
      scoredFrames(Array.from({ length: 60 }, (_, i) => (i === 30 ? score : 0)));
    expect(adaptiveCuts(still(14.9), options)).toEqual([]);
    expect(adaptiveCuts(still(15), options)).toEqual([{ frame: 30, seconds: 3, score: 255 }]);
  });

  test("a scene may be shorter by the frames that the window looks ahead", () => {
    const frames = (others: Readonly<Record<number, number>>) =>
      adaptiveCuts(mostly(80, others), options).map(({ frame }) => frame);
    expect(frames({ 12: 50 })).toEqual([]);
    expect(frames({ 13: 50 })).toEqual([13]);
    expect(frames({ 20: 50, 32: 50 })).toEqual([20]);
    expect(frames({ 20: 50, 33: 50 })).toEqual([20, 33]);
  });

  test("the last frames have no surroundings", () => {
    expect(adaptiveCuts(mostly(40, { 38: 90 }), options)).toEqual([]);
    expect(adaptiveCuts(mostly(40, { 37: 90 }), options)).toHaveLength(1);
    expect(adaptiveCuts(scoredFrames([0, 90, 0]), options)).toEqual([]);
  });
});
