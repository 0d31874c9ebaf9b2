/** @file Several names as one, in the way of shells: `mlp.{gate,up,down}_proj.weight`. */
import { at, range } from "../base/assert.ts";

/** Names that have nothing in them that would mean something between braces or in a where list. */
const plainName = /^[\w./-]+$/;
const words = /[A-Za-z]+|\d+|[^A-Za-z\d]/g;
const segments = /[^./]+|[./]/g;

type Pieces = readonly (readonly string[])[];

/**
 * The names as one with alternatives in braces, of which the last changes fastest; as a list where they have nothing in
 * common. `undefined` where that would be hard to read: where more than two alternatives are longer than a segment of a path.
 */
export function joinedNames(names: readonly string[]): string | undefined {
  const [first = "", ...others] = names;
  if (others.length === 0) return first;
  if (!names.every((name) => plainName.test(name))) return undefined;
  const cut = (by: RegExp): Pieces => names.map((name) => name.match(by) ?? []);
  const [inner, outer] = [choice(cut(words)), choice(cut(segments))];
  return product(names, cut(words)) ?? (inner.isShort ? inner.text : pair(names, outer));
}

/** Two paths in one module that end alike: `layer1.0.{conv3,downsample.0}.weight`. */
const pair = (names: readonly string[], { text, isInside }: Choice): string | undefined =>
  names.length === 2 && isInside ? text : undefined;

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
  const areWords = alternatives.every((own) => own.length === 1 || own.every((piece) => /\w/.test(piece)));
  if (!areWords || combined.join() !== names.join()) return undefined;
  return alternatives.map((own) => (own.length === 1 ? at(own, 0) : braced(own))).join("");
}

interface Choice {
  readonly text: string;
  /** Every alternative is a part of one segment. */
  readonly isShort: boolean;
  /** Something is common before the alternatives and behind them. */
  readonly isInside: boolean;
}

/** One choice, between what all names begin with and what they end with. */
function choice(pieces: Pieces): Choice {
  const before = commonStart(pieces);
  const rest = pieces.map((own) => own.slice(before));
  const behind = commonStart(rest.map((own) => own.toReversed()));
  const inner = rest.map((own) => own.slice(0, own.length - behind).join(""));
  const [first = []] = pieces;
  const [start, end] = [first.slice(0, before), first.slice(first.length - behind)];
  return {
    text: before + behind === 0 ? inner.join(", ") : [...start, braced(inner), ...end].join(""),
    isShort: !inner.some((text) => /[./]/.test(text)),
    isInside: before > 0 && behind > 0,
  };
}

/** How many pieces all begin with, of which each keeps at least one more. */
function commonStart(pieces: Pieces): number {
  const [first = []] = pieces;
  const most = Math.max(0, Math.min(...pieces.map(({ length }) => length - 1)));
  return range(most).find((place) => pieces.some((own) => own[place] !== first[place])) ?? most;
}

const braced = (alternatives: readonly string[]): string => `{${alternatives.join(",")}}`;
