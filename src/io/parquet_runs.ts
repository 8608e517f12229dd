// Checks the run lengths of Parquet's RLE / bit-packed hybrid before anything is decoded.
// (https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3)
// The trap: a run header of five bytes may claim a thousand million values, and a decoder that believes it fills memory.

/** Bytes [start, end) of a page. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Walks the run headers within bytes [start, end) without decoding.
 * @param nullsLeftOut whether there may be fewer than `valueCount` values, as for dictionary indices.
 * @throws RangeError where the runs hold more values than `valueCount`, or fewer.
 */
export function checkRuns(
  page: Uint8Array,
  range: ByteRange,
  bitWidth: number,
  valueCount: number,
  nullsLeftOut = false,
): void {
  const { start, end } = range;
  if (start < 0 || end > page.length || start > end)
    throw new RangeError("run lengths lie outside their page");
  let offset = start;
  let seen = 0;
  while (seen < valueCount && !(nullsLeftOut && offset >= end)) {
    const run = readRunHeader(page, offset, end);
    const left = valueCount - seen;
    // Bit-packed runs are padded to whole groups of eight; a writer may reserve some groups that it does not fill.
    if (run.count > (run.isBitPacked ? left + 512 : left)) {
      throw new RangeError(`a run claims ${run.count} values where ${left} are left`);
    }
    seen += run.count;
    offset = run.end + (run.isBitPacked ? (run.count / 8) * bitWidth : (bitWidth + 7) >> 3);
  }
}

/** Length and kind of a run, and the offset of its bytes. @throws RangeError where the header is cut off. */
export function readRunHeader(
  page: Uint8Array,
  start: number,
  limit: number,
): { readonly count: number; readonly isBitPacked: boolean; readonly end: number } {
  let header = 0;
  let end = start;
  for (let scale = 1; ; scale *= 128) {
    if (end >= limit || scale > 2 ** 28) throw new RangeError("a run header is cut off or too long");
    const byte = page[end++]!;
    header += (byte & 127) * scale;
    if (byte < 128) break;
  }
  const isBitPacked = header % 2 === 1;
  return { count: Math.floor(header / 2) * (isBitPacked ? 8 : 1), isBitPacked, end };
}
