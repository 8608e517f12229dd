// Reads embedding tables of JSON lines: one object per line, with an id and an array of numbers.
// Same blocks and the same policy for unusable rows as Parquet. Python's json module writes NaN and Infinity, which
// JSON has no words for: such a line is read, and its row set aside as not finite.
import { DataError } from "../errors.ts";
import {
  BlockBuilder,
  type BlockOptions,
  type CandidateRow,
  defaultBlockRows,
  definesDimension,
  type EmbeddingBlock,
  type EmbeddingFile,
  type EmbeddingFileOptions,
} from "./embedding_blocks.ts";
import { absentObjectError } from "./object_path.ts";
import type { Storage } from "./storage.ts";

const READ_BYTES = 4 * 1024 * 1024;
const LINE_BYTE_LIMIT = 64 * 1024 * 1024;

interface JsonLine {
  readonly number: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/**
 * Opens a JSONL file of embeddings.
 * @throws DataError where the file is absent, or a line is no JSON object or lacks the embedding field.
 */
export async function openJsonlEmbeddings(
  storage: Storage,
  path: string,
  options: EmbeddingFileOptions = {},
): Promise<EmbeddingFile> {
  const { idField = "id", embeddingField = "embedding" } = options;
  const dimension = options.dimension ?? (await firstDimension(storage, path, embeddingField));
  return {
    path,
    rowCount: undefined,
    dimension,
    blocks: (blockOptions = {}) =>
      readBlocks(storage, path, { idField, embeddingField, dimension: dimension ?? 1 }, blockOptions),
  };
}

async function firstDimension(
  storage: Storage,
  path: string,
  embeddingField: string,
): Promise<number | undefined> {
  for await (const line of jsonLines(storage, path)) {
    const row = candidateRow(path, line, embeddingField);
    if (definesDimension(row)) return row.values?.length;
  }
  return undefined;
}

async function* readBlocks(
  storage: Storage,
  path: string,
  fields: { readonly idField: string; readonly embeddingField: string; readonly dimension: number },
  options: BlockOptions,
): AsyncGenerator<EmbeddingBlock> {
  const builder = new BlockBuilder(fields.dimension, options.blockRows ?? defaultBlockRows(fields.dimension));
  const names = options.columns ?? [];
  let records: JsonLine[] = [];
  const take = (): EmbeddingBlock | undefined => {
    const ids = records.map((line) => idText(path, line, fields.idField));
    const columns = Object.fromEntries(
      names.map((name) => [name, records.map(({ record }) => record[name] ?? null)]),
    );
    records = [];
    return builder.take(ids, columns, options.onRowRejected);
  };
  for await (const line of jsonLines(storage, path)) {
    builder.add(candidateRow(path, line, fields.embeddingField));
    // The embedding is in the builder; held as well in its parsed form it would cost several times its size.
    records.push({ number: line.number, record: pick(line.record, [fields.idField, ...names]) });
    if (!builder.isFull) continue;
    const block = take();
    if (block !== undefined) yield block;
  }
  const last = take();
  if (last !== undefined) yield last;
}

function candidateRow(path: string, line: JsonLine, embeddingField: string): CandidateRow {
  const value = line.record[embeddingField];
  if (value === null) return { values: null, allFinite: false };
  if (!Array.isArray(value)) {
    throw lineError(
      path,
      line.number,
      `its field "${embeddingField}" is no array of numbers`,
      "Name another field with --embedding-field.",
    );
  }
  const values = new Float32Array(value.length);
  let allFinite = true;
  for (const [index, element] of value.entries()) {
    values[index] = typeof element === "number" ? element : Number.NaN;
    allFinite &&= Number.isFinite(values[index]);
  }
  return { values, allFinite };
}

function idText(path: string, line: JsonLine, idField: string): string | null {
  const id = line.record[idField] ?? null;
  if (id === null || typeof id === "string") return id;
  if (typeof id === "number" && Number.isSafeInteger(id)) return String(id);
  const why = `its field "${idField}" is neither a string nor an integer below 2^53: ${JSON.stringify(id)}`;
  throw lineError(path, line.number, why, "Write ids as strings.");
}

async function* jsonLines(storage: Storage, path: string): AsyncGenerator<JsonLine> {
  let number = 0;
  for await (const bytes of lines(storage, path)) {
    number++;
    const text = new TextDecoder().decode(bytes).trim();
    if (text === "") continue;
    const record = parseLine(text);
    if (record === undefined)
      throw lineError(path, number, "it is not a JSON object", "Mend the line or remove it.");
    yield { number, record };
  }
}

function parseLine(text: string): Record<string, unknown> | undefined {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    const withoutNaN = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
      token.startsWith('"') ? token : "null",
    );
    try {
      return asRecord(JSON.parse(withoutNaN));
    } catch {
      return undefined;
    }
  }
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/** The lines of an object as bytes, without their line ends. */
async function* lines(storage: Storage, path: string): AsyncGenerator<Uint8Array> {
  const object = await storage.stat(path);
  if (object === undefined) throw absentObjectError(storage.root, path);
  let rest = new Uint8Array(0);
  for (let start = 0; start < object.sizeBytes; start += READ_BYTES) {
    const fresh = await storage.read(path, { start, end: Math.min(object.sizeBytes, start + READ_BYTES) });
    const bytes = new Uint8Array(rest.length + fresh.length);
    bytes.set(rest);
    bytes.set(fresh, rest.length);
    let lineStart = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, lineStart)) {
      yield bytes.subarray(lineStart, end);
      lineStart = end + 1;
    }
    rest = bytes.slice(lineStart);
    if (rest.length > LINE_BYTE_LIMIT) {
      throw new DataError(
        `Cannot read JSON lines as a line is longer than ${LINE_BYTE_LIMIT} bytes: ${path}. Write one object per line.`,
      );
    }
  }
  if (rest.length > 0) yield rest;
}

function lineError(path: string, number: number, why: string, remedy: string): DataError {
  return new DataError(`Cannot read a line of JSON as ${why}: ${path}, line ${number}. ${remedy}`);
}

function pick(record: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, record[name]]));
}
