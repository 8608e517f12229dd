import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createEncoder, type Encoder } from "../../src/embed/encoder.ts";
import { findModel } from "../../src/embed/find_model.ts";
import { ModelError } from "../../src/errors.ts";
import { openStorage } from "../../src/io/open_storage.ts";
import type { DevicePreference, YuvFrame } from "../../src/types.ts";
import { expectClose } from "../support/compare.ts";
import { makeFrame, noiseFrame, wavesFrame } from "../support/frames.ts";
import { useGpu } from "../support/gpu.ts";
import { writeTinyModel } from "../support/tiny_model.ts";

// A software adapter compiles the model's shaders on its first run, which takes many seconds of a slow machine.
const firstWebgpuRunMs = 120_000;

const context = useGpu();

async function open(algorithm: string, device: DevicePreference): Promise<Encoder> {
  const model = await findModel(algorithm, { openStorage, modelDir: "./models" });
  return await createEncoder({ ...model, device, gpu: context.gpu, log: () => undefined });
}

/** Clips of waves: `clip` and `frame` seed the picture. */
const clipOf = (seed: number, count: number, width = 96, height = 64): readonly YuvFrame[] =>
  Array.from({ length: count }, (_, index) => wavesFrame({ width, height }, seed * 100 + index));

describe("the builtin encoder", () => {
  let encoder: Encoder;
  beforeAll(async () => {
    encoder = await open("builtin", "software");
  });
  afterAll(async () => {
    await encoder.close();
  });

  test("answers with one unit vector per clip, the same every time", async () => {
    const clips = [clipOf(1, 8), clipOf(2, 3), clipOf(3, 1)];
    const rows = await encoder.encode(clips);
    expect(rows).toHaveLength(3 * 512);
    for (let clip = 0; clip < 3; clip++) {
      const length = Math.hypot(...rows.subarray(clip * 512, (clip + 1) * 512));
      expect(Math.abs(length - 1)).toBeLessThan(1e-6);
    }
    expect([...(await encoder.encode(clips))]).toEqual([...rows]);
    expect(encoder.backend).toBe("cpu");
    expect(encoder.description).toBe("builtin, 512 dimensions, on the CPU");
  });

  test("does not care how clips are batched, nor that their sizes differ", async () => {
    const clips = [
      clipOf(1, 8),
      clipOf(2, 30, 33, 47),
      [...clipOf(3, 2, 64, 64), ...clipOf(3, 2, 40, 90), ...clipOf(4, 1, 64, 64)],
      clipOf(5, 8, 128, 72),
      clipOf(6, 2, 17, 200),
    ];
    const together = await encoder.encode(clips);
    for (const [index, clip] of clips.entries()) {
      const alone = await encoder.encode([clip]);
      expectClose(together.slice(index * 512, (index + 1) * 512), alone, { absolute: 1e-5 });
    }
  });

  test("serves calls that overlap", async () => {
    const clips = [clipOf(1, 4), clipOf(2, 4, 50, 50)];
    const [first, second] = await Promise.all(clips.map((clip) => encoder.encode([clip])));
    expectClose(first!, await encoder.encode([clips[0]!]), { absolute: 1e-5 });
    expectClose(second!, await encoder.encode([clips[1]!]), { absolute: 1e-5 });
  });

  test("refuses a clip without frames, and takes no clips at all", async () => {
    await expect(encoder.encode([clipOf(1, 1), []])).rejects.toThrow("no frames: clip 1");
    expect(await encoder.encode([])).toHaveLength(0);
  });

  test("gives the same on the GPU to within 1e-4", { timeout: firstWebgpuRunMs }, async () => {
    const webgpu = await open("builtin", "gpu");
    const clips = [clipOf(1, 2), clipOf(2, 1), [noiseFrame({ width: 64, height: 64 }, 5)]];
    expect(webgpu.backend).toBe("webgpu");
    expectClose(await webgpu.encode(clips), await encoder.encode(clips), { absolute: 1e-4 });
    await webgpu.close();
  });
});

