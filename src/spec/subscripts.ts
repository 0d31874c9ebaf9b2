/** @file Subscripts that are indices, `a_{ij}` for `a[i,j]`, and those of functions, `softmax_j`. */
import { functionName } from "./functions.ts";
import type { Token } from "./tokens.ts";

export interface Subscripted {
  readonly name: string;
  readonly indices: readonly string[];
}

const letters = /^[a-z]{1,4}$/;
const isName = (text: string): boolean => /^[A-Za-z]/.test(text);

/**
 * The tensor and its indices in `a_i`, `a_{ij}`, `a_{i,j}` or `E_{idx}`. Call it only for a token that is no name itself;
 * `undefined` unless what stands before the subscript is a name.
 */
export function subscripted(token: Token, isKnown: (name: string) => boolean): Subscripted | undefined {
  if (token.subscript.length > 0) {
    const isIndexed = isKnown(token.text) && token.subscript.every(isName);
    return isIndexed ? { name: token.text, indices: token.subscript } : undefined;
  }
  const cut = token.text.lastIndexOf("_");
  const [name, below] = [token.text.slice(0, Math.max(0, cut)), token.text.slice(cut + 1)];
  if (!isKnown(name)) return undefined;
  if (isKnown(below)) return { name, indices: [below] };
  return letters.test(below) ? { name, indices: [...below] } : undefined;
}

/** Splits `log_softmax_V` into a function and what is written below it. */
export function calledFunction(token: Token): { name: string; subscript: readonly string[] } | undefined {
  const parts = token.text.split("_");
  for (let count = parts.length; count > 0; count--) {
    const name = functionName(parts.slice(0, count).join("_"));
    if (name === undefined) continue;
    const below = parts.slice(count).join("_");
    if (below === "" || token.subscript.length === 0)
      return { name, subscript: below === "" ? token.subscript : [below] };
  }
  return undefined;
}
