// Has a model judge every frame of a video: the engine scans it once, windows stream through the model. One window is judged
// while the frames of the next are decoded, and the decoder waits for both, so memory does not grow with the video but for
// twelve bytes a frame.
import type { MediaEngine, MediaSource, VideoInfo } from "../media/engine.ts";
import type { ShotModel } from "./shot_model.ts";
import type { JudgedFrames } from "./transnet_spans.ts";
import { contextFrames, frameSize, type TransnetWindow, TransnetWindows } from "./transnet_windows.ts";

export interface VideoToJudge {
  readonly source: MediaSource;
  readonly info: VideoInfo;
  readonly engine: Pick<MediaEngine, "scan">;
  readonly onFrames?: (frames: number) => void;
  readonly signal: AbortSignal;
}

/**
 * @param compat "nemo": the last windows are short, as the reference's are. Default "none".
 * Rejects with InputError where the video cannot be decoded, and with ModelError where the model fails.
 */
export async function judgeFrames(
  { source, info, engine, onFrames, signal }: VideoToJudge,
  model: ShotModel,
  compat?: "none" | "nemo",
): Promise<JudgedFrames> {
  const windows = new TransnetWindows(compat);
  const probabilities = new Float32Array(info.frameCount);
  const times = new Float64Array(info.frameCount);
  let [scanned, judged] = [0, 0];
  let underWay: Promise<void> = Promise.resolve();
  const judge = async (window: TransnetWindow | undefined): Promise<void> => {
    if (window === undefined) return;
    await underWay;
    // The window's own bytes change with the next frame.
    underWay = model.judge(window.rgb.slice(), window.frameCount).then((answers) => {
      probabilities.set(answers.subarray(contextFrames, contextFrames + window.predictedCount), judged);
      judged += window.predictedCount;
      onFrames?.(judged);
    });
    // Where the scan fails first, nobody waits for this window.
    underWay.catch(() => undefined);
  };
  // The authors' own way to this size is ffmpeg's default, bicubic.
  const request = { source, info, ...frameSize, scaler: "bicubic", signal } as const;
  await engine.scan(request, async ({ timeSeconds, rgb }) => {
    times[scanned++] = timeSeconds;
    await judge(windows.add(rgb));
  });
  for (const window of windows.finish()) await judge(window);
  await underWay;
  return {
    probabilities: probabilities.subarray(0, scanned),
    times: times.subarray(0, scanned),
    durationSeconds: info.durationSeconds,
    frameRate: info.frameRate,
  };
}
