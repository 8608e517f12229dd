// From the displacements of blocks to NeMo Curator's two scores of a clip's motion. The magnitude of a displacement is its
// length in pixels of the full picture, divided by the picture's width plus height. Two things a codec's vectors do not
// tell: a pair on both sides of a cut has no motion to be measured and is left out, and blocks without structure, which
// match anywhere, move with the rest where most of the picture is known to move (a pan under a clear sky).
import { type MotionField, motionBlockSide, motionState } from "../kernels/motion_match.ts";

export interface MotionScore {
  /** Mean of the magnitude over pixels and pairs. */
  readonly globalMean: number;
  /** Least of the patches of about 256 x 256 pixels: each the mean of the magnitude over its area and all pairs. */
  readonly perPatchMin256: number;
}

export interface MotionGeometry {
  /** Of the full picture. */
  readonly width: number;
  readonly height: number;
  /** Of the frames that blocks were matched on. */
  readonly frameWidth: number;
  readonly frameHeight: number;
}

/** With so many of the blocks that have structure found nowhere, a pair lies on both sides of a cut. */
const lostInCut = 0.75;
/** Of all blocks: known in so many, the picture's motion is that of blocks without structure too. */
const knownShare = 0.5;
const patchSide = 256;

export class ClipMotion {
  readonly #geometry: MotionGeometry;
  readonly #columns: number;
  readonly #rows: number;
  /** Of each block. */
  readonly #sums: Float64Array;
  #pairCount = 0;

  constructor(geometry: MotionGeometry) {
    this.#geometry = geometry;
    this.#columns = geometry.frameWidth / motionBlockSide;
    this.#rows = geometry.frameHeight / motionBlockSide;
    this.#sums = new Float64Array(this.#columns * this.#rows);
  }

  /** Adds pair number `pair` of a field. */
  add({ displacements, states }: MotionField, pair: number): void {
    const blockCount = this.#sums.length;
    const first = pair * blockCount;
    const stateOf = states.subarray(first, first + blockCount);
    const magnitudes = this.#magnitudes(displacements.subarray(2 * first, 2 * (first + blockCount)));
    const matched = magnitudes.filter((_, block) => stateOf[block] === motionState.matched);
    const lost = stateOf.reduce((count, state) => count + (state === motionState.lost ? 1 : 0), 0);
    if (lost > lostInCut * (lost + matched.length)) return;
    const common = matched.length >= knownShare * blockCount ? median(matched) : 0;
    for (let block = 0; block < blockCount; block++) {
      const own = magnitudes[block]!;
      const told = stateOf[block] === motionState.matched || (stateOf[block] === motionState.flat && own > 0);
      this.#sums[block]! += told ? own : common;
    }
    this.#pairCount++;
  }

  /** Null where no pair could be measured. */
  score(): MotionScore | null {
    if (this.#pairCount === 0) return null;
    const means = this.#sums.map((sum) => sum / this.#pairCount);
    const globalMean = means.reduce((sum, mean) => sum + mean, 0) / means.length;
    return { globalMean, perPatchMin256: this.#leastPatch(means) };
  }

  #magnitudes(displacements: Float32Array): Float64Array {
    const { width, height, frameWidth, frameHeight } = this.#geometry;
    return Float64Array.from({ length: displacements.length / 2 }, (_, block) => {
      const x = (displacements[2 * block]! * width) / frameWidth;
      const y = (displacements[2 * block + 1]! * height) / frameHeight;
      return Math.hypot(x, y) / (width + height);
    });
  }

  #leastPatch(means: Float64Array): number {
    const columns = patchWeights(this.#columns, this.#geometry.width);
    const rows = patchWeights(this.#rows, this.#geometry.height);
    let least = Number.POSITIVE_INFINITY;
    for (const rowWeights of rows) {
      for (const columnWeights of columns) {
        let mean = 0;
        for (const [row, rowWeight] of rowWeights) {
          for (const [column, columnWeight] of columnWeights)
            mean += rowWeight * columnWeight * means[row * this.#columns + column]!;
        }
        least = Math.min(least, mean);
      }
    }
    return least;
  }
}

/**
 * For each patch along one side, the blocks it covers and the share of the patch that each makes up. A side is cut into
 * equal patches of about 256 pixels, and is one patch where it is shorter.
 */
function patchWeights(
  blockCount: number,
  pixels: number,
): readonly (readonly (readonly [block: number, weight: number])[])[] {
  const patchCount = Math.max(1, Math.round(pixels / patchSide));
  const blocksPerPatch = blockCount / patchCount;
  return Array.from({ length: patchCount }, (_, patch) => {
    const [start, end] = [patch * blocksPerPatch, (patch + 1) * blocksPerPatch];
    const weights: [number, number][] = [];
    for (let block = Math.floor(start); block < Math.min(end, blockCount); block++) {
      const overlap = Math.min(end, block + 1) - Math.max(start, block);
      if (overlap > 0) weights.push([block, overlap / blocksPerPatch]);
    }
    return weights;
  });
}

function median(values: Float64Array): number {
  return values.sort()[values.length >> 1] ?? 0;
}
