/** @file Which of several names a typing error most likely meant. */
import { at, range } from "./assert.ts";

/** The candidate that a typing error would most likely have meant, if one is close. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  const limit = name.length <= 3 ? 1 : 2;
  let [best, least] = [undefined as string | undefined, limit + 1];
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(name, candidate);
    // A name of one letter is close to every other, so only a change of case counts.
    if (name.length === 1 && candidate.toLowerCase() !== name.toLowerCase()) continue;
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = range(b.length + 1);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = at(row, j) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(replaced, at(row, j + 1) + 1, at(next, j) + 1));
    }
    row = next;
  }
  return at(row, b.length);
}
