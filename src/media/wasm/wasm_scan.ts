// A scan by ffmpeg as WebAssembly. It has no pipes: a run writes its frames to a file in memory before any can be read.
// So a long video is scanned in parts, each decoded from the start, that are short enough to lie in memory.
import type { ScanReport, ScanRequest, SourceStream } from "../engine.ts";
import { type ScanSession, scanArguments, scanFrameBytes, type TickRange } from "../scan_session.ts";
import type { FfmpegCore } from "./ffmpeg_core.ts";
import { labelledTicks, labelTarget } from "./label_files.ts";

const TARGETS = { frames: "scan.rgb", frameLabels: labelTarget("frame_labels.txt"), progress: null };
const MAX_PART_BYTES = 1 << 28;

export interface WasmScan {
  /** Name of the source's file in memory. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly request: ScanRequest;
  readonly stream: SourceStream;
  readonly maxPixels: number;
  run(args: readonly string[]): Promise<{
    readonly core: FfmpegCore;
    readonly code: number;
    readonly errorText: string;
    readonly errorCount: number;
  }>;
}

export async function runWasmScan(
  { path, name, request, stream, maxPixels, run }: WasmScan,
  session: ScanSession,
  maxPartBytes: number = MAX_PART_BYTES,
): Promise<ScanReport> {
  const size = scanFrameBytes(request);
  let [errorText, errorCount, succeeded] = ["", 0, true];
  for (const part of partsOf(request.info.frameTimes, stream, Math.floor(maxPartBytes / size))) {
    const { core, code, ...end } = await run(
      scanArguments({
        ...{ path, request, stream, targets: TARGETS, maxPixels },
        ...(part === null ? {} : { part }),
      }),
    );
    const ticks = labelledTicks(core, "frame_labels.txt");
    const { exists } = core.FS.analyzePath(TARGETS.frames);
    const frames = exists ? core.FS.readFile(TARGETS.frames) : new Uint8Array();
    for (let i = 0; i < ticks.length && (i + 1) * size <= frames.byteLength; i++) {
      await session.push(ticks[i]!, frames.slice(i * size, (i + 1) * size));
    }
    errorText ||= end.errorText;
    errorCount = Math.max(errorCount, end.errorCount);
    succeeded &&= code === 0;
  }
  return session.finish({ succeeded, signal: null, errorText, errorCount }, { name, path });
}

/** Stretches of so many frames at most, with limits halfway between frames; null for all at once. */
function partsOf(
  frameTimes: Float64Array,
  { timeBase: [numerator, denominator] }: SourceStream,
  framesPerPart: number,
): (TickRange | null)[] {
  const most = Math.max(1, framesPerPart);
  if (frameTimes.length <= most) return [null];
  const tick = (frame: number): number => (frameTimes[frame]! * denominator) / numerator;
  const before = (frame: number): number =>
    frame === 0 ? -1e15 : frame >= frameTimes.length ? 1e15 : Math.ceil((tick(frame - 1) + tick(frame)) / 2);
  const parts: TickRange[] = [];
  for (let first = 0; first < frameTimes.length; first += most) {
    parts.push({ startTick: before(first), endTick: before(first + most) });
  }
  return parts;
}
