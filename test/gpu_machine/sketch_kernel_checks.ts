// Checks of the kernels of sketches: row_sketch, sketch_moment, kmeans_score, kmeans_prune, kmeans_settle.
import { orthonormalize } from "../../src/dedup/sketch_basis.ts";
import type { GpuContext } from "../../src/gpu/context.ts";
import { kmeansPrune, pairsByteLength, prunesFast } from "../../src/kernels/kmeans_prune.ts";
import { kmeansScore } from "../../src/kernels/kmeans_score.ts";
import { kmeansSettle } from "../../src/kernels/kmeans_settle.ts";
import { rowSketch, sketchFloats, sketchWidth } from "../../src/kernels/row_sketch.ts";
import { sketchMoment } from "../../src/kernels/sketch_moment.ts";
import * as twin from "../../src/reference.ts";
import { randomLabels } from "../kernels/labels.ts";
import { randomNormals, seededRandom } from "../support/random.ts";
import { assignProblem } from "../support/row_kinds.ts";
import { type Extent, requireClose, requireSame, requireThat } from "./check.ts";

export async function checkRowSketch(gpu: GpuContext, { takes }: Extent): Promise<void> {
  for (const [rowCount, dim] of [
    [1, 1],
    [7, 3],
    [64, 65],
    [65, 132],
    [200, 600],
  ] as const) {
    if (!takes(dim)) continue;
    const rows = randomNormals(rowCount * dim, dim);
    const basis = orthonormalize(randomNormals(dim * sketchWidth, 3), dim);
    const actual = await rowSketch(gpu, rows, basis, dim);
    const tolerance = { absolute: 5e-4, relative: 1e-4 };
    requireClose(`${rowCount} rows of dimension ${dim}`, actual, twin.rowSketch(rows, basis, dim), tolerance);
  }
}

export async function checkSketchMoment(gpu: GpuContext): Promise<void> {
  for (const [rowCount, dim] of [
    [1, 1],
    [64, 64],
    [300, 65],
    [33, 513],
  ] as const) {
    const rows = randomNormals(rowCount * dim, 1);
    const sketches = randomNormals(rowCount * sketchFloats, 2);
    const actual = await sketchMoment(gpu, rows, sketches, dim);
    const tolerance = { absolute: 5e-4, relative: 1e-5 };
    requireClose(`${rowCount} x ${dim}`, actual, twin.sketchMoment(rows, sketches, dim), tolerance);
  }
}

export async function checkScore(gpu: GpuContext, { takes }: Extent): Promise<void> {
  for (const [rowCount, k, dim] of [
    [1, 1, 1],
    [63, 7, 3],
    [65, 9, 64],
    [200, 40, 600],
    [90, 3, 513],
  ] as const) {
    if (!takes(dim)) continue;
    const { rows, centroids } = assignProblem("random", rowCount, k, dim);
    const labels = randomLabels(rowCount, k, 3);
    const actual = await kmeansScore(gpu, rows, centroids, labels, dim);
    const expected = twin.kmeansScore(rows, centroids, labels, dim);
    requireClose(`${rowCount} rows, ${k} centroids, dimension ${dim}`, actual, expected, { absolute: 8e-5 });
  }
}

export async function checkPrune(gpu: GpuContext): Promise<void> {
  // Margins of so little may fall on either side: sums of 67 terms that add up to about 20, each rounded to 2^-24.
  const rounding = 67 * 20 * 2 ** -24;
  const sketchesOf = (count: number, seed: number): Float32Array =>
    randomNormals(count * sketchFloats, seed).map((value, at) =>
      at % sketchFloats < 64 ? value / 4 : Math.abs(value) / 100,
    );
  for (const [rowCount, k] of [
    [1, 1],
    [63, 3],
    [65, 33],
    [200, 101],
  ] as const) {
    const random = seededRandom(k);
    const [rows, centroids] = [sketchesOf(rowCount, rowCount), sketchesOf(k, k + 1)];
    const halfNorms = Float32Array.from({ length: k }, () => random() * 2);
    const scores = Float32Array.from({ length: rowCount }, () => random());
    const labels = randomLabels(rowCount, k, 5);
    const margins = twin.kmeansPrune(rows, centroids, halfNorms, scores);
    const inputs = [gpu, rows, centroids, halfNorms, scores, labels] as const;
    const { pairs, listed } = await kmeansPrune(...inputs, { rowPairs: k });
    const what = `${rowCount} rows, ${k} centroids`;
    requireThat(listed.length === 0, `${what}: ${listed.length} rows are listed`);
    const open = new Set<number>();
    for (let row = 0; row < rowCount; row++) {
      const start = row * (1 + k);
      for (const centroid of pairs.subarray(start + 1, start + 1 + pairs[start]!))
        open.add(row * k + centroid);
    }
    for (const [at, margin] of margins.entries()) {
      const own = labels[Math.floor(at / k)] === at % k;
      if (!own && Math.abs(margin) <= rounding) continue;
      requireThat(open.has(at) === (!own && margin >= 0), `${what}: pair ${at} has the margin ${margin}`);
    }
    const found = await kmeansPrune(...inputs, { rowPairs: 1, search: true });
    requireSame(`${what}: search`, found.labels, twin.sketchSearch(rows, centroids, halfNorms));
  }
}

export async function checkSettle(gpu: GpuContext, { takes }: Extent): Promise<void> {
  for (const [rowCount, k, dim, density] of [
    [1, 2, 1, 1],
    [63, 5, 4, 1],
    [64, 64, 31, 0.5],
    [65, 65, 16, 0.1],
    [300, 30, 513, 0.3],
  ] as const) {
    if (!takes(dim)) continue;
    for (const kind of ["random", "equal"] as const) {
      const { rows, centroids } = assignProblem(kind, rowCount, k, dim);
      const labels = randomLabels(rowCount, k, 7);
      const halfNorms = Float32Array.from({ length: k }, (_, c) =>
        centroids.subarray(c * dim, (c + 1) * dim).reduce((sum, value) => sum + value ** 2 / 2, 0),
      );
      const scores = await kmeansScore(gpu, rows, centroids, labels, dim);
      const rowPairs = k + 3;
      const pairs = new Uint32Array(pairsByteLength(rowCount, rowPairs) / 4);
      const random = seededRandom(4);
      for (const [row, label] of labels.entries()) {
        const start = row * (1 + rowPairs);
        for (let centroid = 0; centroid < k; centroid++) {
          if (label === centroid || random() > density) continue;
          pairs[start]!++;
          pairs[start + pairs[start]!] = centroid;
        }
      }
      const inputs = [rows, centroids, halfNorms, scores, labels, pairs, rowPairs] as const;
      // The twin's scores of equal centroids differ from f32 ones that it is given: there the lowest label is known, where
      // both kernels add up alike, as the adapters do that sketches are for.
      if (kind === "equal" && (density < 1 || !prunesFast(gpu))) continue;
      const expected = kind === "equal" ? new Uint32Array(rowCount) : twin.kmeansSettle(...inputs);
      requireSame(`${kind} rows ${rowCount} x ${dim}`, await kmeansSettle(gpu, ...inputs), expected);
    }
  }
}
