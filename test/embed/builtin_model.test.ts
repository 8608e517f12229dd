import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildModel, design } from "../../models/builtin/graph.ts";
import { createEncoder, type Encoder } from "../../src/embed/encoder.ts";
import { findModel } from "../../src/embed/find_model.ts";
import { openStorage } from "../../src/io/open_storage.ts";
import type { YuvFrame } from "../../src/types.ts";
import { makeFrame, noiseFrame, wavesFrame } from "../support/frames.ts";
import { useGpu } from "../support/gpu.ts";
import { seededRandom } from "../support/random.ts";

test("models/builtin/onnx/vision_model.onnx is what generate.ts writes, and below 4 MB", () => {
  const file = readFileSync(new URL("../../models/builtin/onnx/vision_model.onnx", import.meta.url));
  expect(file.equals(buildModel(design)), "run: node models/builtin/generate.ts").toBe(true);
  expect(file.length).toBeLessThan(4 * 2 ** 20);
});

describe("the builtin fingerprint", () => {
  const context = useGpu();
  let encoder: Encoder;
  beforeAll(async () => {
    const model = await findModel("builtin", { openStorage, modelDir: "./models" });
    encoder = await createEncoder({ ...model, device: "software", gpu: context.gpu, log: () => undefined });
  });
  afterAll(async () => {
    await encoder.close();
  });

  async function similarity(a: YuvFrame, b: YuvFrame): Promise<number> {
    const rows = await encoder.encode([[a], [b]]);
    let sum = 0;
    for (let i = 0; i < 512; i++) sum += rows[i]! * rows[512 + i]!;
    return sum;
  }

  const shape = { width: 320, height: 180 };
  const seeds = [1, 2, 3, 4, 5, 6];
  const flat = (luma: number) => makeFrame(shape, () => [luma, 128, 128]);

  test.each([
    ["another size", (seed: number) => wavesFrame({ width: 213, height: 120 }, seed), 0.999],
    ["another shape", (seed: number) => wavesFrame({ width: 240, height: 240 }, seed), 0.999],
    ["noise of a low bit rate", (seed: number) => altered(wavesFrame(shape, seed), noise(8, seed)), 0.995],
    ["a crop of 2 %", (seed: number) => wavesFrame(shape, seed, 1 / 0.98), 0.995],
    ["a crop of 4 %", (seed: number) => wavesFrame(shape, seed, 1 / 0.96), 0.99],
    ["a logo in a corner", (seed: number) => altered(wavesFrame(shape, seed), logo), 0.995],
  ])("knows a picture again after %s", async (_, alter, least) => {
    for (const seed of seeds) {
      expect(await similarity(wavesFrame(shape, seed), alter(seed)), `seed ${seed}`).toBeGreaterThan(least);
    }
  });

  test("tells pictures apart, whether drawn, noisy or flat", async () => {
    const pictures = [
      ...seeds.map((seed) => wavesFrame(shape, seed)),
      noiseFrame(shape, 1),
      flat(16),
      flat(120),
      flat(235),
      makeFrame(shape, () => [110, 60, 180]),
    ];
    for (const [i, a] of pictures.entries()) {
      for (const b of pictures.slice(i + 1)) expect(await similarity(a, b)).toBeLessThan(0.9);
    }
  });

  test("tells the same drawing in other colours apart", async () => {
    const inHue = (degrees: number) =>
      makeFrame(shape, (x, y) => {
        const angle = (degrees * Math.PI) / 180 + 6 * x;
        return [128 + 60 * Math.sin(9 * x + 4 * y), 128 + 50 * Math.cos(angle), 128 + 50 * Math.sin(angle)];
      });
    expect(await similarity(inHue(0), inHue(60))).toBeLessThan(0.9);
  });

  test("keeps a flat picture stable: grain does not change it, brightness does", async () => {
    for (const luma of [16, 120, 235]) {
      const grainy = altered(flat(luma), noise(1, luma));
      expect(await similarity(flat(luma), grainy)).toBeGreaterThan(0.99);
    }
    expect(await similarity(flat(16), flat(60))).toBeLessThan(0.97);
  });

  /** A copy of a frame with its luma changed at each position (0..1). */
  function altered(frame: YuvFrame, change: (luma: number, x: number, y: number) => number): YuvFrame {
    const data = Uint8Array.from(frame.data);
    for (let i = 0; i < frame.width * frame.height; i++) {
      const [x, y] = [i % frame.width, Math.floor(i / frame.width)];
      data[i] = Math.min(255, Math.max(0, Math.round(change(data[i]!, x / frame.width, y / frame.height))));
    }
    return { ...frame, data };
  }

  function noise(amplitude: number, seed: number): (luma: number) => number {
    const random = seededRandom(seed);
    return (luma) => luma + amplitude * (2 * random() - 1);
  }

  /** 8 % x 6 % of the picture, white. */
  function logo(luma: number, x: number, y: number): number {
    return x > 0.89 && x < 0.97 && y > 0.03 && y < 0.09 ? 235 : luma;
  }
});
