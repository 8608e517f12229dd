// Puts the rows of a list<number> column together from its pages: Dremel levels to rows (Melnik et al., 2010), for the
// one shape that embeddings have. Variable, large and fixed-size lists are the same on disk.
// The trap: a row may go on in the next page, and a null list, an empty list and a null element are three things.

import type { DecodedArray } from "hyparquet/src/types.js";
import { DataError } from "../errors.ts";
import { areFinite, type CandidateRow, type RowRun } from "./embedding_blocks.ts";
import type { LeafPath } from "./parquet_file.ts";
import type { ColumnPage } from "./parquet_pages.ts";

export interface ListLevels {
  /** Definition level from which on an element is there, and the one at which it is not null. */
  readonly element: number;
  readonly value: number;
}

/** The levels of a column that holds one list of floating-point numbers per row. @throws DataError for other shapes. */
export function listLevels(leaf: LeafPath, path: string, option: string): ListLevels {
  const elements = leaf.slice(1).map((node) => node.element);
  const repeated = elements.findIndex((element) => element.repetition_type === "REPEATED");
  const nested = elements.filter((element) => element.repetition_type === "REPEATED").length > 1;
  const last = elements[elements.length - 1]!;
  const isFloat16 = last.logical_type?.type === "FLOAT16";
  if (repeated < 0 || nested || !(last.type === "FLOAT" || last.type === "DOUBLE" || isFloat16)) {
    const found = `${nested ? "lists of lists" : repeated < 0 ? "single values" : "lists"} of ${last.type}`;
    throw new DataError(
      `Cannot read embeddings as column "${elements[0]!.name}" of ${path} holds another type: ${found}. ` +
        `Name a column of lists of float32, float64 or float16 with ${option}.`,
    );
  }
  const optional = (count: number): number =>
    elements.slice(0, count).filter((element) => element.repetition_type !== "REQUIRED").length;
  return { element: optional(repeated + 1), value: optional(elements.length) };
}

/** Assembles rows from pages pushed in order; `finish` ends the last row of a row group. */
export class ListAssembler {
  readonly #levels: ListLevels;
  #row = new Float32Array(1024);
  #length = 0;
  #state: "none" | "null" | "values" = "none";
  #hasNullElement = false;

  constructor(levels: ListLevels) {
    this.#levels = levels;
  }

  /** The rows that this page ends, in order. Their values are reused: copy them before the next are asked for. */
  *push(page: ColumnPage): Generator<CandidateRow | RowRun> {
    if (page.definitionLevels !== undefined || page.rowStarts === undefined) yield* this.#pushSlots(page);
    else yield* this.#pushWhole(floatsOf(page.values), page.rowStarts);
  }

  /** A page without nulls and empty lists: rows of one length go on in one piece. */
  *#pushWhole(values: Float32Array, starts: readonly number[]): Generator<CandidateRow | RowRun> {
    const head = values.subarray(0, starts[0] ?? values.length);
    if (head.length > 0 && this.#state === "none") throw new RangeError("a list goes on that never began");
    this.#appendAll(head);
    if (starts.length === 0) return;
    yield* this.finish();
    // The last row may go on in the next page.
    const last = starts.length - 1;
    for (let first = 0; first < last; ) {
      const length = starts[first + 1]! - starts[first]!;
      let end = first + 1;
      while (end < last && starts[end + 1]! - starts[end]! === length) end++;
      yield { values: values.subarray(starts[first]!, starts[end]!), length, count: end - first };
      first = end;
    }
    this.#state = "values";
    this.#appendAll(values.subarray(starts[last]!));
  }

  *#pushSlots(page: ColumnPage): Generator<CandidateRow> {
    const { values, definitionLevels, rowStarts, valueCount } = page;
    let next = 0;
    let row = 0;
    for (let slot = 0; slot < valueCount; slot++) {
      if (rowStarts === undefined || rowStarts[row] === slot) {
        row++;
        yield* this.finish();
        this.#state = "values";
      }
      const level = definitionLevels === undefined ? this.#levels.value : definitionLevels[slot]!;
      if (level === this.#levels.value) this.#append(Number(values[next++]));
      else if (level >= this.#levels.element) this.#hasNullElement = true;
      else if (level < this.#levels.element - 1) this.#state = "null";
    }
  }

  *finish(): Generator<CandidateRow> {
    if (this.#state === "none") return;
    const values = this.#state === "null" ? null : this.#row.subarray(0, this.#length);
    yield { values, allFinite: values !== null && !this.#hasNullElement && areFinite(values) };
    this.#state = "none";
    this.#length = 0;
    this.#hasNullElement = false;
  }

  #append(value: number): void {
    this.#reserve(1);
    this.#row[this.#length++] = value;
  }

  #appendAll(values: Float32Array): void {
    this.#reserve(values.length);
    this.#row.set(values, this.#length);
    this.#length += values.length;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#row.length) return;
    const grown = new Float32Array(Math.max(needed, this.#row.length * 2));
    grown.set(this.#row.subarray(0, this.#length));
    this.#row = grown;
  }
}

function floatsOf(values: DecodedArray): Float32Array {
  return values instanceof Float32Array ? values : new Float32Array(values as ArrayLike<number>);
}
