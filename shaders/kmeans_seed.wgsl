// The sampling step of k-means|| (Bahmani et al., 2012): each row is picked with probability scale * d^2, where scale is
// oversampling * k / cost. The random number of a row depends on the seed, the round and the row's index alone (PCG hash),
// so the picks are the same on every device. The list of picks is compact but in no order: the host sorts it.
#import flat_index

struct Params {
  row_count: u32,
  first_row: u32,
  seed: u32,
  round: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> distances: array<f32>;
@group(0) @binding(2) var<storage, read_write> pick_count: atomic<u32>;
@group(0) @binding(3) var<storage, read_write> picks: array<u32>;

fn pcg(value: u32) -> u32 {
  let state = value * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = flat_index(workgroup, workgroups) * 64 + lane;
  if (row >= params.row_count) { return; }
  let bits = pcg(pcg(pcg(params.seed) ^ params.round) ^ (params.first_row + row));
  if (f32(bits >> 8u) / 16777216.0 < params.scale * distances[row]) {
    picks[atomicAdd(&pick_count, 1u)] = row;
  }
}
