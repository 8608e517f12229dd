// Which rows are duplicates: score >= 1 - eps, an f32 score compared in float64 as the reference does.
// Two rules. "keeper" removes a row only for a row that stays, and names it. "nemo" is the reference's: any earlier match
// removes, even one that is removed itself, so a chain can lose rows that resemble nothing which is kept.
import { UsageError } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import { chooseKeepers, type Decision } from "./keepers.ts";
import { compareIds, type RowId } from "./rank.ts";

export type DuplicateRule = "keeper" | "nemo";

/** A cluster in ranked order with its pairwise scores. */
export interface ScoredCluster<Id extends RowId = string> {
  readonly ids: readonly Id[];
  /** f32, one for each id. */
  readonly scores: Float32Array;
  /** u32: position in `ids` of the most similar earlier row, or the row's own. */
  readonly maxIndex: Uint32Array;
  readonly dim: number;
  /** Reads the unit rows (f32, ids x dim, ranked). The rule "keeper" calls it where matches form a chain. */
  readonly rows: () => Promise<Float32Array> | Float32Array;
}

export interface Removal<Id extends RowId = string> {
  readonly id: Id;
  /** The row that stands for it. With the rule "nemo" it may be removed too. */
  readonly keptId: Id;
  /** Cosine similarity of the two. */
  readonly similarity: number;
}

export interface IdentifyOptions {
  /** Largest cosine distance of duplicates, from 0 to below 1. */
  readonly eps: number;
  /** Default "keeper". */
  readonly rule?: DuplicateRule;
  /** Ceiling for one block of rows on the device. */
  readonly maxBlockBytes?: number;
}

/** Rows to remove from one cluster, sorted by id. */
export async function findDuplicates<Id extends RowId>(
  gpu: GpuContext,
  cluster: ScoredCluster<Id>,
  options: IdentifyOptions,
): Promise<Removal<Id>[]> {
  const { eps, rule = "keeper", maxBlockBytes } = options;
  if (rule === "nemo") return everyMatch(cluster, eps);
  requireEps(eps);
  return removalsOf(
    cluster.ids,
    await chooseKeepers(gpu, cluster, cluster.rows, cluster.dim, eps, { maxBlockBytes }),
  );
}

/** The rule "nemo", which needs neither rows nor a device: every row with an earlier match goes. Sorted by id. */
export function everyMatch<Id extends RowId>(
  { ids, scores, maxIndex }: Pick<ScoredCluster<Id>, "ids" | "scores" | "maxIndex">,
  eps: number,
): Removal<Id>[] {
  requireEps(eps);
  const decisions: Decision[] = [];
  scores.forEach((similarity, row) => {
    if (similarity >= 1 - eps) decisions.push({ row, keeper: maxIndex[row]!, similarity });
  });
  return removalsOf(ids, decisions);
}

/** Removals of several clusters in one list, sorted by id. */
export function sortRemovals<Id extends RowId>(removals: readonly Removal<Id>[]): Removal<Id>[] {
  return [...removals].sort((a, b) => compareIds(a.id, b.id));
}

function requireEps(eps: number): void {
  if (!(eps >= 0 && eps < 1))
    throw new UsageError(`Cannot identify duplicates as eps must be from 0 to below 1: ${eps}`);
}

function removalsOf<Id extends RowId>(ids: readonly Id[], decisions: readonly Decision[]): Removal<Id>[] {
  return sortRemovals(
    decisions.map(({ row, keeper, similarity }) => ({ id: ids[row]!, keptId: ids[keeper]!, similarity })),
  );
}
