// Streams the data pages of one Parquet column chunk: at most one window of compressed bytes and one decoded page are
// held. This file reads in bounded ranges, verifies page checksums (parquet.thrift, PageHeader.crc), checks every claimed
// count first and takes PLAIN float32 as it lies; hyparquet decodes all else, from a buffer of its own, so a lying length
// throws instead of reading the neighbour's bytes.

import { parquetHeader } from "hyparquet/src/column.js";
import { convert, convertWithDictionary, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage, readDataPage } from "hyparquet/src/datapage.js";
import { readPlain } from "hyparquet/src/plain.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import type {
  ColumnDecoder,
  ColumnMetaData,
  DecodedArray,
  Encoding,
  PageHeader,
} from "hyparquet/src/types.js";
import { crc32 } from "./crc32.ts";
import { decompressors } from "./decompress.ts";
import { halfFloats } from "./half_floats.ts";
import { chunkRange, exactBuffer, type LeafPath, type ParquetFile, parquetError } from "./parquet_file.ts";
import { allLevelsAre, decodeLevels, type LevelRuns, zeroPositions } from "./parquet_levels.ts";
import { type ByteRange, checkRuns } from "./parquet_runs.ts";
import { StorageWindow } from "./storage_window.ts";

const PAGE_VALUE_LIMIT = 2 ** 25;
const PAGE_BYTE_LIMIT = 2 ** 29;
/** Longest page header that is tried: headers carry statistics, whose strings have no bound of their own. */
const HEADER_BYTE_LIMIT = 2 ** 20;

/** One decoded page. */
export interface ColumnPage {
  /** Values and nulls, that is the number of levels. */
  readonly valueCount: number;
  /**
   * The values that are not null, in order; those of a PLAIN float32 column as a Float32Array that is used again: read
   * it before the next page is asked for.
   */
  readonly values: DecodedArray;
  /** Absent where every level has its largest value. */
  readonly definitionLevels: Uint8Array | undefined;
  /** Where the rows of a list column begin, the one that the page before began left out. Absent for a flat column. */
  readonly rowStarts: readonly number[] | undefined;
}

/** Memory for the values of one page after the other: they seldom lie where a Float32Array may begin. */
class Scratch {
  #floats = new Float32Array(0);

  get byteLength(): number {
    return this.#floats.byteLength;
  }

