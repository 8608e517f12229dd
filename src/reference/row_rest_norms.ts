// Twin of row_rest_norms in float64: sqrt(|what follows the prefix|^2 + slack |row|^2) for prefixes of chunk, 2 chunk, ..
// dim dimensions.

export function rowRestNorms(rows: Float32Array, dim: number, chunk: number, slack: number): Float32Array {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const prefixes = Math.ceil(dim / chunk);
  const norms = new Float32Array(rowCount * prefixes);
  const squaresFrom = (row: number, first: number): number => {
    let sum = 0;
    for (let i = first; i < dim; i++) sum += rows[row * dim + i]! ** 2;
    return sum;
  };
  for (let row = 0; row < rowCount; row++) {
    for (let prefix = 0; prefix < prefixes; prefix++) {
      const rest = squaresFrom(row, (prefix + 1) * chunk);
      norms[row * prefixes + prefix] = Math.sqrt(rest + slack * squaresFrom(row, 0));
    }
  }
  return norms;
}
