/** @file Sizes of axes: integers, or polynomials with integer coefficients over named symbols such as `B` and `2·T + 1`. */
import { at } from "../base/assert.ts";

/** A polynomial that is not a plain integer. `key` is canonical: equal polynomials have equal keys. */
interface SymbolicDim {
  readonly key: string;
  readonly terms: readonly Term[];
}
interface Term {
  readonly coefficient: number;
  /** Symbol names, sorted, repeated for powers; empty for the constant term. */
  readonly symbols: readonly string[];
}

export type Dim = number | SymbolicDim;
export type Shape = readonly Dim[];
/** Values of symbols. */
export type Sizes = ReadonlyMap<string, number>;

export const symbol = (name: string): Dim => fromTerms([{ coefficient: 1, symbols: [name] }]);

const termsOf = (dim: Dim): readonly Term[] =>
  typeof dim === "number" ? [{ coefficient: dim, symbols: [] }] : dim.terms;

function fromTerms(terms: readonly Term[]): Dim {
  const collected = new Map<string, Term>();
  for (const term of terms) {
    const name = term.symbols.join("*");
    const coefficient = (collected.get(name)?.coefficient ?? 0) + term.coefficient;
    collected.set(name, { coefficient, symbols: term.symbols });
  }
  const kept = [...collected.entries()].filter(([, term]) => term.coefficient !== 0);
  kept.sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1));
  if (kept.length === 0) return 0;
  const [first] = kept;
  if (kept.length === 1 && first !== undefined && first[0] === "") return first[1].coefficient;
  const key = kept.map(([name, term]) => termText(name, term.coefficient)).join(" + ");
  return Object.freeze({ key, terms: Object.freeze(kept.map(([, term]) => term)) });
}

function termText(name: string, coefficient: number): string {
  if (name === "") return String(coefficient);
  return coefficient === 1 ? name : `${coefficient}*${name}`;
}

export const addDims = (a: Dim, b: Dim): Dim =>
  typeof a === "number" && typeof b === "number" ? a + b : fromTerms([...termsOf(a), ...termsOf(b)]);

export function multiplyDims(a: Dim, b: Dim): Dim {
  // −1 · 0 is the size 0, not −0.
  if (typeof a === "number" && typeof b === "number") return a * b + 0;
  return fromTerms(
    termsOf(a).flatMap((s) =>
      termsOf(b).map((t) => ({
        coefficient: s.coefficient * t.coefficient,
        symbols: [...s.symbols, ...t.symbols].sort(),
      })),
    ),
  );
}

export const subtractDims = (a: Dim, b: Dim): Dim => addDims(a, multiplyDims(-1, b));

/** The smallest size that is not less than dim / divisor, which is at least 1; `undefined` where no polynomial is that. */
export function divideUp(dim: Dim, divisor: Dim): Dim | undefined {
  if (typeof divisor !== "number") {
    // Of what the divisor doesn't divide, only 1 has the same quotient for all of its values.
    const rest = termsOf(dim).find(({ symbols }) => symbols.length === 0)?.coefficient ?? 0;
    const divided = subtractDims(dim, rest);
    const quotient = divided === 0 ? 0 : exactQuotient(divided, divisor);
    return quotient === undefined || (rest !== 0 && rest !== 1) ? undefined : addDims(quotient, rest);
  }
  const quotients = termsOf(dim).map(({ coefficient, symbols }) => ({
    coefficient: symbols.length === 0 ? Math.ceil(coefficient / divisor) : coefficient / divisor,
    symbols,
  }));
  return quotients.every(({ coefficient }) => Number.isInteger(coefficient))
    ? fromTerms(quotients)
    : undefined;
}

/** dim / divisor where that is a polynomial with integer coefficients, for a divisor of one term or one equal to dim. */
export function exactQuotient(dim: Dim, divisor: Dim): Dim | undefined {
  if (equalDims(dim, divisor)) return divisor === 0 ? undefined : 1;
  const [by, ...others] = termsOf(divisor);
  if (by === undefined || others.length > 0) return undefined;
  const quotients = termsOf(dim).map(({ coefficient, symbols }) => ({
    coefficient: coefficient / by.coefficient,
    symbols: without(symbols, by.symbols),
  }));
  const kept = quotients.flatMap(({ coefficient, symbols }) =>
    symbols !== undefined && Number.isInteger(coefficient) ? [{ coefficient, symbols }] : [],
  );
  return kept.length === quotients.length ? fromTerms(kept) : undefined;
}

