// Twin of mean_pool in plain loops and float64.

export function meanPool(rows: Float32Array, dim: number, offsets: Uint32Array): Float32Array {
  const groupCount = offsets.length - 1;
  const means = new Float32Array(groupCount * dim);
  for (let group = 0; group < groupCount; group++) {
    const [start, end] = [offsets[group]!, offsets[group + 1]!];
    for (let column = 0; column < dim; column++) {
      let sum = 0;
      for (let row = start; row < end; row++) sum += rows[row * dim + column]!;
      means[group * dim + column] = end === start ? 0 : sum / (end - start);
    }
  }
  return means;
}
