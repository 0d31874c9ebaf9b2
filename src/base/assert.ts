/** @file Indexing and exhaustiveness checks that fail loudly, so that a silent `undefined` never reaches arithmetic. */

/** The element at `index`; throws where TypeScript's unchecked index would give `undefined`. */
export function at<T>(items: ArrayLike<T>, index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`index ${index} is outside 0..${items.length - 1}`);
  return item;
}

/** The only element of a list that must have exactly one. */
export function only<T>(items: readonly T[]): T {
  if (items.length !== 1) throw new RangeError(`expected one element, got ${items.length}`);
  return at(items, 0);
}

/** The value under `key`; throws when the key is absent. */
export function get<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new RangeError(`no entry for ${String(key)}`);
  return value;
}

/** Pairs of two lists that must be equally long. */
export function zip<A, B>(left: readonly A[], right: readonly B[]): (readonly [A, B])[] {
  if (left.length !== right.length)
    throw new RangeError(`lists of ${left.length} and ${right.length} cannot be paired`);
  return left.map((item, index) => [item, at(right, index)] as const);
}

/** Integers 0 … count − 1; of a fraction those that are whole. */
export function range(count: number): number[] {
  // A loop, since this is called for every row of data, where Array.from takes several times as long.
  const numbers: number[] = [];
  for (let index = 0; index < Math.floor(count); index++) numbers.push(index);
  return numbers;
}

/** Throws unless an invariant of Assay's own code holds. */
export function invariant(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${what}`);
}

/** Marks a point that the type checker proves unreachable. */
export function assertNever(value: never): never {
  throw new Error(`unreachable case ${JSON.stringify(value)}`);
}
