// The builtin model: frames of generated pictures to unit vectors, frames a second, from planes in memory to rows in memory.
import { createEncoder } from "../../src/embed/encoder.ts";
import { findModel } from "../../src/embed/find_model.ts";
import { openStorage } from "../../src/io/open_storage.ts";
import type { DevicePreference, YuvFrame } from "../../src/types.ts";
import { benchRow, benchValues, deviceSeconds } from "../harness.ts";
import type { Suite } from "../suite.ts";
import { timeRuns } from "../timing.ts";

export const run: Suite = async ({ gpu, quick, device, say, emit }) => {
  const model = await findModel("builtin", { openStorage, modelDir: "./models" });
  const encoder = await createEncoder({
    ...model,
    device: device as DevicePreference,
    gpu,
    log: (level, line) => {
      if (level === "warn") say(line);
    },
  });
  try {
    const [clipCount, framesPerClip] = quick ? [2, 2] : [16, 8];
    const [width, height] = [640, 360];
    const clips = Array.from({ length: clipCount }, (_, clip) =>
      Array.from({ length: framesPerClip }, (_, frame) => picture(width, height, clip * 100 + frame + 1)),
    );
    const work = () => encoder.encode(clips);
    const timing = await timeRuns(quick, work);
    const gpuTime = await deviceSeconds(gpu, work);
    const [first, again] = [await work(), await work()];
    const { dimension } = encoder.spec;
    emit(
      benchRow({
        suite: "encode",
        name: "encode, builtin",
        size: `${clipCount} clips of ${framesPerClip} frames`,
        adapter: gpu.adapter.name,
        ours: timing.median,
        spread: timing.spread,
        gpuTime,
        rate: (clipCount * framesPerClip) / timing.median,
        unit: "frames/s",
        correct: isUnit(first, dimension) && first.every((value, i) => value === again[i]),
        details: { encoder: encoder.description, width, height },
      }),
    );
  } finally {
    await encoder.close();
  }
};

/** Random blocks of 16 x 16, so that pictures differ in more than noise. */
function picture(width: number, height: number, seed: number): YuvFrame {
  const blocks = benchValues(Math.ceil(width / 16) * Math.ceil(height / 16), seed);
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const data = new Uint8Array(width * height + 2 * chroma).fill(128);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const block = blocks[(y >> 4) * Math.ceil(width / 16) + (x >> 4)]!;
      data[y * width + x] = 128 + block * 100;
    }
  }
  return { width, height, matrix: "bt709", range: "limited", data };
}

function isUnit(rows: Float32Array, dim: number): boolean {
  for (let first = 0; first < rows.length; first += dim) {
    const length = Math.hypot(...rows.subarray(first, first + dim));
    if (!(Math.abs(length - 1) < 1e-4)) return false;
  }
  return rows.length > 0;
}
