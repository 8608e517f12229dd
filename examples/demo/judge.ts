// Judges a run by what its clips show. Deduplication keeps one clip of each group and is free to keep a copy rather than
// its original (`--which-to-keep` ranks by distance from the centroid), so the question is not which file survived: of
// everything shown in one stretch of time exactly one clip must be left, and nothing may go in favour of other pictures.
import type { Truth } from "./videos.ts";

export interface DemoClip {
  readonly id: string;
  /** Path of its video, relative to the folder of the videos. */
  readonly path: string;
  readonly startSeconds: number;
}

export interface Removal {
  readonly id: string;
  readonly keptId: string;
  readonly similarity: number;
}

export interface InputOutcome {
  readonly path: string;
  readonly status: string;
  readonly reason: string | null;
}

export interface VideoRow {
  readonly path: string;
  readonly kind: string;
  readonly outcome: string;
  readonly clipCount: number;
  readonly removedCount: number;
  /** The lowest similarity that removed one of its clips. */
  readonly similarity: number | undefined;
}

export interface Verdict {
  readonly rows: readonly VideoRow[];
  /** Sentences, one for each thing that is not as planted. */
  readonly faults: readonly string[];
}

export function judge(
  truth: Truth,
  inputs: readonly InputOutcome[],
  clips: readonly DemoClip[],
  removals: readonly Removal[],
  clipSeconds: number,
): Verdict {
  const contentOf = new Map(truth.files.map(({ path, content }) => [path, content]));
  const byId = new Map(clips.map((clip) => [clip.id, clip]));
  const removalOf = new Map(removals.map((removal) => [removal.id, removal]));
  const shown = (clip: DemoClip): string =>
    `${contentOf.get(clip.path)}, part ${Math.round(clip.startSeconds / clipSeconds) + 1}`;
  const named = (clip: DemoClip): string => `${clip.path} from ${clip.startSeconds} s`;
  const faults: string[] = [];

  for (const clip of clips) {
    const removal = removalOf.get(clip.id);
    const keeper = removal === undefined ? undefined : byId.get(removal.keptId);
    if (removal === undefined || (keeper !== undefined && shown(keeper) === shown(clip))) continue;
    const favoured = keeper === undefined ? `an unknown clip ${removal.keptId}` : named(keeper);
    faults.push(`Different pictures were merged: ${named(clip)} was removed in favour of ${favoured}`);
  }
  const groups = new Map<string, DemoClip[]>();
  for (const clip of clips) groups.set(shown(clip), [...(groups.get(shown(clip)) ?? []), clip]);
  for (const [what, group] of groups) {
    const kept = group.filter(({ id }) => !removalOf.has(id));
    if (kept.length === 0) faults.push(`An original was removed: no clip is left of ${what}`);
    if (kept.length > 1)
      faults.push(`A planted duplicate was missed: ${kept.map(named).join(" and ")} show the same`);
  }

  const rows = truth.files.map((file): VideoRow => {
    const outcomes = inputs.filter(({ path }) => path === file.path);
    const own = clips.filter(({ path }) => path === file.path);
    const gone = own.flatMap(({ id }) => removalOf.get(id) ?? []);
    if (outcomes.length !== 1) faults.push(`run.json names ${file.path} ${outcomes.length} times`);
    const [outcome] = outcomes;
    if (file.role !== "unfit" && outcome?.status !== "ok")
      faults.push(`${file.path} is whole, and run.json calls it ${outcome?.status}`);
    if (file.role === "unfit" && outcome?.reason === null)
      faults.push(`run.json gives no reason why ${file.path} has no clips`);
    if (own.length !== file.clipCount)
      faults.push(`${file.path} gave ${own.length} clips and holds ${file.clipCount}`);
    return {
      path: file.path,
      kind: file.kind,
      outcome: outcome === undefined ? "missing" : (outcome.reason ?? outcome.status),
      clipCount: own.length,
      removedCount: gone.length,
      similarity: gone.length === 0 ? undefined : Math.min(...gone.map(({ similarity }) => similarity)),
    };
  });
  return { rows, faults };
}