/** The value of a symbol for which a size such as 2·m + 1 or m² is `dim`, where a polynomial with integer coefficients is that. */
export function solvedFor(size: Dim, name: string, dim: Dim): Dim | undefined {
  const rest = substitute(size, new Map([[name, 0]]));
  const [term, ...others] = termsOf(subtractDims(size, rest));
  const isPower = term?.symbols.every((own) => own === name) === true && term.symbols.length > 0;
  if (term === undefined || !isPower || others.length > 0) return undefined;
  const power = exactQuotient(subtractDims(dim, rest), term.coefficient);
  return power === undefined ? undefined : rootOf(power, term.symbols.length);
}

/** The root of a size of one term, such as 2·B of 4·B². */
function rootOf(dim: Dim, degree: number): Dim | undefined {
  if (degree === 1) return dim;
  const [term, ...others] = termsOf(dim);
  if (term === undefined || others.length > 0) return undefined;
  const coefficient = Math.round(term.coefficient ** (1 / degree));
  // They are sorted, so that each stands as often as in the root after every step of `degree`.
  const symbols = term.symbols.filter((_, place) => place % degree === 0);
  const root = fromTerms([{ coefficient, symbols }]);
  const power = Array.from({ length: degree }, () => root).reduce(multiplyDims, 1);
  return equalDims(power, dim) ? root : undefined;
}

/** A product of symbols without those of another; `undefined` where it lacks one. */
function without(symbols: readonly string[], divisor: readonly string[]): readonly string[] | undefined {
  const rest = [...symbols];
  for (const own of divisor) {
    const place = rest.indexOf(own);
    if (place < 0) return undefined;
    rest.splice(place, 1);
  }
  return rest;
}

/** Whether a number is positive or negative whatever sizes, which are at least 1, its symbols have. */
export function signOf(dim: Dim): 1 | 0 | -1 | undefined {
  // At sizes 1 every term is its coefficient.
  const least = termsOf(dim).reduce((sum, { coefficient }) => sum + coefficient, 0);
  const rising = termsOf(dim).every(({ coefficient, symbols }) => symbols.length === 0 || coefficient > 0);
  const falling = termsOf(dim).every(({ coefficient, symbols }) => symbols.length === 0 || coefficient < 0);
  if (rising && least > 0) return 1;
  if (falling && least < 0) return -1;
  return typeof dim === "number" ? 0 : undefined;
}

export const equalDims = (a: Dim, b: Dim): boolean => a === b || dimText(a) === dimText(b);

export const equalShapes = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, axis) => equalDims(dim, at(b, axis)));

export const dimText = (dim: Dim): string => (typeof dim === "number" ? String(dim) : dim.key);

export const shapeText = (shape: Shape): string => `[${shape.map(dimText).join(", ")}]`;

/** Number of elements. */
export const elementCount = (shape: Shape): Dim => shape.reduce(multiplyDims, 1);

/** Replaces symbols by dims; symbols that the map lacks stay. */
export function substitute(dim: Dim, by: ReadonlyMap<string, Dim>): Dim {
  if (typeof dim === "number") return dim;
  return termsOf(dim)
    .map((term) =>
      term.symbols.reduce<Dim>((p, s) => multiplyDims(p, by.get(s) ?? symbol(s)), term.coefficient),
    )
    .reduce(addDims, 0);
}

/** The integer value once every symbol has one. Throws RangeError on a symbol without a size. */
export function sizeOf(dim: Dim, sizes: Sizes): number {
  const value = substitute(dim, sizes);
  if (typeof value !== "number") throw new RangeError(`no size is known for ${dimText(value)}`);
  return value;
}

export const sizesOf = (shape: Shape, sizes: Sizes): number[] => shape.map((dim) => sizeOf(dim, sizes));

export function symbolsOf(shape: Shape): Set<string> {
  return new Set(shape.flatMap((dim) => termsOf(dim).flatMap((term) => term.symbols)));
}

/**
 * Shape of an elementwise application under NumPy broadcasting, `undefined` where two sizes clash.
 * A symbolic size broadcasts only against itself and 1.
 */
export function broadcastShapes(shapes: readonly Shape[]): Shape | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let size: Dim = 1;
    for (const shape of shapes) {
      const own = shape[axis - (rank - shape.length)];
      if (own === undefined || own === 1 || equalDims(own, size)) continue;
      if (size !== 1) return undefined;
      size = own;
    }
    result.push(size);
  }
  return result;
}
