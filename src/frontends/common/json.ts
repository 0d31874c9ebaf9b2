/** @file JSON from a file that nobody vouches for: bounded depth, and integers that a double would round kept exact. */

/** Programs nest about twelve levels; JSON.parse and schemas recurse, so the depth is bounded first. */
const depthLimit = 100;

/** Deepest nesting of brackets outside strings. */
function depthOf(text: string): number {
  let [depth, deepest, inString] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === "\\") i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}

/** `context.source` is the number as written (the JSON.parse source text access of ES2026). */
function exactIntegers(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const text = context?.source ?? String(value);
  return /^-?\d+$/.test(text) ? BigInt(text) : value;
}

/** The value of a JSON text; integers beyond 2⁵³ are bigint. `refuse` makes the message for what is none. */
export function parseJson(bytes: Uint8Array, refuse: (got: string, want: string) => Error): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const depth = depthOf(text);
    if (depth > depthLimit) throw new SyntaxError(`nested ${depth} deep`);
    return JSON.parse(text, exactIntegers);
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    throw refuse(got, `JSON text nested at most ${depthLimit} deep`);
  }
}
