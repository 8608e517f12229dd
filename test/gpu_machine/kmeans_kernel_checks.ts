// Checks of the kernels of k-means: what the device computes is what the float64 twin does, at sizes around those of tiles,
// on rows and labels of every kind.
import type { GpuContext } from "../../src/gpu/context.ts";
import { BufferScope } from "../../src/kernels/buffer_scope.ts";
import {
  assignsByStretches,
  kmeansAssign,
  kmeansAssignLayout,
  recordKmeansAssign,
} from "../../src/kernels/kmeans_assign.ts";
import { kmeansBases } from "../../src/kernels/kmeans_bases.ts";
import { kmeansCost } from "../../src/kernels/kmeans_cost.ts";
import { kmeansDuel } from "../../src/kernels/kmeans_duel.ts";
import { kmeansOffsets } from "../../src/kernels/kmeans_offsets.ts";
import { kmeansPick } from "../../src/kernels/kmeans_pick.ts";
import { kmeansRank } from "../../src/kernels/kmeans_rank.ts";
import { kmeansScatter } from "../../src/kernels/kmeans_scatter.ts";
import { kmeansScreen } from "../../src/kernels/kmeans_screen.ts";
import { kmeansSeed } from "../../src/kernels/kmeans_seed.ts";
import { kmeansSum } from "../../src/kernels/kmeans_sum.ts";
import { kmeansUpdate, recordHalfNorms } from "../../src/kernels/kmeans_update.ts";
import { panelByteLength, recordPanelPack } from "../../src/kernels/panel_pack.ts";
import * as twin from "../../src/reference.ts";
import { labelCases, labelsBefore, randomLabels } from "../kernels/labels.ts";
import { randomNormals, seededRandom } from "../support/random.ts";
import { assignProblem, type RowKind, rowKinds } from "../support/row_kinds.ts";
import { type Extent, requireClose, requireSame, requireThat } from "./check.ts";

/** Squared distances of rows of up to 520 values; sums in f32. */
const distanceTolerance = { absolute: 1e-4, relative: 600 * 2 ** -24 };

/** Rows, centroids, dimension. */
type Shape = readonly [rowCount: number, k: number, dim: number];

/** Around the tiles of 8, 64, 128 and 256 rows, and stages of 8, 16, 64 and 128 dimensions. */
export const assignShapes: readonly Shape[] = [
  [1, 1, 1],
  [8, 8, 8],
  [65, 9, 3],
  [129, 130, 24],
  [200, 257, 33],
  [300, 5, 513],
  [257, 512, 64],
  [513, 255, 520],
  [65, 129, 128],
  [129, 300, 384],
];

function shapesFor({ quick, takes }: Extent, shapes: readonly Shape[]): Shape[] {
  const fitting = shapes.filter(([, , dim]) => takes(dim));
  return quick ? fitting.slice(0, 4) : fitting;
}

export function* problems(extent: Extent): Generator<{
  readonly what: string;
  readonly kind: RowKind;
  readonly rows: Float32Array;
  readonly centroids: Float32Array;
  readonly dim: number;
}> {
  for (const [rowCount, k, dim] of shapesFor(extent, assignShapes)) {
    for (const kind of rowKinds) {
      const what = `${kind} rows ${rowCount} x ${dim}, ${k} centroids`;
      yield { what, kind, dim, ...assignProblem(kind, rowCount, k, dim) };
    }
  }
}

/** Every label is the nearest centroid, or one as near within the tolerance. */
export function requireNearest(
  what: string,
  { rows, centroids, dim }: { rows: Float32Array; centroids: Float32Array; dim: number },
  labels: Uint32Array,
): void {
  const expected = twin.kmeansAssign(rows, centroids, dim);
  for (const [row, label] of labels.entries()) {
    if (label === expected.labels[row]) continue;
    const own = rows.subarray(row * dim, (row + 1) * dim);
    const { distances } = twin.kmeansAssign(own, centroids.subarray(label * dim, (label + 1) * dim), dim);
    requireClose(`${what}: row ${row}`, distances, [expected.distances[row]!], distanceTolerance);
  }
}

