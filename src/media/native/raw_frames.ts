// Raw frames from a pipe of ffmpeg, paired with the ticks that come over another. Every frame is labelled before it is
// written, so that a frame without a label ends the reading.
import type { AsyncQueue } from "../async_queue.ts";
import { tickOfLabel } from "../segment_check.ts";
import type { FfmpegProcess } from "./ffmpeg_process.ts";

export interface FrameReceiver {
  push(tick: number, data: Uint8Array): Promise<void>;
}

/** Hands on each whole frame of a pipe; ffmpeg waits meanwhile. A last, cut off frame is left out. */
export async function readFrames(
  child: FfmpegProcess,
  pipe: number,
  sizeBytes: number,
  labels: AsyncQueue<number>,
  receiver: FrameReceiver,
): Promise<void> {
  let frame = new Uint8Array(sizeBytes);
  let filled = 0;
  for await (const chunk of child.bytes(pipe)) {
    for (let at = 0; at < chunk.byteLength; ) {
      const part = chunk.subarray(at, at + sizeBytes - filled);
      frame.set(part, filled);
      filled += part.byteLength;
      at += part.byteLength;
      if (filled < sizeBytes) break;
      const full = frame;
      frame = new Uint8Array(sizeBytes);
      filled = 0;
      const tick = await labels.take();
      if (tick === undefined) return;
      await child.whileBusy(() => receiver.push(tick, full));
    }
  }
}

/** Reads the labels of a pipe into a queue and closes it. */
export async function readLabels(
  child: FfmpegProcess,
  pipe: number,
  labels: AsyncQueue<number>,
): Promise<void> {
  for await (const line of child.lines(pipe)) {
    const tick = tickOfLabel(line);
    if (tick !== undefined) labels.push(tick);
  }
  labels.close();
}
