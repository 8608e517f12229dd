// Spans moved to where a video can be cut without encoding.
import { describe, expect, test } from "vitest";
import type { VideoInfo } from "../../src/media/engine.ts";
import type { Span } from "../../src/types.ts";
import { spansAtKeyFrames } from "../../src/video/key_frame_spans.ts";
import { seededRandom } from "../support/random.ts";

/** A frame a second. */
function video(frameCount: number, entries: readonly number[], more: Partial<VideoInfo> = {}): VideoInfo {
  return {
    ...{ width: 8, height: 8, rotationDegrees: 0, frameRate: 1, frameCount, durationSeconds: frameCount },
    ...{ videoCodec: "h264", pixelFormat: "yuv420p", audioCodec: null, bitRate: null },
    ...{ matrix: "bt601", range: "limited" },
    frameTimes: Float64Array.from({ length: frameCount }, (_, i) => i),
    keyFrames: { all: entries, entries, primingPackets: 0, trailingPackets: 0 },
    ...more,
  };
}

const span = (startSeconds: number, endSeconds: number): Span => ({ startSeconds, endSeconds });
const strides = (length: number, end: number): Span[] =>
  Array.from({ length: Math.ceil(end / length) }, (_, i) =>
    span(i * length, Math.min((i + 1) * length, end)),
  );
const limits = ({ startSeconds, endSeconds }: Span) => [startSeconds, endSeconds];
const move = (info: VideoInfo, spans: readonly Span[], limitClips = 0) =>
  spansAtKeyFrames(info, spans, { name: "v.mp4", limitClips });

describe("spans at key frames", () => {
  test("limits go to the nearest, the earlier of two as near", () => {
    const { spans, notes } = move(video(30, [0, 8, 12, 21]), strides(10, 30));
    expect(spans.map((moved) => limits(moved.span))).toEqual([
      [0, 8],
      [8, 21],
      [21, 30],
    ]);
    expect(spans[1]).toMatchObject({
      plannedSpan: span(10, 20),
      notes: ["cut at key frames: starts 2.000 s early, ends 1.000 s late"],
    });
    expect(notes).toEqual(["cut at key frames without encoding: 3 of 3 clips lie elsewhere than planned"]);
  });

  test("a span that is left where it was says nothing", () => {
    const { spans, notes } = move(video(20, [0, 10]), strides(10, 20));
    expect(spans).toEqual([{ span: span(0, 10) }, { span: span(10, 20) }]);
    expect(notes).toEqual([]);
  });

  test("two cuts in one group of pictures move to the same key frame: the span between them vanishes", () => {
    const { spans, notes } = move(video(40, [0, 20]), strides(4, 40));
    expect(spans.map((moved) => limits(moved.span))).toEqual([
      [0, 20],
      [20, 40],
    ]);
    expect(notes).toContain("clips joined to a neighbour, as no key frame parts them: 8");
  });

  test("the limit of clips counts those that are left", () => {
    expect(move(video(40, [0, 20]), strides(4, 40), 2).spans).toHaveLength(2);
  });

  test("what comes before the first key frame is left out, and said", () => {
    const { spans, notes } = move(video(20, [3, 10]), strides(10, 20));
    expect(spans.map((moved) => limits(moved.span))).toEqual([
      [3, 10],
      [10, 20],
    ]);
    expect(notes.join()).toContain("ahead of the first key frame that decoding can begin at: 3");
  });

  test("touching spans keep touching, also where their limits differ in the last bit", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 200; round++) {
      const count = 20 + Math.floor(random() * 200);
      const entries = [0, ...Array.from({ length: count - 1 }, (_, i) => i + 1).filter(() => random() < 0.2)];
      const length = 0.1 + random() * 20;
      const planned = Array.from({ length: Math.ceil(count / length) }, (_, i) =>
        span(i * length, Math.min(i * length + length, count)),
      );
      const { spans } = move(video(count, entries), planned);
      expect([spans[0]!.span.startSeconds, spans.at(-1)!.span.endSeconds]).toEqual([0, count]);
      for (let i = 1; i < spans.length; i++)
        expect(spans[i]!.span.startSeconds).toBe(spans[i - 1]!.span.endSeconds);
    }
  });

  test("a video that cannot be cut so is refused with the reason", () => {
    const refused = (info: VideoInfo, spans: readonly Span[], why: RegExp) =>
      expect(() => move(info, spans)).toThrow(
        expect.objectContaining({ reason: "copy-failed", message: expect.stringMatching(why) }),
      );
    refused(video(20, [0], { videoCodec: "vp8" }), strides(10, 20), /mp4 cannot hold vp8: v\.mp4/);
    refused(video(20, []), strides(10, 20), /no key frame is free of the frames before it/);
    refused(video(20, [0]), [span(2, 5)], /each of its clips lies between the same two key frames/);
    const { keyFrames: _, ...untimed } = video(20, [0]);
    refused(untimed, strides(10, 20), /no presentation times/);
    const trimmed = { all: [0], entries: [0], primingPackets: 0, trailingPackets: 2 };
    refused(video(20, [0], { keyFrames: trimmed }), strides(10, 20), /hides frames at its end/);
  });
});
