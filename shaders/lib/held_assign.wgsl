// The form of kmeans_assign that holds rows: for software adapters with subgroups of 8 (held_product.wgsl). A workgroup
// holds 128 dimensions of 64 rows, 8 rows in each invocation, and walks 128 centroids; their unfinished sums wait in
// workgroup memory for the next 128 dimensions. Sums run over the dimensions in order, as in every other form.
// The dimension is a multiple of 128. Rows and centroids are read as they lie.
alias HeldQuads = array<f32, 512>;
#import held_product

// [centroid of the walk][half][lane]
var<workgroup> unfinished: array<vec4f, 2048>;

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = flat_index(workgroup, workgroups) * 64;
  if (block >= row_count()) { return; }
  let first = block + lane * 8;
  let quads = params.dim / 4;
  var held: Held;
  var best_low = vec4f(lowest);
  var best_high = vec4f(lowest);
  var label_low = vec4u();
  var label_high = vec4u();
  for (var from_centroid = 0u; from_centroid < params.centroid_count; from_centroid += 128) {
    let to_centroid = min(from_centroid + 128, params.centroid_count);
    for (var from_quad = 0u; from_quad < quads; from_quad += 32) {
      // Always 4 rows of each half and 32 quads, which the compiler does not know: unrolled, it would take seconds more.
      for (var r = 0u; r < min(4, quads); r++) {
        let low_at = start_of(first + r) + from_quad;
        let high_at = start_of(first + r + 4) + from_quad;
        for (var quad = 0u; quad < min(32, quads); quad++) {
          hold(&held.low, quad * 16 + r, left[low_at + quad]);
          hold(&held.high, quad * 16 + r, left[high_at + quad]);
        }
      }
      let is_last = from_quad + 32 >= quads;
      for (var centroid = from_centroid; centroid < to_centroid; centroid++) {
        let at = centroid * quads + from_quad + lane;
        let values_0 = right[at];
        let values_1 = right[at + 8];
        let values_2 = right[at + 16];
        let values_3 = right[at + 24];
        let slot = (centroid - from_centroid) * 16 + lane;
        var sums = Sums();
        if (from_quad > 0) { sums = Sums(unfinished[slot], unfinished[slot + 8]); }
        add_32(&sums, &held, 0, values_0);
        add_32(&sums, &held, 128, values_1);
        add_32(&sums, &held, 256, values_2);
        add_32(&sums, &held, 384, values_3);
        if (is_last) {
          let half_norm = half_norms[centroid];
          let low = sums.low - half_norm;
          let high = sums.high - half_norm;
          label_low = select(label_low, vec4u(centroid), low > best_low);
          label_high = select(label_high, vec4u(centroid), high > best_high);
          best_low = max(best_low, low);
          best_high = max(best_high, high);
        } else {
          unfinished[slot] = sums.low;
          unfinished[slot + 8] = sums.high;
        }
      }
    }
  }
  let found = array<u32, 8>(
    label_low.x, label_low.y, label_low.z, label_low.w, label_high.x, label_high.y, label_high.z, label_high.w,
  );
  for (var r = 0u; r < min(8, quads); r++) {
    if (first + r < row_count()) { settle(first + r, found[r]); }
  }
}

fn start_of(position: u32) -> u32 {
  return row_at(min(position, row_count() - 1)) * (params.dim / 4);
}

fn squared_distance(position: u32, label: u32) -> f32 {
  let row = start_of(position);
  let centroid = label * (params.dim / 4);
  var distance = 0.0;
  for (var i = 0u; i < params.dim / 4; i++) {
    let difference = left[row + i] - right[centroid + i];
    distance += difference.x * difference.x;
    distance += difference.y * difference.y;
    distance += difference.z * difference.z;
    distance += difference.w * difference.w;
  }
  return distance;
}