export async function checkAssign(gpu: GpuContext, extent: Extent): Promise<void> {
  for (const problem of problems(extent)) {
    const { what, kind, rows, centroids, dim } = problem;
    const { labels, distances } = await kmeansAssign(gpu, rows, centroids, dim);
    const expected = twin.kmeansAssign(rows, centroids, dim);
    requireClose(`${what}: distances`, distances, expected.distances, distanceTolerance);
    requireNearest(what, problem, labels);
    if (kind === "equal") requireSame(`${what}: ties go to the lowest label`, labels, expected.labels);
    if (!assignsByStretches(gpu, dim)) await requireListed(gpu, problem, labels);
  }
}

/** Rows of a list, in any order, get the labels that they get among all rows; the others keep theirs. */
async function requireListed(
  gpu: GpuContext,
  { what, rows, centroids, dim }: { what: string; rows: Float32Array; centroids: Float32Array; dim: number },
  whole: Uint32Array,
): Promise<void> {
  const rowCount = rows.length / dim;
  const centroidCount = centroids.length / dim;
  const listed = [...whole.keys()].filter((row) => row % 3 === 0).reverse();
  const expected = whole.map((label, row) => (row % 3 === 0 ? label : 0xffffffff));
  const actual = await BufferScope.run(gpu, async (scope) => {
    const [left, right] = [scope.upload("listed.rows", rows), scope.upload("listed.centroids", centroids)];
    const head = [Math.ceil(listed.length / 64), 1, 1, listed.length];
    const list = scope.upload("listed.list", Uint32Array.from([...head, ...listed]));
    const labels = scope.upload("listed.labels", new Uint32Array(rowCount).fill(0xffffffff));
    const leftPanels = scope.buffer("listed.row_panels", panelByteLength(rowCount, dim));
    const rightPanels = scope.buffer("listed.centroid_panels", panelByteLength(centroidCount, dim));
    const inPanels = kmeansAssignLayout(gpu, dim) === "panels";
    gpu.submit("listed", (recorder) => {
      recordPanelPack(recorder, { rows: left, panels: leftPanels, rowCount, dim, list });
      recordPanelPack(recorder, { rows: right, panels: rightPanels, rowCount: centroidCount, dim });
      recordKmeansAssign(recorder, {
        rows: inPanels ? leftPanels : left,
        rowCount,
        dim,
        centroids: inPanels ? rightPanels : right,
        centroidCount,
        halfNorms: recordHalfNorms(recorder, scope, right, centroidCount, dim),
        labels,
        distances: scope.buffer("listed.distances", rowCount * 4),
        labelsOnly: true,
        list,
      });
    });
    return await gpu.readUints(labels, rowCount);
  });
  requireSame(`${what}: listed rows`, actual, expected);
}

/** Labels that the screen calls certain are those of kmeans_assign, and of two that it leaves one is. */
export async function checkScreen(gpu: GpuContext, extent: Extent): Promise<void> {
  for (const { what, kind, rows, centroids, dim } of problems(extent)) {
    const { labels, doubtful, duels } = await kmeansScreen(gpu, rows, centroids, dim);
    const exact = await kmeansAssign(gpu, rows, centroids, dim);
    const listed = new Set(doubtful);
    const rivals = new Map(duels);
    for (const [row, label] of exact.labels.entries())
      requireThat(
        labels[row] === label || rivals.get(row) === label || listed.has(row),
        `${what}: row ${row} has label ${labels[row]}, want ${label}`,
      );
    const rowCount = rows.length / dim;
    requireThat(
      kind !== "clustered" || dim < 24 || doubtful.length + duels.length <= rowCount / 4,
      `${what}: ${doubtful.length} rows and ${duels.length} duels are in doubt`,
    );
  }
}

export async function checkDuel(gpu: GpuContext, extent: Extent): Promise<void> {
  for (const problem of problems(extent)) {
    const { what, kind, rows, centroids, dim } = problem;
    const k = centroids.length / dim;
    // Whether its rival is nearer than the nearest centroid: never, but for ties.
    const { labels } = await kmeansAssign(gpu, rows, centroids, dim);
    const duels = [...labels].map(
      (label, row) => [row, (label + 1 + (row % Math.max(k - 1, 1))) % k] as const,
    );
    const settled = await kmeansDuel(gpu, rows, centroids, dim, labels, duels);
    if (kind === "near-tie") requireNearest(what, problem, settled);
    else requireSame(what, settled, labels);
    const swapped = labels.map((_, row) => duels[row]![1]);
    const back = duels.map(([row]) => [row, labels[row]!] as const);
    requireSame(
      `${what}: from the other side`,
      await kmeansDuel(gpu, rows, centroids, dim, swapped, back),
      settled,
    );
  }
}

