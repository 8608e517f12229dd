// Twin of row_gather.

export function rowGather(rows: Float32Array, indices: Uint32Array, dim: number): Float32Array {
  const gathered = new Float32Array(indices.length * dim);
  indices.forEach((row, place) => void gathered.set(rows.subarray(row * dim, (row + 1) * dim), place * dim));
  return gathered;
}
