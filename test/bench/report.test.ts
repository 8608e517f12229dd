import { describe, expect, test } from "vitest";
import { benchRow } from "../../bench/harness.ts";
import { plotRows } from "../../bench/plot.ts";
import { growthExponents, tableLine, withCeiling } from "../../bench/report.ts";
import { summarize } from "../../bench/timing.ts";

const row = (change: Parameters<typeof benchRow>[0] | object = {}) =>
  benchRow({
    suite: "kmeans",
    name: "assign",
    size: "10 x 2",
    adapter: "a",
    ours: 2,
    correct: true,
    ...change,
  });

describe("a row", () => {
  test("tells how many times faster ours is", () => {
    expect(row({ peer: "x", peerTime: 5 }).ratio).toBe(2.5);
    expect(row({ peer: "x", peerTime: 1 }).ratio).toBe(0.5);
    expect(row().ratio).toBeNull();
  });

  test("has every field, so that machines need not ask whether one is there", () => {
    const missing = Object.entries(row()).filter(([, value]) => value === undefined);
    expect(missing).toEqual([]);
    expect(Object.keys(row()).sort()).toEqual(
      [
        ..."adapter basis ceilingShare correct details gpuTime name ours peer peerAgrees peerTime".split(" "),
        ..."peerVersion rate ratio rowCount size spread suite unit".split(" "),
      ].sort(),
    );
  });

  test("is held against the ceiling by the device's own clock where there is one", () => {
    const ceilings = { gigaflopsPerSecond: 100, gigabytesPerSecond: 10 };
    expect(withCeiling(row({ rate: 20, unit: "GFLOP/s" }), ceilings).ceilingShare).toBe(0.2);
    expect(withCeiling(row({ rate: 20, unit: "GFLOP/s", gpuTime: 1 }), ceilings).ceilingShare).toBe(0.4);
    expect(withCeiling(row({ rate: 5, unit: "GB/s" }), ceilings).ceilingShare).toBe(0.5);
    expect(withCeiling(row({ rate: 5, unit: "rows/s" }), ceilings).ceilingShare).toBeNull();
    expect(withCeiling(row({ rate: 5, unit: "GB/s" }), null).ceilingShare).toBeNull();
  });

  test("says in the table what is wrong, and repeats nothing for a second peer", () => {
    expect(tableLine(row({ correct: false }))).toContain("WRONG RESULT");
    const first = row({ peer: "x", peerTime: 5, peerAgrees: false });
    expect(tableLine(first)).toContain("the peer's result differs");
    const second = tableLine(row({ peer: "y", peerTime: 8 }), first);
    expect(second).not.toContain("assign");
    expect(second).toContain("4.00 x");
  });
});

test("summarize() gives the median, the fastest and the spread of the middle half", () => {
  expect(summarize([3, 1, 2, 10, 4])).toEqual({ median: 3, fastest: 1, spread: 2 / 3, runCount: 5 });
});

test("growthExponents() finds the power of n, for ours and each peer, from three sizes on", () => {
  const rows = [10, 100, 1000].map((n) =>
    row({ rowCount: n, ours: n ** 1.5, peer: "x", peerTime: 7 * n ** 2 }),
  );
  const exponents = growthExponents(rows);
  expect(exponents["assign: clipsieve"]).toBeCloseTo(1.5, 9);
  expect(exponents["assign: x"]).toBeCloseTo(2, 9);
  expect(growthExponents(rows.slice(1))).toEqual({});
});

describe("plotRows()", () => {
  const rows = [10, 1000].map((n) => row({ rowCount: n, ours: n, peer: "a <b>", peerTime: 2 * n }));

  test("draws a line for ours and each peer, with safe names", () => {
    const svg = plotRows(rows)!;
    expect(svg.match(/<circle/g)).toHaveLength(4);
    expect(svg).toContain("a &lt;b>");
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("draws nothing where nothing was measured at two sizes", () => {
    expect(plotRows(rows.slice(1))).toBeNull();
    expect(plotRows([])).toBeNull();
  });
});