export async function checkPick(gpu: GpuContext): Promise<void> {
  for (const [count, stretches] of [
    [1, 1],
    [65, 3],
    [200, 7],
  ] as const) {
    const labels = Uint32Array.from({ length: 400 }, (_, row) => row);
    const listed = Uint32Array.from({ length: count }, (_, at) => (at * 7 + 3) % 400);
    // Few values, so that there are ties.
    const scores = randomNormals(count * stretches, 1).map((value) => Math.round(value));
    const candidates = Uint32Array.from({ length: count * stretches }, (_, at) => 1000 + at);
    const actual = await kmeansPick(gpu, labels, listed, scores, candidates);
    requireSame(
      `${count} rows, ${stretches} stretches`,
      actual,
      twin.kmeansPick(labels, listed, scores, candidates),
    );
  }
}

export async function checkRank(gpu: GpuContext): Promise<void> {
  for (const [rowCount, k, kind, labels] of labelCases) {
    for (const step of [1, 7, 300]) {
      const history = { previous: labelsBefore(labels, k, step), since: randomLabels(k, 2, 3) };
      const actual = await kmeansRank(gpu, labels, k, history);
      const expected = twin.kmeansRank(labels, k, history);
      const what = `${rowCount} ${kind} labels of ${k}, one in ${step} changed`;
      requireSame(`${what}: ranks`, actual.ranks, expected.ranks);
      requireSame(`${what}: counts`, actual.counts, expected.counts);
      requireSame(`${what}: churn`, actual.churn, expected.churn);
      requireSame(`${what}: moved rows`, [actual.moved], [expected.moved]);
    }
  }
}

/** The four steps that sort rows by label. */
export async function checkLabelSort(gpu: GpuContext): Promise<void> {
  for (const [rowCount, k, kind, labels] of labelCases) {
    const what = `${rowCount} ${kind} labels of ${k}`;
    const history = { previous: labelsBefore(labels, k, 7), since: randomLabels(k, 2, 3) };
    const { ranks, counts } = await kmeansRank(gpu, labels, k, history);
    const offsets = await kmeansOffsets(gpu, counts, k);
    requireSame(`${what}: offsets`, offsets, twin.kmeansOffsets(counts, k));
    const bases = await kmeansBases(gpu, offsets.subarray(counts.length));
    requireSame(`${what}: bases`, bases, twin.kmeansBases(offsets.subarray(counts.length)));
    const table = Uint32Array.from([...offsets.subarray(0, counts.length), ...bases]);
    const order = await kmeansScatter(gpu, labels, ranks, table, k, history);
    requireSame(what, order, twin.kmeansScatter(labels, history));
  }
}

const total = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0);

export async function checkSum(gpu: GpuContext, extent: Extent): Promise<void> {
  const cases = [
    [1, 1, 1, 1, 1],
    [1024, 5, 64, 2, 1],
    [1025, 6, 65, 2, 1],
    [9000, 3, 8, 2, 3],
    [100, 1500, 130, 1, 1],
    [700, 9, 516, 1, 4],
  ] as const;
  for (const [rowCount, k, dim, sliceCount, runTiles] of cases) {
    if (!extent.takes(dim)) continue;
    const rows = randomNormals(rowCount * dim, rowCount);
    const centroids = randomNormals(k * dim, 5);
    const labels = randomLabels(rowCount, k, 3);
    for (const weights of [undefined, randomLabels(rowCount, 5, 4)]) {
      const options = { sliceCount, runTiles, ...(weights && { weights }) };
      const what = `${rowCount} rows, ${k} clusters, dimension ${dim}`;
      const actual = await kmeansSum(gpu, rows, labels, centroids, dim, options);
      const expected = twin.kmeansSum(rows, labels, centroids, dim, options);
      requireClose(`${what}: sums`, actual.sums, expected.sums, { absolute: 1e-3, relative: 1e-4 });
      requireSame(`${what}: counts`, actual.counts, expected.counts);
      const squareTolerance = { absolute: 0, relative: 16 * 2 ** -24 };
      requireClose(`${what}: squares`, [total(actual.squares)], [expected.squareSum], squareTolerance);
      if (rowCount < 2048) continue;
      const cut = await kmeansSum(gpu, rows, labels, centroids, dim, { ...options, chunkRows: 1024 });
      requireSame(`${what}: sums by chunks`, cut.sums, actual.sums);
      requireSame(`${what}: squares by chunks`, cut.squares, actual.squares);
      const history = { previous: labelsBefore(labels, k, 4), since: randomLabels(k, 4, 1) };
      const changed = await kmeansSum(gpu, rows, labels, centroids, dim, { ...options, ...history });
      const wanted = twin.kmeansSum(rows, labels, centroids, dim, { ...options, ...history });
      requireClose(`${what}: sums that go on`, changed.sums, wanted.sums, { absolute: 1e-3, relative: 1e-4 });
      requireSame(`${what}: counts that go on`, changed.counts, wanted.counts);
    }
  }
  const equalRows = new Float32Array(40_000 * 4).fill(0.3);
  const centroids = new Float32Array(4).fill(0.1);
  const { squares } = await kmeansSum(gpu, equalRows, new Uint32Array(40_000), centroids, 4);
  const expected = twin.kmeansSum(equalRows, new Uint32Array(40_000), centroids, 4);
  requireClose("equal rows: squares", [total(squares)], [expected.squareSum], {
    absolute: 0,
    relative: 16 * 2 ** -24,
  });
}

