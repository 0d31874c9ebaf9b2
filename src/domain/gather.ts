/** @file Moves numbers of typed arrays; every structural operator comes down to this. */

/** Fills `target` with target[i] = values[indices[i]]. Throws RangeError on an index outside the values. */
export function gatherInto<T extends Float64Array | Int32Array>(
  target: T,
  values: T,
  indices: Int32Array,
): T {
  for (let i = 0; i < indices.length; i++) {
    const value = values[indices[i] as number];
    if (value === undefined) throw new RangeError(`index ${indices[i]} is outside 0..${values.length - 1}`);
    target[i] = value;
  }
  return target;
}
