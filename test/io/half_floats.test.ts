import { expect, test } from "vitest";
import { halfFloats } from "../../src/io/half_floats.ts";

test.each([
  [0x0000, 0],
  [0x8000, -0],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x0400, 2 ** -14],
  [0x3555, 1365 / 4096],
  [0x3c00, 1],
  [0xc000, -2],
  [0x7bff, 65_504],
  [0x7c00, Number.POSITIVE_INFINITY],
  [0xfc00, Number.NEGATIVE_INFINITY],
  [0x7e01, Number.NaN],
])("half %i is %f", (bits, value) => {
  expect([...halfFloats(Uint8Array.of(bits & 255, bits >> 8))]).toEqual([value]);
});
