// One decode of a split with WebCodecs: each frame goes to the clip it belongs to, and its planes are copied out only
// where a sample, a gray frame or a turned clip needs them.
import { InputError } from "../../errors.ts";
import type { SourceStream, SplitReport, SplitRequest, SplitSinks, VideoInfo } from "../engine.ts";
import { GrayRouter } from "../gray_router.ts";
import { SampleRouter } from "../sample_router.ts";
import { clipAtTick, type PlannedClip, planSplit, type SplitPlan } from "../split_plan.ts";
import { alterations } from "../split_session.ts";
import { type ClipAudio, chooseClipAudio } from "./clip_audio.ts";
import { ClipSequence } from "./clip_sequence.ts";
import { type FramePlanes, uprightPlanes } from "./frame_planes.ts";
import type { OpenedVideo } from "./open_video.ts";
import { GrayScaler } from "./small_frames.ts";
import { StepSelection, stepAt } from "./step_selection.ts";
import { decodeVideo } from "./video_frames.ts";

export interface WebCodecsSplit {
  readonly opened: OpenedVideo;
  readonly request: SplitRequest & { readonly info: VideoInfo & { readonly stream: SourceStream } };
  /** mediabunny's name of the codec for clips, or null for none. */
  readonly codec: "avc" | "vp9" | "av1" | null;
  readonly sinks: SplitSinks;
}

/** Rejects with InputError decode-failed or encode-failed, InterruptedError, or what a sink rejected with. */
export async function splitVideoFrames({
  opened,
  request,
  codec,
  sinks,
}: WebCodecsSplit): Promise<SplitReport> {
  const { info } = request;
  const plan = planSplit({ ...request, frameTimes: info.frameTimes }, info.stream);
  const audio = codec === null ? null : await chooseClipAudio(opened.audio, info.audioCodec);
  const notes = alterations(request, audio?.kind ?? "none", audio?.codec.toUpperCase());
  const wantsFrames = codec !== null || plan.sampling !== null || plan.graySampling !== null;
  if (plan.clips.length === 0 || !wantsFrames)
    return { decodeErrors: 0, complaint: null, emptySpans: plan.emptySpans, notes };
  const receivers = new FrameReceivers({ opened, request, codec, sinks }, plan, audio);
  const complaints: string[] = [];
  try {
    for await (const { tick, frame } of decodeVideo(opened, info, {
      fromTick: plan.stretches[0]?.firstTick ?? 0,
      signal: request.signal,
      onComplaint: (message) => complaints.push(message),
    })) {
      try {
        if (plan.endTick !== null && tick >= plan.endTick) break;
        const clip = clipAtTick(plan, tick);
        if (clip !== undefined) await receivers.push(clip, tick, frame);
      } finally {
        frame.close();
      }
    }
    if (receivers.clipsMet.size === 0) throw noWholeFrame(opened.name, complaints);
    await receivers.finish();
  } catch (error) {
    await receivers.cancel();
    throw error;
  }
  const lost = plan.clips.map(({ index }) => index).filter((index) => !receivers.clipsMet.has(index));
  const emptySpans = [...plan.emptySpans, ...lost].sort((a, b) => a - b);
  return { decodeErrors: complaints.length, complaint: complaints[0] ?? null, emptySpans, notes };
}

export function noWholeFrame(name: string, complaints: readonly string[]): InputError {
  return new InputError(
    "decode-failed",
    `Cannot decode a video as none of its frames is whole: ${name} (${complaints[0] ?? "the decoder gave none"})`,
  );
}

/** All that one frame may go to. */
class FrameReceivers {
  readonly clipsMet: Set<number> = new Set();
  readonly #split: WebCodecsSplit;
  readonly #plan: SplitPlan;
  readonly #sampling: StepSelection;
  readonly #router: SampleRouter;
  readonly #grayRouter: GrayRouter;
  readonly #gray: GrayScaler | null;
  readonly #clips: ClipSequence | null;

  constructor(split: WebCodecsSplit, plan: SplitPlan, audio: ClipAudio | null) {
    const { opened, request, codec, sinks } = split;
    const { info, grayFrames } = request;
    this.#split = split;
    this.#plan = plan;
    this.#sampling = new StepSelection(plan.sampling);
    const format = { ...info.stream.picture.frame, pixelFormat: "yuv420p" };
    this.#router = new SampleRouter(plan, format, (frame) => sinks.onFrame(frame));
    this.#grayRouter = new GrayRouter(plan, async (frame) => sinks.onGrayFrame?.(frame));
    this.#gray = grayFrames ? new GrayScaler(info, [grayFrames.width, grayFrames.height]) : null;
    const deliver = sinks.onClip.bind(sinks);
    this.#clips = codec === null ? null : new ClipSequence({ opened, info, plan, codec, audio, deliver });
  }

  async push(clip: PlannedClip, tick: number, frame: VideoFrame): Promise<void> {
    this.clipsMet.add(clip.index);
    const { graySampling } = this.#plan;
    let copied: Promise<FramePlanes> | undefined;
    const planes = (): Promise<FramePlanes> => {
      copied ??= uprightPlanes(frame, this.#split.request.info, this.#split.opened.name);
      return copied;
    };
    if (this.#sampling.take(tick)) await this.#router.push(tick, (await planes()).data);
    if (this.#gray !== null && graySampling !== null && stepAt(graySampling, tick) === 1)
      await this.#grayRouter.push(tick, this.#gray.apply((await planes()).data));
    await this.#clips?.add(clip, tick, frame, planes);
  }

  async finish(): Promise<void> {
    await this.#router.finish();
    await this.#clips?.finish();
  }

  async cancel(): Promise<void> {
    await this.#clips?.cancel();
  }
}
