// The column of embeddings of a table to be written: list<element: float>, the three-level list of the Parquet specification
// (LogicalTypes.md, Lists), as version 2 pages of PLAIN values. No list, element or row is ever null here, so the levels of
// a page are known from its number of rows: they are written as the runs they are, and the values as they lie.
import type { SchemaElement } from "hyparquet-writer";
import { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import type { PageIndexes } from "hyparquet-writer/src/types.js";
import type { ColumnValues } from "./parquet_columns.ts";

const PAGE_BYTES = 1024 * 1024;

/** Definition level of a value of optional elements in an optional list. */
const present = 3;

/** The rows of an embedding column that wait for their row group. */
export class EmbeddingBuffer {
  readonly name: string;
  /** From the column itself down to its leaf. */
  readonly elements: readonly SchemaElement[];
  /** Values per row. */
  readonly width: number;
  readonly #copies: boolean;
  #pieces: Float32Array[] = [];
  #rowCount = 0;

  /** @param copies whether values are copied when appended; else they must stay as they are until written. */
  constructor(name: string, dimension: number, copies: boolean) {
    this.name = name;
    this.elements = [
      {
        name,
        converted_type: "LIST",
        logical_type: { type: "LIST" },
        num_children: 1,
        repetition_type: "OPTIONAL",
      },
      { name: "list", num_children: 1, repetition_type: "REPEATED" },
      { name: "element", type: "FLOAT", repetition_type: "OPTIONAL" },
    ];
    this.width = dimension;
    this.#copies = copies;
  }

  /** Appends rows [start, end) of `values`. @throws TypeError where these are no float32. */
  append(values: ColumnValues, start: number, end: number): void {
    if (!(values instanceof Float32Array)) throw new TypeError(`column ${this.name} takes a Float32Array`);
    const rows = values.subarray(start * this.width, end * this.width);
    this.#pieces.push(this.#copies ? rows.slice() : rows);
    this.#rowCount += end - start;
  }

  /**
   * Writes a column chunk of what was appended; the buffer is empty afterwards.
   * @param head takes headers and levels, and counts the offset in the file.
   * @param put takes values; whatever `head` holds goes before them.
   */
  async write(head: ByteWriter, put: (bytes: Uint8Array) => Promise<void>): Promise<PageIndexes> {
    const pieces = this.#pieces;
    const rowCount = this.#rowCount;
    this.#pieces = [];
    this.#rowCount = 0;
    const rowBytes = this.width * 4;
    const pageRows = Math.max(1, Math.floor(PAGE_BYTES / rowBytes));
    const start = head.offset;
    const locations: { offset: bigint; compressed_page_size: number; first_row_index: bigint }[] = [];
    let [piece, used] = [0, 0];
    for (let first = 0; first < rowCount; first += pageRows) {
      const count = Math.min(pageRows, rowCount - first);
      const offset = head.offset;
      this.#writeHead(head, count);
      for (let left = count * this.width; left > 0; ) {
        const values = pieces[piece]!.subarray(used, used + left);
        await put(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
        left -= values.length;
        used += values.length;
        if (used === pieces[piece]!.length) [piece, used] = [piece + 1, 0];
      }
      locations.push({
        offset: BigInt(offset),
        compressed_page_size: head.offset - offset,
        first_row_index: BigInt(first),
      });
    }
    const sizeBytes = BigInt(head.offset - start);
    return {
      chunk: {
        file_offset: BigInt(start),
        meta_data: {
          type: "FLOAT",
          encodings: ["PLAIN", "RLE"],
          path_in_schema: this.elements.map(({ name }) => name),
          // Float embeddings shrink by a few per cent at best, and take as long again to compress.
          codec: "UNCOMPRESSED",
          num_values: BigInt(rowCount * this.width),
          total_compressed_size: sizeBytes,
          total_uncompressed_size: sizeBytes,
          data_page_offset: BigInt(start),
        },
      },
      ...(locations.length > 1 && { offsetIndex: { page_locations: locations } }),
    };
  }

  /** The header and the levels of a page of `rowCount` rows. */
  #writeHead(head: ByteWriter, rowCount: number): void {
    const valueCount = rowCount * this.width;
    const repetition = new ByteWriter();
    // A run is its length twice over, then the value that it repeats: one 0 begins a row, 1 goes on with it.
    if (this.width === 1) writeRun(repetition, rowCount, 0);
    for (let row = 0; row < rowCount && this.width > 1; row++) {
      writeRun(repetition, 1, 0);
      writeRun(repetition, this.width - 1, 1);
    }
    const definition = new ByteWriter();
    writeRun(definition, valueCount, present);
    const sizeBytes = repetition.offset + definition.offset + valueCount * 4;
    writePageHeader(head, {
      type: "DATA_PAGE_V2",
      uncompressed_page_size: sizeBytes,
      compressed_page_size: sizeBytes,
      data_page_header_v2: {
        num_values: valueCount,
        num_nulls: 0,
        num_rows: rowCount,
        encoding: "PLAIN",
        definition_levels_byte_length: definition.offset,
        repetition_levels_byte_length: repetition.offset,
        is_compressed: true,
      },
    });
    head.appendBytes(repetition.getBytes());
    head.appendBytes(definition.getBytes());
  }
}

function writeRun(levels: ByteWriter, count: number, value: number): void {
  levels.appendVarInt(count << 1);
  levels.appendUint8(value);
}
