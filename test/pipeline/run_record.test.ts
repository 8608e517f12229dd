import { describe, expect, test } from "vitest";
import { exitCodeOf, mergeRunRecord, parseRunRecord, type RunPart } from "../../src/report/run_record.ts";

const part = (changes: Partial<RunPart>): RunPart => ({
  counts: {},
  stages: [],
  adapter: null,
  options: {},
  versions: {},
  whole: false,
  ...changes,
});
const input = (path: string, status: "ok" | "failed") => ({
  path,
  status,
  reason: null,
  message: null,
  clips: 1,
  clipsLost: 0,
  decodeErrors: 0,
});

describe("run record", () => {
  test("split, then dedup: one record holds both, and only split answers for its failed video", () => {
    const split = mergeRunRecord(
      undefined,
      part({
        inputs: [input("a.mp4", "ok"), input("b.mp4", "failed")],
        counts: { clips: 1 },
        stages: [{ name: "split", seconds: 5, worked: true }],
      }),
    );
    expect([split.status, exitCodeOf(split, true)]).toEqual(["partial", 3]);
    const kmeans = { name: "kmeans", seconds: 1, worked: true };
    const both = mergeRunRecord(split, part({ counts: { duplicates: 0 }, stages: [kmeans] }));
    expect([both.status, exitCodeOf(both, false)]).toEqual(["partial", 0]);
    expect(both.counts).toEqual({ clips: 1, duplicates: 0 });
    expect(both.stages.map(({ name }) => name)).toEqual(["split", "kmeans"]);
    expect(parseRunRecord(JSON.stringify(both))).toEqual(both);
  });

  test("a stage that found its work done keeps the seconds of the run that did it", () => {
    const stage = (seconds: number, worked: boolean) =>
      part({ stages: [{ name: "split", seconds, worked }] });
    const first = mergeRunRecord(undefined, stage(5, true));
    expect(mergeRunRecord(first, stage(0.1, false))).toEqual(first);
    expect(mergeRunRecord(first, stage(7, true)).stages).toEqual([{ name: "split", seconds: 7 }]);
  });

  test("an early end is told until a run comes to its end", () => {
    const ending = { status: "interrupted", message: "Stopped on request" } as const;
    const stopped = mergeRunRecord(undefined, part({ inputs: [input("a.mp4", "ok")], ending }));
    expect([stopped.status, stopped.message]).toEqual(["interrupted", "Stopped on request"]);
    const done = mergeRunRecord(stopped, part({ inputs: [input("a.mp4", "ok")] }));
    expect([done.status, done.message]).toEqual(["ok", null]);
  });

  test("a whole run leaves no figure of an earlier one", () => {
    const earlier = mergeRunRecord(undefined, part({ counts: { clips: 9, duplicates: 4 } }));
    expect(mergeRunRecord(earlier, part({ whole: true, counts: { clips: 0 } })).counts).toEqual({ clips: 0 });
  });
});
