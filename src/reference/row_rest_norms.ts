// Twin of row_rest_norms in float64: sqrt(|what follows the prefix|^2 + slack |row|^2) for prefixes of chunk, 2 chunk, ..
// dim dimensions; of rounded rows (2^-6 their length + 2^6 what rounding took)^2 more under the root.

export function rowRestNorms(
  rows: Float32Array,
  dim: number,
  chunk: number,
  slack: number,
  errors?: Float32Array,
): Float32Array {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const prefixes = Math.ceil(dim / chunk);
  const norms = new Float32Array(rowCount * prefixes);
  const squaresFrom = (row: number, first: number): number => {
    let sum = 0;
    for (let i = first; i < dim; i++) sum += rows[row * dim + i]! ** 2;
    return sum;
  };
  for (let row = 0; row < rowCount; row++) {
    const doubt = errors === undefined ? 0 : errors[row * 2 + 1]! / 64 + errors[row * 2]! * 64;
    for (let prefix = 0; prefix < prefixes; prefix++) {
      const rest = squaresFrom(row, (prefix + 1) * chunk);
      norms[row * prefixes + prefix] = Math.sqrt(rest + slack * squaresFrom(row, 0) + doubt ** 2);
    }
  }
  return norms;
}
