/**
 * @file What a parameter of the spec is in the code: each of its entries is an entry of one of the code's parameters, or
 * the sum of entries of several, or differs from that by a constant. Found from values (`parameter-index.ts`), put into words for the reader
 * (`layout-words.ts`), and applied here in any number system.
 */
import { at, get, invariant, only, range } from "../base/assert.ts";
import { equal, type Rational, toText, zero } from "../base/rational.ts";
import type { NumberSystem } from "../domain/number-system.ts";
import type { Node } from "../ir/graph.ts";
import { type Dtype, isReal } from "../ir/type.ts";
import { count, discrete, real, type Tensor } from "../ops/tensor.ts";

/** One entry of the code's parameters for each flat entry of the spec's. */
export interface Part {
  readonly parameters: readonly Node[];
  /** Position in `parameters`. */
  readonly owner: Uint16Array;
  /** Flat index into that parameter. */
  readonly index: Int32Array;
}

export interface Binding {
  readonly shape: readonly number[];
  /** The spec's parameter is the sum of these. */
  readonly parts: readonly Part[];
  /** What is added to all entries: 1 where the code keeps a gain as its difference from 1. */
  readonly shift: Rational;
  /** The factor that all entries share; 1 for a proper binding. */
  readonly factor: number;
}

/** The parameters of the code that a binding uses. */
export const parametersOf = ({ parts }: Binding): ReadonlySet<Node> =>
  new Set(parts.flatMap(({ parameters }) => parameters));

/** The value of a parameter that is bound, its factor apart, given those of the code's parameters. */
export function applyBinding<A>(
  dtype: Dtype,
  { shape, parts, shift }: Binding,
  system: NumberSystem<A>,
  given: ReadonlyMap<Node, Tensor<A>>,
): Tensor<A> {
  if (!isReal(dtype)) return discrete(shape, integersOf(only(parts), given));
  const values = parts.map((part) => partValue(part, system, given));
  const sum = values.reduce((x, y) => system.add(x, y));
  if (equal(shift, zero)) return real(shape, sum);
  const everywhere = new Int32Array(system.length(sum));
  return real(shape, system.add(sum, system.gather(system.constant(shift), everywhere)));
}

function integersOf<A>(
  { parameters, owner, index }: Part,
  given: ReadonlyMap<Node, Tensor<A>>,
): Float64Array {
  const tables = parameters.map((parameter) => {
    const tensor = get(given, parameter);
    invariant(tensor.kind === "discrete", "integers are bound to integers");
    return tensor.values;
  });
  return Float64Array.from(index, (place, i) => at(at(tables, at(owner, i)), place));
}

function partValue<A>(
  { parameters, owner, index }: Part,
  system: NumberSystem<A>,
  given: ReadonlyMap<Node, Tensor<A>>,
): A {
  const tensors = parameters.map((parameter) => get(given, parameter));
  const values = tensors.map((tensor) =>
    tensor.kind === "real" ? tensor.values : system.fromIntegers(tensor.values),
  );
  if (values.length === 1) return system.gather(at(values, 0), index);
  const starts = range(tensors.length).map((i) =>
    tensors.slice(0, i).reduce((sum, tensor) => sum + count(tensor.shape), 0),
  );
  return system.gather(
    system.concat(values),
    index.map((place, i) => place + at(starts, at(owner, i))),
  );
}

const hashes = new WeakMap<Binding, string>();

/** A text that tells bindings apart. */
export function bindingHash(binding: Binding): string {
  const known = hashes.get(binding);
  if (known !== undefined) return known;
  const hash = hashOf(binding);
  hashes.set(binding, hash);
  return hash;
}

/** A text that tells apart what bindings are made of, in whatever order. */
export function entriesHash({ parts, shift, factor }: Binding): string {
  let [sum, count] = [0, 0];
  for (const { parameters, owner, index } of parts) {
    for (const [i, place] of index.entries()) {
      const { id } = at<Node>(parameters, at(owner, i));
      sum = (sum + (Math.imul(Math.imul(id, 0x01000193) ^ place, 0x45d9f3b) >>> 0)) % 2 ** 48;
    }
    count += index.length;
  }
  return `${toText(shift)}/${factor}/${count}/${sum}`;
}

/** FNV-1a over all that a binding holds. */
function hashOf({ shape, parts, shift, factor }: Binding): string {
  let hash = 0x811c9dc5;
  const take = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  for (const { parameters, owner, index } of parts) {
    for (const { id } of parameters) take(id);
    owner.forEach(take);
    index.forEach(take);
  }
  return `${shape.join()}/${toText(shift)}/${factor}/${parts.length}/${hash >>> 0}`;
}
