// Checks of the kernels of single rows, pairs of rows and frames against their float64 twins.
import type { GpuContext } from "../../src/gpu/context.ts";
import { centroidDistance } from "../../src/kernels/centroid_distance.ts";
import { frameToRows } from "../../src/kernels/frame_to_rows.ts";
import { type FrameRule, frameToTensor } from "../../src/kernels/frame_to_tensor.ts";
import { halfPack } from "../../src/kernels/half_pack.ts";
import { hsvDifference } from "../../src/kernels/hsv_difference.ts";
import { meanPool } from "../../src/kernels/mean_pool.ts";
import { pairScore } from "../../src/kernels/pair_score.ts";
import { pairSettle } from "../../src/kernels/pair_settle.ts";
import { pairwiseMatch } from "../../src/kernels/pairwise_match.ts";
import { pairwiseMax } from "../../src/kernels/pairwise_max.ts";
import { pairwiseScreen } from "../../src/kernels/pairwise_screen.ts";
import { panelPack } from "../../src/kernels/panel_pack.ts";
import { rowGather } from "../../src/kernels/row_gather.ts";
import { rowNormalize } from "../../src/kernels/row_normalize.ts";
import { rowRestNorms } from "../../src/kernels/row_rest_norms.ts";
import * as twin from "../../src/reference.ts";
import { plantedRows, unitRows } from "../dedup/rows.ts";
import { randomLabels } from "../kernels/labels.ts";
import { noiseFrame } from "../support/frames.ts";
import { randomNormals, seededRandom } from "../support/random.ts";
import { type Extent, requireClose, requireSame, requireThat } from "./check.ts";

/** Rows and dimension, around panels of 64 and blocks of 16 and 64 dimensions. */
const shapes = [
  [1, 1],
  [63, 3],
  [64, 64],
  [65, 67],
  [129, 515],
  [509, 13],
] as const;

export async function checkNormalize(gpu: GpuContext): Promise<void> {
  for (const [rowCount, dim] of [...shapes, [70_001, 3] as const]) {
    const rows = randomNormals(rowCount * dim, rowCount + dim);
    const [actual, expected] = [await rowNormalize(gpu, rows, dim), twin.rowNormalize(rows, dim)];
    const tolerance = { absolute: 1e-6, relative: 80 * 2 ** -24 };
    requireClose(`norms of ${rowCount} x ${dim}`, actual.norms, expected.norms, tolerance);
    requireClose(`rows of ${rowCount} x ${dim}`, actual.rows, expected.rows, tolerance);
  }
}

export async function checkHsvDifference(gpu: GpuContext): Promise<void> {
  for (const [count, pixelCount] of [
    [2, 1],
    [5, 257],
    [40, 256 * 144],
  ] as const) {
    const bytes = randomLabels(count * 3 * pixelCount, 256, pixelCount);
    const frames = Array.from({ length: count }, (_, i) =>
      Uint8Array.from(bytes.subarray(i * 3 * pixelCount, (i + 1) * 3 * pixelCount)),
    );
    const what = `${count} frames of ${pixelCount} pixels`;
    requireSame(what, await hsvDifference(gpu, frames), twin.hsvDifference(frames));
  }
}

export async function checkGather(gpu: GpuContext): Promise<void> {
  for (const [rowCount, dim] of shapes) {
    const rows = randomNormals(rowCount * dim, 1);
    const indices = randomLabels(rowCount * 2, rowCount, 2);
    const what = `${rowCount} x ${dim}`;
    requireSame(what, await rowGather(gpu, rows, indices, dim), twin.rowGather(rows, indices, dim));
  }
}

export async function checkPanelPack(gpu: GpuContext): Promise<void> {
  for (const [rowCount, dim] of [...shapes, [270_000, 1] as const]) {
    const rows = randomNormals(rowCount * dim, rowCount);
    requireSame(`${rowCount} x ${dim}`, await panelPack(gpu, rows, dim), twin.panelPack(rows, dim));
  }
}

export async function checkHalfPack(gpu: GpuContext): Promise<void> {
  for (const [rowCount, dim] of shapes) {
    const rows = randomNormals(rowCount * dim, rowCount + dim).map((value) => value / 16);
    const [actual, expected] = [await halfPack(gpu, rows, dim), twin.halfPack(rows, dim)];
    const what = `${rowCount} x ${dim}`;
    const unsigned = actual.halves.map((bits) => (bits === 0x8000 ? 0 : bits));
    requireSame(`${what}: halves`, unsigned, expected.halves);
    const longer = expected.errors.map((error) => error * 1.0001);
    requireClose(`${what}: errors`, actual.errors, longer, { absolute: 1e-9, relative: 1e-5 });
    const short = actual.errors.findIndex((error, at) => error < expected.errors[at]!);
    requireThat(short < 0, `${what}: error ${short} is too small`);
  }
}

