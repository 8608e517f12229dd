// Twin of half_pack: rounds to f16, to nearest and ties to even, and measures in float64 what that changed.

/** The f16 nearest to `value`, with values below the smallest normal one as 0: its 16 bits and its value. */
function roundToHalf(value: number): { bits: number; rounded: number } {
  const size = Math.abs(value);
  if (size < 2 ** -14) return { bits: 0, rounded: 0 };
  const exponent = Math.floor(Math.log2(size));
  const steps = size / 2 ** (exponent - 10);
  const below = Math.floor(steps);
  const up = steps - below > 0.5 || (steps - below === 0.5 && below % 2 === 1);
  const rounded = (below + (up ? 1 : 0)) * 2 ** (exponent - 10);
  const final = Math.floor(Math.log2(rounded));
  const mantissa = rounded / 2 ** (final - 10) - 1024;
  return {
    bits: (value < 0 ? 0x8000 : 0) + ((final + 15) << 10) + mantissa,
    rounded: value < 0 ? -rounded : rounded,
  };
}

export function halfPack(rows: Float32Array, dim: number): { halves: Uint16Array; errors: Float32Array } {
  const rowCount = dim === 0 ? 0 : rows.length / dim;
  const paddedRows = Math.ceil(rowCount / 128) * 128;
  const paddedDim = Math.ceil(dim / 64) * 64;
  const halves = new Uint16Array(paddedRows * paddedDim);
  const errors = new Float32Array(paddedRows * 2);
  for (let row = 0; row < rowCount; row++) {
    let error = 0;
    let length = 0;
    for (let i = 0; i < dim; i++) {
      const value = rows[row * dim + i]!;
      const { bits, rounded } = roundToHalf(value);
      const block = (Math.floor(row / 64) * paddedDim) / 16 + Math.floor(i / 16);
      halves[(block * 64 + (row % 64)) * 16 + (i % 16)] = bits;
      error += (value - rounded) ** 2;
      length += rounded ** 2;
    }
    errors[row * 2] = Math.sqrt(error);
    errors[row * 2 + 1] = Math.sqrt(length);
  }
  return { halves, errors };
}
