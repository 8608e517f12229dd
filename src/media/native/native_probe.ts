// Probes a file with ffprobe: the header first, then the packets of the stream that was chosen from it.
import { InputError } from "../../errors.ts";
import { readFileRange } from "../../io/local_file.ts";
import type { VideoInfo } from "../engine.ts";
import { PacketClock, packetArguments } from "../packet_clock.ts";
import { probeFailure } from "../probe_failure.ts";
import { headerArguments, readHeader } from "../probe_header.ts";
import { FfmpegProcess, type ProcessLimits, runForText } from "./ffmpeg_process.ts";
import type { OpenedSource } from "./native_source.ts";

/** Rejects with InputError, InterruptedError or MediaEngineError. */
export async function probeFile(
  source: OpenedSource,
  ffprobe: string,
  limits: ProcessLimits,
  signal: AbortSignal | undefined,
): Promise<VideoInfo> {
  const base = { binary: ffprobe, limits, subject: source.name, signal };
  const failure = async (errorText: string): Promise<InputError> =>
    probeFailure(errorText, source.path, await readFileRange(source.path, 0, 64));
  const header = await runForText({ ...base, args: headerArguments(source.path) });
  if (header.code !== 0) throw await failure(header.errorText);
  const facts = readHeader(header.output, source.name, header.errorText);

  const clock = new PacketClock(source.name);
  const packets = new FfmpegProcess({ ...base, args: packetArguments(source.path, facts.videoStream) });
  const read = async (): Promise<void> => {
    try {
      for await (const line of packets.lines(1)) clock.push(line);
    } catch (error) {
      packets.kill(
        error instanceof InputError ? error : new Error("Reading packets failed", { cause: error }),
      );
    }
  };
  const [end] = await Promise.all([packets.end(), read()]);
  if (end.code === null) throw await failure(end.errorText);
  return clock.videoInfo(facts);
}
