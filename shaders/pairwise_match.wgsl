// Which rows of a small block match which: bit i of row j's words is set where i < j, both are of one group, and their dot
// product reaches the threshold. It serves the greedy choice of keepers, which must know every match inside a block. The
// block is at most 1024 rows, so the bits stay at 128 KiB. One invocation computes a word's byte: 1 row x 8 rows, as panels.

struct Params {
  row_count: u32,
  dim: u32,
  words: u32,
  threshold: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> panels: array<vec4f>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> ranks: array<u32>;
@group(0) @binding(4) var<storage, read_write> matches: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3u) {
  let row = invocation.x;
  let word = invocation.y;
  if (row >= params.row_count || word >= params.words) { return; }
  var bits = 0u;
  for (var tile = word * 32; tile < min(word * 32 + 32, row); tile += 8u) {
    let left = row / 64 * params.dim * 16 + row % 64 / 4;
    let right = tile / 64 * params.dim * 16 + tile % 64 / 4;
    var low = vec4f();
    var high = vec4f();
    for (var i = 0u; i < params.dim; i++) {
      let value = panels[left + i * 16][row % 4];
      low += value * panels[right + i * 16];
      high += value * panels[right + i * 16 + 1];
    }
    for (var c = 0u; c < 8; c++) {
      let score = select(high[c % 4], low[c % 4], c < 4);
      let earlier = tile + c;
      if (earlier < row && ranks[earlier] >= starts[row] && score >= params.threshold) { bits |= 1u << (earlier % 32); }
    }
  }
  matches[row * params.words + word] = bits;
}
