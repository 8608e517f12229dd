// The table of splitting algorithms: a new one is an entry here, its options a section of SplittingOptions.
import { InputError, UsageError } from "../errors.ts";
import type { JsonValue } from "../types.ts";
import { type ContentOptions, content } from "./content_planner.ts";
import { fixedStrideSpans } from "./fixed_stride.ts";
import type { SpanPlanner } from "./span_planner.ts";
import { transnetv2 } from "./transnet_planner.ts";
import type { SceneRules } from "./transnet_spans.ts";

/** What decides how videos are cut. */
export interface SplittingOptions {
  /** Default "fixed_stride". */
  readonly splittingAlgorithm?: SplittingAlgorithm;
  /** Of fixed_stride: length and stride of clips in seconds. Shorter clips find shorter duplicates and cost more. Default 10. */
  readonly splitDurationSeconds?: number;
  /** Of fixed_stride: a last clip shorter than this is dropped, in seconds. Default 2. */
  readonly minClipLengthSeconds?: number;
  /** Of transnetv2: what is a cut, and what is taken of the scenes between. */
  readonly transnetv2?: SceneRules;
  /** Of content: what is a cut, and what is taken of the scenes between. */
  readonly content?: ContentOptions;
  /** Clips of each video at most; 0 keeps all. Default 0. */
  readonly limitClips?: number;
  /** "nemo": spans as NeMo Curator makes them. Default "none". */
  readonly compat?: "none" | "nemo";
}

export type SplittingAlgorithm = "fixed_stride" | "transnetv2" | "content";

const fixedStride: SpanPlanner<SplittingOptions> = {
  decisive: ({ splitDurationSeconds = 10, minClipLengthSeconds = 2 }) => ({
    splitDurationSeconds,
    minClipLengthSeconds,
  }),
  async plan({ info }, { splitDurationSeconds, minClipLengthSeconds, limitClips, compat }) {
    try {
      const spans = fixedStrideSpans(info, {
        ...(splitDurationSeconds === undefined ? {} : { clipLengthSeconds: splitDurationSeconds }),
        ...(minClipLengthSeconds === undefined ? {} : { minClipLengthSeconds }),
        ...(limitClips === undefined ? {} : { limitClips }),
        ...(compat === undefined ? {} : { compat }),
      });
      return { spans };
    } catch (error) {
      // Lengths were checked when the options were read: what is left is a video that claims too many spans.
      if (error instanceof UsageError) throw new InputError("limit-clips", error.message, { cause: error });
      throw error;
    }
  },
  shortest: ({ minClipLengthSeconds = 2 }) => ({
    seconds: minClipLengthSeconds,
    flag: "--fixed-stride-min-clip-length-s",
  }),
};

export const spanPlanners: Readonly<Record<SplittingAlgorithm, SpanPlanner<SplittingOptions>>> = {
  fixed_stride: fixedStride,
  transnetv2,
  content,
};

export function spanPlannerOf(options: SplittingOptions): SpanPlanner<SplittingOptions> {
  return spanPlanners[algorithmOf(options)];
}

export function algorithmOf({ splittingAlgorithm = "fixed_stride" }: SplittingOptions): SplittingAlgorithm {
  return splittingAlgorithm;
}

/** The algorithm and the options that decide its spans, defaults filled in. */
export function decisiveOptions(options: SplittingOptions): Record<string, JsonValue> {
  return { splittingAlgorithm: algorithmOf(options), ...spanPlannerOf(options).decisive(options) };
}
