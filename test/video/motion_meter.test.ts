// The motion of real videos: made by ffmpeg with motion that is known, encoded hard, decoded by the native engine and
// measured as the split does. The measure is NeMo Curator's, so its threshold must part what moves from what does not.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { motionFrameUnit } from "../../src/kernels/motion_search.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { motionFrameSize, motionFrames } from "../../src/video/motion_frames.ts";
import { MotionMeter } from "../../src/video/motion_meter.ts";
import type { MotionScore } from "../../src/video/motion_score.ts";
import { ffmpeg } from "../media/generated_videos.ts";
import { useGpu } from "../support/gpu.ts";

const threshold = 0.00098;
const patchThreshold = 1e-6;
const [width, height] = [640, 360];
/** A picture of soft spots of many sizes. */
const spots = "life=size=160x90:ratio=0.5:seed=5,scale=1280:720:flags=bicubic,gblur=sigma=3";
const x264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "32", "-g", "12"];
const vp9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k"];

let folder: TempFolder;
let engine: MediaEngine;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  engine = await createNativeEngine();
  await ffmpeg("-f", "lavfi", "-i", spots, "-frames:v", "1", folder.file("spots.png"));
});
afterAll(() => folder.remove());

describe("motion of encoded videos", () => {
  const context = useGpu();

  async function measured(name: string, filter: string, encoding: readonly string[]): Promise<MotionScore> {
    const path = folder.file(name);
    const still = ["-loop", "1", "-r", "25", "-i", folder.file("spots.png"), "-t", "1"];
    const filters = ["-filter_complex", `${filter},format=yuv420p`];
    await ffmpeg(...still, ...filters, ...encoding, path);
    const source = { kind: "file", path } as const;
    const info = await engine.probe(source);
    const span = { startSeconds: 0, endSeconds: 1 };
    const size = motionFrameSize(info, motionFrameUnit);
    const meter = new MotionMeter(async () => context.gpu, {
      ...{ width, height, frameWidth: size.width, frameHeight: size.height },
    });
    const sampling = { targetFps: 10, targetDurationRatio: 0.5 };
    await engine.split(
      {
        ...{ source, info, spans: [span], encoder: null, encoderThreads: 0, sampleFrames: [] },
        grayFrames: { ...size, frames: [motionFrames(info.frameTimes, span, sampling)] },
      },
      {
        onClip: async () => undefined,
        onFrame: async () => undefined,
        onGrayFrame: (frame) => meter.add(frame),
      },
    );
    return (await meter.finish()).get(0)!;
  }

  const view = `crop=${width}:${height}`;

  test.each([
    ["still.mp4", view, x264, 0.001],
    ["noise.mp4", `${view},noise=alls=20:allf=t`, x264, 0.05],
    ["noise.webm", `${view},noise=alls=20:allf=t`, vp9, 0.05],
    // Where the picture is clipped to white its shape changes too.
    ["flicker.mp4", `${view},eq=brightness='0.1*sin(n)':eval=frame`, x264, 0.3],
  ])("%s stands still", async (name, filter, encoding, share) => {
    expect((await measured(name, filter, encoding)).globalMean).toBeLessThan(share * threshold);
  });

  test.each([
    ["slow.mp4", 2, x264],
    ["fast.mp4", 12, x264],
    ["slow.webm", 2, vp9],
  ])("%s: a pan of %i pixels a frame", async (name, pixels, encoding) => {
    const { globalMean, perPatchMin256 } = await measured(
      name,
      `crop=${width}:${height}:x=n*${pixels}`,
      encoding,
    );
    const truth = pixels / (width + height);
    expect(Math.abs(globalMean / truth - 1)).toBeLessThan(0.15);
    expect(perPatchMin256).toBeGreaterThan(truth / 2);
  });

  test("a small object that moves leaves most patches still", async () => {
    const object = `split[p][q];[p]${view}[b];[q]crop=48:48:800:500[o];[b][o]overlay=x=20+n*4:y=30`;
    const { globalMean, perPatchMin256 } = await measured("object.mp4", object, x264);
    // 2304 of 230,400 pixels move by four.
    const truth = ((2304 / (width * height)) * 4) / (width + height);
    expect(globalMean).toBeGreaterThan(truth / 4);
    expect(globalMean).toBeLessThan(truth * 4);
    expect(perPatchMin256).toBeLessThan(patchThreshold);
  });
});
