import { describe, expect, test } from "vitest";
import { type DuplicateRule, findDuplicates, type Removal } from "../../src/dedup/identify.ts";
import { pairwiseMax } from "../../src/dedup/pairwise.ts";
import { rowNormalize } from "../../src/reference/row_normalize.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals, seededRandom } from "../support/random.ts";
import { unitRows } from "./rows.ts";

const idOf = (row: number): string => `row-${String(row).padStart(5, "0")}`;

/** Unit vectors in the plane at these angles. */
function atAngles(angles: readonly number[]): Float32Array {
  return Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]));
}

describe("findDuplicates()", () => {
  const context = useGpu();

  async function find(
    rows: Float32Array,
    dim: number,
    eps: number,
    rule: DuplicateRule,
    maxBlockBytes?: number,
  ): Promise<{ removals: Removal[]; reads: number }> {
    const { scores, maxIndex } = await pairwiseMax(context.gpu, rows, dim);
    let reads = 0;
    const cluster = {
      ids: Array.from(scores, (_, row) => idOf(row)),
      scores,
      maxIndex,
      dim,
      rows: () => {
        reads++;
        return rows;
      },
    };
    const options = maxBlockBytes === undefined ? { eps, rule } : { eps, rule, maxBlockBytes };
    return { removals: await findDuplicates(context.gpu, cluster, options), reads };
  }

  /** The rule "keeper", spelled out in float64 over every pair. */
  function greedy(rows: Float32Array, dim: number, eps: number): { row: number; keeper: number }[] {
    const kept: number[] = [];
    const gone: { row: number; keeper: number }[] = [];
    for (let row = 0; row * dim < rows.length; row++) {
      let best = -1;
      let keeper = -1;
      for (const other of kept) {
        let product = 0;
        for (let i = 0; i < dim; i++) product += rows[row * dim + i]! * rows[other * dim + i]!;
        if (product > best) [best, keeper] = [product, other];
      }
      if (best >= 1 - eps) gone.push({ row, keeper });
      else kept.push(row);
    }
    return gone;
  }

  test.each([
    [[0.95, 0.95, 0.85, 0.85, 0.75], 0.1, 2],
    [[0.98, 0.98, 0.85, 0.85], 0.01, 0],
    [[0.98, 0.98, 0.85, 0.85], 0.2, 4],
    [[0], 0.1, 0],
    [[0.9], 0.1, 0],
    [[0.99], 0.01, 1],
  ])("scores %j at eps %f: the reference removes %i", async (scores, eps, removed) => {
    // Row 0 stands before the scores given, so that each has an earlier row.
    const cluster = {
      ids: [0, ...scores].map((_, row) => idOf(row)),
      scores: Float32Array.of(0, ...scores),
      maxIndex: new Uint32Array(scores.length + 1),
      dim: 1,
      rows: () => new Float32Array(scores.length + 1),
    };
    for (const rule of ["nemo", "keeper"] as const)
      expect(await findDuplicates(context.gpu, cluster, { eps, rule })).toHaveLength(removed);
  });

  test("a chain: the reference loses what nothing stands for, we keep it", async () => {
    const step = Math.acos(0.995);
    const rows = atAngles([0, step, 2 * step]);
    const nemo = await find(rows, 2, 0.01, "nemo");
    expect(nemo.removals.map(({ id, keptId }) => [id, keptId])).toEqual([
      [idOf(1), idOf(0)],
      [idOf(2), idOf(1)],
    ]);
    const ours = await find(rows, 2, 0.01, "keeper");
    expect(ours.removals.map(({ id, keptId }) => [id, keptId])).toEqual([[idOf(1), idOf(0)]]);
    expect(ours.removals[0]!.similarity).toBeCloseTo(0.995, 5);
  });

  test("names the most similar row that stays, and needs no second look where the best match stays", async () => {
    const { removals, reads } = await find(atAngles([0, 0.1, 0.06]), 2, 0.004, "keeper");
    expect(removals.map(({ id, keptId }) => [id, keptId])).toEqual([[idOf(2), idOf(1)]]);
    expect(reads).toBe(0);
  });

  test("a chain of 5,000 links is decided in five blocks", async () => {
    const angles = Array.from({ length: 5000 }, (_, row) => row * 0.0012);
    const rows = atAngles(angles);
    const { removals } = await find(rows, 2, 1e-6, "keeper");
    expect(removals.map(({ id }) => id)).toEqual(greedy(rows, 2, 1e-6).map(({ row }) => idOf(row)));
    expect(removals.length).toBe(2500);
  });

  test.each([
    [400, 3, 0.02, undefined],
    [2500, 3, 0.004, undefined],
    [900, 4, 0.03, 64 * 16],
    [1500, 2, 0.0005, 1024 * 8],
  ])(
    "%i random rows of dimension %i at eps %f: equals the rule spelled out over every pair",
    async (rowCount, dim, eps, maxBlockBytes) => {
      const rows = unitRows(rowCount, dim, rowCount);
      const { removals } = await find(rows, dim, eps, "keeper", maxBlockBytes);
      const expected = greedy(rows, dim, eps);
      expect(removals.map(({ id }) => id)).toEqual(expected.map(({ row }) => idOf(row)));
      const keepers = removals.filter(({ keptId }, i) => keptId !== idOf(expected[i]!.keeper));
      // Two keepers may be equally similar within the rounding of f32.
      expect(keepers.length).toBeLessThanOrEqual(rowCount / 200);
    },
  );

  test("laws: the keeper is always kept, no group is emptied, removing twice removes nothing more", async () => {
    const random = seededRandom(17);
    const base = randomNormals(60 * 16, 18);
    const noise = randomNormals(900 * 16, 19);
    const copies = noise.map(
      (value, at) => base[(Math.floor(at / 16) % 60) * 16 + (at % 16)]! + 0.08 * random() * value,
    );
    const { rows } = rowNormalize(copies, 16);
    const { removals } = await find(rows, 16, 0.01, "keeper");
    expect(removals.length).toBeGreaterThan(500);
    const gone = new Set(removals.map(({ id }) => id));
    expect(removals.filter(({ keptId }) => gone.has(keptId))).toEqual([]);
    expect(removals.every(({ similarity }) => similarity >= 0.99)).toBe(true);
    const rest = Array.from({ length: 900 }, (_, row) => row).filter((row) => !gone.has(idOf(row)));
    const remaining = Float32Array.from(rest.flatMap((row) => [...rows.subarray(row * 16, row * 16 + 16)]));
    expect((await find(remaining, 16, 0.01, "keeper")).removals).toEqual([]);
  });

  test("equal rows keep the first", async () => {
    const { removals } = await find(new Float32Array(40).fill(Math.SQRT1_2), 2, 0.01, "keeper");
    expect(removals).toHaveLength(19);
    expect(new Set(removals.map(({ keptId }) => keptId))).toEqual(new Set([idOf(0)]));
  });

  test.each([-0.1, 1, Number.NaN])("refuses eps %f", async (eps) => {
    await expect(find(atAngles([0, 1]), 2, eps, "keeper")).rejects.toThrow(`below 1: ${eps}`);
  });
});
