// Twin of row_normalize in plain loops and float64.

export function rowNormalize(rows: Float32Array, dim: number): { rows: Float32Array; norms: Float32Array } {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const unit = new Float32Array(rows.length);
  const norms = new Float32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += rows[row * dim + i]! ** 2;
    const norm = Math.sqrt(sum);
    norms[row] = norm;
    for (let i = 0; i < dim; i++) unit[row * dim + i] = norm === 0 ? 0 : rows[row * dim + i]! / norm;
  }
  return { rows: unit, norms };
}
