// What a split keeps over its runs of ffmpeg. One run is the rule. It is repeated without the clips that damage left
// empty, since the segment muxer then cut at wrong places; and with the audio encoded again, then left out, where ffmpeg
// failed with it. A repeat decodes the same frames, so what was already delivered is known by count and not sent again.
import { InputError } from "../errors.ts";
import { type AudioTreatment, audioTreatment } from "./audio_track.ts";
import type { EncodedClip, SourceStream, SplitReport, SplitRequest, SplitSinks } from "./engine.ts";
import { firstLine, lastLine } from "./probe_failure.ts";
import { SampleRouter } from "./sample_router.ts";
import { SegmentCheck } from "./segment_check.ts";
import { isPadded, type SplitTargets, splitArguments } from "./split_arguments.ts";
import { planSplit, type SplitPlan } from "./split_plan.ts";

/** One run of ffmpeg, as an engine must carry it out. */
export interface SplitAttempt {
  readonly args: readonly string[];
  readonly router: SampleRouter;
  readonly segments: SegmentCheck;
  /** Hands a clip on unless an earlier run did. */
  deliver(clip: EncodedClip): Promise<void>;
}

export interface AttemptEnd {
  readonly succeeded: boolean;
  readonly errorText: string;
  readonly errorCount: number;
}

export interface SplitInput {
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly stream: SourceStream;
  readonly targets: SplitTargets;
}

/** Rejects with InputError decode-failed or encode-failed, UsageError, or what a sink or the engine rejected with. */
export async function runSplit(
  request: SplitRequest,
  sinks: SplitSinks,
  input: SplitInput,
  run: (attempt: SplitAttempt) => Promise<AttemptEnd>,
): Promise<SplitReport> {
  const delivered = new Set<number>();
  const emptied = new Set<number>();
  const notes: string[] = [];
  let framesSent = 0;
  let audio: AudioTreatment = request.encoder === null ? "none" : audioTreatment(request.info.audioCodec);

  for (;;) {
    const plan = planSplit({ ...request, frameTimes: request.info.frameTimes }, input.stream, emptied);
    const emptySpans = [...plan.emptySpans, ...emptied].sort((a, b) => a - b);
    if (plan.clips.length === 0 || (request.encoder === null && plan.sampling === null)) {
      return { decodeErrors: 0, emptySpans, notes };
    }
    let framesSeen = 0;
    const router = new SampleRouter(plan, request.info, async (frame) => {
      if (framesSeen++ < framesSent) return;
      await sinks.onFrame(frame);
      framesSent++;
    });
    const segments = new SegmentCheck(plan);
    const args = splitArguments({
      ...{ path: input.path, info: request.info, stream: input.stream, targets: input.targets },
      ...{ plan, audio, encoder: request.encoder, encoderThreads: request.encoderThreads },
    });
    const end = await run({
      args,
      router,
      segments,
      async deliver(clip) {
        if (delivered.has(clip.index)) return;
        await sinks.onClip(clip);
        delivered.add(clip.index);
      },
    });
    const newlyEmpty = emptyClips(plan, router, segments, request.encoder !== null);
    if (!end.succeeded) {
      const sawFrames = segments.sawFrames || router.clipsMet.size > 0;
      if (audio === "none" || !sawFrames) throw failure(end.errorText, input, sawFrames);
      audio = audio === "copy" ? "encode" : "none";
      continue;
    }
    const missing = request.encoder === null ? [] : segments.filledClips().filter((i) => !delivered.has(i));
    if (missing.length === 0) {
      return {
        decodeErrors: end.errorCount,
        emptySpans: [...emptySpans, ...newlyEmpty].sort((a, b) => a - b),
        notes: [...notes, ...alterations(request, audio)],
      };
    }
    const before = emptied.size;
    for (const index of newlyEmpty) emptied.add(index);
    if (emptied.size === before) {
      throw new InputError(
        "encode-failed",
        `Cannot cut clips as the encoder gave another number of frames than it was given: ${input.name}, ` +
          `clips ${missing.slice(0, 5).join(", ")}. Try another --transcode-encoder.`,
      );
    }
  }
}

function emptyClips(
  plan: SplitPlan,
  router: SampleRouter,
  segments: SegmentCheck,
  encodes: boolean,
): number[] {
  if (encodes) return segments.emptyClips();
  return plan.clips
    .filter((clip) => clip.wanted.length > 0 && !router.clipsMet.has(clip.index))
    .map((clip) => clip.index);
}

/** What the clips differ in from the source, one sentence each. */
function alterations({ info, encoder }: SplitRequest, audio: AudioTreatment): string[] {
  if (encoder === null) return [];
  const notes: string[] = [];
  const wished = audioTreatment(info.audioCodec);
  if (audio === "encode") {
    const why = wished === "copy" ? "it could not be copied" : "mp4 cannot hold it";
    notes.push(`audio re-encoded to AAC as ${why}: ${info.audioCodec}`);
  } else if (audio === "none" && wished !== "none") {
    notes.push(`audio left out as it could not be decoded: ${info.audioCodec}`);
  }
  if (isPadded(info, encoder)) {
    notes.push(`padded to an even size as ${encoder} needs one: ${info.width}x${info.height}`);
  }
  if (!/^yuvj?420p$/.test(info.pixelFormat)) {
    notes.push(`pixels converted to 8-bit 4:2:0: ${info.pixelFormat}`);
  }
  return notes;
}

function failure(errorText: string, input: SplitInput, sawFrames: boolean): InputError {
  const detail = lastLine(errorText, input.path);
  if (!sawFrames) {
    return new InputError(
      "decode-failed",
      `Cannot decode a video as none of its frames is whole: ${input.name} (${firstLine(errorText)})`,
    );
  }
  return /encoder|Could not write header|muxer|No space left/i.test(errorText)
    ? new InputError("encode-failed", `Cannot encode clips as ffmpeg failed: ${input.name} (${detail})`)
    : new InputError(
        "decode-failed",
        `Cannot decode a video to its end as ffmpeg failed: ${input.name} (${detail})`,
      );
}
