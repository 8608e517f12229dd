// Runs of ffmpeg that a split takes: no ffmpeg involved.
import { expect, test } from "vitest";
import type { VideoInfo } from "../../src/media/engine.ts";
import { pictureFormat } from "../../src/media/picture_format.ts";
import { runSplit, type SplitAttempt } from "../../src/media/split_session.ts";

const picture = pictureFormat({}, { width: 2, height: 2, rotationDegrees: 0 });
const stream = {
  ...{ videoStream: 0, audioStream: 1, audioSampleRate: 48_000, timeBase: [1, 90_000] as const },
  ...{ startSeconds: 0, timesFromRate: false, clockRestarts: false, picture, seekable: false },
};
const info: VideoInfo = {
  ...{ width: 2, height: 2, rotationDegrees: 0, frameRate: 10, frameCount: 60_000, durationSeconds: 6000 },
  ...{ videoCodec: "h264", pixelFormat: "yuv420p", audioCodec: "aac", bitRate: null },
  ...{ matrix: "bt709", range: "limited", stream },
  frameTimes: Float64Array.from({ length: 60_000 }, (_, i) => i / 10),
};
const targets = {
  ...{
    frames: "frames",
    frameLabels: "labels",
    grayFrames: "gray",
    grayLabels: "labels",
    clipLabels: "labels",
  },
  ...{ segmentList: "list", previewList: "list", previewPattern: "%d.webp", progress: null },
  ...{ clipPattern: "%d.mp4", readsOptionFiles: false, filtersOnMuxerClock: true, toneMaps: false },
};
/** Linux takes no more in one argument, its end included. */
const MAX_ARGUMENT_BYTES = 131_072;

test.each([
  ["copied", "aac"],
  ["encoded", "pcm_s16le"],
])("arguments stay short where %s audio has thousands of gaps", async (_, audioCodec) => {
  const spans = Array.from({ length: 3000 }, (_, i) => ({ startSeconds: 2 * i, endSeconds: 2 * i + 1 }));
  const source = { kind: "file", path: "v.ts" } as const;
  const request = {
    ...{ source, info: { ...info, audioCodec }, spans, encoder: "libx264", encoderThreads: 1 },
    sampleFrames: spans.map(() => []),
  };
  const attempts: SplitAttempt[] = [];
  const report = await runSplit(
    request,
    { onClip: async () => undefined, onFrame: async () => undefined },
    { path: "v.ts", name: "v.ts", stream, targets, maxPixels: 100 },
    async (attempt) => {
      attempts.push(attempt);
      if (attempt.leads) attempt.segments.countFrame(0);
      return { succeeded: true, signal: null, errorText: "", errorCount: 0 };
    },
  );
  expect(report.emptySpans).toHaveLength(3000);
  const longest = Math.max(...attempts.flatMap(({ args }) => args.map((arg) => arg.length)));
  expect(longest).toBeLessThan(MAX_ARGUMENT_BYTES);
  // Each run decodes the video anew.
  expect(attempts.length).toBeLessThanOrEqual(6);
});
