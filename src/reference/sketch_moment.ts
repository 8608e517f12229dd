// Twin of sketch_moment in float64.

export function sketchMoment(rows: Float32Array, sketches: Float32Array, dim: number): Float64Array {
  const moments = new Float64Array(dim * 64);
  for (let at = 0; at < rows.length; at++) {
    const sketch = Math.floor(at / dim) * 68;
    for (let c = 0; c < 64; c++) moments[(at % dim) * 64 + c]! += rows[at]! * sketches[sketch + c]!;
  }
  return moments;
}
