// The encoder: sampled frames of clips to one unit vector per clip. Frames are converted, pooled and normalised by our
// kernels; the model itself runs in transformers.js. Memory is bounded: a batch of pictures is in flight, not a clip list.
import { ModelError } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import type { FrameRule } from "../kernels/frame_to_tensor.ts";
import { recordMeanPool } from "../kernels/mean_pool.ts";
import { recordRowNormalize } from "../kernels/row_normalize.ts";
import type { DevicePreference, Log, YuvFrame } from "../types.ts";
import { openBestSession } from "./choose_backend.ts";
import type { FoundModel } from "./find_model.ts";
import { FrameBatches } from "./frame_batches.ts";
import { type Backend, backendTitle, type OnnxSession } from "./onnx_session.ts";
import type { ModelSpec } from "./spec.ts";

export interface CreateEncoderOptions extends FoundModel {
  /** "software": the CPU. "auto": WebGPU on a real GPU, else the faster of both. "gpu": WebGPU. */
  readonly device: DevicePreference;
  readonly gpu: GpuContext;
  readonly log: Log;
}

export interface Encoder {
  readonly spec: ModelSpec;
  readonly backend: Backend;
  /** For reports: "builtin, 512 dimensions, on the CPU". */
  readonly description: string;
  /**
   * Embeds clips, each given by its sampled frames in order (any sizes and colours).
   *
   * @returns f32, clips x dimension, rows of length 1.
   * @throws RangeError for a clip without frames; ModelError where the model fails or answers with no direction.
   */
  encode(clips: readonly (readonly YuvFrame[])[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Pictures per call of the model, and the bytes that their tensor may take. */
const maxPictures = 32;
const maxTensorBytes = 128 * 2 ** 20;

/**
 * Loads a model that `findModel` found.
 *
 * @throws ModelError where no backend that the preference allows can load it.
 */
export async function createEncoder(options: CreateEncoderOptions): Promise<Encoder> {
  const { device, gpu, log, ...model } = options;
  const session = await openBestSession(model, { device, adapter: gpu.adapter, log });
  return new SpecEncoder(model.spec, session, gpu);
}

class SpecEncoder implements Encoder {
  readonly spec: ModelSpec;
  readonly #session: OnnxSession;
  readonly #gpu: GpuContext;
  readonly #batches: FrameBatches;
  // Buffers and the model serve one call at a time; calls of other videos wait here.
  #last: Promise<unknown> = Promise.resolve();

  constructor(spec: ModelSpec, session: OnnxSession, gpu: GpuContext) {
    this.spec = spec;
    this.#session = session;
    this.#gpu = gpu;
    this.#batches = new FrameBatches(gpu, frameRule(spec));
  }

  get backend(): Backend {
    return this.#session.backend;
  }

  get description(): string {
    return `${this.spec.name}, ${this.spec.dimension} dimensions, on the ${backendTitle(this.backend)}`;
  }

  encode(clips: readonly (readonly YuvFrame[])[]): Promise<Float32Array> {
    const turn = this.#last.then(() => this.#encode(clips));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#batches.destroy();
    await this.#session.close();
  }

  async #encode(clips: readonly (readonly YuvFrame[])[]): Promise<Float32Array> {
    const { kind, frames: frameCount, dimension } = this.spec;
    if (clips.length === 0) return new Float32Array(0);
    const emptyClip = clips.findIndex((clip) => clip.length === 0);
    if (emptyClip >= 0) throw new RangeError(`Cannot embed a clip as it has no frames: clip ${emptyClip}`);
    // One item is what the model embeds at once: a picture, or all frames of a clip.
    const items =
      kind === "frame"
        ? clips.flatMap((clip) => clip.map((frame) => [frame]))
        : clips.map((clip) => spread(clip, frameCount));
    const rows = await this.#embedItems(items);
    if (kind === "video") return await this.#pool(rows, ascending(clips.map(() => 1)), dimension);
    return await this.#pool(rows, ascending(clips.map((clip) => clip.length)), dimension);
  }

  /** f32, items x dimension, as the model answers. */
  async #embedItems(items: readonly (readonly YuvFrame[])[]): Promise<Float32Array> {
    const { size, dimension, layout, frames } = this.spec;
    const pictures = items[0]?.length ?? 1;
    const itemBytes = pictures * 3 * size.width * size.height * 4;
    const batch = Math.max(
      1,
      Math.min(Math.floor(maxPictures / pictures), Math.floor(maxTensorBytes / itemBytes)),
    );
    const rows = new Float32Array(items.length * dimension);
    for (let first = 0; first < items.length; first += batch) {
      const part = items.slice(first, first + batch);
      const pixels = await this.#batches.convert(part.flat());
      const input = layout === "BCTHW" ? channelsFirst(pixels, frames, size.width * size.height) : pixels;
      rows.set(await this.#session.run(input, part.length), first * dimension);
    }
    return rows;
  }

  /** Means of consecutive rows, scaled to length 1. */
  async #pool(rows: Float32Array, offsets: Uint32Array, dim: number): Promise<Float32Array> {
    const gpu = this.#gpu;
    const groupCount = offsets.length - 1;
    const rowBuffer = gpu.upload("encoder.rows", rows);
    const offsetBuffer = gpu.upload("encoder.offsets", offsets);
    const means = gpu.buffer("encoder.means", groupCount * dim * 4);
    const norms = gpu.buffer("encoder.norms", groupCount * 4);
    try {
      gpu.submit("encoder.pool", (recorder) => {
        recordMeanPool(recorder, { rows: rowBuffer, offsets: offsetBuffer, means, groupCount, dim });
        recordRowNormalize(recorder, { rows: means, norms, rowCount: groupCount, dim });
      });
      const lengths = await gpu.readFloats(norms, groupCount);
      const bad = lengths.findIndex((length) => !(length > 0 && length < Number.POSITIVE_INFINITY));
      if (bad >= 0) {
        throw new ModelError(
          `Cannot use the embedding of a clip as the model ${this.spec.name} answered with length ${lengths[bad]}: clip ${bad}. Try another dtype or --device software`,
        );
      }
      return await gpu.readFloats(means, groupCount * dim);
    } finally {
      for (const buffer of [rowBuffer, offsetBuffer, means, norms]) buffer.destroy();
    }
  }
}

function frameRule({ size, resize, crop, shorterSide, padding, mean, std }: ModelSpec): FrameRule {
  return {
    outWidth: size.width,
    outHeight: size.height,
    filter: resize,
    crop,
    ...(shorterSide === undefined ? {} : { shorterSide }),
    padding,
    mean,
    std,
  };
}

/** `count` frames spread evenly over those given: `round(linspace(0, n - 1, count))`. */
function spread(frames: readonly YuvFrame[], count: number): readonly YuvFrame[] {
  const step = count === 1 ? 0 : (frames.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => frames[Math.round(index * step)]!);
}

/** Running sums from 0. */
function ascending(counts: readonly number[]): Uint32Array {
  const offsets = new Uint32Array(counts.length + 1);
  counts.forEach((count, index) => {
    offsets[index + 1] = offsets[index]! + count;
  });
  return offsets;
}

/** Planes of [items, frames, 3] reordered to [items, 3, frames]. */
function channelsFirst(pixels: Float32Array, frames: number, planeSize: number): Float32Array {
  const ordered = new Float32Array(pixels.length);
  const planes = pixels.length / planeSize;
  for (let plane = 0; plane < planes; plane++) {
    const item = Math.floor(plane / (frames * 3));
    const [frame, channel] = [Math.floor(plane / 3) % frames, plane % 3];
    const target = (item * 3 + channel) * frames + frame;
    ordered.set(pixels.subarray(plane * planeSize, (plane + 1) * planeSize), target * planeSize);
  }
  return ordered;
}
