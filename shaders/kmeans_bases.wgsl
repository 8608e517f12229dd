// Third step of sorting rows by label: where each cluster begins in the sorted order. Replaces the last row of `table`
// (rows of each cluster) by its exclusive prefix sums and appends the sum of all. One workgroup: each lane adds up a
// stretch of clusters, the stretches are scanned in workgroup memory (Hillis and Steele, 1986), each lane goes over its
// stretch again.

struct Params {
  cluster_count: u32,
  tile_count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> table: array<u32>;

const lanes = 256u;
var<workgroup> sums: array<u32, lanes>;

@compute @workgroup_size(lanes)
fn main(@builtin(local_invocation_index) lane: u32) {
  let stretch = (params.cluster_count + lanes - 1) / lanes;
  let row = params.tile_count * params.cluster_count;
  let first = min(lane * stretch, params.cluster_count);
  let end = min(first + stretch, params.cluster_count);
  var own = 0u;
  for (var cluster = first; cluster < end; cluster++) { own += table[row + cluster]; }
  sums[lane] = own;
  workgroupBarrier();
  for (var width = 1u; width < lanes; width *= 2) {
    var sum = sums[lane];
    if (lane >= width) { sum += sums[lane - width]; }
    workgroupBarrier();
    sums[lane] = sum;
    workgroupBarrier();
  }
  var base = sums[lane] - own;
  for (var cluster = first; cluster < end; cluster++) {
    let count = table[row + cluster];
    table[row + cluster] = base;
    base += count;
  }
  if (lane == lanes - 1) { table[row + params.cluster_count] = base; }
}