  copy(bytes: Uint8Array): Float32Array {
    const count = bytes.byteLength / 4;
    if (this.#floats.length < count) this.#floats = new Float32Array(count);
    new Uint8Array(this.#floats.buffer).set(bytes);
    return this.#floats.subarray(0, count);
  }
}

/** Those of columns that were read to their end, for the next ones: new memory costs as much as the copy into it. */
const freeScratches: Scratch[] = [];
const mostFreeScratches = 8;
const mostFreeBytes = 4 * 1024 * 1024;

interface PageDecoder extends ColumnDecoder {
  readonly scratch: Scratch;
}

/** The data pages of a chunk in order. @throws DataError or an error of the decoder; wrap with withParquetErrors. */
export async function* columnPages(
  file: ParquetFile,
  chunk: ColumnMetaData,
  leaf: LeafPath,
): AsyncGenerator<ColumnPage> {
  const window = new StorageWindow(file.read, file.path, chunkRange(chunk));
  const scratch = freeScratches.pop() ?? new Scratch();
  const decoder = { ...columnDecoder(chunk, leaf), scratch };
  try {
    let dictionary: DecodedArray | undefined;
    let left = Number(chunk.num_values);
    while (left > 0) {
      const header = await readHeader(window);
      checkHeader(file.path, header);
      const body = await window.take(header.compressed_page_size);
      if (header.crc !== undefined && crc32(body) !== header.crc >>> 0) {
        throw parquetError(
          file.path,
          `the checksum of a page of column ${chunk.path_in_schema.join(".")} is wrong`,
        );
      }
      if (header.type === "DICTIONARY_PAGE") {
        dictionary = decodeDictionary(header, body, decoder);
        continue;
      }
      const valueCount = (header.data_page_header ?? header.data_page_header_v2)?.num_values;
      if (valueCount === undefined) continue;
      if (valueCount < 0 || valueCount > Math.min(left, PAGE_VALUE_LIMIT)) {
        throw parquetError(file.path, `a page claims ${valueCount} values where ${left} are left`);
      }
      left -= valueCount;
      if (valueCount > 0) yield decodePage(header, body, decoder, dictionary, valueCount);
    }
  } finally {
    if (freeScratches.length < mostFreeScratches && scratch.byteLength <= mostFreeBytes)
      freeScratches.push(scratch);
  }
}

function columnDecoder(chunk: ColumnMetaData, leaf: LeafPath): ColumnDecoder {
  const element = leaf[leaf.length - 1]!.element;
  return {
    pathInSchema: chunk.path_in_schema,
    type: chunk.type,
    element,
    schemaPath: [...leaf],
    codec: chunk.codec,
    compressors: decompressors,
    parsers: DEFAULT_PARSERS,
  };
}

async function readHeader(window: StorageWindow): Promise<PageHeader> {
  for (let want = 1024; ; want *= 32) {
    const view = await window.peek(want);
    const reader = { view, offset: 0 };
    try {
      const header = parquetHeader(reader);
      window.skip(reader.offset);
      return header;
    } catch (error) {
      // A header cut off by the window fails as a damaged one does: only the second stays when more bytes are given.
      if (view.byteLength < want || want >= HEADER_BYTE_LIMIT) throw error;
    }
  }
}

function checkHeader(path: string, header: PageHeader): void {
  const { compressed_page_size: compressed, uncompressed_page_size: uncompressed } = header;
  if (!(compressed >= 0) || !(uncompressed >= 0) || Math.max(compressed, uncompressed) > PAGE_BYTE_LIMIT) {
    throw parquetError(path, `a page claims ${compressed} bytes that become ${uncompressed}`);
  }
}

function decodeDictionary(header: PageHeader, body: Uint8Array, decoder: ColumnDecoder): DecodedArray {
  const count = header.dictionary_page_header?.num_values ?? 0;
  const page = decompress(body, header.uncompressed_page_size, decoder);
  if (count < 0 || count > page.length * 8) throw new RangeError(`a dictionary claims ${count} values`);
  const reader = { view: new DataView(exactBuffer(page)), offset: 0 };
  return convert(readPlain(reader, decoder.type, count, decoder.element.type_length), decoder);
}

function decodePage(
  header: PageHeader,
  body: Uint8Array,
  decoder: PageDecoder,
  dictionary: DecodedArray | undefined,
  valueCount: number,
): ColumnPage {
  const { data_page_header: v1, data_page_header_v2: v2 } = header;
  if (v1 !== undefined) {
    const page = decompress(body, header.uncompressed_page_size, decoder);
    const { repetition, definition, end } = levelRanges(page, decoder);
    const levels = { page, repetition, definition };
    return columnPage(levels, page.subarray(end), v1.encoding, decoder, dictionary, valueCount);
  }
  if (v2 === undefined) throw new RangeError("a data page has no header of its kind");
  const repetitionEnd = v2.repetition_levels_byte_length;
  const levelsEnd = repetitionEnd + v2.definition_levels_byte_length;
  if (!(repetitionEnd >= 0 && levelsEnd >= repetitionEnd && levelsEnd <= body.length))
    throw new RangeError(`levels claim ${levelsEnd} bytes of a page of ${body.length}`);
  const levels = {
    page: body,
    repetition: { start: 0, end: repetitionEnd },
    definition: { start: repetitionEnd, end: levelsEnd },
  };
  const stored = body.subarray(levelsEnd);
  const plainBytes = header.uncompressed_page_size - levelsEnd;
  const values = v2.is_compressed === false ? stored : decompress(stored, plainBytes, decoder);
  return columnPage(levels, values, v2.encoding, decoder, dictionary, valueCount);
}

function columnPage(
  levels: { readonly page: Uint8Array; readonly repetition: ByteRange; readonly definition: ByteRange },
  bytes: Uint8Array,
  encoding: Encoding,
  decoder: PageDecoder,
  dictionary: DecodedArray | undefined,
  valueCount: number,
): ColumnPage {
  const { page } = levels;
  const [repetition, definition] = maxLevels(decoder);
  const runs = (range: ByteRange, largest: number): LevelRuns => ({
    page,
    range,
    bitWidth: bitWidth(largest),
    valueCount,
  });
  const definitions = runs(levels.definition, definition);
  const isFull = definition === 0 || allLevelsAre(definitions, definition);
  const definitionLevels = isFull ? undefined : decodeLevels(definitions);
  const presentCount =
    definitionLevels?.reduce((sum, level) => sum + (level === definition ? 1 : 0), 0) ?? valueCount;
  return {
    valueCount,
    values: decodeValues(bytes, encoding, decoder, dictionary, presentCount),
    definitionLevels,
    rowStarts: repetition === 0 ? undefined : zeroPositions(runs(levels.repetition, repetition)),
  };
}

function decodeValues(
  bytes: Uint8Array,
  encoding: Encoding,
  decoder: PageDecoder,
  dictionary: DecodedArray | undefined,
  count: number,
): DecodedArray {
  // A page of nulls only may leave out even the width of its dictionary indices.
  if (count === 0) return [];
  if (encoding === "PLAIN" && decoder.type === "FLOAT") return plainFloats(bytes, count, decoder.scratch);
  if (encoding === "PLAIN" && isHalf(decoder)) return halfFloats(wholeValues(bytes, count, 2));
  checkIndices(bytes, encoding, decoder, count);
  const header = {
    num_values: count,
    encoding,
    definition_level_encoding: "RLE",
    repetition_level_encoding: "RLE",
  } as const;
  // Without a schema there are no levels to read: the bytes are values alone.
  const alone = { ...decoder, schemaPath: [] };
  const { dataPage } = readDataPage(new Uint8Array(exactBuffer(bytes)), header, alone);
  return convertWithDictionary(dataPage, dictionary, encoding, decoder);
}

function plainFloats(bytes: Uint8Array, count: number, scratch: Scratch): Float32Array {
  const values = wholeValues(bytes, count, 4);
  if (values.byteOffset % 4 === 0)
    return new Float32Array(values.buffer as ArrayBuffer, values.byteOffset, count);
  return scratch.copy(values);
}

function isHalf({ type, element }: ColumnDecoder): boolean {
  return (
    type === "FIXED_LEN_BYTE_ARRAY" && element.logical_type?.type === "FLOAT16" && element.type_length === 2
  );
}

/** The first `count` values of some bytes each. @throws RangeError where there are fewer. */
function wholeValues(bytes: Uint8Array, count: number, valueBytes: number): Uint8Array {
  const byteCount = count * valueBytes;
  if (bytes.byteLength < byteCount)
    throw new RangeError(`a page of ${bytes.byteLength} bytes claims ${count} values`);
  return bytes.subarray(0, byteCount);
}

function decompress(body: Uint8Array, plainBytes: number, decoder: ColumnDecoder): Uint8Array {
  // Writers differ in what they store for nothing; no codec need look at it.
  if (plainBytes === 0) return new Uint8Array(0);
  return decompressPage(body, plainBytes, decoder.codec, decoder.compressors);
}

/** Where the levels of a version 1 page lie, which carry their own byte lengths, and where its values begin. */
function levelRanges(
  page: Uint8Array,
  decoder: ColumnDecoder,
): { readonly repetition: ByteRange; readonly definition: ByteRange; readonly end: number } {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let end = 0;
  const [repetition, definition] = maxLevels(decoder).map((largest) => {
    if (largest === 0) return { start: end, end };
    const start = end + 4;
    end = start + view.getUint32(end, true);
    return { start, end };
  });
  return { repetition: repetition!, definition: definition!, end };
}

/** Checks dictionary indices. */
function checkIndices(bytes: Uint8Array, encoding: Encoding, decoder: ColumnDecoder, count: number): void {
  if (!encoding.endsWith("_DICTIONARY") || decoder.type === "BOOLEAN") return;
  const width = bytes[0] ?? 0;
  if (width > 32) throw new RangeError(`dictionary indices claim to be ${width} bits wide`);
  checkRuns(bytes, { start: Math.min(1, bytes.length), end: bytes.length }, width, count, true);
}

function maxLevels(decoder: ColumnDecoder): readonly [repetition: number, definition: number] {
  return [getMaxRepetitionLevel(decoder.schemaPath), getMaxDefinitionLevel(decoder.schemaPath)];
}

function bitWidth(largest: number): number {
  return 32 - Math.clz32(largest);
}
