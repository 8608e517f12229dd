// The flat index of a workgroup in a grid that was folded into two dimensions (src/gpu/grid.ts).
fn flat_index(workgroup: vec3u, workgroups: vec3u) -> u32 {
  return workgroup.y * workgroups.x + workgroup.x;
}
