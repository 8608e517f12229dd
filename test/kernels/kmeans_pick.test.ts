import { describe, expect, test } from "vitest";
import { kmeansPick } from "../../src/kernels/kmeans_pick.ts";
import { kmeansPick as reference } from "../../src/reference/kmeans_pick.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

describe("kmeansPick()", () => {
  const context = useGpu();

  test.each([
    [0, 1],
    [1, 1],
    [63, 4],
    [65, 3],
    [200, 7],
  ])("%i listed rows of %i stretches equal the twin", async (count, stretches) => {
    const labels = Uint32Array.from({ length: 400 }, (_, row) => row);
    const listed = Uint32Array.from({ length: count }, (_, at) => (at * 7 + 3) % 400);
    // Few values, so that there are ties.
    const scores = randomNormals(count * stretches, 1).map((value) => Math.round(value));
    const candidates = Uint32Array.from({ length: count * stretches }, (_, at) => 1000 + at);
    expect(await kmeansPick(context.gpu, labels, listed, scores, candidates)).toEqual(
      reference(labels, listed, scores, candidates),
    );
  });
});
