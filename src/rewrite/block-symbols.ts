/** @file Symbols for the integers in which blocks differ: as few as tell all of them. */
import { at, range } from "../base/assert.ts";
import { dimsOf, type Integer, integersOf } from "../ir/attributes.ts";
import { bodyGraph } from "../ir/body.ts";
import {
  addDims,
  type Dim,
  dimText,
  multiplyDims,
  shapeText,
  substitute,
  symbol,
  symbolsOf,
} from "../ir/dim.ts";
import type { Graph } from "../ir/graph.ts";
import type { Given } from "../ir/operators.ts";
import { sizesOfUse } from "../ops/call.ts";
import { isCall } from "../ops/traits.ts";

/** A use that gives more numbers than these says less than what it stands for. */
const mostGiven = 3;
/** Blocks that differ in more ways have little in common. */
const mostDifferences = 8;

/** The values that an integer has in the blocks. */
interface Tuple {
  readonly values: readonly Dim[];
  readonly role?: string | undefined;
}

/** A symbol: the integers of the blocks are whole multiples of it, or of its product with another. */
interface Variable {
  readonly name: string;
  readonly values: readonly number[];
  readonly isGiven: boolean;
}

export class Symbols {
  readonly #variables: readonly Variable[];

  constructor(variables: readonly Variable[]) {
    this.#variables = variables;
  }

  /** What a use gives in the place of a block. */
  given(block: number): Given[] {
    return this.#variables
      .filter(({ isGiven }) => isGiven)
      .map(({ name, values }) => [name, at(values, block)] as const);
  }

  /** The integer that has these values. */
  dim(values: readonly Dim[]): Dim {
    const found = this.find(values);
    if (found === undefined) throw new RangeError(`${shapeText(values)} is no integer of the block`);
    return found;
  }

  find(values: readonly Dim[]): Dim | undefined {
    const [first] = values;
    if (first !== undefined && isConstant(values)) return first;
    const numbers = numbersIn(values);
    if (numbers === undefined) return undefined;
    return this.#multiple(numbers) ?? this.#odd(numbers);
  }

  #multiple(numbers: readonly number[]): Dim | undefined {
    for (const [place, { name, values: own }] of this.#variables.entries()) {
      const factor = ratio(numbers, own);
      if (factor !== undefined) return multiplyDims(factor, symbol(name));
      for (const other of this.#variables.slice(place)) {
        const both = ratio(numbers, timesEach(own, other.values));
        if (both !== undefined) return multiplyDims(both, multiplyDims(symbol(name), symbol(other.name)));
      }
    }
    return undefined;
  }

  /** The size 2 p + 1 of a window with p elements on each side of one. */
  #odd(numbers: readonly number[]): Dim | undefined {
    const given = this.#variables.find(
      ({ isGiven, values }) => isGiven && values.every((value, i) => 2 * value + 1 === numbers[i]),
    );
    return given && addDims(multiplyDims(2, symbol(given.name)), 1);
  }

  /** Whether arguments of these sizes decide the symbols that a use does not give. */
  areDecidedBy(inputs: readonly Tuple[]): boolean {
    const known = new Set(this.#variables.flatMap(({ name, isGiven }) => (isGiven ? [name] : [])));
    for (const { values } of inputs) {
      const size = this.find(values);
      const [open, ...more] =
        size === undefined ? [] : [...symbolsOf([size])].filter((name) => !known.has(name));
      if (open !== undefined && more.length === 0) known.add(open);
    }
    return this.#variables.every(({ name }) => known.has(name));
  }
}

