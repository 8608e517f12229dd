// One run of a native ffmpeg for a scan: small frames over standard output, their ticks over pipe 3, signs of life over
// pipe 4. Nothing is written to disk. All pipes are read at once: ffmpeg stands still as soon as one of them is full. A run that
// a signal ended is repeated once, as in a split.
import type { MediaLimits } from "../../limits.ts";
import { AsyncQueue } from "../async_queue.ts";
import type { ScanReport, ScanRequest, SourceStream } from "../engine.ts";
import { crashError } from "../probe_failure.ts";
import { type ScanSession, scanArguments, scanFrameBytes } from "../scan_session.ts";
import { FfmpegProcess, type ProcessEnd } from "./ffmpeg_process.ts";
import type { OpenedSource } from "./native_source.ts";
import { readFrames, readLabels } from "./raw_frames.ts";

const TARGETS = { frames: "pipe:1", frameLabels: "pipe:3", progress: "pipe:4" };

export interface NativeScan {
  readonly binary: string;
  readonly source: OpenedSource;
  readonly request: ScanRequest;
  readonly stream: SourceStream;
  readonly limits: MediaLimits;
}

/** Rejects with what the receiver of frames rejected with, or with an error of FfmpegProcess or ScanSession. */
export async function runNativeScan(run: NativeScan, session: ScanSession): Promise<ScanReport> {
  let end = await attempt(run, session);
  if (end.code === null) end = await attempt(run, session);
  if (end.code === null) throw crashError(end.signal, run.source.name);
  return session.finish({ succeeded: end.code === 0, ...end }, run.source);
}

async function attempt(run: NativeScan, session: ScanSession): Promise<ProcessEnd> {
  const { binary, source, request, stream, limits } = run;
  const { maxPixels } = limits;
  const child = new FfmpegProcess({
    ...{ binary, args: scanArguments({ path: source.path, request, stream, targets: TARGETS, maxPixels }) },
    ...{ extraPipes: 2, limits, subject: source.name, signal: request.signal },
  });
  const labels = new AsyncQueue<number>();
  const parts = [
    readFrames(child, 1, scanFrameBytes(request), labels, { push: (tick, rgb) => session.push(tick, rgb) }),
    readLabels(child, 3, labels),
    readSigns(child, 4),
  ];
  return await child.end(parts);
}

/** Reading is what counts as a sign of life. */
async function readSigns(child: FfmpegProcess, pipe: number): Promise<void> {
  for await (const _ of child.bytes(pipe));
}
