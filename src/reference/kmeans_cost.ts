// Twin of kmeans_cost in float64.

export function kmeansCost(distances: Float32Array, weights?: Uint32Array): Float32Array {
  const partials = new Float64Array(Math.ceil(distances.length / 1024));
  distances.forEach((distance, row) => {
    const block = Math.floor(row / 1024);
    partials[block] = partials[block]! + (weights?.[row] ?? 1) * distance;
  });
  return Float32Array.from(partials);
}
