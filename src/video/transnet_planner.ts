// --splitting-algorithm transnetv2: one scan at 48 x 27, the model's answers, scenes, spans.
import { framesInSpan, nearestFrame } from "../media/frame_span.ts";
import type { Span } from "../types.ts";
import { judgeFrames } from "./judge_frames.ts";
import type { SceneCut, SpanPlanner } from "./span_planner.ts";
import type { SplittingOptions } from "./span_planners.ts";
import { type JudgedFrames, sceneRules, transnetSpans } from "./transnet_spans.ts";

export const transnetv2: SpanPlanner<SplittingOptions> = {
  usesShotModel: true,
  decisive: (options) => ({ transnetv2: { ...sceneRules(options.transnetv2) } }),
  async plan({ shotModel, ...video }, { transnetv2: given, limitClips, compat }) {
    const rules = sceneRules(given);
    const judged = await judgeFrames(video, await shotModel(), compat);
    const spans = transnetSpans(judged, {
      ...rules,
      ...(limitClips === undefined ? {} : { limitClips }),
      ...(compat === undefined ? {} : { compat }),
    });
    const { frameRate, frameTimes } = video.info;
    const frames = spans.map((span) =>
      compat === "nemo" ? countedFrames(span, frameRate) : framesInSpan(frameTimes, span),
    );
    const cuts = cutsOf(judged, rules.threshold);
    return { spans, frames, cuts: compat === "nemo" ? cuts : cuts.map((cut) => inSource(cut, frameTimes)) };
  },
  shortest: ({ transnetv2: given }) => ({
    seconds: sceneRules(given).minLengthSeconds,
    flag: "--transnetv2-min-length-s",
  }),
};

/** The frame numbers that the reference divided by the rate. */
function countedFrames(
  { startSeconds, endSeconds }: Span,
  frameRate: number,
): { first: number; end: number } {
  return { first: Math.round(startSeconds * frameRate), end: Math.round(endSeconds * frameRate) };
}

/** The reference counts the frames that decode; by time a cut is at its frame of the source, whatever damage took before it. */
function inSource(cut: SceneCut, frameTimes: Float64Array): SceneCut {
  return { ...cut, frame: nearestFrame(frameTimes, cut.seconds) };
}

/**
 * A cut for each run of transition frames that a scene follows, at the number of the judged frame; its score is the highest
 * probability of the run.
 */
function cutsOf({ probabilities, times }: JudgedFrames, threshold: number): SceneCut[] {
  const cuts: SceneCut[] = [];
  let score = 0;
  for (let frame = 0; frame < probabilities.length; frame++) {
    const probability = probabilities[frame] as number;
    if (probability > threshold) score = Math.max(score, probability);
    else if (score > 0) {
      cuts.push({ frame, seconds: times[frame] as number, score: Number(score.toFixed(4)) });
      score = 0;
    }
  }
  return cuts;
}
