// Labels for the benches of k-means: clusters of unequal size, as real ones are, in no order.
import type { GpuContext } from "../src/gpu/context.ts";

/** Rows and clusters that the device is measured with. */
export function labelSizes(
  gpu: GpuContext,
  quick: boolean,
): readonly (readonly [rowCount: number, clusterCount: number])[] {
  if (quick) return [[3000, 10]];
  if (gpu.adapter.software) return [[20_000, 1000]];
  return [
    [20_000, 1000],
    [1_000_000, 1000],
  ];
}

/** Labels below `k`; a cluster of the higher labels has about half the rows of one of the lower. */
export function skewedLabels(rowCount: number, k: number): Uint32Array {
  const labels = new Uint32Array(rowCount);
  let state = 1;
  for (let row = 0; row < rowCount; row++) {
    // xorshift32 (Marsaglia, 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const share = (state >>> 0) / 2 ** 32;
    labels[row] = Math.floor(k * (share + share * share) * 0.5);
  }
  return labels;
}
