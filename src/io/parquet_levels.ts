// Dremel levels (Melnik et al., 2010) from their run lengths. A list column has two levels for every value, and nearly all
// of them say the same: runs are compared and skipped whole, so that a page of regular lists costs a few steps per row.
// The trap: the last bit-packed group is padded with bits that mean nothing.
import { type ByteRange, checkRuns, readRunHeader } from "./parquet_runs.ts";

/** The levels of one kind in a page. */
export interface LevelRuns {
  readonly page: Uint8Array;
  readonly range: ByteRange;
  readonly bitWidth: number;
  readonly valueCount: number;
}

interface Run {
  readonly isBitPacked: boolean;
  /** Position of the first level, and how many of the run are levels and no padding. */
  readonly first: number;
  readonly count: number;
  /** Offset of the run's bytes in the page. */
  readonly offset: number;
}

/** @throws RangeError where the runs hold another number of levels than they should, or lie outside their page. */
function* runsOf({ page, range, bitWidth, valueCount }: LevelRuns): Generator<Run> {
  if (bitWidth > 8) throw new RangeError(`levels claim to be ${bitWidth} bits wide`);
  checkRuns(page, range, bitWidth, valueCount);
  let offset = range.start;
  for (let first = 0; first < valueCount; ) {
    const run = readRunHeader(page, offset, range.end);
    const count = Math.min(run.count, valueCount - first);
    const byteCount = run.isBitPacked ? Math.ceil((count * bitWidth) / 8) : 1;
    if (run.end + byteCount > range.end) throw new RangeError("a run goes on after the end of its levels");
    yield { isBitPacked: run.isBitPacked, first, count, offset: run.end };
    first += count;
    offset = run.end + (run.isBitPacked ? (run.count / 8) * bitWidth : 1);
  }
}

/** Whether all levels have one value. */
export function allLevelsAre(levels: LevelRuns, value: number): boolean {
  const { page, bitWidth } = levels;
  for (const run of runsOf(levels)) {
    if (!run.isBitPacked) {
      if (page[run.offset] !== value && run.count > 0) return false;
    } else if (unpack(page, run, bitWidth).some((level) => level !== value)) return false;
  }
  return true;
}

/** Every level. */
export function decodeLevels(levels: LevelRuns): Uint8Array {
  const decoded = new Uint8Array(levels.valueCount);
  for (const run of runsOf(levels)) {
    if (run.isBitPacked) decoded.set(unpack(levels.page, run, levels.bitWidth), run.first);
    else decoded.fill(levels.page[run.offset]!, run.first, run.first + run.count);
  }
  return decoded;
}

/** Positions of the levels that are 0, ascending; levels are one bit wide. */
export function zeroPositions(levels: LevelRuns): number[] {
  const { page } = levels;
  const zeros: number[] = [];
  for (const { isBitPacked, first, count, offset } of runsOf(levels)) {
    if (!isBitPacked) {
      if (page[offset] === 0) for (let index = 0; index < count; index++) zeros.push(first + index);
      continue;
    }
    for (let index = 0; index < count; index += 8) {
      const byte = page[offset + (index >> 3)]!;
      if (byte === 255) continue;
      for (let bit = 0; bit < 8 && index + bit < count; bit++) {
        if (((byte >> bit) & 1) === 0) zeros.push(first + index + bit);
      }
    }
  }
  return zeros;
}

function unpack(page: Uint8Array, { count, offset }: Run, bitWidth: number): Uint8Array {
  const levels = new Uint8Array(count);
  const mask = (1 << bitWidth) - 1;
  for (let index = 0, bit = 0; index < count; index++, bit += bitWidth) {
    const at = offset + (bit >> 3);
    levels[index] = ((page[at]! | ((page[at + 1] ?? 0) << 8)) >> (bit & 7)) & mask;
  }
  return levels;
}
