import { describe, expect, test } from "vitest";
import { panelPack } from "../../src/kernels/panel_pack.ts";
import { panelPack as reference } from "../../src/reference/panel_pack.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";

describe("panelPack()", () => {
  const context = useGpu();

  test.each([
    [0, 4],
    [1, 1],
    [63, 5],
    [64, 64],
    [65, 67],
    [509, 31],
  ])("%i rows of dimension %i land where the twin puts them", async (rowCount, dim) => {
    const rows = randomNormals(rowCount * dim, rowCount);
    expect(await panelPack(context.gpu, rows, dim)).toEqual(reference(rows, dim));
  });

  test("folds the grid of more workgroups than one dimension holds", async () => {
    const rows = Float32Array.from({ length: 270_000 }, (_, row) => row);
    expect(await panelPack(context.gpu, rows, 1)).toEqual(reference(rows, 1));
  });
});
