// What a split keeps over its runs of ffmpeg. One run is the rule. It is repeated without the clips that damage left
// empty, since the segment muxer then cut at wrong places; with the audio encoded again, then left out, where ffmpeg failed
// with it; without a frame ahead of the clips where that one is lost; and once where a signal ended it. A repeat decodes the
// same frames, so what was already delivered is known by count and not sent again.
import { InputError } from "../errors.ts";
import { type AudioTreatment, audioTreatment } from "./audio_track.ts";
import { COPY } from "./encoder_options.ts";
import type { EncodedClip, Preview, SourceStream, SplitReport, SplitRequest, SplitSinks } from "./engine.ts";
import type { FrameRange } from "./frame_span.ts";
import { GrayRouter } from "./gray_router.ts";
import { PreviewCheck } from "./preview_check.ts";
import { crashError, diskFailure, firstLine, lastLine } from "./probe_failure.ts";
import { SampleRouter } from "./sample_router.ts";
import { SegmentCheck } from "./segment_check.ts";
import { isPadded, type SplitCall, type SplitTargets, splitArguments } from "./split_arguments.ts";
import { planSplit, type SplitPlan } from "./split_plan.ts";
import { assertCopyable, copiedClip, copiedPieces, copyMismatch } from "./stream_copy.ts";

/** One run of ffmpeg, as an engine must carry it out. */
export interface SplitAttempt extends SplitCall {
  readonly router: SampleRouter;
  readonly grayRouter: GrayRouter;
  readonly segments: SegmentCheck;
  readonly previews: PreviewCheck;
  /** Hands a clip on unless an earlier run did. */
  deliver(clip: EncodedClip): Promise<void>;
  /** Likewise for a preview. */
  deliverPreview(preview: Preview): Promise<void>;
}

export interface AttemptEnd {
  readonly succeeded: boolean;
  /** The signal that ended it, or null. */
  readonly signal: string | null;
  readonly errorText: string;
  readonly errorCount: number;
}

export interface SplitInput {
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly stream: SourceStream;
  readonly targets: SplitTargets;
  readonly maxPixels: number;
}

/** Complaints that have nothing to do with the video. */
const DISK_REFUSED = /No space left|File too large|Disk quota/i;

/** Clips of one run of ffmpeg. Lists of so many cut times still fit into an argument; a day at 10 s takes three runs. */
const MAX_CLIPS_PER_RUN = 4000;
/** Of audio, what lies between clips is left out by an expression in one argument: up to 200 characters for each gap. */
const MAX_GAPS_PER_RUN = 500;

/** Rejects with InputError unreadable, decode-failed or encode-failed, UsageError, or what a sink or the engine rejected with. */
export async function runSplit(
  request: SplitRequest,
  sinks: SplitSinks,
  input: SplitInput,
  run: (attempt: SplitAttempt) => Promise<AttemptEnd>,
): Promise<SplitReport> {
  if (request.encoder === COPY) assertCopyable(request.info, input.name);
  const session = new SplitSession(request, sinks, input, run);
  for (const { first, end } of runsOf(request)) await session.splitSpans(first, end);
  return session.report();
}

/** The spans of each run of ffmpeg: as many as its arguments can tell of. */
function runsOf({ spans, encoder, info }: SplitRequest): FrameRange[] {
  const hasAudio = encoder !== null && info.audioCodec !== null;
  const runs: FrameRange[] = [];
  let [first, gaps] = [0, 0];
  for (let end = 1; end <= spans.length; end++) {
    if (end < spans.length && spans[end]!.startSeconds > spans[end - 1]!.endSeconds) gaps++;
    if (end < spans.length && end - first < MAX_CLIPS_PER_RUN && !(hasAudio && gaps >= MAX_GAPS_PER_RUN)) {
      continue;
    }
    runs.push({ first, end });
    [first, gaps] = [end, 0];
  }
  return runs;
}

class SplitSession {
  readonly #request: SplitRequest;
  readonly #sinks: SplitSinks;
  readonly #input: SplitInput;
  readonly #run: (attempt: SplitAttempt) => Promise<AttemptEnd>;
  readonly #delivered = new Set<number>();
  readonly #empty = new Set<number>();
  readonly #previewsPlanned = new Set<string>();
  readonly #previewsDelivered = new Set<string>();
  #audio: AudioTreatment;
  #decodeErrors = 0;
  #complaint: string | null = null;
  #crashed = false;
  #mayLead = true;

  constructor(
    request: SplitRequest,
    sinks: SplitSinks,
    input: SplitInput,
    run: (attempt: SplitAttempt) => Promise<AttemptEnd>,
  ) {
    this.#request = request;
    this.#sinks = sinks;
    this.#input = input;
    this.#run = run;
    this.#audio = request.encoder === null ? "none" : audioTreatment(request.info.audioCodec);
  }

