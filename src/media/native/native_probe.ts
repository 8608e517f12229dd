// Probes a file with ffprobe: the header first, then the packets of the stream that was chosen from it. Where a signal ended
// ffprobe, all is asked once more, as in a split.
import { InputError } from "../../errors.ts";
import { readFileRange, readFileRanges } from "../../io/local_file.ts";
import type { MediaLimits } from "../../limits.ts";
import { CONTENT_HEAD_BYTES } from "../content_kind.ts";
import type { VideoInfo } from "../engine.ts";
import { PacketClock, packetArguments } from "../packet_clock.ts";
import {
  bytesFailure,
  crashError,
  diskFailure,
  firstLine,
  packetFailure,
  probeFailure,
} from "../probe_failure.ts";
import { headerArguments, readHeader } from "../probe_header.ts";
import { mayRecoverLate, PACKET_HEAD_BYTES, recoversLate } from "../recovery_point.ts";
import { FfmpegProcess, runForText } from "./ffmpeg_process.ts";
import { type OpenedSource, requireReadable } from "./native_source.ts";

/** A video that is so much shorter than its header says may have been cut off. */
const MISSING_SECONDS = 1;

/** Rejects with InputError, InterruptedError or MediaEngineError. */
export async function probeFile(
  source: OpenedSource,
  ffprobe: string,
  limits: MediaLimits,
  signal: AbortSignal | undefined,
): Promise<VideoInfo> {
  return await attempt(source, ffprobe, limits, signal).catch((error: unknown) => {
    if (!(error instanceof InputError && error.reason === "ffmpeg-crashed")) throw error;
    return attempt(source, ffprobe, limits, signal);
  });
}

async function attempt(
  source: OpenedSource,
  ffprobe: string,
  limits: MediaLimits,
  signal: AbortSignal | undefined,
): Promise<VideoInfo> {
  const base = { binary: ffprobe, limits, subject: source.name, signal };
  const { maxPixels, maxFrames } = limits;
  const header = await runForText({ ...base, args: headerArguments(source.path, maxPixels) });
  if (header.code === null) throw crashError(header.signal, source.name);
  if (header.code !== 0) {
    const head = await readFileRange(source.path, 0, CONTENT_HEAD_BYTES);
    throw probeFailure(header.errorText, source, head, maxPixels);
  }
  const facts = readHeader(header.output, source.name, header.errorText, maxPixels);

  const clock = new PacketClock(source.name, maxFrames);
  const packets = new FfmpegProcess({
    ...base,
    args: packetArguments(source.path, facts.videoStream, maxPixels),
  });
  const read = async (): Promise<void> => {
    for await (const line of packets.lines(1)) clock.push(line);
  };
  const end = await packets.end([read()]);
  if (end.code === null) throw crashError(end.signal, source.name);
  const failure = diskFailure(end.errorText, source.name);
  if (failure !== undefined) throw failure;
  if (end.code !== 0) throw packetFailure(end.errorText, source);
  if (mayRecoverLate(facts)) {
    const late = new Set<number>();
    const heads = readFileRanges(source.path, clock.keyPositions, PACKET_HEAD_BYTES);
    try {
      for await (const { start, bytes } of heads) if (recoversLate(bytes)) late.add(start);
    } catch (error) {
      throw bytesFailure(source.name, error);
    }
    clock.dropKeys(late);
  }
  const { errorCount: count, errorText } = end;
  const info = clock.videoInfo(facts, { count, first: firstLine(errorText, source.path) });
  // Of some containers ffprobe ends in silence where the disk fails: as if the file had been cut off there.
  if ((facts.claimedSeconds ?? 0) - info.durationSeconds > MISSING_SECONDS)
    await requireReadable(source, signal);
  return info;
}