export async function checkRestNorms(gpu: GpuContext): Promise<void> {
  for (const [rowCount, dim] of shapes) {
    const rows = randomNormals(rowCount * dim, rowCount + 1);
    const actual = await rowRestNorms(gpu, rows, dim, 64, 1e-4);
    const expected = twin.rowRestNorms(rows, dim, 64, 1e-4);
    requireClose(`${rowCount} x ${dim}`, actual, expected, { absolute: 0, relative: 300 * 2 ** -24 });
  }
}

export async function checkMeanPool(gpu: GpuContext): Promise<void> {
  for (const [groupCount, dim] of shapes) {
    const random = seededRandom(groupCount + dim);
    const offsets = new Uint32Array(groupCount + 1);
    for (let g = 0; g < groupCount; g++) offsets[g + 1] = offsets[g]! + Math.floor(random() * 20);
    const rows = randomNormals(offsets[groupCount]! * dim, dim);
    const [actual, expected] = [await meanPool(gpu, rows, dim, offsets), twin.meanPool(rows, dim, offsets)];
    requireClose(`${groupCount} x ${dim}`, actual, expected, { absolute: 6 * 100 * 2 ** -24 });
  }
}

export async function checkCentroidDistance(gpu: GpuContext): Promise<void> {
  for (const [rowCount, dim] of shapes) {
    const k = 1 + (rowCount % 11);
    const rows = unitRows(rowCount, dim, rowCount);
    const centroids = unitRows(k, dim, k).map((value) => value * 0.7);
    const labels = Uint32Array.from({ length: rowCount }, (_, row) => row % k);
    const actual = await centroidDistance(gpu, rows, centroids, labels, dim);
    const expected = twin.centroidDistance(rows, centroids, labels, dim);
    const tolerance = { absolute: 515 * 2 ** -24, relative: 1e-5 };
    requireClose(`L2 of ${rowCount} x ${dim}`, actual.l2Distances, expected.l2Distances, tolerance);
    requireClose(
      `cosine of ${rowCount} x ${dim}`,
      actual.cosineDistances,
      expected.cosineDistances,
      tolerance,
    );
  }
}

const groupStarts = (rowCount: number, size: number): Uint32Array =>
  Uint32Array.from({ length: rowCount }, (_, row) => row - (row % size));

export async function checkPairwiseMax(gpu: GpuContext): Promise<void> {
  const tolerance = { absolute: 515 * 2 ** -24 };
  for (const [rowCount, dim] of shapes) {
    for (const starts of [new Uint32Array(rowCount), groupStarts(rowCount, 40)]) {
      const rows = unitRows(rowCount, dim, rowCount);
      const what = `${rowCount} x ${dim}`;
      const whole = await pairwiseMax(gpu, rows, dim, starts);
      requireClose(what, whole.scores, twin.pairwiseMax(rows, dim, starts).scores, tolerance);
      const split = await pairwiseMax(gpu, rows, dim, starts, 3);
      requireSame(`${what}: scores in splits`, split.scores, whole.scores);
      requireSame(`${what}: rows in splits`, split.maxIndex, whole.maxIndex);
      for (const [row, index] of whole.maxIndex.entries()) {
        if (index === row) continue;
        let product = 0;
        for (let i = 0; i < dim; i++) product += rows[row * dim + i]! * rows[index * dim + i]!;
        requireClose(`${what}: row ${row} with ${index}`, [whole.scores[row]!], [product], tolerance);
        requireThat(index >= starts[row]! && index < row, `${what}: row ${row} with ${index}`);
      }
    }
  }
  const equal = await pairwiseMax(gpu, new Float32Array(300 * 4).fill(0.5), 4);
  requireSame("equal rows: the first of them", equal.maxIndex, new Uint32Array(300));
  requireSame("equal rows: score 1", equal.scores, new Float32Array(300).fill(1).fill(0, 0, 1));
}

export async function checkPairwiseScreen(gpu: GpuContext, { quick }: Extent): Promise<void> {
  const threshold = Math.fround(0.93);
  for (const [rowCount, dim] of quick ? shapes.slice(0, 4) : shapes) {
    const rows = plantedRows(rowCount, dim, rowCount);
    const starts = groupStarts(rowCount, 110);
    const wanted = twin.pairwiseScreen(rows, dim, threshold, starts);
    for (const few of [0, 5, 64]) {
      const options = { threshold, starts, few, capacity: rowCount * rowCount + 1 };
      const { count, pairs } = await pairwiseScreen(gpu, rows, dim, options);
      const found = new Set<number>();
      for (let at = 0; at < pairs.length; at += 2) found.add(pairs[at]! * rowCount + pairs[at + 1]!);
      const what = `${rowCount} x ${dim}, few ${few}`;
      requireThat(found.size === count, `${what}: ${count} pairs, ${found.size} of them different`);
      const missed = [...wanted.later].filter(
        (later, at) => !found.has(later * rowCount + wanted.earlier[at]!),
      );
      requireThat(missed.length === 0, `${what}: ${missed.length} pairs are missing`);
    }
  }
}

