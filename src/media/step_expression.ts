// A piecewise constant function as an expression of ffmpeg: nested if() in the shape of a balanced tree, so that a video
// of thousands of spans costs the logarithm of their number per frame (ffmpeg evaluates only the branch taken).

/**
 * @param variable name known to the filter, such as "pts".
 * @param boundaries ascending; `values[0]` holds below the first, `values[k]` from `boundaries[k - 1]` on.
 */
export function stepExpression(
  variable: string,
  boundaries: readonly number[],
  values: readonly number[],
): string {
  const branch = (low: number, high: number): string => {
    if (low === high) return decimal(values[low] as number);
    const middle = (low + high) >>> 1;
    const boundary = decimal(boundaries[middle] as number);
    return `if(lt(${variable},${boundary}),${branch(low, middle)},${branch(middle + 1, high)})`;
  };
  return branch(0, boundaries.length);
}

/** A number without exponent: ffmpeg reads the letter of "1e21" and "1e-7" as an SI prefix. */
export function decimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(12) : text;
}
