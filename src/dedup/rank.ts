// The order of a cluster's rows, which decides who survives: a row is compared with the rows ranked before it, so the
// first of a group of duplicates is kept. Ties of distance are settled by id in the same direction, as the reference
// does, so an order never depends on the order of input.
import { UsageError } from "../errors.ts";
import { shuffled } from "./random.ts";

/** hard: farthest from the centroid first. easy: closest first. random: a seeded shuffle. */
export type WhichToKeep = "hard" | "easy" | "random";

export const keepRules: readonly WhichToKeep[] = ["hard", "easy", "random"];

export type RowId = string | number | bigint;

/** Numbers by value, everything else by the code units of its text. */
export function compareIds(a: RowId, b: RowId): number {
  if (typeof a !== "string" && typeof b !== "string") return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Positions of the rows in ranked order.
 *
 * @param distances to the centroid, cosine or Euclidean; one for each id.
 * @param seed for "random": rows are sorted by id, then shuffled (Fisher-Yates over PCG hashes of the seed).
 */
export function rankRows(
  ids: readonly RowId[],
  distances: ArrayLike<number>,
  which: WhichToKeep,
  seed = 42,
): Uint32Array {
  const order = Uint32Array.from(ids, (_, row) => row);
  if (which === "random") {
    order.sort((a, b) => compareIds(ids[a]!, ids[b]!));
    return Uint32Array.from(shuffled(order.length, seed), (position) => order[position]!);
  }
  if (which !== "hard" && which !== "easy") {
    throw new UsageError(`Cannot rank rows as the rule must be hard, easy or random: ${String(which)}`);
  }
  const sign = which === "easy" ? 1 : -1;
  return order.sort((a, b) => sign * (distances[a]! - distances[b]! || compareIds(ids[a]!, ids[b]!)));
}

export interface RankingStrategyOptions {
  /** Columns to sort by, the most important first. */
  readonly metadataCols: readonly string[];
  /** Direction of every column, or of each. Default true. */
  readonly ascending?: boolean | readonly boolean[];
  /** "sort", or "random" for a seeded shuffle that needs no column. Default "sort". */
  readonly strategy?: "sort" | "random";
  readonly randomSeed?: number;
}

/** A ranking by metadata columns. Equal rows stay in the order they came in. */
export class RankingStrategy {
  readonly metadataCols: readonly string[];
  readonly ascending: readonly boolean[];
  readonly strategy: "sort" | "random";
  readonly randomSeed: number;

  constructor(options: RankingStrategyOptions) {
    const { metadataCols, ascending = true, strategy = "sort", randomSeed = 42 } = options;
    if (strategy !== "sort" && strategy !== "random")
      throw new UsageError(`Cannot rank rows as the strategy must be sort or random: ${String(strategy)}`);
    this.metadataCols = metadataCols;
    this.ascending = typeof ascending === "boolean" ? metadataCols.map(() => ascending) : ascending;
    if (this.ascending.length !== metadataCols.length) {
      throw new UsageError(
        `Cannot rank rows as ${metadataCols.length} columns need as many directions in ascending: ${this.ascending.length}`,
      );
    }
    this.strategy = strategy;
    this.randomSeed = randomSeed;
  }

  /** Positions of the rows in ranked order. */
  rank(rowCount: number, columns: Readonly<Record<string, ArrayLike<RowId>>>): Uint32Array {
    if (this.strategy === "random") return Uint32Array.from(shuffled(rowCount, this.randomSeed));
    const missing = this.metadataCols.filter((name) => columns[name] === undefined);
    if (missing.length > 0)
      throw new UsageError(`Cannot rank rows as they lack columns. Required columns: ${missing.join(", ")}`);
    return Uint32Array.from({ length: rowCount }, (_, row) => row).sort((a, b) => {
      for (const [i, name] of this.metadataCols.entries()) {
        const order = compareIds(columns[name]![a]!, columns[name]![b]!);
        if (order !== 0) return this.ascending[i] === true ? order : -order;
      }
      return a - b;
    });
  }
}
