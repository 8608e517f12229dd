// Packets to frames with VideoDecoder, some packets ahead of the reader and no more. Chunks carry the tick of their packet
// as timestamp, so frames come back with exactly that tick. The trap: an error ends a decoder for good; decoding goes on
// with a new one at the next key frame, and what lay between is lost, as with any damaged video.
import type { EncodedPacket } from "mediabunny";
import { InterruptedError } from "../../errors.ts";
import { messageOf } from "./open_video.ts";

export interface DecodeRequest {
  readonly config: VideoDecoderConfig;
  readonly packets: AsyncIterable<EncodedPacket>;
  tickOf(packet: EncodedPacket): number;
  readonly signal: AbortSignal | undefined;
  /** Told of each failure of a decoder. */
  onComplaint(message: string): void;
}

/** Packets in a decoder at a time: enough to keep it busy, few enough to bound the memory of their frames. */
const PACKETS_AHEAD = 8;

/** Frames in display order; `timestamp` is the tick. Whoever takes a frame must close it. */
export async function* decodePackets(request: DecodeRequest): AsyncGenerator<VideoFrame> {
  const frames: VideoFrame[] = [];
  let failure: string | undefined;
  let flushed = false;
  let ended = false;
  let needsKey = true;
  let wake = (): void => undefined;
  const open = (): VideoDecoder => {
    const decoder = new VideoDecoder({
      output: (frame) => {
        frames.push(frame);
        wake();
      },
      error: (error) => {
        failure = messageOf(error);
        wake();
      },
    });
    decoder.addEventListener("dequeue", () => wake());
    decoder.configure(request.config);
    return decoder;
  };
  const packets = request.packets[Symbol.asyncIterator]();
  let decoder = open();
  try {
    for (;;) {
      if (request.signal?.aborted) {
        throw new InterruptedError("Cannot finish with a video as the work was stopped");
      }
      const frame = frames.shift();
      if (frame !== undefined) {
        yield frame;
      } else if (failure !== undefined) {
        request.onComplaint(failure);
        if (ended) return;
        close(decoder);
        failure = undefined;
        needsKey = true;
        decoder = open();
      } else if (flushed) {
        return;
      } else if (!ended && decoder.decodeQueueSize < PACKETS_AHEAD) {
        const next = await packets.next();
        if (next.done) {
          ended = true;
          decoder.flush().then(
            () => {
              flushed = true;
              wake();
            },
            // The error callback tells why.
            () => undefined,
          );
        } else if (!needsKey || next.value.type === "key") {
          needsKey = !fed(decoder, next.value, request);
        }
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    for (const frame of frames) frame.close();
    close(decoder);
    await packets.return?.();
  }
}

/** Hands a packet to the decoder; false where it is refused at once, as a key frame that is none is. */
function fed(decoder: VideoDecoder, packet: EncodedPacket, request: DecodeRequest): boolean {
  if (decoder.state !== "configured") return true;
  const { type, data } = packet;
  try {
    decoder.decode(new EncodedVideoChunk({ type, data, timestamp: request.tickOf(packet) }));
    return true;
  } catch (error) {
    request.onComplaint(messageOf(error));
    return false;
  }
}

function close(decoder: VideoDecoder): void {
  if (decoder.state !== "closed") decoder.close();
}
