/** @file Several names as one, in the way of shells: `mlp.{gate,up,down}_proj.weight`. */
import { at, range } from "../base/assert.ts";

/** Names that have nothing in them that would mean something between braces or in a where list. */
const plainName = /^[\w./-]+$/;

/**
 * The names as one with alternatives in braces, of which the last changes fastest; as a list where they begin and end with
 * nothing in common. `undefined` where an alternative would be more than a part of one segment of a path.
 */
export function joinedNames(names: readonly string[]): string | undefined {
  const [first = "", ...others] = names;
  if (others.length === 0) return first;
  if (!names.every((name) => plainName.test(name))) return undefined;
  const pieces = names.map((name) => name.match(/[A-Za-z]+|\d+|[^A-Za-z\d]/g) ?? []);
  return product(names, pieces) ?? choice(pieces);
}

/** Alternatives at several places, where every combination of them is a name. */
function product(names: readonly string[], pieces: readonly (readonly string[])[]): string | undefined {
  const [first = []] = pieces;
  if (pieces.some(({ length }) => length !== first.length)) return undefined;
  const alternatives = range(first.length).map((place) => [...new Set(pieces.map((own) => at(own, place)))]);
  if (alternatives.reduce((count, { length }) => count * length, 1) !== names.length) return undefined;
  const combined = alternatives.reduce<string[]>(
    (heads, ends) => heads.flatMap((head) => ends.map((end) => head + end)),
    [""],
  );
  const isWithin = alternatives.every((own) => own.length === 1 || own.every((piece) => isWord(piece)));
  if (!isWithin || combined.join() !== names.join()) return undefined;
  return alternatives.map((own) => (own.length === 1 ? at(own, 0) : braced(own))).join("");
}

/** One choice, between what all names begin with and what they end with. */
function choice(pieces: readonly (readonly string[])[]): string | undefined {
  const before = commonStart(pieces, 1);
  const rest = pieces.map((own) => own.slice(before));
  const behind = commonStart(
    rest.map((own) => own.toReversed()),
    1,
  );
  const [first = []] = pieces;
  const inner = rest.map((own) => own.slice(0, own.length - behind).join(""));
  if (inner.some((text) => /[./]/.test(text))) return undefined;
  if (before + behind === 0) return inner.join(", ");
  return `${first.slice(0, before).join("")}${braced(inner)}${first.slice(first.length - behind).join("")}`;
}

/** How many pieces all begin with, of which each keeps some more. */
function commonStart(pieces: readonly (readonly string[])[], kept: number): number {
  const [first = []] = pieces;
  const most = Math.min(...pieces.map(({ length }) => length - kept));
  const end = range(Math.max(0, most)).find((place) => pieces.some((own) => own[place] !== first[place]));
  return end ?? Math.max(0, most);
}

const isWord = (piece: string): boolean => /^\w+$/.test(piece) && piece !== "_";

const braced = (alternatives: readonly string[]): string => `{${alternatives.join(",")}}`;