export async function checkUpdate(gpu: GpuContext): Promise<void> {
  for (const [k, dim, slices] of [
    [1, 1, 1],
    [3, 63, 2],
    [7, 65, 1],
    [11, 701, 5],
  ] as const) {
    const random = seededRandom(k + dim);
    const counts = Uint32Array.from({ length: slices * k }, () => random() * 4);
    const [sums, centroids] = [randomNormals(slices * k * dim, 1), randomNormals(k * dim, 2)];
    for (const spherical of [false, true]) {
      const actual = await kmeansUpdate(gpu, sums, counts, centroids, dim, { spherical });
      const expected = twin.kmeansUpdate(sums, counts, centroids, dim, { spherical });
      const what = `${k} clusters of dimension ${dim}`;
      const tolerance = { absolute: 1e-5, relative: 1e-5 };
      requireClose(`${what}: centroids`, actual.centroids, expected.centroids, tolerance);
      requireClose(`${what}: half norms`, actual.halfNorms, expected.halfNorms, tolerance);
      requireClose(`${what}: shifts`, actual.shifts, expected.shifts, tolerance);
      requireSame(`${what}: totals`, actual.totals, expected.totals);
      const carried = {
        squares: new Float32Array(slices * k * Math.ceil(dim / 4) * 2).fill(9),
        since: Uint32Array.from({ length: k }, (_, cluster) => cluster % 2),
        churn: Uint32Array.from({ length: k }, () => random() * 2),
        peak: new Float32Array(k).fill(1),
      };
      const options = { spherical, carried };
      const { next } = await kmeansUpdate(gpu, sums, counts, centroids, dim, options);
      const { next: wanted } = twin.kmeansUpdate(sums, counts, centroids, dim, options);
      requireSame(`${what}: which sums go on`, next!.since, wanted!.since);
      requireSame(`${what}: counts that go on`, next!.counts.subarray(0, k), wanted!.counts);
      requireClose(`${what}: sums that go on`, next!.sums.subarray(0, k * dim), wanted!.sums, {
        absolute: 1e-4,
        relative: 1e-5,
      });
    }
  }
}

export async function checkCost(gpu: GpuContext): Promise<void> {
  for (const count of [1, 63, 1023, 1024, 1025, 10_007]) {
    const random = seededRandom(count);
    const distances = Float32Array.from({ length: count }, () => random() * 4);
    requireClose(`${count} values`, await kmeansCost(gpu, distances), twin.kmeansCost(distances), {
      absolute: 0,
      relative: 24 * 2 ** -24,
    });
  }
}

export async function checkSeed(gpu: GpuContext): Promise<void> {
  for (const [rowCount, scale, firstRow] of [
    [1, 1, 0],
    [64, 0.3, 1_000_000],
    [65, 0.3, 4_294_967_000],
    [100_003, 0.01, 77],
  ] as const) {
    const random = seededRandom(rowCount);
    const distances = Float32Array.from({ length: rowCount }, () => random() * 2);
    const params = { seed: 42, round: 3, scale, firstRow };
    requireSame(
      `${rowCount} rows`,
      await kmeansSeed(gpu, distances, params),
      twin.kmeansSeed(distances, params),
    );
  }
}
