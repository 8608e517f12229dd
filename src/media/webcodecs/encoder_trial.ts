// Whether a browser's encoder really works: a few frames are encoded with it, since being listed says nothing.
import type { TryEncoder } from "../encoder_trials.ts";
import { readMp4Info } from "../mp4_info.ts";
import { ClipRecorder, WEBCODECS_ENCODERS } from "./clip_recorder.ts";
import { type Mediabunny, messageOf } from "./open_video.ts";

const SIZE = 256;
const FRAME_COUNT = 5;
const SECONDS_PER_FRAME = 1 / 25;

/** Tries an encoder of the browser's. */
export function webCodecsTrial(library: Mediabunny): TryEncoder {
  return async (name) => {
    const codec = WEBCODECS_ENCODERS[name];
    if (codec === undefined) {
      const known = Object.keys(WEBCODECS_ENCODERS).join(", ");
      return { name, works: false, reason: `WebCodecs has ${known}` };
    }
    try {
      const recorder = await ClipRecorder.start(library, codec, null);
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
  };
}

function grayFrame(luma: number): VideoFrame {
  const planes = new Uint8Array((SIZE * SIZE * 3) / 2).fill(128).fill(luma, 0, SIZE * SIZE);
  return new VideoFrame(planes, { format: "I420", codedWidth: SIZE, codedHeight: SIZE, timestamp: 0 });
}
