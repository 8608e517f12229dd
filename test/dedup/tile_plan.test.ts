import { describe, expect, test } from "vitest";
import { countTiles, planSplits, planTiles, tileLists } from "../../src/dedup/tile_plan.ts";
import { seededRandom } from "../support/random.ts";

/** Tiles that hold a pair, by looking at every pair. */
function tilesWithPairs(
  later: { firstRank: number; rowCount: number },
  starts: Uint32Array,
  earlier: { firstRank: number; rowCount: number },
  tileRows: number,
): string[] {
  const tiles = new Set<string>();
  for (let row = 0; row < later.rowCount; row++) {
    for (let column = 0; column < earlier.rowCount; column++) {
      const rank = earlier.firstRank + column;
      if (rank < later.firstRank + row && rank >= starts[row]!)
        tiles.add(`${Math.floor(row / tileRows)} ${Math.floor(column / tileRows)}`);
    }
  }
  return [...tiles].sort();
}

function namesOf(lists: Iterable<Uint32Array>): string[] {
  return [...lists]
    .flatMap((list) =>
      Array.from({ length: list.length / 2 }, (_, at) => `${list[at * 2]} ${list[at * 2 + 1]}`),
    )
    .sort();
}

describe("planTiles()", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "names each tile that holds a pair, once, and no other: seed %i",
    (seed) => {
      const random = seededRandom(seed);
      const rowCount = Math.floor(random() * 300);
      const all = new Uint32Array(rowCount);
      const share = [0.005, 0.1, 0.6, 1][seed % 4]!;
      for (let row = 1; row < rowCount; row++) all[row] = random() < share ? row : all[row - 1]!;
      for (const blockRows of [7, 64, 128, 1000]) {
        for (const tileRows of [64, 128, 3]) {
          for (let first = 0; first < rowCount; first += blockRows) {
            const later = { firstRank: first, rowCount: Math.min(blockRows, rowCount - first) };
            const starts = all.subarray(first, first + later.rowCount);
            for (let before = 0; before <= first; before += blockRows) {
              const earlier = { firstRank: before, rowCount: Math.min(blockRows, rowCount - before) };
              const spans = planTiles(later, starts, earlier, tileRows);
              const named = namesOf(tileLists(spans, 5));
              expect(named).toEqual(tilesWithPairs(later, starts, earlier, tileRows));
              expect(countTiles(spans)).toBe(named.length);
            }
          }
        }
      }
    },
  );

  test("takes one stretch of tiles for each row of tiles of a large group", () => {
    const rowCount = 2 ** 18;
    const block = { firstRank: 0, rowCount };
    const spans = planTiles(block, new Uint32Array(rowCount), block, 64);
    expect(spans.length).toBe(4096);
    expect(countTiles(spans)).toBe((4096 * 4097) / 2);
  });
});

describe("tileLists()", () => {
  test("cuts the tiles into lists of at most so many, in order", () => {
    const spans = [
      { later: 0, firstEarlier: 0, endEarlier: 1 },
      { later: 2, firstEarlier: 1, endEarlier: 3 },
    ];
    expect([...tileLists(spans, 2)]).toEqual([Uint32Array.of(0, 0, 2, 1), Uint32Array.of(2, 2)]);
    expect([...tileLists(spans, 3)]).toEqual([Uint32Array.of(0, 0, 2, 1, 2, 2)]);
    expect([...tileLists([], 3)]).toEqual([]);
  });
});

describe("planSplits()", () => {
  test.each([
    // Rows, rows of a group, workgroups wanted: splits.
    [20_000, 20_000, 2048, 7],
    [262_144, 262_144, 2048, 1],
    [32_768, 300, 2048, 4],
    [1000, 2, 2048, 1],
    [100, 100, 2048, 2],
    [0, 1, 2048, 1],
  ])("%i rows in groups of %i, %i workgroups: %i", (rowCount, size, workgroups, splits) => {
    const starts = Uint32Array.from({ length: rowCount }, (_, row) => row - (row % size));
    expect(planSplits({ firstRank: 0, rowCount }, starts, workgroups)).toBe(splits);
  });
});
