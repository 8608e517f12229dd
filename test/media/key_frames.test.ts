// Where decoding can begin, told from the order of packets.
import { describe, expect, test } from "vitest";
import { findKeyFrames } from "../../src/media/key_frames.ts";

/** "K0 P3 B1 B2": packets in decoding order with the tick that each is shown at; K is a key packet, H a hidden one. */
function keyFramesOf(written: string) {
  const packets = written.split(" ").map((word) => ({ kind: word[0], tick: Number(word.slice(1)) }));
  const shown = packets.filter(({ kind }) => kind !== "H");
  return findKeyFrames({
    ticks: shown.map(({ tick }) => tick),
    shownTicks: shown.map(({ tick }) => tick).sort((a, b) => a - b),
    keyPackets: shown.flatMap(({ kind }, place) => (kind === "K" ? [place] : [])),
    hiddenTicks: packets.filter(({ kind }) => kind === "H").map(({ tick }) => tick),
  });
}

describe("key frames", () => {
  test("of closed groups part the video", () => {
    expect(keyFramesOf("K0 P3 B1 B2 K40 P70 B50 B60")).toMatchObject({ all: [0, 4], entries: [0, 4] });
  });

  test("with frames behind them in the file and ahead of them on screen do not", () => {
    expect(keyFramesOf("K0 P3 B1 B2 K6 B4 B5 P9 K10 P11")).toMatchObject({
      all: [0, 6, 8],
      entries: [0, 8],
    });
  });

  test("that a frame before them in the file outlives on screen do not either", () => {
    expect(keyFramesOf("K0 P5 K3 P6")).toMatchObject({ all: [0, 1], entries: [0] });
  });

  test("may be missing at the start", () => {
    expect(keyFramesOf("P0 P1 K2 P3")).toMatchObject({ all: [2], entries: [2], primingPackets: 0 });
  });

  test("hidden packets make the first frame one to begin at", () => {
    expect(keyFramesOf("H-20 H-10 P0 P10 K20 P30")).toMatchObject({
      ...{ all: [2], entries: [0, 2] },
      ...{ primingPackets: 2, trailingPackets: 0 },
    });
    expect(keyFramesOf("K0 P10 H30 B20").trailingPackets).toBe(1);
  });

  test("none, none", () => {
    expect(keyFramesOf("P0 P1")).toMatchObject({ all: [], entries: [] });
  });
});
