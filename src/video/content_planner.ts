// --splitting-algorithm content: one scan of the video, a score for each frame, cuts, scenes, spans. Options and defaults
// are those of PySceneDetect's ContentDetector and AdaptiveDetector; its edge component, which counts nothing by default,
// is not computed.
import type { JsonValue } from "../types.ts";
import {
  type AdaptiveCutOptions,
  adaptiveCuts,
  type ContentCutOptions,
  contentCuts,
} from "./content_cuts.ts";
import { type ContentWeights, equalWeights, scoreFrames } from "./content_scores.ts";
import { checkSceneLengths, type SceneLengths, sceneSpans } from "./scene_spans.ts";
import type { SpanPlanner } from "./span_planner.ts";
import type { SplittingOptions } from "./span_planners.ts";

export interface ContentOptions
  extends Partial<SceneLengths>,
    Partial<ContentCutOptions>,
    Partial<AdaptiveCutOptions> {
  /** "adaptive" tells cuts from fast movement by the frames around them. Default "content". */
  readonly detector?: "content" | "adaptive";
  /** What hue, saturation and value count in a score. Default: the same. */
  readonly weights?: ContentWeights;
}

type ContentSettings = SceneLengths & { readonly weights: ContentWeights } & (
    | ({ readonly detector: "content" } & ContentCutOptions)
    | ({ readonly detector: "adaptive" } & AdaptiveCutOptions)
  );

/** The options that the chosen detector reads, defaults filled in. @throws UsageError where lengths contradict. */
export function contentSettings(options: ContentOptions = {}): ContentSettings {
  const lengths: SceneLengths = {
    minLengthSeconds: options.minLengthSeconds ?? 2,
    maxLengthSeconds: options.maxLengthSeconds ?? 10,
    maxLengthMode: options.maxLengthMode ?? "stride",
  };
  checkSceneLengths(lengths);
  const shared = {
    ...lengths,
    weights: options.weights ?? equalWeights,
    minSceneFrames: options.minSceneFrames ?? 15,
  };
  if (options.detector === "adaptive") {
    return {
      ...shared,
      detector: "adaptive",
      adaptiveThreshold: options.adaptiveThreshold ?? 3,
      windowFrames: options.windowFrames ?? 2,
      minContentScore: options.minContentScore ?? 15,
    };
  }
  return {
    ...shared,
    detector: "content",
    threshold: options.threshold ?? 27,
    flashFilter: options.flashFilter ?? "merge",
  };
}

export const content: SpanPlanner<SplittingOptions> = {
  decisive: (options) => ({ content: contentSettings(options.content) as unknown as JsonValue }),
  async plan(video, { content: given, limitClips = 0 }) {
    const settings = contentSettings(given);
    const scored = await scoreFrames(video, settings.weights);
    const found =
      settings.detector === "adaptive" ? adaptiveCuts(scored, settings) : contentCuts(scored, settings);
    const cuts = found.map((cut) => ({ ...cut, score: Number(cut.score.toFixed(2)) }));
    const spans = sceneSpans(video.info, cuts, settings);
    return { spans: limitClips > 0 ? spans.slice(0, limitClips) : spans, cuts };
  },
  shortest: (options) => ({
    seconds: contentSettings(options.content).minLengthSeconds,
    flag: "--content-min-length-s",
  }),
};
