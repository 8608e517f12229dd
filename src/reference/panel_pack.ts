// Twin of panel_pack: the same rearrangement in plain loops.

export function panelPack(rows: Float32Array, dim: number): Float32Array {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const panels = new Float32Array(Math.ceil(rowCount / 64) * 64 * dim);
  for (let row = 0; row < rowCount; row++) {
    const panel = Math.floor(row / 64);
    for (let i = 0; i < dim; i++) panels[(panel * dim + i) * 64 + (row % 64)] = rows[row * dim + i]!;
  }
  return panels;
}