/** The fewest symbols for blocks of one skeleton, numbers before sizes; `undefined` where few don't suffice. */
export function symbolsOfBlocks(blocks: readonly Graph[]): Symbols | undefined {
  const inputs = tuplesOf(blocks, (block) => block.inputs.flatMap(({ type }) => type.shape.map(sizeOf)));
  // Shapes of results follow from these.
  const all = distinct(tuplesOf(blocks, ({ nodes }) => nodes.flatMap(({ attrs }) => integersOf(attrs))));
  const within = distinct(tuplesOf(blocks, (block) => dimsWithin(block).map(sizeOf)));
  const results = tuplesOf(blocks, ({ nodes }) => nodes.flatMap(({ type }) => type.shape.map(sizeOf)));
  const sizes = distinct([...all, ...results]);
  const symbols = (given: readonly Tuple[]): Symbols =>
    new Symbols(variablesOf(inputs, within, sizes, given));
  const plain = symbols([]);
  const open = all.filter(({ values }) => plain.find(values) === undefined);
  if (open.length === 0) return plain;
  const candidates = differences(open);
  if (candidates === undefined || candidates.length > mostDifferences) return undefined;
  for (const count of range(mostGiven)) {
    for (const given of subsets(candidates, count + 1)) {
      const found = symbols(given);
      const isWhole = all.every(({ values }) => found.find(values) !== undefined);
      if (isWhole && found.areDecidedBy(inputs)) return found;
    }
  }
  return undefined;
}

const sizeOf = (value: Dim): Integer => ({ value, role: undefined });

/** Roles in the order in which blocks are told apart by them: strides say most, padding follows from others, sizes come last. */
const roles = "sdkgp";

const rankOf = ({ role = "" }: Tuple): number => {
  const place = roles.indexOf(role.replace("_", "").charAt(0));
  return role === "" || place < 0 ? roles.length : place;
};

/** Tuples of one direction each, numbers before sizes; `undefined` where one has symbols. */
function differences(open: readonly Tuple[]): Tuple[] | undefined {
  if (open.some(({ values }) => numbersIn(values) === undefined)) return undefined;
  const found = new Map<string, Tuple>();
  for (const tuple of open.toSorted((a, b) => rankOf(a) - rankOf(b))) {
    const direction = directionOf(tuple.values)?.join() ?? "";
    if (!found.has(direction)) found.set(direction, tuple);
  }
  return [...found.values()];
}

function* subsets<T>(items: readonly T[], count: number): Generator<readonly T[]> {
  if (count === 0) yield [];
  else
    for (const [place, item] of items.entries())
      for (const rest of subsets(items.slice(place + 1), count - 1)) yield [item, ...rest];
}

/** The values that each integer has in the blocks. */
function tuplesOf(blocks: readonly Graph[], integersIn: (graph: Graph) => readonly Integer[]): Tuple[] {
  const lists = blocks.map(integersIn);
  return at(lists, 0).map(({ role }, place) => ({
    values: lists.map((list) => at(list, place).value),
    role,
  }));
}

/** One tuple for each list of values, that which says most. */
function distinct(tuples: readonly Tuple[]): Tuple[] {
  const found = new Map<string, Tuple>();
  for (const tuple of tuples) {
    const key = shapeText(tuple.values);
    const known = found.get(key);
    if (known === undefined || rankOf(tuple) < rankOf(known)) found.set(key, tuple);
  }
  return [...found.values()];
}

/** The sizes of a block with those inside of the blocks that it uses, whose windows may be several elements wide. */
function dimsWithin({ nodes }: Graph): Dim[] {
  return nodes.flatMap((node) => {
    if (!isCall(node)) return dimsOf(node);
    const body = bodyGraph(node.attrs.body);
    const sizes = sizesOfUse(
      body,
      node.inputs.map(({ type }) => type),
      node.attrs.given,
    );
    return [...dimsOf(node), ...dimsWithin(body).map((size) => substitute(size, sizes))];
  });
}

/**
 * A symbol for each direction in which the sizes of arguments grow from block to block, in their order, and for what uses give:
 * the largest of which all sizes in this direction are multiples. An argument that is a multiple of something given and of
 * one of the other `sizes` has a symbol for the latter.
 */
