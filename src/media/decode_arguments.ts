// What every ffmpeg command that decodes a video begins with: its guards, its input on the clock that `frameTimes` came
// from, and filters that keep each frame on that clock and print its tick. The trap: damaged files lose frames, so that
// frames are told apart by these ticks and never by counting.
import type { SourceStream, VideoInfo } from "./engine.ts";
import { inputGuard, inputUrl } from "./input_guard.ts";
import { decimal } from "./step_expression.ts";

/** What of an input is decoded. */
export interface InputChoice {
  /**
   * Where to begin, on the container's clock (seek_point.ts), or null for the start. What lies between there and the first
   * frame that is wanted is left to the filters: ffmpeg's own trimming does not know the shifted clock.
   */
  readonly seekSeconds?: number | null;
  readonly keyFramesOnly?: boolean;
}

/**
 * @param progress where ffmpeg prints signs of life ("pipe:<n>"), or null.
 */
export function inputArguments(
  path: string,
  stream: SourceStream,
  { frameRate }: Pick<VideoInfo, "frameRate">,
  progress: string | null,
  maxPixels: number,
  { seekSeconds = null, keyFramesOnly = false }: InputChoice = {},
): string[] {
  const seek =
    seekSeconds === null ? [] : ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", decimal(seekSeconds)];
  return [
    ...["-nostdin", "-hide_banner", "-v", "repeat+level+error", "-max_error_rate", "1"],
    ...(progress === null ? [] : ["-progress", progress]),
    ...inputGuard(maxPixels),
    // Where the clock starts anew ffmpeg sets the sound on behind, and `-seek_timestamp` alone keeps it from moving the start.
    ...(stream.clockRestarts ? ["-seek_timestamp", "1"] : ["-copyts"]),
    ...["-itsoffset", decimal(-stream.startSeconds)],
    // Decoded frames get times by their number. Filters could count them too, but start anew where the size changes.
    ...(stream.timesFromRate ? ["-r", decimal(frameRate)] : []),
    ...(keyFramesOnly ? ["-skip_frame", "nokey"] : []),
    ...[...seek, "-i", inputUrl(path)],
  ];
}

/** Whole pictures, with times that rise by a tick at least on the clock that `frameTimes` came from. */
export function clockFilters(stream: SourceStream): string[] {
  const [numerator, denominator] = stream.timeBase;
  const rising = "if(isnan(PREV_OUTPTS),PTS,max(PTS,PREV_OUTPTS+1))";
  return [...deinterlaceFilters(stream), `settb=${numerator}/${denominator}`, `setpts='${rising}'`];
}

/** One picture for each two fields, where the header speaks of fields and the frame does too. */
function deinterlaceFilters({ picture: { interlaced, frame } }: SourceStream): string[] {
  // The filter takes nothing smaller.
  return interlaced && frame.width >= 3 && frame.height >= 3
    ? ["bwdif=mode=send_frame:deint=interlaced"]
    : [];
}

/** Prints "frame:<n> pts:<tick> ..." per frame; the filter prints only frames that carry an entry. */
export function labelFilters(key: string, target: string): string[] {
  const file = target.replaceAll(":", "\\:");
  return [`metadata=mode=add:key=${key}:value=1`, `metadata=mode=print:key=${key}:file='${file}':direct=1`];
}
