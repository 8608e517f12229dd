import { describe, expect, test } from "vitest";
import { HsvComparer, hsvDifference } from "../../src/kernels/hsv_difference.ts";
import { hsvOf, hsvDifference as reference } from "../../src/reference/hsv_difference.ts";
import { useGpu } from "../support/gpu.ts";
import { seededRandom } from "../support/random.ts";

function frames(count: number, pixels: number): Uint8Array[] {
  const random = seededRandom(pixels + 1);
  return Array.from({ length: count }, () => Uint8Array.from({ length: 3 * pixels }, () => 256 * random()));
}

describe("hsvDifference()", () => {
  const context = useGpu();

  test.each([
    [0, 4],
    [1, 4],
    [2, 0],
    [2, 1],
    [2, 3],
    [3, 4],
    [3, 5],
    [2, 255],
    [5, 256],
    [4, 257],
    [9, 48 * 27],
    [3, 10_007],
  ])("%i frames of %i pixels equal the twin to the last bit", async (count, pixels) => {
    const given = frames(count, pixels);
    expect(await hsvDifference(context.gpu, given)).toEqual(reference(given));
  });

  test("every pair of gray levels and of pure hues equals the twin", async () => {
    const ramp = new Uint8Array(3 * 256 * 4);
    for (let i = 0; i < 256; i++) {
      ramp.set([i, i, i, i, 0, 0, 255 - i, i, 0, 0, i, 255], 12 * i);
    }
    const given = [ramp, ramp.map((value) => 255 - value), ramp.toReversed()];
    expect(await hsvDifference(context.gpu, given)).toEqual(reference(given));
  });

  test("a black frame before a red one differs by saturation and value alone", async () => {
    const red = Uint8Array.from({ length: 3 * 10 }, (_, i) => (i % 3 === 0 ? 255 : 0));
    const [hue, saturation, value] = await hsvDifference(context.gpu, [new Uint8Array(30), red]);
    expect([hue, saturation, value]).toEqual([0, 2550, 2550]);
  });

  test("batches of one video give what one batch gives", async () => {
    const given = frames(11, 130);
    const whole = reference(given);
    const comparer = new HsvComparer(context.gpu, 130, 4);
    const sums: number[] = [];
    for (const [first, end] of [
      [0, 4],
      [4, 8],
      [8, 9],
      [9, 11],
    ] as const) {
      sums.push(...(await comparer.compare(given.slice(first, end))));
    }
    comparer.destroy();
    expect(sums.slice(0, 3)).toEqual([0, 0, 0]);
    expect(sums.slice(3)).toEqual([...whole]);
  });

  test("refuses frames of several sizes", async () => {
    await expect(hsvDifference(context.gpu, [new Uint8Array(6), new Uint8Array(9)])).rejects.toThrow(
      "packed RGB of one size: 6 and 9 bytes",
    );
  });
});

// Values that OpenCV's cvtColor(COLOR_BGR2HSV) is documented to give for 8-bit pictures: hue in half degrees.
test.each([
  [
    [255, 0, 0],
    [0, 255, 255],
  ],
  [
    [255, 255, 0],
    [30, 255, 255],
  ],
  [
    [0, 255, 0],
    [60, 255, 255],
  ],
  [
    [0, 255, 255],
    [90, 255, 255],
  ],
  [
    [0, 0, 255],
    [120, 255, 255],
  ],
  [
    [255, 0, 255],
    [150, 255, 255],
  ],
  [
    [255, 0, 1],
    [0, 255, 255],
  ],
  [
    [255, 0, 10],
    [179, 255, 255],
  ],
  [
    [10, 20, 40],
    [110, 191, 40],
  ],
  [
    [128, 128, 128],
    [0, 0, 128],
  ],
])("hsvOf(%j) is %j", (rgb, hsv) => {
  expect(hsvOf(Uint8Array.from(rgb))).toEqual(hsv);
});
