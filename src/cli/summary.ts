// The last lines of a run: what came of it, where it lies, what did not come through.
import type { CommandName } from "../pipeline/options.ts";
import type { RunRecord } from "../report/run_record.ts";
import { layout } from "../stages/output_layout.ts";

/** The outcome in one sentence, for logs that programs read. */
export function finishedLine({ status, counts }: RunRecord): string {
  const figures = Object.entries(counts).map(([key, value]) => `${key} ${value}`);
  return `Finished, ${status}: ${figures.join(", ")}`;
}

/** Where a split or run made nothing: that, and why, by reason; an outcome of "ok" alone says neither. */
export function nothingMadeLine(command: CommandName, { counts, inputs }: RunRecord): string | undefined {
  const splits = command === "split" || command === "run";
  if (!splits || counts.clips !== 0 || (counts.clipsFiltered ?? 0) > 0) return undefined;
  const reasons = new Map<string, number>();
  for (const { reason } of inputs) if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const listed = [...reasons].sort(([, left], [, right]) => right - left);
  const of = `${inputs.length} ${inputs.length === 1 ? "input" : "inputs"}`;
  return `No clip was made of ${of}: ${listed.map(([reason, count]) => `${count} ${reason}`).join(", ")}`;
}

/** Failed inputs that are listed by name; the rest are in run.json. */
const mostNamed = 10;

export function summaryLines(
  command: CommandName,
  options: { readonly outputPath: string; readonly dryRun?: boolean },
  record: RunRecord,
): string[] {
  const { counts, inputs } = record;
  const lines: string[] = [""];
  const say = (name: string, ...texts: (string | undefined)[]): void => {
    const shown = texts.filter((text) => text !== undefined);
    if (shown.length > 0) lines.push(`  ${name.padEnd(12)}${shown.join(", ")}`);
  };
  const number = (key: string, words: string): string | undefined =>
    counts[key] === undefined ? undefined : `${counts[key].toLocaleString("en-US")} ${words}`;
  if (command === "split" || command === "run") {
    const of = (status: string): number => inputs.filter((input) => input.status === status).length;
    say(
      "videos",
      `${of("ok")} worked`,
      of("skipped") > 0 ? `${of("skipped")} skipped` : undefined,
      of("failed") > 0 ? `${of("failed")} failed` : undefined,
    );
    say(
      "clips",
      options.dryRun === true
        ? number("clips", "planned (dry run: nothing was written)")
        : number(
            "clips",
            `${counts.clips === 1 ? "clip" : "clips"}, ${(counts.clipSeconds ?? 0).toFixed(1)} s of video`,
          ),
      counts.clipsFiltered === undefined || counts.clipsFiltered === 0
        ? undefined
        : number("clipsFiltered", "without motion set aside"),
      counts.clipsLost === undefined || counts.clipsLost === 0
        ? undefined
        : number("clipsLost", "left out as none of their frames decodes"),
    );
  }
  if (command === "dedup" || command === "run") {
    const { duplicates = 0, kept = 0 } = counts;
    const share = duplicates === 0 ? "" : ` (${((100 * duplicates) / (duplicates + kept)).toFixed(1)} %)`;
    for (const { note } of record.stages) say("clusters", note);
    say("duplicates", number("duplicates", `removed${share}`), number("kept", "kept"));
    say(
      "set aside",
      counts.rowsSetAside === undefined || counts.rowsSetAside === 0
        ? undefined
        : number("rowsSetAside", "embeddings that cannot be compared"),
    );
  }
  if (command === "export" || command === "run")
    say(
      "shards",
      number("shards", counts.shards === 1 ? "tar file" : "tar files"),
      number("exportedClips", "clips packed"),
    );
  const seconds = record.stages.map((stage) => `${stage.name} ${stage.seconds.toFixed(1)} s`);
  if (seconds.length > 0) say("time", seconds.join(", "));
  const adapter = record.adapter as { readonly name?: string } | null;
  if (adapter?.name !== undefined) say("adapter", adapter.name);
  if (options.dryRun !== true) say("results", options.outputPath);
  if ((command === "dedup" || command === "run") && (counts.duplicates ?? 0) > 0)
    say("removed", `each with the clip kept for it: ${options.outputPath}/${layout.duplicates}/`);
  const failed = inputs.filter(({ status }) => status === "failed");
  if (failed.length > 0 && (command === "split" || command === "run")) {
    lines.push("", `  ${failed.length} of ${inputs.length} inputs failed:`);
    for (const { path, reason, message } of failed.slice(0, mostNamed))
      lines.push(`    ${path}: ${reason}: ${message}`);
    if (failed.length > mostNamed) lines.push(`    and ${failed.length - mostNamed} more, named in run.json`);
  }
  return lines;
}
