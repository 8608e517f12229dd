// What damage took is said: clips without a frame, clips with fewer than their packets. Copied clips are not looked into.
import { expect, test } from "vitest";
import type { ClipInfo } from "../../src/media/engine.ts";
import type { FinishedClip } from "../../src/stages/decode_video.ts";
import { lostFrames } from "../../src/stages/lost_frames.ts";
import type { PlannedClip, VideoPlan } from "../../src/stages/split_video.ts";

/** Ten frames a second from 0 on, but none of the eighth second. */
const frameTimes = Float64Array.from({ length: 110 }, (_, frame) => frame / 10).filter(
  (seconds) => seconds < 8 || seconds >= 9,
);
const clips: PlannedClip[] = Array.from({ length: 11 }, (_, index) => ({
  id: String(index),
  span: { startSeconds: index, endSeconds: index + 1 },
}));
const plan = { info: { frameTimes }, clips } as unknown as VideoPlan;
const finished = (id: number, frameCount: number | null): FinishedClip => ({
  ...clips[id]!,
  info: frameCount === null ? null : ({ frameCount } as ClipInfo),
  embedding: null,
  motion: null,
  previews: [],
});
const encoded = { transcodeEncoder: "auto" };

test("clips that are gone are counted and the first ones named", () => {
  const { clips: count, notes } = lostFrames(plan, [finished(0, 10), finished(1, 10)], encoded);
  expect(count).toBe(8);
  expect(notes).toEqual([
    "8 of 11 clips left out, as none of their frames decodes: 2.000 to 3.000 s, 3.000 to 4.000 s, " +
      "4.000 to 5.000 s, 5.000 to 6.000 s, 6.000 to 7.000 s, and 3 more",
  ]);
});

test("frames missing from a clip are counted, at the end of the video too", () => {
  const all = clips.map((_, index) => finished(index, index === 10 ? 4 : 10));
  const { clips: count, notes, notesOf } = lostFrames(plan, all, encoded);
  expect([count, notes]).toEqual([0, ["frames lost in 1 of 11 clips that were kept: 6"]]);
  expect([notesOf(all[9]!), notesOf(all[10]!)]).toEqual([[], ["6 of 10 frames lost"]]);
});

test("a span in which the video shows nothing lost nothing, nor did clips that were copied or not written", () => {
  const others = clips.filter((_, index) => index !== 8).map(({ id }) => Number(id));
  const whole = others.map((index) => finished(index, 10));
  expect(lostFrames(plan, whole, encoded)).toMatchObject({ clips: 0, notes: [] });
  const half = others.map((index) => finished(index, 5));
  expect(lostFrames(plan, half, { transcodeEncoder: "copy" })).toMatchObject({ clips: 0, notes: [] });
  const unwritten = others.map((index) => finished(index, null));
  expect(lostFrames(plan, unwritten, encoded)).toMatchObject({ clips: 0, notes: [] });
});