export async function checkPairScore(gpu: GpuContext): Promise<void> {
  for (const [rowCount, dim] of shapes) {
    const rows = unitRows(rowCount, dim, 5);
    const all: number[] = [];
    for (let later = 0; later < rowCount; later++) {
      for (let earlier = 0; earlier < later; earlier++) all.push(later, earlier);
    }
    const pairs = Uint32Array.from(all.slice(0, 100_000));
    const threshold = Math.fround(0.012345);
    const actual = await pairScore(gpu, rows, dim, pairs, threshold);
    const expected = twin.pairScore(rows, dim, pairs, threshold);
    const what = `${rowCount} x ${dim}`;
    requireClose(what, actual.pairScores, expected.pairScores, { absolute: 515 * 2 ** -24 });
    if (all.length > pairs.length) continue;
    const { scores } = await pairScore(gpu, rows, dim, pairs, 1e-30);
    requireSame(`${what}: bits of pairwise_max`, scores, (await pairwiseMax(gpu, rows, dim)).scores);
  }
}

export async function checkPairSettle(gpu: GpuContext): Promise<void> {
  for (const pairCount of [1, 63, 64, 5000]) {
    const random = seededRandom(pairCount + 1);
    const pairs = Uint32Array.from({ length: pairCount * 2 }, () => Math.floor(random() * 40));
    const levels = [-1, 0.5, 0.75];
    const pairScores = Float32Array.from({ length: pairCount }, () => levels[Math.floor(random() * 3)]!);
    const scores = Float32Array.from({ length: 40 }, () => levels[1 + Math.floor(random() * 2)]!);
    const indices = new Uint32Array(40).fill(0xffffffff, 0, 20).fill(7, 20);
    const actual = await pairSettle(gpu, pairs, pairScores, scores, indices);
    requireSame(`${pairCount} pairs`, actual, twin.pairSettle(pairs, pairScores, scores, indices));
  }
}

export async function checkPairwiseMatch(gpu: GpuContext): Promise<void> {
  for (const [rowCount, dim] of shapes) {
    const rows = plantedRows(rowCount, dim, rowCount + 3);
    const starts = groupStarts(rowCount, 100);
    const [actual, expected] = [
      await pairwiseMatch(gpu, rows, dim, 0.91234567, starts),
      twin.pairwiseMatch(rows, dim, 0.91234567, starts),
    ];
    requireSame(`${rowCount} x ${dim}`, actual, expected);
  }
}

const frameTolerance = 500 * 32 * 2 ** -24;

export async function checkFrameToRows(gpu: GpuContext): Promise<void> {
  for (const [width, height, outWidth] of [
    [1, 1, 5],
    [3, 5, 2],
    [64, 3, 65],
    [257, 2, 16],
  ] as const) {
    const frames = [noiseFrame({ width, height }, width), noiseFrame({ width, height }, 99)];
    for (const filter of ["bilinear", "bicubic"] as const) {
      const actual = await frameToRows(gpu, frames, outWidth, filter);
      const expected = twin.frameToRows(frames, outWidth, filter);
      requireClose(`${width} x ${height} to ${outWidth}`, actual, expected, { absolute: frameTolerance });
    }
  }
  for (const pixelFormat of ["nv12", "p010le", "yuv422p10le", "yuv444p16le", "gray", "bgra", "gbrp10le"]) {
    for (const transfer of ["sdr", "pq", "hlg"] as const) {
      const frames = [noiseFrame({ width: 37, height: 5, matrix: "bt2020", pixelFormat, transfer }, 7)];
      const actual = await frameToRows(gpu, frames, 16, "bicubic");
      const expected = twin.frameToRows(frames, 16, "bicubic");
      // Powers and exponentials are good to a twentieth of a code.
      requireClose(`${pixelFormat} ${transfer}`, actual, expected, {
        absolute: transfer === "sdr" ? frameTolerance : 0.05,
      });
    }
  }
}

export async function checkFrameToTensor(gpu: GpuContext): Promise<void> {
  for (const [width, height, outWidth, outHeight] of [
    [1, 1, 4, 3],
    [5, 9, 7, 7],
    [31, 17, 8, 8],
    [130, 65, 9, 4],
  ] as const) {
    const frames = [noiseFrame({ width, height }, 3), noiseFrame({ width, height }, 4)];
    for (const crop of ["center", "letterbox", "stretch"] as const) {
      const rule: FrameRule = {
        ...{ outWidth, outHeight, crop, filter: "bicubic", padding: 114 },
        ...{ mean: [0.48, 0.46, 0.41], std: [0.27, 0.26, 0.28] },
      };
      const [actual, expected] = [await frameToTensor(gpu, frames, rule), twin.frameToTensor(frames, rule)];
      requireClose(`${width} x ${height}, ${crop}`, actual, expected, {
        absolute: (2 * frameTolerance) / 255 / 0.25,
      });
    }
  }
}
