// The frames of an opened video on the clock of its `frameTimes`, from the key frame before a time on.
import { InputError } from "../../errors.ts";
import type { SourceStream, VideoInfo } from "../engine.ts";
import { decodePackets } from "./decode_packets.ts";
import type { OpenedVideo } from "./open_video.ts";

export interface TimedFrame {
  /** On the clock of the stream, 0 at the first frame of the video. Rises with each frame. */
  readonly tick: number;
  /** To be closed by whoever takes it. */
  readonly frame: VideoFrame;
}

export interface DecodeOptions {
  /** Frames that are shown before this tick may be left out. */
  readonly fromTick: number;
  readonly signal: AbortSignal | undefined;
  /** Told of each failure of the decoder that it got over. */
  onComplaint(message: string): void;
}

/** Rejects with InputError decode-failed, or InterruptedError. */
export async function* decodeVideo(
  { video, library, name }: OpenedVideo,
  { stream }: VideoInfo & { readonly stream: SourceStream },
  { fromTick, signal, onComplaint }: DecodeOptions,
): AsyncGenerator<TimedFrame> {
  const config = await video.getDecoderConfig();
  if (config === null)
    throw new InputError("decode-failed", `Cannot decode a video of an unknown codec: ${name}`);
  const ticksPerSecond = stream.timeBase[1] / stream.timeBase[0];
  const firstTick = Math.round(stream.startSeconds * ticksPerSecond);
  const sink = new library.EncodedPacketSink(video);
  const start = fromTick <= 0 ? null : await sink.getKeyPacket((fromTick + firstTick + 0.5) / ticksPerSecond);
  const frames = decodePackets({
    config,
    packets: sink.packets(start ?? undefined),
    tickOf: (packet) => Math.round(packet.timestamp * ticksPerSecond) - firstTick,
    signal,
    onComplaint,
  });
  let previous = -1;
  for await (const frame of frames) {
    // What an edit list leaves out is decoded, since later frames build on it, and not shown.
    if (frame.timestamp < 0) {
      frame.close();
      continue;
    }
    previous = Math.max(frame.timestamp, previous + 1);
    yield { tick: previous, frame };
  }
}
