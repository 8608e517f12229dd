// The motion filter of a split: asks the decode for pairs of gray frames, has them measured, and says which clips are
// dropped. A clip that cannot be measured is kept and says so; NeMo Curator drops it.
import { motionFrameUnit } from "../kernels/motion_search.ts";
import type { GrayFrame, GrayFramesRequest, VideoInfo } from "../media/engine.ts";
import type { Span } from "../types.ts";
import { motionFrameSize, motionFrames } from "../video/motion_frames.ts";
import { MotionMeter } from "../video/motion_meter.ts";
import type { MotionScore } from "../video/motion_score.ts";
import type { StageContext } from "./stage.ts";

export interface MotionFilterOptions {
  /** "enable" drops clips without motion, "score-only" records their scores. Default "disable". */
  readonly motionFilter?: "disable" | "enable" | "score-only";
  /** Clips whose mean motion is below are dropped; in picture sizes (width + height) per frame. Default 0.00098. */
  readonly motionGlobalMeanThreshold?: number;
  /**
   * Clips with a patch of about 256 x 256 pixels whose motion is below are dropped. The default of 1e-6 drops every clip
   * with a patch that stands still, such as one from a tripod; 0 looks at the mean of the picture alone.
   */
  readonly motionPerPatchMin256Threshold?: number;
  /** Pairs of frames compared per second of a clip at most. Default 2. */
  readonly motionDecodeTargetFps?: number;
  /** Share of those pairs that is enough, but for ten. Default 0.5. */
  readonly motionDecodeTargetDurationRatio?: number;
}

export const motionFilterDefaults: Required<MotionFilterOptions> = {
  motionFilter: "disable",
  motionGlobalMeanThreshold: 0.00098,
  motionPerPatchMin256Threshold: 1e-6,
  motionDecodeTargetFps: 2,
  motionDecodeTargetDurationRatio: 0.5,
};

/** What is known of the motion of one clip. */
export interface ClipMotionVerdict {
  /** Null where it could not be measured. */
  readonly score: MotionScore | null;
  readonly dropped: boolean;
}

const still: MotionScore = { globalMean: 0, perPatchMin256: 0 };

export class MotionFilter {
  /** What the decode must yield. */
  readonly request: GrayFramesRequest;
  readonly #options: Required<MotionFilterOptions>;
  readonly #meter: MotionMeter;

  constructor(
    options: Required<MotionFilterOptions>,
    info: VideoInfo,
    spans: readonly Span[],
    context: Pick<StageContext, "device">,
  ) {
    const size = motionFrameSize(info, motionFrameUnit);
    const sampling = {
      targetFps: options.motionDecodeTargetFps,
      targetDurationRatio: options.motionDecodeTargetDurationRatio,
    };
    this.#options = options;
    this.request = { ...size, frames: spans.map((span) => motionFrames(info.frameTimes, span, sampling)) };
    this.#meter = new MotionMeter(() => context.device(), {
      ...{ width: info.width, height: info.height },
      ...{ frameWidth: size.width, frameHeight: size.height },
    });
  }

  async add(frame: GrayFrame): Promise<void> {
    await this.#meter.add(frame);
  }

  /** One verdict for each span. */
  async finish(): Promise<ClipMotionVerdict[]> {
    const scores = await this.#meter.finish();
    return this.request.frames.map((frames, clip) => {
      // A clip of a single frame stands still.
      const score = frames.length === 0 ? still : (scores.get(clip) ?? null);
      return { score, dropped: score !== null && this.#isBelow(score) };
    });
  }

  #isBelow({ globalMean, perPatchMin256 }: MotionScore): boolean {
    const { motionFilter, motionGlobalMeanThreshold, motionPerPatchMin256Threshold } = this.#options;
    return (
      motionFilter === "enable" &&
      (globalMean < motionGlobalMeanThreshold || perPatchMin256 < motionPerPatchMin256Threshold)
    );
  }
}
