// A row's sketch, 17 vec4f: its 64 coordinates along the columns of an orthonormal basis; then x, an upper bound of the
// length of what the basis leaves of the row, and y, the row's share of what rounding may do to a bound on a dot product.
// With p the coordinates, r the rests: |a.b - p(a).p(b)| <= r(a) r(b), the inequality of Cauchy and Schwarz.
const record_quads = 17u;
