// A media engine and an encoder without ffmpeg or GPU, for stages over storages in memory: a "video" is the text
// "<frames> <frames per second>", a clip is the text of its span, an embedding is a fixed unit vector.
import type { Encoder } from "../../src/embed/encoder.ts";
import { parseModelSpec } from "../../src/embed/spec.ts";
import { InputError } from "../../src/errors.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import type { MediaEngine, MediaSource, VideoInfo } from "../../src/media/engine.ts";
import type { StageContext } from "../../src/stages/stage.ts";
import { bytesOf } from "../io/storages.ts";

const dimension = 4;

const spec = parseModelSpec(
  JSON.stringify({
    name: "fake",
    kind: "frame",
    inputName: "pixel_values",
    layout: "BCHW",
    frames: 2,
    size: { width: 8, height: 8 },
    resize: "bilinear",
    crop: "stretch",
    mean: [0, 0, 0],
    std: [1, 1, 1],
    dtype: "fp32",
    outputName: "image_embeds",
    dimension,
    pooling: "mean",
    normalize: true,
    licence: "none",
    source: { note: "made by a test" },
    outputPrefix: "fake",
    transformers: { modelClass: "CLIPVisionModelWithProjection", file: "vision_model" },
  }),
  "a test",
);

const encoder: Encoder = {
  spec,
  backend: "cpu",
  description: "fake",
  encode: async (clips) => {
    const rows = new Float32Array(clips.length * dimension);
    clips.forEach((_, clip) => {
      rows[clip * dimension] = 1;
    });
    return rows;
  },
  close: async () => undefined,
};

async function infoOf(source: MediaSource): Promise<VideoInfo> {
  if (source.kind !== "bytes") throw new Error("the fake engine takes bytes");
  const [frameCount = 0, frameRate = 1] = new TextDecoder().decode(source.bytes).split(" ").map(Number);
  return {
    ...{
      width: 8,
      height: 8,
      rotationDegrees: 0,
      frameRate,
      frameCount,
      durationSeconds: frameCount / frameRate,
    },
    ...{
      videoCodec: "fake",
      pixelFormat: "yuv420p",
      audioCodec: null,
      bitRate: null,
      matrix: "bt601",
      range: "limited",
    },
    frameTimes: Float64Array.from({ length: frameCount }, (_, index) => index / frameRate),
  };
}

export interface FakeEngine extends MediaEngine {
  /** Names of the videos that were decoded, in order. */
  readonly decoded: string[];
  /** A video of this name fails after its first clip. */
  failing: string | undefined;
  /** What a gray frame shows at a place; default: nothing. */
  gray: (frame: { readonly video: string; readonly clip: number; readonly index: number }) => Uint8Array;
}

export function fakeEngine(): FakeEngine {
  const engine: FakeEngine = {
    version: "fake 1",
    decoded: [],
    failing: undefined,
    gray: () => new Uint8Array(32 * 32),
    probe: infoOf,
    encoders: async (names) => names.map((name) => ({ name, works: true })),
    async split({ source, info, spans, sampleFrames, grayFrames, previews, encoder: codec }, sinks) {
      const name = source.kind === "file" ? source.path : source.name;
      engine.decoded.push(name);
      for (const [index, { startSeconds, endSeconds }] of spans.entries()) {
        const bytes = bytesOf(`${name} ${startSeconds} ${endSeconds}`);
        const frameCount = Math.round((endSeconds - startSeconds) * info.frameRate);
        const clip = {
          ...{
            width: 8,
            height: 8,
            frameRate: info.frameRate,
            frameCount,
            durationSeconds: endSeconds - startSeconds,
          },
          ...{ videoCodec: "fake", audioCodec: null, sizeBytes: bytes.length },
        };
        if (codec !== null) {
          const read = async function* (): AsyncGenerator<Uint8Array> {
            yield bytes;
          };
          await sinks.onClip({ index, info: clip, read });
        }
        for (const sample of sampleFrames[index]!.keys()) {
          const frame = {
            width: 8,
            height: 8,
            matrix: "bt601",
            range: "limited",
            data: new Uint8Array(96),
          } as const;
          await sinks.onFrame({ clip: index, sample, frame });
        }
        for (const [sample, frame] of (grayFrames?.frames[index] ?? []).entries()) {
          const data = engine.gray({ video: name, clip: index, index: frame });
          await sinks.onGrayFrame?.({ clip: index, sample, data });
        }
        for (const [window, { first, end }] of (previews?.windows[index] ?? []).entries())
          await sinks.onPreview?.({ clip: index, window, data: bytesOf(`${index} ${first} ${end}`) });
        if (name === engine.failing) throw new InputError("decode-failed", `Cannot decode ${name}`);
      }
      return { decodeErrors: 0, complaint: null, emptySpans: [], notes: [] };
    },
    /** Black frames, and white ones from the middle on. */
    async scan({ info, width, height }, onFrame) {
      for (const [index, timeSeconds] of info.frameTimes.entries()) {
        const value = index < info.frameCount / 2 ? 0 : 255;
        await onFrame({ index, timeSeconds, rgb: new Uint8Array(3 * width * height).fill(value) });
      }
      return { decodeErrors: 0 };
    },
  };
  return engine;
}

export interface World {
  readonly context: StageContext;
  readonly engine: FakeEngine;
  readonly warnings: string[];
  storage(location: string): MemoryStorage;
}

/** A context whose storages live in memory, one for each location. */
export function world(): World {
  const storages = new Map<string, MemoryStorage>();
  const storage = (location: string): MemoryStorage => {
    const known = storages.get(location) ?? new MemoryStorage(location);
    storages.set(location, known);
    return known;
  };
  const engine = fakeEngine();
  const warnings: string[] = [];
  const context: StageContext = {
    openStorage: storage,
    device: () => Promise.reject(new Error("not part of this test")),
    mediaEngine: async () => engine,
    model: async () => ({ spec, location: "nowhere" }) as never,
    encoder: async () => encoder,
    shotModelFiles: () => Promise.reject(new Error("not part of this test")),
    shotModel: () => Promise.reject(new Error("not part of this test")),
    log: (level, message) => {
      if (level === "warn") warnings.push(message);
    },
    progress: () => undefined,
    signal: new AbortController().signal,
  };
  return { context, engine, warnings, storage };
}
