// Where the decoding of a video can begin, told from its packets alone. A key frame decodes by itself, but frames after it in
// the file may be shown before it and need what lies before (open groups of pictures: common in MPEG-2 and HEVC). Only a
// key frame that all packets before it precede on screen, and all after it follow, parts the video in two.
import { firstFrameAtOrAfter } from "./frame_span.ts";

/** Display-order indices of frames, ascending. */
export interface KeyFrames {
  /** Frames that decode without any other. */
  readonly all: readonly number[];
  /** Those from which on nothing before is needed, and before which nothing after: clips may be cut there unencoded. */
  readonly entries: readonly number[];
  /** Packets that are decoded and never shown (mp4 edit lists): ahead of the first frame. */
  readonly primingPackets: number;
  /** After the last one. */
  readonly trailingPackets: number;
}

/** The video's packets as they come. Ticks are presentation times. */
export interface PacketOrder {
  /** Of the frames shown, in decoding order. */
  readonly ticks: ArrayLike<number>;
  /** The same, ascending: the frames in display order. */
  readonly shownTicks: ArrayLike<number>;
  /** Places in `ticks` of the key packets, ascending. */
  readonly keyPackets: readonly number[];
  /** Presentation times of packets that are never shown, from the first key packet among them on. */
  readonly hiddenTicks: readonly number[];
}

export function findKeyFrames({ ticks, shownTicks, keyPackets, hiddenTicks }: PacketOrder): KeyFrames {
  const isLowest = keyPackets.map(() => false);
  let lowestAfter = Number.POSITIVE_INFINITY;
  let key = keyPackets.length - 1;
  for (let packet = ticks.length - 1; packet >= 0 && key >= 0; packet--) {
    const tick = ticks[packet]!;
    if (keyPackets[key] === packet) isLowest[key--] = tick < lowestAfter;
    lowestAfter = Math.min(lowestAfter, tick);
  }
  const all: number[] = [];
  const entries: number[] = [];
  let highestBefore = Number.NEGATIVE_INFINITY;
  let next = 0;
  keyPackets.forEach((packet, index) => {
    const tick = ticks[packet]!;
    for (; next < packet; next++) highestBefore = Math.max(highestBefore, ticks[next]!);
    const frame = firstFrameAtOrAfter(shownTicks, tick);
    all.push(frame);
    if (isLowest[index] === true && highestBefore < tick) entries.push(frame);
  });
  const [firstTick, lastTick] = [shownTicks[0]!, shownTicks[shownTicks.length - 1]!];
  const primingPackets = hiddenTicks.filter((tick) => tick < firstTick).length;
  if (entries[0] !== 0 && primingPackets > 0) entries.unshift(0);
  return {
    all: [...new Set(all)].sort((a, b) => a - b),
    entries,
    primingPackets,
    trailingPackets: hiddenTicks.filter((tick) => tick > lastTick).length,
  };
}