  report(): SplitReport {
    return {
      decodeErrors: this.#decodeErrors,
      complaint: this.#complaint,
      emptySpans: [...this.#empty].sort((a, b) => a - b),
      notes: [
        ...alterations(this.#request, this.#audio),
        ...clockNotes(this.#request, this.#input, this.#audio),
        ...pictureNotes(this.#request, this.#input),
        ...this.#missingPreviews(),
      ],
    };
  }

  /** Splits the spans [first, end) of the request, in as many runs as it takes. */
  async splitSpans(first: number, end: number): Promise<void> {
    const { info, encoder } = this.#request;
    let framesSent = 0;
    let grayFramesSent = 0;
    for (;;) {
      const skip = (index: number): boolean => index < first || index >= end || this.#empty.has(index);
      const plan = planSplit({ ...this.#request, frameTimes: info.frameTimes }, this.#input.stream, skip);
      for (const index of plan.emptySpans) this.#empty.add(index);
      for (const { clip, window } of plan.previews) this.#previewsPlanned.add(`${clip} ${window}`);
      if (plan.clips.length === 0 || (encoder === null && !samplesFrames(plan))) return;

      let framesSeen = 0;
      const router = new SampleRouter(plan, this.#input.stream.picture.frame, async (frame) => {
        if (framesSeen++ < framesSent) return;
        await this.#sinks.onFrame(frame);
        framesSent++;
      });
      let grayFramesSeen = 0;
      const grayRouter = new GrayRouter(plan, async (frame) => {
        if (grayFramesSeen++ < grayFramesSent) return;
        await this.#sinks.onGrayFrame?.(frame);
        grayFramesSent++;
      });
      const segments = new SegmentCheck(plan);
      if (encoder === COPY) segments.expectCopies(copiedPieces(plan, info));
      const previews = new PreviewCheck(plan, this.#request.previews);
      const outcome = await this.#attempt(plan, { router, grayRouter, segments, previews });
      if (outcome.signal !== null) {
        if (this.#crashed) throw crashError(outcome.signal, this.#input.name);
        this.#crashed = true;
        continue;
      }
      const diskError = diskFailure(outcome.errorText, this.#input.name);
      if (diskError !== undefined) throw diskError;
      if (!outcome.succeeded) {
        const sawFrames = segments.sawFrames || router.clipsMet.size + grayRouter.clipsMet.size > 0;
        this.#giveUpAudio(outcome.errorText, sawFrames);
        continue;
      }
      if (segments.lacksLead) {
        this.#mayLead = false;
        continue;
      }
      // Of a run that came to its end: what one complained of that was given up had to do with the audio.
      this.#decodeErrors = Math.max(this.#decodeErrors, outcome.errorCount);
      if (outcome.errorCount > 0) this.#complaint ??= firstLine(outcome.errorText, this.#input.path);
      const decodesClips = encoder !== null && encoder !== COPY;
      const newlyEmpty = decodesClips ? segments.emptyClips() : unsampledClips(plan, [router, grayRouter]);
      for (const index of newlyEmpty) this.#empty.add(index);
      const missing = segments.filledClips().filter((index) => !this.#delivered.has(index));
      if (encoder === null || missing.length === 0) return;
      if (encoder === COPY) throw copyMismatch(this.#input.name, missing);
      if (newlyEmpty.length === 0) throw countMismatch(this.#input, missing);
    }
  }

  #missingPreviews(): string[] {
    const count = this.#previewsPlanned.size - this.#previewsDelivered.size;
    return count === 0 ? [] : [`previews left out as frames of theirs were lost: ${count}`];
  }

  #attempt(
    plan: SplitPlan,
    receivers: Pick<SplitAttempt, "router" | "grayRouter" | "segments" | "previews">,
  ): Promise<AttemptEnd> {
    const { info, encoder, encoderThreads, grayFrames: gray = null, keyFramesOnly = false } = this.#request;
    const { path, stream, targets, maxPixels } = this.#input;
    const call = splitArguments({
      path,
      info,
      stream,
      targets,
      maxPixels,
      plan,
      gray,
      previewHeight: this.#request.previews?.height ?? null,
      audio: this.#audio,
      mayLead: this.#mayLead,
      encoder,
      encoderThreads,
      keyFramesOnly,
    });
    if (call.leads) receivers.segments.expectLead();
    return this.#run({
      ...call,
      ...receivers,
      deliver: async (clip) => {
        if (this.#delivered.has(clip.index)) return;
        await this.#sinks.onClip(encoder === COPY ? this.#copied(clip, plan) : clip);
        this.#delivered.add(clip.index);
      },
      deliverPreview: async (preview) => {
        const key = `${preview.clip} ${preview.window}`;
        if (this.#previewsDelivered.has(key)) return;
        await this.#sinks.onPreview?.(preview);
        this.#previewsDelivered.add(key);
      },
    });
  }

  #copied(clip: EncodedClip, plan: SplitPlan): EncodedClip {
    const planned = plan.clips.find(({ index }) => index === clip.index);
    if (planned === undefined) throw new Error("Invariant broken: only planned clips are delivered");
    return {
      index: clip.index,
      info: copiedClip(this.#request.info, planned.frames, clip.info),
      read: () => clip.read(),
    };
  }

  /** Prepares a repeat with less of the audio; throws when the audio cannot be the cause. */
  #giveUpAudio(errorText: string, sawFrames: boolean): void {
    if (this.#audio === "none" || !sawFrames || DISK_REFUSED.test(errorText))
      throw failure(errorText, this.#input, sawFrames);
    this.#audio = this.#audio === "copy" ? "encode" : "none";
  }
}

function samplesFrames({ sampling, graySampling, previewSampling }: SplitPlan): boolean {
  return sampling !== null || graySampling !== null || previewSampling !== null;
}

/** Clips that were to be sampled and of which no frame came. */
function unsampledClips(
  plan: SplitPlan,
  routers: readonly { readonly clipsMet: ReadonlySet<number> }[],
): number[] {
  return plan.clips
    .filter(({ wanted, gray }) => wanted.length + gray.length > 0)
    .filter(({ index }) => !routers.some(({ clipsMet }) => clipsMet.has(index)))
    .map((clip) => clip.index);
}

function countMismatch(input: SplitInput, clips: readonly number[]): InputError {
  return new InputError(
    "encode-failed",
    `Cannot cut clips as the encoder gave another number of frames than it was given: ${input.name}, ` +
      `clips ${clips.slice(0, 5).join(", ")}. Try another --transcode-encoder.`,
  );
}

/**
 * What the clips differ in from the source, one sentence each.
 *
 * @param audioTitle what audio was encoded to.
 */
export function alterations(
  { info, encoder }: SplitRequest,
  audio: AudioTreatment,
  audioTitle: string = "AAC",
): string[] {
  if (encoder === null) return [];
  const notes: string[] = [];
  const wished = audioTreatment(info.audioCodec);
  if (audio === "encode") {
    const why = wished === "copy" ? "it could not be copied" : "mp4 cannot hold it";
    notes.push(`audio re-encoded to ${audioTitle} as ${why}: ${info.audioCodec}`);
  } else if (audio === "none" && wished !== "none") {
    notes.push(`audio left out as it could not be decoded: ${info.audioCodec}`);
  }
  if (encoder === COPY) return notes;
  if (isPadded(info, encoder)) {
    notes.push(`padded to an even size as ${encoder} needs one: ${info.width}x${info.height}`);
  }
  if (!/^yuvj?420p$/.test(info.pixelFormat)) {
    notes.push(`pixels converted to 8-bit 4:2:0: ${info.pixelFormat}`);
  }
  return notes;
}

/** What was done about a clock that starts anew. */
function clockNotes({ info }: SplitRequest, { stream }: SplitInput, audio: AudioTreatment): string[] {
  if (!stream.clockRestarts) return [];
  const rate = Number(info.frameRate.toFixed(3));
  const frames = `the clock starts anew: frames laid out evenly as they follow each other, ${rate} per second`;
  return [audio === "none" ? frames : `${frames}, and sound joined, which may be off by a frame or more`];
}

/** What was done about pictures that are not plain, one sentence each. */
function pictureNotes({ encoder }: SplitRequest, { stream, targets }: SplitInput): string[] {
  const { frame, interlaced } = stream.picture;
  const { transfer = "sdr", pixelAspect = 1 } = frame;
  const notes: string[] = [];
  if (interlaced && encoder !== COPY)
    notes.push("fields joined to whole pictures, where frames are interlaced");
  if (encoder === null || encoder === COPY) return notes;
  if (transfer !== "sdr") {
    const name = transfer.toUpperCase();
    notes.push(
      targets.toneMaps
        ? `high dynamic range brought to SDR: ${name}`
        : `high dynamic range left in the clips as ffmpeg has no zscale and tonemap filters: ${name}`,
    );
  }
  if (pixelAspect !== 1) notes.push(`pixels are ${Number(pixelAspect.toFixed(4))} times as wide as high`);
  return notes;
}

function failure(errorText: string, input: SplitInput, sawFrames: boolean): InputError {
  const detail = lastLine(errorText, input.path);
  if (!sawFrames) {
    return new InputError(
      "decode-failed",
      `Cannot decode a video as none of its frames is whole: ${input.name} (${firstLine(errorText, input.path)})`,
    );
  }
  if (DISK_REFUSED.test(errorText)) {
    return new InputError(
      "encode-failed",
      `Cannot write clips as the folder for temporary files takes no more: ${input.name}. ` +
        "Free some space, or name another folder with TMPDIR.",
    );
  }
  return /encoder|Could not write header|muxer|av_interleaved_write_frame/i.test(errorText)
    ? new InputError("encode-failed", `Cannot encode clips as ffmpeg failed: ${input.name} (${detail})`)
    : new InputError(
        "decode-failed",
        `Cannot decode a video to its end as ffmpeg failed: ${input.name} (${detail})`,
      );
}