function variablesOf(
  inputs: readonly Tuple[],
  within: readonly Tuple[],
  sizes: readonly Tuple[],
  given: readonly Tuple[],
): Variable[] {
  const named = given.map(({ values }) => directionOf(values) ?? []);
  const bases = new Map(
    inputs.flatMap(({ values }) => {
      const direction = directionOf(values);
      return direction === undefined ? [] : [[direction.join(), direction] as const];
    }),
  ).values();
  const own = [...bases];
  for (const { values } of sizes) {
    const direction = directionOf(values);
    const isKnown = direction === undefined || spans([...own, ...named], direction);
    if (isKnown) continue;
    const multiples = named.map((factor) => directionOf(timesEach(factor, direction))?.join());
    const place = own.findIndex((base) => multiples.includes(base.join()));
    if (place >= 0) own[place] = direction;
  }
  const [factorOf, givenFactorOf] = [factorsOf(within, named), factorsOf([...within, ...sizes], [])];
  const times = (direction: readonly number[], factor: number): number[] =>
    direction.map((value) => value * (factor || 1));
  const variables = own.map(
    (direction, place): Variable => ({
      name: `_${place}`,
      values: times(direction, factorOf(direction)),
      isGiven: false,
    }),
  );
  const taken = new Set<string>();
  for (const [place, { role }] of given.entries()) {
    const name = nameOf(role ?? "n", taken);
    taken.add(name);
    variables.push({ name, values: times(at(named, place), givenFactorOf(at(named, place))), isGiven: true });
  }
  return variables;
}

/** A number is called as it is in a block that the blocks use, or by the letter of its role. */
function nameOf(role: string, taken: ReadonlySet<string>): string {
  const wish = `_${role.replace(/^_|\d+$/g, "")}`;
  const numbered = range(taken.size + 1).map((number) => (number === 0 ? wish : `${wish}${number + 1}`));
  return numbered.find((name) => !taken.has(name)) ?? wish;
}

/** Whether a direction is one of these, or that of the products of two. */
function spans(directions: readonly (readonly number[])[], wanted: readonly number[]): boolean {
  const isWanted = (values: readonly number[]): boolean => directionOf(values)?.join() === wanted.join();
  return directions.some(
    (one, place) => isWanted(one) || directions.slice(place).some((two) => isWanted(timesEach(one, two))),
  );
}

/** Tells of a direction the greatest number of which all tuples in it are multiples, also those that are multiples of something given. */
function factorsOf(
  tuples: readonly Tuple[],
  given: readonly (readonly number[])[],
): (direction: readonly number[]) => number {
  const all = tuples.flatMap(({ values }) => (isConstant(values) ? [] : [numbersIn(values) ?? []]));
  return (direction) => {
    const products = [direction, ...given.map((factor) => timesEach(factor, direction))];
    return all
      .flatMap((values) => products.flatMap((product) => ratio(values, product) ?? []))
      .reduce(divisor, 0);
  };
}

const isConstant = ([first, ...others]: readonly Dim[]): boolean =>
  others.every((value) => first !== undefined && dimText(value) === dimText(first));

function numbersIn(values: readonly Dim[]): readonly number[] | undefined {
  const numbers = values.filter((value) => typeof value === "number");
  return numbers.length === values.length ? numbers : undefined;
}

/** Numbers that are not all equal, as the smallest whole numbers of the same ratios. */
function directionOf(values: readonly Dim[]): readonly number[] | undefined {
  const numbers = numbersIn(values);
  if (numbers === undefined || isConstant(numbers) || numbers.some((value) => value < 0)) return undefined;
  const factor = numbers.reduce(divisor);
  return numbers.map((value) => value / factor);
}

/** The whole number that makes these values of those. */
function ratio(values: readonly number[], of: readonly number[]): number | undefined {
  const place = of.findIndex((value) => value > 0);
  const factor = at(values, place) / at(of, place);
  const fits = Number.isInteger(factor) && values.every((value, i) => value === factor * at(of, i));
  return fits ? factor : undefined;
}

const timesEach = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((value, i) => value * at(b, i));

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
