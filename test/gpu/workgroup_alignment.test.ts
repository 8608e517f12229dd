// NVIDIA's driver lays the variables of workgroup memory end to end, and a matrix loaded from an array that does not begin at a
// multiple of 16 bytes is zeros, without a word (docs/kernels.md). No software adapter has matrices, so the sizes are checked here.
import { describe, expect, test } from "vitest";
import { shaders } from "../../src/generated/shaders.ts";

const bytes: Readonly<Record<string, number>> = {
  f16: 2,
  f32: 4,
  u32: 4,
  "atomic<u32>": 4,
  vec4f: 16,
  vec4u: 16,
};

/** Bytes of a type: a scalar, a vector, or an array of them with a number for its length. */
function byteLength(type: string): number {
  const [, element = type, count = "1"] = /^array<(.+), (\d+)>$/.exec(type) ?? [];
  return (bytes[element] ?? Number.NaN) * Number(count);
}

const withMatrices = Object.entries(shaders).flatMap(([kernel, { variants }]) =>
  Object.entries(variants)
    .filter(([, { code }]) => code.includes("subgroupMatrixLoad"))
    .map(([variant, { code }]) => ({ kernel, variant, code })),
);

describe("workgroup variables beside matrices", () => {
  test("there are kernels that use matrices", () => {
    expect(withMatrices.map(({ kernel }) => kernel)).toEqual(["kmeans_screen", "pairwise_screen"]);
  });

  test.each(withMatrices)("$kernel, $variant: each is a multiple of 16 bytes", ({ code }) => {
    const variables = [...code.matchAll(/var<workgroup> (\w+): (.+);/g)].map(([, name, type]) => ({
      name,
      rest: byteLength(type!) % 16,
    }));
    expect(variables.length).toBeGreaterThan(1);
    expect(variables.filter(({ rest }) => rest !== 0)).toEqual([]);
  });
});
