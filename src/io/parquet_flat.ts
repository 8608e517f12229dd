// Reads a flat Parquet column row by row across row groups, page by page; a null value comes out as null.
import type { DecodedArray } from "hyparquet/src/types.js";
import { DataError } from "../errors.ts";
import { columnChunk, type LeafPath, leafPath, type ParquetFile, parquetError } from "./parquet_file.ts";
import { type ColumnPage, columnPages } from "./parquet_pages.ts";

/** Takes values off a flat column in order. */
export class FlatColumn {
  readonly #file: ParquetFile;
  readonly #leaf: LeafPath;
  readonly #name: string;
  #group = 0;
  #pages: AsyncGenerator<ColumnPage> | undefined;
  #values: DecodedArray = [];
  #offset = 0;

  /** @throws DataError where there is no such column or it is nested. */
  constructor(file: ParquetFile, name: string, option?: string) {
    this.#file = file;
    this.#name = name;
    this.#leaf = leafPath(file, name, option);
    if (isFlat(this.#leaf)) return;
    const remedy = option === undefined ? "Leave the column out" : `Name another column with ${option}`;
    throw new DataError(
      `Cannot read column "${name}" as it holds lists where single values are needed: ${file.path}. ${remedy}.`,
    );
  }

  /** The next `count` values. Rejects with DataError where the column ends before. */
  async take(count: number): Promise<unknown[]> {
    const taken: unknown[] = [];
    while (taken.length < count) {
      if (this.#offset >= this.#values.length && !(await this.#nextPage())) {
        throw parquetError(
          this.#file.path,
          `column "${this.#name}" holds fewer values than the file has rows`,
        );
      }
      const end = Math.min(this.#values.length, this.#offset + count - taken.length);
      for (; this.#offset < end; this.#offset++) taken.push(this.#values[this.#offset] ?? null);
    }
    return taken;
  }

  async #nextPage(): Promise<boolean> {
    for (;;) {
      const page = await this.#pages?.next();
      if (page !== undefined && page.done !== true) {
        this.#values = withNulls(page.value);
        this.#offset = 0;
        return true;
      }
      if (this.#group >= this.#file.metadata.row_groups.length) return false;
      this.#pages = columnPages(this.#file, columnChunk(this.#file, this.#group++, this.#leaf), this.#leaf);
    }
  }
}

/** Whether a column holds one value or null per row. */
export function isFlat(leaf: LeafPath): boolean {
  return leaf.length === 2 && leaf[1]!.element.repetition_type !== "REPEATED";
}

function withNulls(page: ColumnPage): DecodedArray {
  const { definitionLevels, values } = page;
  if (definitionLevels === undefined) return values;
  const filled: unknown[] = [];
  let next = 0;
  for (const level of definitionLevels) filled.push(level === 0 ? null : values[next++]);
  return filled;
}
