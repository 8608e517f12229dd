// The score of each frame of a video, as PySceneDetect's ContentDetector defines it: how much it differs from the frame
// before in hue, saturation and value, averaged over pixels. Frames come small from one decode and are compared on the GPU
// while the next are being decoded. The trap: scores of dark scenes depend on how pixels are rounded, so frames are made small
// as PySceneDetect does it: every so many pixels taken (OpenCV's linear filter does not average), 256 on the longer side,
// each rounded down.
import { divideUp } from "../gpu/grid.ts";
import { HsvComparer, hsvFrameBytes } from "../kernels/hsv_difference.ts";
import type { VideoInfo } from "../media/engine.ts";
import type { VideoToCut } from "./span_planner.ts";

/** Frames that were decoded, in display order. */
export interface ScoredFrames {
  /** 0..255; the first is 0. */
  readonly scores: readonly number[];
  /** Their numbers in the video: ascending, with gaps where damage took frames. */
  readonly frames: readonly number[];
  /** When each is shown, in seconds. */
  readonly times: readonly number[];
  /** Average frames per second. */
  readonly frameRate: number;
}

/** What each component counts in the score; they are divided by the sum of their magnitudes. */
export interface ContentWeights {
  readonly hue: number;
  readonly saturation: number;
  readonly value: number;
}

export const equalWeights: ContentWeights = { hue: 1, saturation: 1, value: 1 };
export const lumaOnly: ContentWeights = { hue: 0, saturation: 0, value: 1 };

const longerSide = 256;
/** Frames that wait for the GPU, and their bytes, at most. */
const maxBatchFrames = 64;
const maxBatchBytes = 8 * 2 ** 20;

/** The longer side at most 256 pixels, the shape kept. */
export function scoredSize({ width, height }: Pick<VideoInfo, "width" | "height">): {
  readonly width: number;
  readonly height: number;
} {
  const factor = Math.max(1, Math.max(width, height) / longerSide);
  const shrunk = (pixels: number): number => Math.max(1, Math.round(pixels / factor));
  return { width: shrunk(width), height: shrunk(height) };
}

/** Rejects with InputError where not a frame could be decoded. */
export async function scoreFrames(
  { source, info, engine, gpu, onFrames, signal }: VideoToCut,
  weights: ContentWeights = equalWeights,
): Promise<ScoredFrames> {
  const size = scoredSize(info);
  const pixelCount = size.width * size.height;
  const capacity = Math.min(maxBatchFrames, divideUp(maxBatchBytes, hsvFrameBytes(pixelCount)));
  const comparer = new HsvComparer(await gpu(), pixelCount, capacity);
  const scored = { scores: [] as number[], frames: [] as number[], times: [] as number[] };
  let batch: Uint8Array[] = [];
  let comparing: Promise<void> = Promise.resolve();
  const compareBatch = async (): Promise<void> => {
    await comparing;
    const frames = batch;
    batch = [];
    comparing = comparer.compare(frames).then((sums) => {
      for (let at = 0; at < sums.length; at += 3) {
        scored.scores.push(weighted(sums.subarray(at, at + 3), pixelCount, weights));
      }
      onFrames?.(scored.scores.length);
    });
    // The next batch, or the end, meets the failure.
    comparing.catch(() => undefined);
  };
  try {
    await engine.scan(
      { source, info, ...size, scaler: "nearest", signal },
      async ({ index, timeSeconds, rgb }) => {
        scored.frames.push(index);
        scored.times.push(timeSeconds);
        batch.push(rgb);
        if (batch.length === capacity) await compareBatch();
      },
    );
    await compareBatch();
    await comparing;
    return { ...scored, frameRate: info.frameRate };
  } finally {
    await comparing.catch(() => undefined);
    comparer.destroy();
  }
}

function weighted(sums: Uint32Array, pixelCount: number, { hue, saturation, value }: ContentWeights): number {
  const total = sums[0]! * hue + sums[1]! * saturation + sums[2]! * value;
  return total / pixelCount / (Math.abs(hue) + Math.abs(saturation) + Math.abs(value));
}
