// Dispatch grids: WebGPU allows 65,535 workgroups per dimension, so a long row of workgroups is folded into two
// dimensions. A shader recovers its flat index as `workgroup_id.y * num_workgroups.x + workgroup_id.x`
// (shaders/lib/flat_index.wgsl) and must return when that index is past the end.

export type Grid = readonly [x: number, y: number, z: number];

export const maxWorkgroupsPerDimension = 65_535;

/** The smallest near-square fold of `count` workgroups that fits the limit. */
export function foldGrid(count: number, limit: number = maxWorkgroupsPerDimension): Grid {
  if (count <= limit) return [Math.max(count, 1), 1, 1];
  const rows = Math.ceil(count / limit);
  if (rows > limit)
    throw new RangeError(`Cannot dispatch ${count} workgroups as a grid holds at most ${limit ** 2}`);
  return [Math.ceil(count / rows), rows, 1];
}

export function divideUp(value: number, divisor: number): number {
  return Math.ceil(value / divisor);
}
