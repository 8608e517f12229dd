// Settles rows between two centroids: the exact f32 scores of both, in the order of sums of kmeans_assign, so that the label
// is the one that it gives. kmeans_screen lists the rows of which f16 rules out all centroids but two.
// duels: [0] to [2] the workgroups of the indirect dispatch, 64 rows in each; [3] their number; then row and rival, where the
// row's label is the other centroid. One invocation for each.
#import flat_index

struct Params {
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
#ifdef WIDE
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> centroids: array<vec4f>;
#else
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> centroids: array<f32>;
#endif
@group(0) @binding(3) var<storage, read> half_norms: array<f32>;
@group(0) @binding(4) var<storage, read> duels: array<u32>;
@group(0) @binding(5) var<storage, read_write> labels: array<u32>;

#import row_score

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let position = flat_index(workgroup, workgroups) * 64 + lane;
  if (position >= duels[3]) { return; }
  let row = duels[4 + position * 2];
  let rival = duels[5 + position * 2];
  let label = labels[row];
  let own = row_score(row, label);
  let other = row_score(row, rival);
  if (other > own || (other == own && rival < label)) { labels[row] = rival; }
}
