// From the results of stages to the figures of the run record.
import type { RunInput } from "../report/run_record.ts";
import type { ExportSummary } from "../stages/export.ts";
import type { IdentifySummary } from "../stages/identify.ts";
import type { KMeansSummary } from "../stages/kmeans.ts";
import type { SplitSummary } from "../stages/split_summary.ts";
import type { StageResult, UnitResult } from "./executor.ts";

/** The inputs of a split, or undefined where none was run. */
export function inputsOf(results: readonly StageResult[]): readonly RunInput[] | undefined {
  return results
    .find(({ name }) => name === "split")
    ?.units.map(({ key, status, reason, message, summary }) => ({
      path: key,
      status: status === "done" || status === "resumed" ? "ok" : status,
      reason,
      message,
      clips: (summary as unknown as SplitSummary | null)?.clips ?? 0,
      clipsLost: (summary as unknown as SplitSummary | null)?.lostClips ?? 0,
      decodeErrors: (summary as unknown as SplitSummary | null)?.decodeErrors ?? 0,
    }));
}

export function countsOf(results: readonly StageResult[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name, units } of results) {
    const summaries = units.flatMap(({ summary }) => (summary === null ? [] : [summary as unknown]));
    if (name === "split") Object.assign(counts, splitCounts(units, summaries as SplitSummary[]));
    if (name === "kmeans")
      for (const { rows, rowsSetAside, clusters } of summaries as KMeansSummary[])
        Object.assign(counts, { embeddings: rows, rowsSetAside: sum(Object.values(rowsSetAside)), clusters });
    if (name === "identify")
      for (const { duplicates, kept } of summaries as IdentifySummary[])
        Object.assign(counts, { duplicates, kept });
    if (name === "export")
      for (const { samples, shards, bytes } of summaries as ExportSummary[])
        Object.assign(counts, { exportedClips: samples, shards, shardBytes: bytes });
  }
  return counts;
}

/** What a stage chose by itself, and why. */
export function noteOf({ name, units }: StageResult): string | undefined {
  if (name !== "kmeans") return undefined;
  return (units[0]?.summary as unknown as KMeansSummary | null | undefined)?.choice ?? undefined;
}

function splitCounts(
  units: readonly UnitResult[],
  summaries: readonly SplitSummary[],
): Record<string, number> {
  const having = (status: UnitResult["status"]): number =>
    units.filter((unit) => unit.status === status).length;
  return {
    videos: units.length,
    videosSkipped: having("skipped"),
    videosFailed: having("failed"),
    clips: sum(summaries.map(({ clips }) => clips)),
    clipsFiltered: sum(summaries.map(({ filteredClips }) => filteredClips)),
    // Journals of earlier versions do not count them.
    clipsLost: sum(summaries.map(({ lostClips = 0 }) => lostClips)),
    clipSeconds: Number(sum(summaries.map(({ clipSeconds }) => clipSeconds)).toFixed(3)),
    decodeErrors: sum(summaries.map(({ decodeErrors }) => decodeErrors)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
