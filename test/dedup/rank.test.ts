import { describe, expect, test } from "vitest";
import { RankingStrategy, rankRows } from "../../src/dedup/rank.ts";

const pick = <T>(values: readonly T[], order: Uint32Array): T[] => [...order].map((row) => values[row]!);

describe("rankRows()", () => {
  test("matches the reference: hard is farthest first, easy closest first", () => {
    const ids = [1, 2, 3, 4];
    const distances = Float32Array.of(0.1, 0.8, 0.3, 0.6);
    expect(pick(ids, rankRows(ids, distances, "hard"))).toEqual([2, 4, 3, 1]);
    expect(pick(ids, rankRows(ids, distances, "easy"))).toEqual([1, 3, 4, 2]);
  });

  test("settles ties by id in the direction of the distance", () => {
    const ids = ["b", "d", "a", "c"];
    const distances = [0.5, 0.5, 0.5, 0.1];
    expect(pick(ids, rankRows(ids, distances, "hard"))).toEqual(["d", "b", "a", "c"]);
    expect(pick(ids, rankRows(ids, distances, "easy"))).toEqual(["c", "a", "b", "d"]);
  });

  test("compares number ids by value and text ids as text", () => {
    expect(pick([10, 9], rankRows([10, 9], [0, 0], "easy"))).toEqual([9, 10]);
    expect(pick(["10", "9"], rankRows(["10", "9"], [0, 0], "easy"))).toEqual(["10", "9"]);
  });

  test("random: seeded, and not a matter of input order", () => {
    const ids = Array.from({ length: 50 }, (_, i) => `id-${i}`);
    const distances = new Float32Array(50);
    const once = pick(ids, rankRows(ids, distances, "random", 1));
    expect(pick(ids, rankRows(ids, distances, "random", 1))).toEqual(once);
    expect(pick(ids, rankRows(ids, distances, "random", 2))).not.toEqual(once);
    expect([...once].sort()).toEqual([...ids].sort());
    const reversed = [...ids].reverse();
    expect(pick(reversed, rankRows(reversed, distances, "random", 1))).toEqual(once);
  });

  test("refuses another rule", () => {
    expect(() => rankRows(["a"], [0], "medium" as "hard")).toThrow("hard, easy or random: medium");
  });
});

describe("RankingStrategy", () => {
  test("matches the reference on metadata columns", () => {
    const byScore = new RankingStrategy({ metadataCols: ["custom_score"], ascending: false });
    expect([...byScore.rank(6, { custom_score: [0.1, 0.8, 0.3, 0.9, 0.2, 0.15] })]).toEqual([
      3, 1, 2, 4, 5, 0,
    ]);
    const columns = { priority: [3, 1, 2, 1, 3, 2], score: [0.1, 0.8, 0.3, 0.9, 0.2, 0.15] };
    const both = new RankingStrategy({ metadataCols: ["priority", "score"], ascending: [true, false] });
    expect([...both.rank(6, columns)]).toEqual([3, 1, 2, 5, 4, 0]);
    const ids = [1, 2, 3, 4];
    const table = { priority: [2, 1, 3, 1], score: [0.9, 0.3, 0.7, 0.5] };
    expect(pick(ids, both.rank(4, table))).toEqual([4, 2, 1, 3]);
    const metric = new RankingStrategy({ metadataCols: ["metric"], ascending: false });
    expect(pick([1, 2, 3], metric.rank(3, { metric: [10, 5, 20] }))).toEqual([3, 1, 2]);
  });

  test("refuses directions that do not fit, unknown strategies and missing columns", () => {
    expect(() => new RankingStrategy({ metadataCols: ["a"], ascending: [true, false] })).toThrow(
      "ascending: 2",
    );
    expect(() => new RankingStrategy({ metadataCols: [], strategy: "best" as "sort" })).toThrow("best");
    expect(() => new RankingStrategy({ metadataCols: ["a", "b"] }).rank(1, { a: [1] })).toThrow(
      "Required columns: b",
    );
  });
});
