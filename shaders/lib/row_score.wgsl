// The score of one row and one centroid, x.c - |c|^2 / 2, of the importing shader's `rows`, `centroids` and `half_norms`.
// Terms are added one by one in the order of the dimensions, by fma as the f32 tile does and compilers do for dot_tile.wgsl (a
// software adapter knows no fma and takes both apart alike): the bits are those of kmeans_assign.
#ifdef WIDE
fn row_score(row: u32, centroid: u32) -> f32 {
  let quads = params.dim / 4;
  var sum = 0.0;
  for (var i = 0u; i < quads; i++) {
    let x = rows[row * quads + i];
    let c = centroids[centroid * quads + i];
    sum = fma(x.w, c.w, fma(x.z, c.z, fma(x.y, c.y, fma(x.x, c.x, sum))));
  }
  return sum - half_norms[centroid];
}
#else
fn row_score(row: u32, centroid: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < params.dim; i++) { sum = fma(rows[row * params.dim + i], centroids[centroid * params.dim + i], sum); }
  return sum - half_norms[centroid];
}
#endif
