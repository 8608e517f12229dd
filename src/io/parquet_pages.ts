// Streams the data pages of one Parquet column chunk: at most one window of compressed bytes and one decoded page are
// held. hyparquet decodes; this file reads in bounded ranges, verifies page checksums (parquet.thrift, PageHeader.crc)
// and checks every claimed count first. Each page is decoded from a buffer of its own, so a lying length throws
// instead of reading the neighbour's bytes.

import { parquetHeader } from "hyparquet/src/column.js";
import { convert, convertWithDictionary, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage, readDataPage, readDataPageV2 } from "hyparquet/src/datapage.js";
import { readPlain } from "hyparquet/src/plain.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import type { ColumnDecoder, ColumnMetaData, DecodedArray, PageHeader } from "hyparquet/src/types.js";
import { compressors } from "hyparquet-compressors";
import { crc32 } from "./crc32.ts";
import { chunkRange, exactBuffer, type LeafPath, type ParquetFile, parquetError } from "./parquet_file.ts";
import { checkRuns } from "./parquet_runs.ts";
import { StorageWindow } from "./storage_window.ts";

const PAGE_VALUE_LIMIT = 2 ** 25;
const PAGE_BYTE_LIMIT = 2 ** 29;
/** Longest page header that is tried: headers carry statistics, whose strings have no bound of their own. */
const HEADER_BYTE_LIMIT = 2 ** 20;

/** One decoded page. Level arrays are absent where every level has its largest value (definition) or is 0 (repetition). */
export interface ColumnPage {
  /** Values and nulls, that is the number of levels. */
  readonly valueCount: number;
  /** The values that are not null, in order. */
  readonly values: DecodedArray;
  readonly definitionLevels: readonly number[] | undefined;
  readonly repetitionLevels: readonly number[] | undefined;
}

/** The data pages of a chunk in order. @throws DataError or an error of the decoder; wrap with withParquetErrors. */
export async function* columnPages(
  file: ParquetFile,
  chunk: ColumnMetaData,
  leaf: LeafPath,
): AsyncGenerator<ColumnPage> {
  const window = new StorageWindow(file.storage, file.path, chunkRange(chunk));
  const decoder = columnDecoder(chunk, leaf);
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
}

function columnDecoder(chunk: ColumnMetaData, leaf: LeafPath): ColumnDecoder {
  const element = leaf[leaf.length - 1]!.element;
  return {
    pathInSchema: chunk.path_in_schema,
    type: chunk.type,
    element,
    schemaPath: [...leaf],
    codec: chunk.codec,
    compressors,
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
  decoder: ColumnDecoder,
  dictionary: DecodedArray | undefined,
  valueCount: number,
): ColumnPage {
  const { data_page_header: v1, data_page_header_v2: v2 } = header;
  if (v1 !== undefined) {
    const page = decompress(body, header.uncompressed_page_size, decoder);
    checkIndices(page, checkLevels(page, decoder, valueCount), v1.encoding, decoder, valueCount);
    const decoded = readDataPage(page, v1, decoder);
    return columnPage(
      decoded,
      convertWithDictionary(decoded.dataPage, dictionary, v1.encoding, decoder),
      valueCount,
    );
  }
  if (v2 === undefined) throw new RangeError("a data page has no header of its kind");
  const levelBytes = v2.repetition_levels_byte_length + v2.definition_levels_byte_length;
  const levels = body.subarray(0, levelBytes);
  const compressed = body.subarray(levelBytes);
  const plainBytes = header.uncompressed_page_size - levelBytes;
  const values = v2.is_compressed === false ? compressed : decompress(compressed, plainBytes, decoder);
  const page = new Uint8Array(levelBytes + values.length);
  page.set(levels);
  page.set(values, levelBytes);
  checkLevelsV2(
    page,
    v2.repetition_levels_byte_length,
    v2.definition_levels_byte_length,
    decoder,
    valueCount,
  );
  // A page of nulls only may leave out even the width of its dictionary indices.
  const encoding = values.length === 0 ? "PLAIN" : v2.encoding;
  checkIndices(page, levelBytes, encoding, decoder, valueCount - v2.num_nulls);
  const plainHeader = { ...header, uncompressed_page_size: page.length };
  plainHeader.data_page_header_v2 = { ...v2, encoding, is_compressed: false };
  const decoded = readDataPageV2(page, plainHeader, decoder);
  return columnPage(
    decoded,
    convertWithDictionary(decoded.dataPage, dictionary, encoding, decoder),
    valueCount,
  );
}

function columnPage(
  decoded: { definitionLevels: number[] | undefined; repetitionLevels: number[] },
  values: DecodedArray,
  valueCount: number,
): ColumnPage {
  const definitionLevels = decoded.definitionLevels?.length ? decoded.definitionLevels : undefined;
  const repetitionLevels = decoded.repetitionLevels.length > 0 ? decoded.repetitionLevels : undefined;
  return { valueCount, values, definitionLevels, repetitionLevels };
}

function decompress(body: Uint8Array, plainBytes: number, decoder: ColumnDecoder): Uint8Array {
  // Writers differ in what they store for nothing; no codec need look at it.
  if (plainBytes === 0) return new Uint8Array(0);
  const page = decompressPage(body, plainBytes, decoder.codec, decoder.compressors);
  return new Uint8Array(exactBuffer(page));
}

/** Checks the levels of a version 1 page, which carry their own byte lengths; returns where the values begin. */
function checkLevels(page: Uint8Array, decoder: ColumnDecoder, valueCount: number): number {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let offset = 0;
  for (const level of maxLevels(decoder)) {
    if (level === 0) continue;
    const start = offset + 4;
    offset = start + view.getUint32(offset, true);
    checkRuns(page, { start, end: offset }, bitWidth(level), valueCount);
  }
  return offset;
}

function checkLevelsV2(
  page: Uint8Array,
  repetitionBytes: number,
  definitionBytes: number,
  decoder: ColumnDecoder,
  valueCount: number,
): void {
  const [repetition, definition] = maxLevels(decoder);
  if (repetition > 0) checkRuns(page, { start: 0, end: repetitionBytes }, bitWidth(repetition), valueCount);
  const definitions = { start: repetitionBytes, end: repetitionBytes + definitionBytes };
  if (definition > 0) checkRuns(page, definitions, bitWidth(definition), valueCount);
}

/** Checks dictionary indices. Nulls have no index, so there may be fewer than `limit`: only an excess is refused. */
function checkIndices(
  page: Uint8Array,
  start: number,
  encoding: string,
  decoder: ColumnDecoder,
  limit: number,
): void {
  if (!encoding.endsWith("_DICTIONARY") || decoder.type === "BOOLEAN" || start >= page.length) return;
  const width = page[start]!;
  if (width > 32) throw new RangeError(`dictionary indices claim to be ${width} bits wide`);
  checkRuns(page, { start: start + 1, end: page.length }, width, limit, true);
}

function maxLevels(decoder: ColumnDecoder): readonly [repetition: number, definition: number] {
  return [getMaxRepetitionLevel(decoder.schemaPath), getMaxDefinitionLevel(decoder.schemaPath)];
}

function bitWidth(largest: number): number {
  return 32 - Math.clz32(largest);
}
