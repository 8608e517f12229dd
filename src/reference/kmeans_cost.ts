// Twin of kmeans_cost in float64.

export function kmeansCost(values: Float32Array): Float32Array {
  const partials = new Float64Array(Math.ceil(values.length / 1024));
  values.forEach((value, i) => {
    const block = Math.floor(i / 1024);
    partials[block] = partials[block]! + value;
  });
  return Float32Array.from(partials);
}