describe("createEncoder()", () => {
  test("says once which backend it took where the adapter computes on the CPU", {
    timeout: firstWebgpuRunMs,
  }, async () => {
    const model = await findModel("builtin", { openStorage, modelDir: "./models" });
    const log = vi.fn();
    const encoder = await createEncoder({ ...model, device: "auto", gpu: context.gpu, log });
    if (context.gpu.adapter.software) {
      expect(log).toHaveBeenCalledExactlyOnceWith(
        "info",
        expect.stringContaining("Embedding with builtin on the"),
      );
    } else {
      expect(encoder.backend).toBe("webgpu");
    }
    await encoder.close();
  });

  test("means the frames of a clip, and normalises after", async () => {
    const encoder = await open(writeTinyModel("BCHW", 2), "software");
    const flat = (luma: number) => makeFrame({ width: 8, height: 8, range: "full" }, () => [luma, 128, 128]);
    const third = 1 / Math.sqrt(3);
    expectClose(await encoder.encode([[flat(40), flat(200)]]), [third, third, third], { absolute: 1e-6 });
    const red = makeFrame({ width: 8, height: 8, range: "full" }, () => [76, 85, 255]);
    const [r, g, b] = await encoder.encode([[red, flat(255)]]);
    expect(r! / g!).toBeCloseTo(2, 1);
    expect(b!).toBeCloseTo(g!, 2);
    await encoder.close();
  });

  test.each([
    ["BTCHW", [10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40]],
    ["BCTHW", [10, 20, 30, 40, 10, 20, 30, 40, 10, 20, 30, 40]],
  ] as const)("feeds a video model whole clips as %s", async (layout, expected) => {
    const encoder = await open(writeTinyModel(layout, 4), "software");
    const clip = (lumas: readonly number[]) =>
      lumas.map((luma) => makeFrame({ width: 6, height: 6, range: "full" }, () => [luma, 128, 128]));
    const rows = await encoder.encode([
      clip([10, 20, 30, 40]),
      clip([40, 30, 20, 10]),
      clip([10, 11, 20, 30, 31, 40]),
    ]);
    const length = Math.hypot(...expected);
    expectClose(
      rows.slice(0, 12),
      expected.map((value) => value / length),
      { absolute: 1e-6 },
    );
    expect(rows[12]).toBeGreaterThan(rows[23]!);
    await encoder.close();
  });

  test("refuses a clip that a model gives no direction", async () => {
    const encoder = await open(writeTinyModel("BCHW", 2), "software");
    const black = makeFrame({ width: 8, height: 8 }, () => [16, 128, 128]);
    await expect(encoder.encode([[black]])).rejects.toThrow("answered with length 0: clip 0");
    await encoder.close();
  });

  test.each([
    [{ inputName: "pictures" }, "no input of the name in its spec: pictures. It has: pixels"],
    [{ outputName: "vector" }, "no output of the name in its spec: vector. It has: embedding"],
    [{ dimension: 4 }, "its spec promises 1 x 4: 1 x 3"],
    [{ size: { width: 5, height: 4 } }, "input 1 x 3 x 4 x 5. Check size and layout of its spec"],
  ])("names what is wrong where the spec says %j", async (changes, message) => {
    const folder = writeTinyModel("BCHW", 2, changes);
    const failure = open(folder, "software").then((encoder) => encoder.encode([clipOf(1, 1)]));
    await expect(failure).rejects.toThrow(ModelError);
    await expect(failure).rejects.toThrow(message);
  });

  test("refuses a file that is no model, by its path and without a word on the console", async () => {
    const folder = writeTinyModel("BCHW", 2);
    writeFileSync(join(folder, "onnx/model.onnx"), "not a model");
    const spoken = vi.spyOn(console, "warn").mockReturnValue();
    await expect(open(folder, "software")).rejects.toThrow(`${folder}/onnx/model.onnx`);
    await expect(open(folder, "software")).rejects.toThrow("Cannot load the model tiny on the CPU as");
    expect(spoken).not.toHaveBeenCalled();
  });
});
