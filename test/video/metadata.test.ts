// Keys and their order are those of the reference; ours follow behind.
import { expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import type { ClipInfo, VideoInfo } from "../../src/media/engine.ts";
import {
  chunkMetadata,
  clipMetadata,
  metadataText,
  parseClipMetadata,
  videoMetadata,
} from "../../src/video/metadata.ts";

const span = { startSeconds: 0, endSeconds: 10 };
const source = { width: 640, height: 360, frameRate: 30 };
const clip: ClipInfo = {
  ...{ width: 640, height: 360, frameRate: 30, frameCount: 300, durationSeconds: 9.98 },
  ...{ videoCodec: "h264", audioCodec: "aac", sizeBytes: 12_345 },
};
const record = {
  ...{ id: "4baa6139-32a3-555a-a194-1726a40b3af9", sourceVideo: "a/b.mp4", span, source },
  ...{ frames: { first: 0, end: 300 }, location: "clips/x.mp4" },
};

test("clip record", () => {
  const metadata = clipMetadata({ ...record, clip, errors: { "embed-failed": "why" }, notes: ["padded"] });
  expect(Object.keys(metadata)).toEqual([
    ...["span_uuid", "source_video", "duration_span", "width_source", "height_source", "framerate_source"],
    ...["clip_location", "width", "height", "framerate", "num_frames", "video_codec", "num_bytes", "errors"],
    ...["windows", "valid", "source_frame_range", "duration_seconds", "audio_codec", "notes"],
  ]);
  expect(metadata).toMatchObject({
    duration_span: [0, 10],
    duration_seconds: 9.98,
    num_frames: 300,
    valid: true,
    errors: { "embed-failed": "why" },
  });
  expect(parseClipMetadata(metadataText(metadata), "x.json")).toEqual(metadata);
  expect(metadataText(metadata).split("\n")[1]).toBe(
    '    "span_uuid": "4baa6139-32a3-555a-a194-1726a40b3af9",',
  );
});

test("a record as NeMo Curator's has no duration of the clip", () => {
  const keys = Object.keys(clipMetadata({ ...record, clip, withoutDuration: true }));
  expect(keys.slice(-3)).toEqual(["valid", "source_frame_range", "audio_codec"]);
});

test("a clip that was not encoded has no encoded size and is not valid", () => {
  const metadata = clipMetadata({ ...record, clip: null });
  expect(Object.keys(metadata)).toEqual([
    ...["span_uuid", "source_video", "duration_span", "width_source", "height_source", "framerate_source"],
    ...["clip_location", "windows", "valid", "source_frame_range"],
  ]);
  expect(metadata.valid).toBe(false);
  expect(parseClipMetadata(metadataText(metadata), "x.json")).toEqual(metadata);
});

test("video record", () => {
  const info: VideoInfo = {
    ...{ ...source, rotationDegrees: 90, frameCount: 300, durationSeconds: 10, videoCodec: "h264" },
    ...{ pixelFormat: "yuv420p", audioCodec: null, bitRate: null, matrix: "bt601", range: "limited" },
    frameTimes: new Float64Array(300),
  };
  const metadata = videoMetadata({
    video: "a/b.mp4",
    info,
    clipCount: 1,
    chunkCount: 1,
    decodeErrors: 2,
    notes: [],
    splittingAlgorithm: "content",
    cuts: [{ frame: 30, seconds: 1, score: 54.5 }],
  });
  expect(Object.keys(metadata)).toEqual([
    ...["video", "height", "width", "framerate", "num_frames", "duration", "video_codec", "pixel_format"],
    ...["audio_format", "num_total_clips", "num_clip_chunks", "rotation_degrees", "decode_errors", "notes"],
    ...["splitting_algorithm", "scene_cuts"],
  ]);
  expect(metadata.scene_cuts).toEqual([{ frame: 30, seconds: 1, score: 54.5 }]);
});

test("chunk record", () => {
  const passed = { transcoded: true, embedded: true, filtered: false, previewed: true };
  const clips = [
    { id: "a", span, ...passed },
    { id: "b", span: { startSeconds: 10, endSeconds: 13 }, ...passed, embedded: false, previewed: false },
    {
      id: "c",
      span: { startSeconds: 13, endSeconds: 15 },
      ...passed,
      embedded: false,
      previewed: false,
      filtered: true,
    },
  ];
  const metadata = chunkMetadata({ video: "a/b.mp4", chunkIndex: 2, clips });
  expect(Object.keys(metadata)).toEqual([
    ...["video", "clip_chunk_index", "num_clips_filtered_by_motion", "num_clips_filtered_by_aesthetic"],
    ...["num_clips_passed", "num_clips_transcoded", "num_clips_with_embeddings", "num_clips_with_caption"],
    ...["num_clips_with_webp", "total_clip_duration", "max_clip_duration", "clips", "filtered_clips"],
    ...["all_windows", "all_windows_enhanced_caption"],
  ]);
  expect(metadata).toMatchObject({
    ...{ clip_chunk_index: 2, num_clips_transcoded: 3, num_clips_with_embeddings: 1 },
    ...{ total_clip_duration: 15, max_clip_duration: 10, clips: ["a", "b"], all_windows: { a: {}, b: {} } },
    ...{
      num_clips_filtered_by_motion: 1,
      num_clips_with_webp: 1,
      num_clips_passed: 2,
      filtered_clips: ["c"],
    },
  });
});

test("refuses what is not a clip record, naming the file and the key", () => {
  expect(() => parseClipMetadata("{", "metas/v0/x.json")).toThrow(DataError);
  expect(() => parseClipMetadata("{", "metas/v0/x.json")).toThrow(/not JSON: metas\/v0\/x\.json/);
  const broken = { ...clipMetadata({ ...record, clip }), duration_span: [0] };
  expect(() => parseClipMetadata(JSON.stringify(broken), "x.json")).toThrow(/duration_span.*x\.json/);
});
