// The score of one row and one centroid, x.c - |c|^2 / 2, of the importing shader's `rows`, `centroids` and `half_norms`.
// Terms are added one by one in the order of the dimensions, as dot_tile.wgsl does: the bits are those of kmeans_assign.
#ifdef WIDE
fn row_score(row: u32, centroid: u32) -> f32 {
  let quads = params.dim / 4;
  var sum = 0.0;
  for (var i = 0u; i < quads; i++) {
    let products = rows[row * quads + i] * centroids[centroid * quads + i];
    sum += products.x;
    sum += products.y;
    sum += products.z;
    sum += products.w;
  }
  return sum - half_norms[centroid];
}
#else
fn row_score(row: u32, centroid: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < params.dim; i++) { sum += rows[row * params.dim + i] * centroids[centroid * params.dim + i]; }
  return sum - half_norms[centroid];
}
#endif
