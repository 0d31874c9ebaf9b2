/** @file Puts the weights of a certificate into the parameters of a model that is such a network, as far as shapes tell. */
import { at, range, zip } from "../base/assert.ts";
import { type Affine, type Certificate, throughReLU } from "./certificate.ts";
import type { Field, Problem } from "./problem.ts";
import type { Tensor, Tensors } from "./tensor.ts";

/** How many numbers stand for an input. */
export const featuresOf = ({ shape, count }: Pick<Field, "shape" | "count">): number =>
  shape.reduce((product, size) => product * size, count ?? 1);

/** A parameter of a user's model. */
export interface Parameter {
  /** Parts of the path to it, with points between. */
  readonly name: string;
  readonly shape: readonly number[];
}

/** A matrix of the model as a layer from `from` numbers to `to` numbers; `turned` where it is stored [to, from]. */
interface Matrix {
  readonly parameter: Parameter;
  readonly turned: boolean;
  readonly from: number;
  readonly to: number;
}

/** Layers one after another, and the matrices that are left for the heads. */
interface Chain {
  readonly layers: readonly Matrix[];
  readonly heads: readonly Matrix[];
}

/** Where shapes leave a choice, so many are tried. */
const mostChoices = 12;

/**
 * Values for all parameters under which the model computes what the certificate does, if it is a network of ReLU layers, or
 * of none for an affine map. Several where shapes leave a choice; none where no such network has these shapes.
 */
export function placements(problem: Problem, parameters: readonly Parameter[]): Tensors[] {
  const { certificate } = problem;
  if (certificate === undefined || parameters.some(({ shape }) => shape.length < 1 || shape.length > 2))
    return [];
  const size = problem.inputs.reduce((sum, field) => sum + featuresOf(field), 0);
  const sizes = problem.heads.map(({ name }) => (certificate.heads[name] as Affine).weight.length);
  const matrices = parameters.filter(({ shape }) => shape.length === 2);
  const found: Tensors[] = [];
  for (const chain of chains(size, matrices, sizes)) {
    // Layers may have activations between them or, like a table of tokens, none.
    for (const form of formsOf(certificate)) {
      const placed = placedIn(chain, form, problem, parameters);
      if (placed !== undefined) found.push(placed);
      if (found.length === mostChoices) return found;
    }
  }
  return found;
}

/** The certificate, with a layer of ReLUs where it needs none, and with a unit that stands for the heads' biases. */
function formsOf(certificate: Certificate): Certificate[] {
  const { hidden, heads } = throughReLU(certificate);
  const constant = {
    hidden: {
      weight: [...hidden.weight, at(hidden.weight, 0).map(() => 0)],
      bias: [...hidden.bias, 1],
    },
    heads: Object.fromEntries(
      Object.entries(heads).map(([name, { weight, bias }]) => [
        name,
        { weight: zip(weight, bias).map(([row, value]) => [...row, value]), bias: bias.map(() => 0) },
      ]),
    ),
  };
  return [...(certificate.hidden === undefined ? [certificate] : []), { hidden, heads }, constant];
}

/** Every order of the matrices in which each takes what the one before gives, and the last are the heads. */
function* chains(
  width: number,
  left: readonly Parameter[],
  heads: readonly number[],
  isFirst = true,
): Generator<Chain> {
  yield* asHeads(width, left, heads).map((own) => ({ layers: [], heads: own }));
  const tried = new Set<string>();
  for (const parameter of left) {
    // Later layers pass their input on, so that neither their order nor the direction of a square one matters.
    if (tried.has(parameter.shape.join())) continue;
    tried.add(parameter.shape.join());
    const others = left.filter((other) => other !== parameter);
    if (others.length === 0) continue;
    const ways = asLayer(parameter, width);
    for (const matrix of isFirst ? ways : ways.slice(0, 1)) {
      for (const rest of chains(matrix.to, others, heads, false))
        yield { layers: [matrix, ...rest.layers], heads: rest.heads };
    }
  }
}

/** The matrix as a layer that takes `width` numbers: in one way, in two where it is square, or in none. */
function asLayer(parameter: Parameter, width: number): Matrix[] {
  const [rows, columns] = [at(parameter.shape, 0), at(parameter.shape, 1)];
  const ways: Matrix[] = [];
  if (columns === width) ways.push({ parameter, turned: true, from: width, to: rows });
  if (rows === width) ways.push({ parameter, turned: false, from: width, to: columns });
  return ways;
}

