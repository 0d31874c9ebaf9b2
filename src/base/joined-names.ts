/** @file Several names as one, in the way of shells: `mlp.{gate,up,down}_proj.weight`. */
import { at, range } from "./assert.ts";

/** Names that have nothing in them that would mean something between braces or in a where list, but for braces of `firstToLast`. */
const plainName = /^(?:[\w./-]|\{[\w./-]*…[\w./-]+\})+$/;
const words = /\{[^{}]*\}|[A-Za-z]+|\d+|[^A-Za-z\d]/g;
const segments = /(?:\{[^{}]*\}|[^./{])+|[./]/g;

export const isPlainName = (name: string): boolean => plainName.test(name);

type Pieces = readonly (readonly string[])[];

const cut = (names: readonly string[], by: RegExp): Pieces => names.map((name) => name.match(by) ?? []);

/**
 * The names as one with alternatives in braces, of which the last changes fastest; as a list where they have nothing in
 * common. `undefined` where an alternative would be more than a part of one segment of a path.
 */
export function joinedNames(names: readonly string[]): string | undefined {
  const [first = "", ...others] = names;
  if (others.length === 0) return first;
  if (!names.every((name) => plainName.test(name))) return undefined;
  return product(names, cut(names, words)) ?? choice(cut(names, words), 1);
}

/** Two names in one module of which one has a segment more: `layer1.0.{conv3,downsample.0}.weight`. */
export function pairedNames(names: readonly string[]): string | undefined {
  const pieces = cut(names, segments);
  const isPair = names.length === 2 && names.every((name) => plainName.test(name));
  return isPair && commonStart(pieces) > 0 ? choice(pieces, 2) : undefined;
}

/** Names of which only the first and the last are given: `layers.{0…11}.weight`, `dense{…_4}/kernel`. */
export function firstToLast(first: string, last: string): string {
  const pieces = cut([first, last], words);
  const { before, inner, behind } = around(pieces, pieces[0]?.length === pieces[1]?.length ? 1 : 0);
  const isPlain = [first, last].every((name) => /^[\w./-]+$/.test(name));
  if (!isPlain || before.length + behind.length === 0) return `${first} … ${last}`;
  return `${before.join("")}{${inner.join("…")}}${behind.join("")}`;
}

/** Alternatives at several places, where every combination of them is a name. */
function product(names: readonly string[], pieces: Pieces): string | undefined {
  const [first = []] = pieces;
  if (pieces.some(({ length }) => length !== first.length)) return undefined;
  const alternatives = range(first.length).map((place) => [...new Set(pieces.map((own) => at(own, place)))]);
  if (alternatives.reduce((count, { length }) => count * length, 1) !== names.length) return undefined;
  const combined = alternatives.reduce<string[]>(
    (heads, ends) => heads.flatMap((head) => ends.map((end) => head + end)),
    [""],
  );
  const areWords = alternatives.every((own) => own.length === 1 || own.every((piece) => /^\w/.test(piece)));
  if (!areWords || combined.join() !== names.join()) return undefined;
  return alternatives.map((own) => (own.length === 1 ? at(own, 0) : braced(own))).join("");
}

/** One choice, between what all names begin with and what they end with, whose alternatives have fewer dots than `most`. */
function choice(pieces: Pieces, most: number): string | undefined {
  const { before, inner, behind } = around(pieces);
  const dots = inner.reduce((count, text) => count + (text.match(/[./]/g)?.length ?? 0), 0);
  if (dots >= most || inner.some((text) => text.includes("{"))) return undefined;
  if (before.length + behind.length === 0) return inner.join(", ");
  return [...before, braced(inner), ...behind].join("");
}

/** What all names begin with, what is between, which of each are so many pieces at least, and what they end with. */
function around(
  pieces: Pieces,
  least = 1,
): {
  readonly before: readonly string[];
  readonly inner: readonly string[];
  readonly behind: readonly string[];
} {
  const start = commonStart(pieces, least);
  const rest = pieces.map((own) => own.slice(start));
  const end = commonStart(
    rest.map((own) => own.toReversed()),
    least,
  );
  const inner = rest.map((own) => own.slice(0, own.length - end).join(""));
  const [first = []] = pieces;
  return { before: first.slice(0, start), inner, behind: first.slice(first.length - end) };
}

/** How many pieces all begin with, of which each keeps so many more. */
function commonStart(pieces: Pieces, least = 1): number {
  const [first = []] = pieces;
  const most = Math.max(0, Math.min(...pieces.map(({ length }) => length - least)));
  return range(most).find((place) => pieces.some((own) => own[place] !== first[place])) ?? most;
}

const braced = (alternatives: readonly string[]): string => `{${alternatives.join(",")}}`;
