// Damaged copies of a video and their trial: probe, cut and sample each as a split would. Whatever the damage, the answer is
// clips with frames, or an InputError with its reason; anything else, a hang included, is a fault.
import { writeFile } from "node:fs/promises";
import { InputError, type ReasonCode } from "../../src/errors.ts";
import type { TempFolder } from "../../src/io/temp_folder.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { fixedStrideSpans } from "../../src/video/fixed_stride.ts";
import { sampleFrames } from "../../src/video/sample_frames.ts";
import { seededRandom } from "../support/random.ts";
import { decode } from "./generated_videos.ts";

const CONTAINERS = new Set("moov trak mdia minf stbl edts dinf mvex moof traf udta".split(" "));

/** Offsets at which boxes of an mp4 begin and end, at any depth. */
export function atomBorders(mp4: Buffer): number[] {
  const borders = new Set<number>();
  const walk = (start: number, end: number): void => {
    for (let at = start; at + 8 <= end; ) {
      const size = mp4.readUInt32BE(at);
      if (size < 8 || at + size > end) return;
      borders.add(at);
      if (CONTAINERS.has(mp4.toString("latin1", at + 4, at + 8))) walk(at + 8, at + size);
      at += size;
      borders.add(at);
    }
  };
  walk(0, mp4.length);
  return [...borders].sort((a, b) => a - b);
}

/** A copy with one to sixteen bits flipped: anywhere, or all near its start or end, where headers lie. */
export function flipBits(bytes: Buffer, seed: number): Buffer {
  const random = seededRandom(seed);
  const mutant = Buffer.from(bytes);
  const near = Math.min(bytes.length, 2048);
  const [start, length] = [
    [0, bytes.length],
    [0, near],
    [bytes.length - near, near],
  ][Math.floor(random() * 3)] as [number, number];
  for (let flips = 1 + Math.floor(random() * 16); flips > 0; flips--) {
    const at = start + Math.floor(random() * length);
    mutant[at] = mutant[at]! ^ (1 << Math.floor(random() * 8));
  }
  return mutant;
}

/** Where a video is cut off: at borders of its boxes, evenly chosen, and at random places. */
export function cutPlaces(bytes: Buffer, seed: number, mostBorders: number, randomCuts: number): number[] {
  const random = seededRandom(seed);
  const borders = atomBorders(bytes).filter((at) => at > 0 && at < bytes.length);
  const everySo = Math.max(1, Math.ceil(borders.length / mostBorders));
  const cuts = Array.from({ length: randomCuts }, () => 1 + Math.floor(random() * (bytes.length - 1)));
  return [...borders.filter((_, index) => index % everySo === 0), ...cuts];
}

/** How a trial ended: the number of clips, or the reason why there are none. */
export type TrialEnd = number | ReasonCode;

export interface MutantTrial {
  /** Rejects with what is wrong with the engine's answer; `name` says how to make the mutant again. */
  run(name: string, bytes: Uint8Array): Promise<TrialEnd>;
}

export interface TrialOptions {
  /** Whether each clip is decoded by ffprobe, rather than only its index read. */
  readonly decodesClips?: boolean;
  /** The file's ending, which ffmpeg takes as a hint. */
  readonly extension?: string;
}

export async function openMutantTrial(
  folder: TempFolder,
  { decodesClips = false, extension = ".mp4" }: TrialOptions = {},
): Promise<MutantTrial> {
  const engine = await createNativeEngine({
    maxPixels: 1 << 20,
    maxFrames: 10_000,
    idleSeconds: 40,
    wallSeconds: 55,
  });
  let count = 0;
  const clipsOf = async (path: string): Promise<TrialEnd> => {
    const source = { kind: "file", path } as const;
    const info = await engine.probe(source);
    const spans = fixedStrideSpans(info, { clipLengthSeconds: 1, minClipLengthSeconds: 0, limitClips: 50 });
    const samples = spans.map((span) => sampleFrames(info.frameTimes, span, 2));
    const sampled = new Set<number>();
    const clips: number[] = [];
    const request = { source, info, spans, encoder: "libx264", encoderThreads: 1, sampleFrames: samples };
    const report = await engine.split(request, {
      onClip: async ({ index, info: clip, read }) => {
        const parts: Uint8Array[] = [];
        for await (const part of read()) parts.push(part);
        const clipFile = `${path}.clip.mp4`;
        if (decodesClips) await writeFile(clipFile, Buffer.concat(parts));
        const frameCount = decodesClips ? (await decode(clipFile)).frameCount : clip.frameCount;
        if (frameCount < 1 || frameCount !== clip.frameCount)
          throw new Error(`clip ${index} says it has ${clip.frameCount} frames and has ${frameCount}`);
        clips.push(index);
      },
      onFrame: async ({ clip, frame }) => {
        if (frame.width * frame.height === 0) throw new Error("a frame without pixels");
        sampled.add(clip);
      },
    });
    const told = [...clips, ...report.emptySpans].sort((a, b) => a - b);
    if (told.join() !== spans.map((_, index) => index).join())
      throw new Error(`of ${spans.length} spans these are told of: ${told.join(", ")}`);
    const unsampled = clips.filter((index) => !sampled.has(index));
    if (unsampled.length > 0) throw new Error(`clips without a sampled frame: ${unsampled.join(", ")}`);
    return clips.length;
  };
  return {
    async run(name, bytes) {
      const file = `mutant ${count++}${extension}`;
      const path = folder.file(file);
      await writeFile(path, bytes);
      const end = await clipsOf(path).catch((error: unknown) => {
        if (error instanceof InputError && error.reason !== "timeout") return error.reason;
        throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      });
      await Promise.all([folder.delete(file), folder.delete(`${file}.clip.mp4`)]);
      return end;
    },
  };
}