/** The matrices as heads: one for each in every order that fits, or one for all together. */
function asHeads(width: number, left: readonly Parameter[], heads: readonly number[]): Matrix[][] {
  const [only] = left;
  const total = heads.reduce((sum, size) => sum + size, 0);
  if (only !== undefined && left.length === 1)
    return asLayer(only, width)
      .filter(({ to }) => to === total)
      .map((matrix) => [matrix]);
  if (left.length !== heads.length) return [];
  return inOrders(width, left, heads);
}

function inOrders(width: number, left: readonly Parameter[], heads: readonly number[]): Matrix[][] {
  const [size, ...others] = heads;
  if (size === undefined) return [[]];
  return left.flatMap((parameter) =>
    asLayer(parameter, width)
      .filter(({ to }) => to === size)
      .flatMap((matrix) =>
        inOrders(
          width,
          left.filter((other) => other !== parameter),
          others,
        ).map((rest) => [matrix, ...rest]),
      ),
  );
}

/** All parameters' values for one choice; `undefined` where the certificate does not go in. */
function placedIn(
  { layers, heads }: Chain,
  form: Certificate,
  problem: Problem,
  parameters: readonly Parameter[],
): Tensors | undefined {
  const all = problem.heads.map(({ name }) => form.heads[name] as Affine);
  const maps = mapsOf(form.hidden, layers.length, heads.length === 1 ? [joined(all)] : all);
  if (maps === undefined) return undefined;
  const values = new Map<string, Tensor>();
  const vectors = parameters.filter(({ shape }) => shape.length === 1);
  for (const [matrix, map] of zip([...layers, ...heads], maps)) {
    if (map.weight.length > matrix.to || at(map.weight, 0).length > matrix.from) return undefined;
    values.set(matrix.parameter.name, stored(matrix, map));
    const bias = biasOf(matrix, vectors, values);
    if (bias === undefined && map.bias.some((value) => value !== 0)) return undefined;
    if (bias !== undefined) values.set(bias.name, { shape: bias.shape, data: padded(map.bias, matrix.to) });
  }
  return values.size === parameters.length ? Object.fromEntries(values) : undefined;
}

/** What each of so many layers, and then each head, computes: the first layer all that is asked for, the others pass it on. */
function mapsOf(
  hidden: Affine | undefined,
  layers: number,
  ends: readonly Affine[],
): readonly Affine[] | undefined {
  if (layers === 0) return hidden === undefined ? ends : undefined;
  const passOn = (first: Affine): Affine[] =>
    range(layers).map((index) => (index === 0 ? first : identity(first.weight.length)));
  if (hidden !== undefined) return [...passOn(hidden), ...ends];
  const { weight, bias } = joined(ends);
  let from = 0;
  const parts = ends.map((end) => {
    const start = from;
    from += end.weight.length;
    return { weight: identity(weight.length).weight.slice(start, from), bias: end.bias };
  });
  return [...passOn({ weight, bias: bias.map(() => 0) }), ...parts];
}

const joined = (all: readonly Affine[]): Affine => ({
  weight: all.flatMap(({ weight }) => weight),
  bias: all.flatMap(({ bias }) => bias),
});

const identity = (size: number): Affine => ({
  weight: range(size).map((i) => range(size).map((j) => Number(i === j))),
  bias: Array<number>(size).fill(0),
});

const padded = (values: readonly number[], size: number): Float32Array =>
  Float32Array.from({ length: size }, (_, index) => values[index] ?? 0);

/** The map's weights in the corner of a matrix, zeros elsewhere. */
function stored({ parameter, turned, from, to }: Matrix, { weight }: Affine): Tensor {
  const data = new Float32Array(from * to);
  for (const [row, values] of weight.entries())
    for (const [column, value] of values.slice(0, from).entries())
      data[turned ? row * from + column : column * to + row] = value;
  return { shape: parameter.shape, data };
}

/** The vector that stands nearest to the matrix and is not taken yet. */
function biasOf(
  { parameter, to }: Matrix,
  vectors: readonly Parameter[],
  taken: ReadonlyMap<string, unknown>,
): Parameter | undefined {
  const free = vectors.filter(({ name, shape }) => !taken.has(name) && shape[0] === to);
  return free.toSorted(
    (a, b) => sharedParts(b.name, parameter.name) - sharedParts(a.name, parameter.name),
  )[0];
}

/** How many parts of two paths are the same from the start. */
function sharedParts(a: string, b: string): number {
  const [own, other] = [a.split("."), b.split(".")];
  const first = own.findIndex((part, index) => part !== other[index]);
  return first === -1 ? own.length : first;
}
