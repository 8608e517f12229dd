import { describe, expect, test } from "vitest";
import {
  chosenRows,
  type EmbeddingPlan,
  embeddingRows,
  originalOf,
  plannedDefaults,
  plantedRows,
} from "../../bench/embedding_data.ts";
import { residentRows } from "../../bench/resident_rows.ts";
import { ResidentPairwise, scoresByRow } from "../../bench/suites/resident_pairwise.ts";
import { pairwiseMax } from "../../src/reference/pairwise_max.ts";
import { useGpu } from "../support/gpu.ts";

const device = useGpu();
const plans: readonly EmbeddingPlan[] = [
  { ...plannedDefaults, rowCount: 700, dim: 128, centerCount: 20 },
  { ...plannedDefaults, rowCount: 700, dim: 128, groupRows: 60, seed: 5 },
  { ...plannedDefaults, rowCount: 700, dim: 512, centerCount: 20, kind: "falling" },
  { ...plannedDefaults, rowCount: 300, dim: 70, kind: "uniform", seed: 9 },
];

describe.each(plans)("$kind rows, groups of $groupRows", (plan) => {
  test("have length 1, and are the same one by one", () => {
    const rows = embeddingRows(plan);
    for (let row = 0; row < plan.rowCount; row++) {
      const own = rows.subarray(row * plan.dim, (row + 1) * plan.dim);
      expect(own.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5);
    }
    expect(chosenRows(plan, [3, 299])).toEqual(
      Float32Array.of(
        ...rows.subarray(3 * plan.dim, 4 * plan.dim),
        ...rows.subarray(299 * plan.dim, 300 * plan.dim),
      ),
    );
  });

  test("hold exactly the near-duplicates that were planted", () => {
    const groupRows = plan.groupRows || plan.rowCount;
    const rows = embeddingRows(plan);
    const starts = Uint32Array.from({ length: plan.rowCount }, (_, row) => row - (row % groupRows));
    const { scores } = pairwiseMax(rows, plan.dim, starts);
    const found = [...scores.keys()].filter((row) => scores[row]! >= 0.95);
    expect(found).toEqual(plantedRows(plan));
    expect(found.length > 20).toBe(plan.kind !== "uniform");
    expect(found.every((row) => originalOf(plan, row) < row)).toBe(true);
  });

  test("are the same when the device makes them", async () => {
    const { gpu } = device;
    const store = await residentRows(gpu, plan);
    const expected = embeddingRows(plan);
    await store.forEachChunk(async ({ rows, firstRow, rowCount }) => {
      const actual = await gpu.readFloats(rows, rowCount * plan.dim);
      const largest = actual.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - expected[firstRow * plan.dim + i]!)),
        0,
      );
      expect(largest).toBeLessThan(1e-6);
    });
    store.destroy();
  });
});

test("clusters of rows on the device are compared as the twin compares them", async () => {
  const plan = plans[0]!;
  const { gpu } = device;
  // Chunks of 256 rows, blocks that hold one cluster each.
  const store = await residentRows(gpu, plan, 256 * plan.dim * 4);
  const labels = Uint32Array.from({ length: plan.rowCount }, (_, row) => (row * 7) % 5);
  const labelBuffers: GPUBuffer[] = [];
  await store.forEachChunk(({ firstRow, rowCount }) => {
    labelBuffers.push(gpu.upload("labels", labels.subarray(firstRow, firstRow + rowCount)));
  });
  const blocks = await new ResidentPairwise(gpu).run(store, labelBuffers, 6, 0.05);
  const scores = scoresByRow(blocks, plan.rowCount);
  store.destroy();
  expect(blocks.map(({ rows }) => rows.length)).toEqual([140, 140, 140, 140, 140]);
  for (let label = 0; label < 5; label++) {
    const members = [...labels.keys()].filter((row) => labels[row] === label);
    const expected = pairwiseMax(chosenRows(plan, members), plan.dim).scores;
    for (const [i, row] of members.entries())
      expect(scores[row]).toBeCloseTo(expected[i]! >= 0.95 ? expected[i]! : 0, 5);
  }
});
