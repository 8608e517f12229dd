// Twin of motion_match in plain loops. Costs are whole numbers there too, so the same displacement is found.

const side = 8;
const pixels = side * side;
const noiseCost = (pixels * pixels) / 4;
const structureCost = 4 * pixels * pixels;
const gainOfSearch = 2.5;
const gainOfFit = 0.3;
const damping = 0.02;

export interface MotionMatch {
  /** x and y of each block of each pair, in pixels. */
  readonly displacements: Float32Array;
  /** Of each block: 0 flat, 1 matched, 2 lost. */
  readonly states: Uint32Array;
}

export function motionMatch(
  frames: Uint32Array,
  width: number,
  height: number,
  radius: number,
  parents?: Float32Array,
): MotionMatch {
  const pairCount = frames.length / (2 * width * height);
  const [columns, rows] = [width / side, height / side];
  const displacements = new Float32Array(pairCount * columns * rows * 2);
  const states = new Uint32Array(pairCount * columns * rows);
  for (let pair = 0; pair < pairCount; pair++) {
    const [earlier, later] = [2 * pair, 2 * pair + 1].map((frame) =>
      frames.subarray(frame * width * height, (frame + 1) * width * height),
    ) as [Uint32Array, Uint32Array];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const parent = 2 * ((pair * rows) / 2 + (row >> 1)) * (columns / 2) + 2 * (column >> 1);
        const centre = parents === undefined ? [0, 0] : [parents[parent]!, parents[parent + 1]!];
        const found = matchBlock(
          { earlier, later, width, height, left: column * side, top: row * side },
          radius,
          Math.floor(2 * centre[0]! + 0.5),
          Math.floor(2 * centre[1]! + 0.5),
        );
        const block = (pair * rows + row) * columns + column;
        displacements[2 * block] = found.x;
        displacements[2 * block + 1] = found.y;
        states[block] = found.state;
      }
    }
  }
  return { displacements, states };
}

interface Block {
  readonly earlier: Uint32Array;
  readonly later: Uint32Array;
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
}

function matchBlock(
  block: Block,
  radius: number,
  centreX: number,
  centreY: number,
): { readonly x: number; readonly y: number; readonly state: number } {
  const still = costOf(block, 0, 0);
  let best = { x: 0, y: 0, cost: still };
  const search = (aroundX: number, aroundY: number): void => {
    for (let y = aroundY - radius; y <= aroundY + radius; y++) {
      for (let x = aroundX - radius; x <= aroundX + radius; x++) {
        const cost = costOf(block, x, y);
        if (cost < best.cost) best = { x, y, cost };
      }
    }
  };
  search(0, 0);
  if (centreX !== 0 || centreY !== 0) search(centreX, centreY);
  if (still <= gainOfSearch * best.cost + noiseCost) best = { x: 0, y: 0, cost: still };

  const { shiftX, shiftY, gain, structure } = fitFraction(block, best.x, best.y);
  const moves = best.x !== 0 || best.y !== 0 || gain > gainOfFit * best.cost + noiseCost;
  return {
    x: best.x + (moves ? shiftX : 0),
    y: best.y + (moves ? shiftY : 0),
    state: structure <= structureCost ? 0 : best.cost <= structure / 2 ? 1 : 2,
  };
}

/** A pixel of a frame; beyond its edges, the nearest there is. */
function pixel(frame: Uint32Array, { width, height }: Block, x: number, y: number): number {
  const clamped = (value: number, count: number): number => Math.min(Math.max(value, 0), count - 1);
  return frame[clamped(y, height) * width + clamped(x, width)]!;
}

function costOf(block: Block, stepX: number, stepY: number): number {
  const { earlier, later, left, top } = block;
  let [sum, squares] = [0, 0];
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++) {
      const difference = pixel(later, block, x, y) - pixel(earlier, block, x - stepX, y - stepY);
      sum += difference;
      squares += difference ** 2;
    }
  }
  return pixels * squares - sum ** 2;
}

function fitFraction(
  block: Block,
  stepX: number,
  stepY: number,
): { readonly shiftX: number; readonly shiftY: number; readonly gain: number; readonly structure: number } {
  const { earlier, later, left, top } = block;
  const slopesX: number[] = [];
  const slopesY: number[] = [];
  const differences: number[] = [];
  const values: number[] = [];
  const at = (frame: Uint32Array, x: number, y: number): number => pixel(frame, block, x, y);
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++) {
      const [fromX, fromY] = [x - stepX, y - stepY];
      slopesX.push(
        (at(later, x + 1, y) -
          at(later, x - 1, y) +
          at(earlier, fromX + 1, fromY) -
          at(earlier, fromX - 1, fromY)) /
          4,
      );
      slopesY.push(
        (at(later, x, y + 1) -
          at(later, x, y - 1) +
          at(earlier, fromX, fromY + 1) -
          at(earlier, fromX, fromY - 1)) /
          4,
      );
      differences.push(at(earlier, fromX, fromY) - at(later, x, y));
      values.push(at(later, x, y));
    }
  }
  const [energyX, energyY] = [covariance(slopesX, slopesX), covariance(slopesY, slopesY)];
  const mixed = covariance(slopesX, slopesY);
  const [rightX, rightY] = [covariance(slopesX, differences), covariance(slopesY, differences)];
  const added = (energyX + energyY) * damping + 1;
  const determinant = (energyX + added) * (energyY + added) - mixed ** 2;
  const clamped = (value: number): number => Math.min(Math.max(value, -1), 1);
  const shiftX = clamped((rightX * (energyY + added) - rightY * mixed) / determinant);
  const shiftY = clamped((rightY * (energyX + added) - rightX * mixed) / determinant);
  return {
    shiftX,
    shiftY,
    gain: rightX * shiftX + rightY * shiftY,
    structure: covariance(values, values),
  };
}

/** 64 times the sum of products of what two lists differ by from their means. */
function covariance(a: readonly number[], b: readonly number[]): number {
  let [product, sumA, sumB] = [0, 0, 0];
  for (let i = 0; i < pixels; i++) {
    product += a[i]! * b[i]!;
    sumA += a[i]!;
    sumB += b[i]!;
  }
  return pixels * product - sumA * sumB;
}
