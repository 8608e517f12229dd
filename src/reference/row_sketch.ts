// Twin of row_sketch in float64.

/** rowCount x 68: 64 coordinates, an upper bound of the length of the rest, the share of doubt, two zeros. */
export function rowSketch(rows: Float32Array, basis: Float32Array, dim: number): Float64Array {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const sketches = new Float64Array(rowCount * 68);
  for (let row = 0; row < rowCount; row++) {
    let [square, kept] = [0, 0];
    for (let i = 0; i < dim; i++) square += rows[row * dim + i]! ** 2;
    for (let c = 0; c < 64; c++) {
      let coordinate = 0;
      for (let i = 0; i < dim; i++) coordinate += rows[row * dim + i]! * basis[i * 64 + c]!;
      sketches[row * 68 + c] = coordinate;
      kept += coordinate ** 2;
    }
    const doubt = (18 * dim + 512) * 2 ** -24 * square;
    sketches[row * 68 + 64] = Math.sqrt(Math.max(square - kept, 0) + doubt);
    sketches[row * 68 + 65] = doubt / 2;
  }
  return sketches;
}
