// How many rows of a dimension an array holds, checked at the public door.

/** Throws a RangeError where the values do not fill whole rows. */
export function rowCountOf(values: ArrayLike<number>, dim: number): number {
  if (!Number.isInteger(dim) || dim < 0)
    throw new RangeError(`Cannot work on rows as the dimension must be a whole number: ${dim}`);
  const rowCount = dim === 0 ? 0 : values.length / dim;
  if (!Number.isInteger(rowCount)) {
    throw new RangeError(
      `Cannot work on rows as ${values.length} values are not a multiple of the dimension: ${dim}`,
    );
  }
  return rowCount;
}
