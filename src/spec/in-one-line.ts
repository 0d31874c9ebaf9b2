/** @file A model in one line, `Norm(x : [d]) = normalize(x, 1e-5) * gamma`, as a signature and the equation of its output. */
import { at } from "../base/assert.ts";
import type { Statement } from "./document.ts";
import type { Token } from "./tokens.ts";

/** The statements with each such line as two. */
export function inTwoLines(statements: readonly Statement[]): Statement[] {
  const taken = new Set(statements.flatMap(({ tokens }) => tokens.map(({ text }) => text)));
  let output = "y";
  for (let number = 1; taken.has(output); number++) output = `y_${number}`;
  return statements.flatMap((statement) => {
    const place = statement.inWhere ? undefined : equalsOf(statement.tokens);
    if (place === undefined) return [statement];
    const { tokens } = statement;
    const equals = at(tokens, place);
    const name: Token = { ...equals, kind: "name", text: output };
    const arrow: Token = { ...equals, text: "->" };
    return [
      { ...statement, tokens: [...tokens.slice(0, place), arrow, name], number: undefined },
      { ...statement, tokens: [name, ...tokens.slice(place)] },
    ];
  });
}

/** The place of the `=` behind `Name(inputs)`. */
function equalsOf(tokens: readonly Token[]): number | undefined {
  if (tokens[0]?.kind !== "name" || tokens[1]?.text !== "(") return undefined;
  let depth = 0;
  const close = tokens.findIndex(({ kind, text }) => {
    if (kind === "symbol" && text === "(") depth++;
    if (kind === "symbol" && text === ")") depth--;
    return kind === "symbol" && text === ")" && depth === 0;
  });
  return tokens[close + 1]?.text === "=" ? close + 1 : undefined;
}
