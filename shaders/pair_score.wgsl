// The exact dot product of each candidate pair, dimension after dimension as pairwise_max adds them up, so that it has the
// same bits. Pairs below the threshold get -1. The others raise their later row's score: scores are positive, so their bits
// order as they do. A score that rises takes back its row's index, which pair_settle.wgsl then sets; one that does not rise
// keeps the index of an earlier round. Invocations stride over however many pairs there are. It reads rows as they lie, of which a
// pair needs two stretches; panels would cost a cache line for each dimension. WIDE reads whole vec4f, which needs a dimension
// that is a multiple of 4.
struct Params {
  dim: u32,
  threshold: f32,
  capacity: u32,
}

struct Candidates {
  count: u32,
  chunks: u32,
  pairs: array<vec2u>,
}

@group(0) @binding(0) var<uniform> params: Params;
#ifdef WIDE
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
#else
@group(0) @binding(1) var<storage, read> left: array<f32>;
@group(0) @binding(2) var<storage, read> right: array<f32>;
#endif
@group(0) @binding(3) var<storage, read> candidates: Candidates;
@group(0) @binding(4) var<storage, read_write> pair_scores: array<f32>;
@group(0) @binding(5) var<storage, read_write> scores: array<atomic<u32>>;
@group(0) @binding(6) var<storage, read_write> indices: array<atomic<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let count = min(candidates.count, params.capacity);
  for (var at = invocation.x; at < count; at += workgroups.x * 64) {
    let pair = candidates.pairs[at];
    var sum = 0.0;
#ifdef WIDE
    let parts = params.dim / 4;
    for (var part = 0u; part < parts; part++) {
      let l = left[pair.x * parts + part];
      let r = right[pair.y * parts + part];
      sum += l.x * r.x;
      sum += l.y * r.y;
      sum += l.z * r.z;
      sum += l.w * r.w;
    }
#else
    for (var i = 0u; i < params.dim; i++) { sum += left[pair.x * params.dim + i] * right[pair.y * params.dim + i]; }
#endif
    let matched = sum >= params.threshold;
    pair_scores[at] = select(-1.0, sum, matched);
    if (matched) {
      let score = bitcast<u32>(sum);
      if (atomicMax(&scores[pair.x], score) < score) { atomicStore(&indices[pair.x], 0xffffffffu); }
    }
  }
}
