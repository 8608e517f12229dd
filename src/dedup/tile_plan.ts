// Which tiles of row pairs are worked on: of a block of later rows and a block of earlier ones, those that hold a pair (same
// group, earlier rank below the later one), as one flat list however many groups there are. A row of tiles needs a single
// stretch of columns, from the group of its first row to itself, so the plan takes time in rows and in tiles that it names.

/** Rows with consecutive ranks. */
export interface RankSpan {
  readonly firstRank: number;
  readonly rowCount: number;
}

/** A later tile and the stretch of earlier tiles that it meets. Tiles count inside their blocks. */
export interface TileSpan {
  readonly later: number;
  readonly firstEarlier: number;
  readonly endEarlier: number;
}

/**
 * @param starts u32, one for each later row, ascending: rank of the first row of its group.
 * @param earlier the block itself, or one that ends before it.
 * @param tileRows rows of a tile's side.
 */
export function planTiles(
  later: RankSpan,
  starts: Uint32Array,
  earlier: RankSpan,
  tileRows: number,
): TileSpan[] {
  const spans: TileSpan[] = [];
  for (let first = 0; first < later.rowCount; first += tileRows) {
    const end = Math.min(first + tileRows, later.rowCount);
    const own = later.firstRank + first;
    // The last earlier rank that some row looks at: the one before itself, or before the whole tile.
    let last = starts[first]! < own ? own - 1 : -1;
    for (let row = first + 1; row < end; row++) {
      const rank = later.firstRank + row;
      if (starts[row]! < rank) last = rank - 1;
    }
    // The first: that of the first row's group, or where the tile's first group of more than one row begins.
    let lowest = starts[first]!;
    if (lowest === own) {
      let row = first + 1;
      while (row < end && starts[row] === later.firstRank + row) row++;
      if (row < end) lowest = starts[row]!;
    }
    const from = Math.max(lowest, earlier.firstRank) - earlier.firstRank;
    const to = Math.min(last + 1, earlier.firstRank + earlier.rowCount) - earlier.firstRank;
    if (to <= from) continue;
    spans.push({
      later: first / tileRows,
      firstEarlier: Math.floor(from / tileRows),
      endEarlier: Math.ceil(to / tileRows),
    });
  }
  return spans;
}

export function countTiles(spans: readonly TileSpan[]): number {
  return spans.reduce((sum, { firstEarlier, endEarlier }) => sum + endEarlier - firstEarlier, 0);
}

/** The tiles as lists (u32 pairs: later tile, earlier tile) of at most `maxTiles`. */
export function* tileLists(spans: readonly TileSpan[], maxTiles: number): Generator<Uint32Array> {
  let left = countTiles(spans);
  let list = new Uint32Array(Math.min(left, maxTiles) * 2);
  let at = 0;
  for (const { later, firstEarlier, endEarlier } of spans) {
    for (let tile = firstEarlier; tile < endEarlier; tile++) {
      list[at++] = later;
      list[at++] = tile;
      if (at < list.length) continue;
      yield list;
      left -= at / 2;
      list = new Uint32Array(Math.min(left, maxTiles) * 2);
      at = 0;
    }
  }
}

/**
 * Workgroups that share the earlier rows of a panel of 64 later ones, so that a device has at least `workgroups` of them; no
 * more than the longest way back has panels.
 */
export function planSplits(span: RankSpan, starts: Uint32Array, workgroups: number): number {
  const panels = Math.ceil(span.rowCount / 64);
  let longest = 0;
  for (let row = 0; row < span.rowCount; row++)
    longest = Math.max(longest, span.firstRank + row - starts[row]!);
  return Math.max(1, Math.min(Math.ceil(workgroups / Math.max(panels, 1)), Math.ceil(longest / 64)));
}
