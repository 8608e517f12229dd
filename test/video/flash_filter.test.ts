import { describe, expect, test } from "vitest";
import { filterFlashes } from "../../src/video/flash_filter.ts";

/** Frames a second apart; "x" is above the threshold. */
function filtered(picture: string, shortestSeconds: number, mode: "merge" | "suppress"): number[] {
  const above = [...picture].map((letter) => letter === "x");
  return filterFlashes(above, [...above.keys()], shortestSeconds, mode);
}

test("without a shortest length every frame above the threshold is a cut", () => {
  expect(filtered("x.xx.", 0, "merge")).toEqual([0, 2, 3]);
  expect(filtered("x.xx.", 0, "suppress")).toEqual([0, 2, 3]);
});

describe("suppress", () => {
  test.each([
    ["....x.x...x", [4, 10], "what follows a cut too soon is ignored"],
    ["..x....x", [7], "the first frame counts as a cut"],
    ["....xxxxxxxx", [4, 8], "a run yields a cut each time that the length has passed"],
  ])("%s: %j, as %s", (picture, cuts) => {
    expect(filtered(picture, 4, "suppress")).toEqual(cuts);
  });
});

describe("merge", () => {
  test.each([
    [".....x....x.....", [5, 10], "cuts that are apart stay"],
    ["..x.......", [], "too soon after the start is none, and nothing is merged before the first cut"],
    ["....x.x.x.x....", [4, 10], "a run is one cut at its last frame once it lasted as long as a scene"],
    ["....x.x........", [4], "a run shorter than a scene is none"],
    ["....x.x.x.x", [4], "a run until the end is none"],
    ["....x.x.x.x...x....", [4, 14], "a run goes on while its frames are too close together"],
    ["....x.x.x.x....x..", [4, 10, 15], "after a run, a frame apart from it is a cut again"],
  ])("%s: %j, as %s", (picture, cuts) => {
    expect(filtered(picture, 4, "merge")).toEqual(cuts);
  });
});

test("lengths are measured in time where frames are not evenly spaced", () => {
  const above = [false, true, true, true];
  expect(filterFlashes(above, [0, 0.2, 1, 1.1], 1, "suppress")).toEqual([2]);
});
