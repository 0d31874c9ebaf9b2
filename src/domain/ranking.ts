/** @file Places of elements in the order of their rows. */
import { at, range } from "../base/assert.ts";
import type { Discrete } from "./number-system.ts";

/** Ranks within rows by a key of each share; the share 0 comes last. */
export const ranksByShare = (shares: Int32Array, columns: number, key: (share: number) => number): Discrete =>
  ranksByKey(
    Float64Array.from(shares, (share) => (share === 0 ? Number.POSITIVE_INFINITY : key(share))),
    columns === 0 ? 0 : shares.length / columns,
    columns,
  );

/** Ranks within each row by keys, the smallest key first; of equal keys the first comes first. */
export function ranksByKey(keys: Float64Array, rows: number, columns: number): Discrete {
  const ranks = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const places = range(columns).map((column) => row * columns + column);
    // Infinite keys are equal, so keys are compared and not subtracted.
    const order = places.toSorted((a, b) =>
      at(keys, a) === at(keys, b) ? 0 : at(keys, a) < at(keys, b) ? -1 : 1,
    );
    for (const [rank, place] of order.entries()) ranks[place] = rank;
  }
  return ranks;
}
