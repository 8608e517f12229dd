// Opens a Parquet file of a storage: footer, schema tree, and the columns by name.
// The trap: everything in a footer is a claim. Sizes and offsets are checked against the file before anything is read.
import { type FileMetaData, parquetMetadataAsync, parquetSchema, type SchemaTree } from "hyparquet";
import { getTreePath } from "hyparquet/src/schema.js";
import type { ColumnMetaData } from "hyparquet/src/types.js";
import { ClipsieveError, DataError } from "../errors.ts";
import { absentObjectError } from "./object_path.ts";
import type { Storage } from "./storage.ts";
import type { RangeReader } from "./storage_window.ts";

export interface ParquetFile {
  readonly read: RangeReader;
  readonly path: string;
  readonly sizeBytes: number;
  readonly rowCount: number;
  readonly metadata: FileMetaData;
  readonly schema: SchemaTree;
}

/** The path through the schema from the root to the only leaf of a column. */
export type LeafPath = readonly SchemaTree[];

/** Files up to this size may be read at once: that many bytes cost less than a few requests. */
const HELD_BYTES = 4 * 1024 * 1024;
const FOOTER_BYTES = 64 * 1024;

/**
 * Reads the footer of a Parquet file.
 * @param hold whether a small file is kept in memory: for one that is read right away and then let go of.
 * @throws DataError where there is no such file or its footer cannot be used.
 */
export async function openParquetFile(storage: Storage, path: string, hold = false): Promise<ParquetFile> {
  const object = await storage.stat(path);
  if (object === undefined) throw absentObjectError(storage.root, path);
  const { sizeBytes } = object;
  if (sizeBytes < 12) throw parquetError(path, `it is only ${sizeBytes} bytes long`);
  const held = hold && sizeBytes <= HELD_BYTES ? await storage.read(path) : undefined;
  const read: RangeReader = async ({ start, end }) =>
    held?.subarray(start, end) ?? (await storage.read(path, { start, end }));
  return withParquetErrors(path, async () => {
    const footer = {
      byteLength: sizeBytes,
      slice: async (start: number, end = sizeBytes) => exactBuffer(await read({ start, end })),
    };
    // Besides having no use for it here, hyparquet 1.31's GeoParquet scan never ends on a negative child count.
    const metadata = await parquetMetadataAsync(footer, {
      geoparquet: false,
      initialFetchSize: FOOTER_BYTES,
    });
    const rowCount = Number(metadata.num_rows);
    const groupRows = metadata.row_groups.reduce((total, group) => total + Number(group.num_rows), 0);
    if (!Number.isSafeInteger(rowCount) || rowCount < 0 || groupRows !== rowCount) {
      throw parquetError(path, `its footer says ${rowCount} rows and its row groups hold ${groupRows}`);
    }
    return { read, path, sizeBytes, rowCount, metadata, schema: parquetSchema(metadata) };
  });
}

/**
 * The leaf of a top-level column.
 * @param option the command-line option that names the column, for the remedy.
 * @throws DataError where the column is absent or is a structure of several leaves.
 */
export function leafPath(file: ParquetFile, column: string, option?: string): LeafPath {
  const found = file.schema.children.find((child) => child.element.name === column);
  if (found === undefined) {
    const names = file.schema.children.map((child) => child.element.name).join(", ");
    const remedy = option === undefined ? "Ask for one of these" : `Name one of these with ${option}`;
    throw new DataError(
      `Cannot read column "${column}" as ${file.path} has no such column: ${names}. ${remedy}.`,
    );
  }
  let leaf: SchemaTree = found;
  while (leaf.children.length > 0) {
    const [only, other] = leaf.children;
    if (only === undefined || other !== undefined) {
      throw new DataError(
        `Cannot read column "${column}" as it is a structure of several fields: ${file.path}. Flatten it into columns of its own.`,
      );
    }
    leaf = only;
  }
  return getTreePath(file.schema, leaf.path);
}

/** The chunk of a column in one row group, its byte range checked against the file. */
export function columnChunk(file: ParquetFile, groupIndex: number, leaf: LeafPath): ColumnMetaData {
  const name = leaf[leaf.length - 1]?.path.join(".") ?? "";
  const group = file.metadata.row_groups[groupIndex];
  const chunk = group?.columns.find((column) => column.meta_data?.path_in_schema.join(".") === name);
  const metadata = chunk?.meta_data;
  if (metadata === undefined) {
    const why = chunk?.crypto_metadata === undefined ? "has no readable column" : "is encrypted in column";
    throw parquetError(file.path, `row group ${groupIndex} ${why} ${name}`);
  }
  if (chunk?.file_path)
    throw parquetError(file.path, `column ${name} is kept in another file, ${chunk.file_path}`);
  // Some writers leave the offsets of an empty column at 0; nothing will be read there.
  if (metadata.num_values === 0n) return metadata;
  const { start, end } = chunkRange(metadata);
  if (!(start >= 4 && end >= start && end <= file.sizeBytes) || !(metadata.num_values > 0n)) {
    throw parquetError(
      file.path,
      `column ${name} claims bytes ${start} to ${end} of a file of ${file.sizeBytes}`,
    );
  }
  return metadata;
}

/** Bytes [start, end) of a column chunk, its dictionary page included. */
export function chunkRange(chunk: ColumnMetaData): { readonly start: number; readonly end: number } {
  const dataOffset = Number(chunk.data_page_offset);
  const dictionaryOffset = Number(chunk.dictionary_page_offset ?? 0);
  const start = dictionaryOffset > 0 && dictionaryOffset < dataOffset ? dictionaryOffset : dataOffset;
  return { start, end: start + Number(chunk.total_compressed_size) };
}

export function parquetError(path: string, why: string, cause?: unknown): DataError {
  const message = `Cannot read a Parquet file as ${why}: ${path}. Write the file again, or leave it out.`;
  return new DataError(message, cause === undefined ? undefined : { cause });
}

/** Runs a step of reading; whatever the decoder throws comes out as a DataError that names the file. */
export async function withParquetErrors<T>(path: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof ClipsieveError) throw error;
    const detail = error instanceof Error ? error.message.replace(/^parquet /, "") : String(error);
    if (detail.includes("footer != PAR1"))
      throw parquetError(path, "it does not end as one: cut off, or another format", error);
    throw parquetError(path, `its content is damaged or not supported (${detail})`, error);
  }
}

/** The bytes as an ArrayBuffer of exactly their length, so that a read past the end throws. */
export function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return new Uint8Array(bytes).buffer;
}
