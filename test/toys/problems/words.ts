/** @file All words of a process, one after another: what bounds on sequences are checked against. */
import type { Outcome } from "./laws.ts";

/** The law of the next token after these. */
export type Chain = (past: readonly number[]) => readonly number[];

export interface Chance {
  readonly word: readonly number[];
  readonly chance: number;
}

/** Every word of this length that can occur. */
export function* wordsOf(
  chain: Chain,
  length: number,
  begun: Chance = { word: [], chance: 1 },
): Generator<Chance> {
  if (begun.word.length === length) {
    yield begun;
    return;
  }
  for (const [token, p] of chain(begun.word).entries()) {
    if (p > 0) yield* wordsOf(chain, length, { word: [...begun.word, token], chance: begun.chance * p });
  }
}

/** The token after so many, and what a class of models sees of those. */
export function outcomes(
  chain: Chain,
  seen: number,
  sees: (past: readonly number[]) => readonly (number | string)[],
): Outcome[] {
  return Array.from(wordsOf(chain, seen + 1), ({ word, chance }) => ({
    chance,
    seen: sees(word.slice(0, seen)).join(),
    label: word[seen] ?? 0,
  }));
}
