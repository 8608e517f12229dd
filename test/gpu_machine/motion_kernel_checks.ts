// Checks of the kernels of block matching against their float64 twins.
import type { GpuContext } from "../../src/gpu/context.ts";
import { motionMatch } from "../../src/kernels/motion_match.ts";
import { motionShrink } from "../../src/kernels/motion_shrink.ts";
import * as twin from "../../src/reference.ts";
import { movingFrames } from "../support/moving_frames.ts";
import { requireClose, requireSame } from "./check.ts";

const pairs = [
  { x: 1.3, y: -0.4 },
  { x: 0, y: 0 },
  { x: -5, y: 2.25 },
];

export async function checkShrink(gpu: GpuContext): Promise<void> {
  for (const [width, height] of [
    [2, 2],
    [62, 46],
    [256, 160],
  ] as const) {
    const frames = movingFrames(width, height, pairs, { noise: 9 });
    const actual = await motionShrink(gpu, frames, width, height);
    requireSame(`${width} x ${height}`, actual, twin.motionShrink(frames, width, height));
  }
}

export async function checkMatch(gpu: GpuContext): Promise<void> {
  for (const [width, height] of [
    [8, 8],
    [56, 72],
    [128, 64],
  ] as const) {
    const frames = movingFrames(width, height, pairs, { noise: 6 });
    const [actual, expected] = [
      await motionMatch(gpu, frames, width, height, 3),
      twin.motionMatch(frames, width, height, 3),
    ];
    const what = `${width} x ${height}`;
    requireSame(`states of ${what}`, actual.states, expected.states);
    requireClose(`displacements of ${what}`, actual.displacements, expected.displacements, {
      absolute: 1e-4,
    });
  }
}
