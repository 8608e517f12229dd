// IEEE 754 half precision to single, exactly, by a table of all 65,536 numbers: one look-up each.

let table: Float32Array | undefined;

/** float16 numbers, little-endian, as float32. */
export function halfFloats(bytes: Uint8Array): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => singleOf(bits));
  const floats = new Float32Array(bytes.byteLength >> 1);
  for (let index = 0; index < floats.length; index++)
    floats[index] = table[bytes[2 * index]! | (bytes[2 * index + 1]! << 8)]!;
  return floats;
}

function singleOf(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
