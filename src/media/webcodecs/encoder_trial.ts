// Whether a browser's encoder really works: a few frames are encoded with it, since being listed says nothing. Each is
// tried once; results are remembered.
import type { EncoderInfo } from "../engine.ts";
import { readMp4Info } from "../mp4_info.ts";
import { ClipRecorder, WEBCODECS_ENCODERS } from "./clip_recorder.ts";
import { type Mediabunny, messageOf } from "./open_video.ts";

const SIZE = 256;
const FRAME_COUNT = 5;
const SECONDS_PER_FRAME = 1 / 25;

export class EncoderTrial {
  readonly #library: Mediabunny;
  readonly #results = new Map<string, Promise<EncoderInfo>>();

  constructor(library: Mediabunny) {
    this.#library = library;
  }

  async run(names: readonly string[]): Promise<readonly EncoderInfo[]> {
    const infos: EncoderInfo[] = [];
    for (const name of names) {
      const result = this.#results.get(name) ?? this.#try(name);
      this.#results.set(name, result);
      infos.push(await result);
    }
    return infos;
  }

  async #try(name: string): Promise<EncoderInfo> {
    const codec = WEBCODECS_ENCODERS[name];
    if (codec === undefined) {
      const known = Object.keys(WEBCODECS_ENCODERS).join(", ");
      return { name, works: false, reason: `WebCodecs has ${known}` };
    }
    try {
      const recorder = await ClipRecorder.start(this.#library, codec, null);
      for (let i = 0; i < FRAME_COUNT; i++) {
        const frame = grayFrame(40 * i);
        await recorder.add(frame, i * SECONDS_PER_FRAME, SECONDS_PER_FRAME).finally(() => frame.close());
      }
      const clip = await recorder.finish(0, FRAME_COUNT * SECONDS_PER_FRAME);
      const { frameCount } = readMp4Info(clip, clip.byteLength);
      return frameCount === FRAME_COUNT
        ? { name, works: true }
        : { name, works: false, reason: `it gave ${frameCount} of ${FRAME_COUNT} frames` };
    } catch (error) {
      return { name, works: false, reason: messageOf(error) };
    }
  }
}

function grayFrame(luma: number): VideoFrame {
  const planes = new Uint8Array((SIZE * SIZE * 3) / 2).fill(128).fill(luma, 0, SIZE * SIZE);
  return new VideoFrame(planes, { format: "I420", codedWidth: SIZE, codedHeight: SIZE, timestamp: 0 });
}
