// Where the rows of a chunk go in a block of whole clusters: for row_gather, pairs of a row of the chunk and a row of the block;
// and for who reads the scores, the row of the collection in each row of the block. One invocation for each row.
struct Params {
  count: u32,
  // Of the first one in the chunk's order of labels.
  first: u32,
  // Of the chunk in the collection.
  first_row: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
// What a place in the order is to be raised by, for each cluster.
@group(0) @binding(3) var<storage, read> raises: array<u32>;
@group(0) @binding(4) var<storage, read_write> places: array<vec2u>;
@group(0) @binding(5) var<storage, read_write> rows: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = id.y * groups.x * 256u + id.x;
  if (index >= params.count) { return; }
  let place = params.first + index;
  let row = order[place];
  let target_row = place + raises[labels[row]];
  places[index] = vec2u(row, target_row);
  rows[target_row] = params.first_row + row;
}
