// The lowest earlier rank among the pairs that have their later row's score, after pair_score.wgsl: whatever the order of
// the pairs, the same row.
struct Params {
  earlier_first: u32,
  capacity: u32,
}

struct Candidates {
  count: u32,
  chunks: u32,
  pairs: array<vec2u>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> candidates: Candidates;
@group(0) @binding(2) var<storage, read> pair_scores: array<f32>;
@group(0) @binding(3) var<storage, read> scores: array<f32>;
@group(0) @binding(4) var<storage, read_write> indices: array<atomic<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let count = min(candidates.count, params.capacity);
  for (var at = invocation.x; at < count; at += workgroups.x * 64) {
    let pair = candidates.pairs[at];
    if (pair_scores[at] == scores[pair.x]) { atomicMin(&indices[pair.x], params.earlier_first + pair.y); }
  }
}
