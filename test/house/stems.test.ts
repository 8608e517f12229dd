// "One stem, five places": a kernel is found under the same name in shaders, src/kernels, src/reference, test/kernels
// and bench. Plans and fragments that several kernels share have names of their own and are not stems.
import { describe, expect, test } from "vitest";
import { stemsIn } from "./tree.ts";

const stems = stemsIn("shaders", ".wgsl");

describe("one stem, five places", () => {
  test("there are kernels", () => {
    expect(stems.length).toBeGreaterThan(0);
  });

  test.each([
    ["src/kernels", ".ts"],
    ["src/reference", ".ts"],
    ["test/kernels", ".test.ts"],
    ["bench", ".bench.ts"],
  ])("every shader has its file in %s", (folder, suffix) => {
    const there = new Set(stemsIn(folder, suffix));
    expect(stems.filter((stem) => !there.has(stem)).map((stem) => `${folder}/${stem}${suffix}`)).toEqual([]);
  });

  test("every twin in src/reference has its shader", () => {
    const known = new Set(stems);
    expect(stemsIn("src/reference", ".ts").filter((stem) => !known.has(stem))).toEqual([]);
  });
});
