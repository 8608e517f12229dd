// Seeded embeddings to measure on: unit rows around random centres with near-duplicates planted among them, the same with a
// spectrum that falls as that of real embeddings does, or uniform noise. Every value is a hash of (seed, row, column), so any row can be made alone, on the CPU, by a shader
// (shaders/embedding_fill.wgsl) or in Python (peers/embedding_data.py), all alike up to rounding; change one, change all.
// Rows of one centre have a similarity near 0.5, a planted row and its original one of 0.9975: what is to be found is known.

export interface EmbeddingPlan {
  /**
   * "clustered": noise as long as the centres, alike in all directions, which defeats every projection. "falling": noise of
   * 0.7, variance 1 / i over the dimensions, shuffled, so that 64 of 512 hold 70 %. "uniform": no centres at all.
   */
  readonly kind: "clustered" | "falling" | "uniform";
  readonly rowCount: number;
  readonly dim: number;
  readonly seed: number;
  /** Centres of the mixture; each row takes the larger of two random ones, so sizes vary (deviation 0.58 of the mean). */
  readonly centerCount: number;
  /** One row of so many is planted, save where the original that it draws would be planted itself. 0: none. */
  readonly plantedEvery: number;
  /** Rows of a group, which has a centre of its own and its originals inside; 0 for rows without groups. */
  readonly groupRows: number;
}

export const plannedDefaults: Pick<
  EmbeddingPlan,
  "kind" | "dim" | "seed" | "centerCount" | "plantedEvery" | "groupRows"
> = { kind: "clustered", dim: 512, seed: 1, centerCount: 300, plantedEvery: 10, groupRows: 0 };

/** Length of what is added to an original, for each of its dimensions. */
const nudge = 0.1;
/** Length of the noise about a centre where the spectrum falls. */
const fallingNoise = 0.7;
/** A prime that no dimension in use is a multiple of: the places of the dimensions in the falling spectrum. */
const shuffle = 197;
const golden = 0x9e3779b9;

/** lowbias32 (Wellons, 2018): a 32-bit hash. */
function hash(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

const streams = { firstCenter: 1, secondCenter: 2, planted: 3, original: 4, center: 5, row: 6, nudge: 7 };

function draw(plan: Pick<EmbeddingPlan, "seed">, stream: keyof typeof streams, index: number): number {
  return hash(hash(plan.seed * 8 + streams[stream]) ^ index);
}

/** Near enough to normal, of deviation 1: the sum of the four bytes of a hash. */
function noise(start: number, column: number): number {
  const bits = hash(start + Math.imul(column, golden));
  return ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) / 147.8;
}

function isMarked(plan: EmbeddingPlan, row: number): boolean {
  const { plantedEvery, groupRows } = plan;
  if (plan.kind === "uniform" || plantedEvery === 0) return false;
  const isFirst = groupRows === 0 ? row === 0 : row % groupRows === 0;
  return !isFirst && draw(plan, "planted", row) % plantedEvery === 0;
}

/** The earlier row that a row is planted next to, or -1. Originals are never planted themselves. */
export function originalOf(plan: EmbeddingPlan, row: number): number {
  if (!isMarked(plan, row)) return -1;
  const first = plan.groupRows === 0 ? 0 : row - (row % plan.groupRows);
  const original = first + (draw(plan, "original", row) % (row - first));
  return isMarked(plan, original) ? -1 : original;
}

export function plantedRows(plan: EmbeddingPlan): number[] {
  const rows: number[] = [];
  for (let row = 0; row < plan.rowCount; row++) if (originalOf(plan, row) >= 0) rows.push(row);
  return rows;
}

function centerOf(plan: EmbeddingPlan, row: number): number {
  if (plan.groupRows > 0) return Math.floor(row / plan.groupRows);
  return Math.max(
    draw(plan, "firstCenter", row) % plan.centerCount,
    draw(plan, "secondCenter", row) % plan.centerCount,
  );
}

/** f32, rowCount x dim: rows firstRow .. firstRow + rowCount - 1 of the plan, of length 1. */
export function embeddingRows(plan: EmbeddingPlan, firstRow = 0, rowCount = plan.rowCount): Float32Array {
  const rows = new Float32Array(rowCount * plan.dim);
  for (let i = 0; i < rowCount; i++)
    fillRow(plan, firstRow + i, rows.subarray(i * plan.dim, (i + 1) * plan.dim));
  return rows;
}

/** f32, rows.length x dim: chosen rows of the plan. */
export function chosenRows(plan: EmbeddingPlan, rows: readonly number[]): Float32Array {
  const values = new Float32Array(rows.length * plan.dim);
  for (const [i, row] of rows.entries())
    fillRow(plan, row, values.subarray(i * plan.dim, (i + 1) * plan.dim));
  return values;
}

function fillRow(plan: EmbeddingPlan, row: number, out: Float32Array): void {
  const original = originalOf(plan, row);
  const clustered = plan.kind !== "uniform";
  const falling = plan.kind === "falling";
  const noiseLength = falling ? fallingNoise : 1;
  const own = draw(plan, "row", original < 0 ? row : original);
  const center = draw(plan, "center", centerOf(plan, original < 0 ? row : original));
  const added = draw(plan, "nudge", row);
  let squares = 0;
  for (let column = 0; column < plan.dim; column++) {
    let value = clustered
      ? noiseLength * noise(own, column) + noise(center, column)
      : hash(own + Math.imul(column, golden)) / 2 ** 31 - 1;
    if (original >= 0) value += nudge * noise(added, column);
    if (falling) value /= Math.sqrt(1 + ((column * shuffle) % plan.dim));
    out[column] = value;
    squares += value * value;
  }
  const scale = 1 / Math.sqrt(squares);
  for (let column = 0; column < plan.dim; column++) out[column]! *= scale;
}

/** First centroids that every tool starts from: rows spread evenly over the plan, k x dim. */
export function firstCentroids(plan: EmbeddingPlan, k: number): Float32Array {
  return chosenRows(
    plan,
    Array.from({ length: k }, (_, i) => Math.floor((i * plan.rowCount) / k)),
  );
}

/** Row indices spread over the plan, to check results on. */
export function sampleOf(plan: EmbeddingPlan, count: number): number[] {
  const step = Math.max(1, Math.floor(plan.rowCount / count));
  return Array.from({ length: Math.min(count, plan.rowCount) }, (_, i) => i * step);
}
