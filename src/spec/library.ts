/** @file The models of a document: which equations and declarations belong to which, and which one the document is about. */
import { at, only } from "../base/assert.ts";
import { quoted } from "../diag/diagnostic.ts";
import {
  type Declaration,
  isSignature,
  parseSignature,
  parseWhere,
  type Signature,
  type WhereItem,
} from "./declarations.ts";
import type { Statement } from "./document.ts";
import { inTwoLines } from "./in-one-line.ts";
import { type Indices, isLoop, nameInRound, type Round, unrolled } from "./repetition.ts";
import type { Source } from "./source.ts";
import type { Token } from "./tokens.ts";

export interface ModelText {
  readonly signature: Signature;
  /** Its own declarations, and the sizes and numbers of the whole document. */
  readonly items: readonly WhereItem[];
  readonly equations: readonly Round[];
  readonly tokens: readonly Token[];
}

export interface Library {
  readonly models: ReadonlyMap<string, ModelText>;
  /** The model that no other uses. */
  readonly main: ModelText;
}

const example = "Model(x : [B, 3]) -> y : [B, 1]";

/** @throws Diagnostic where there is no model, or more than one that the others don't use. */
export function libraryOf(source: Source, statements: readonly Statement[]): Library {
  const sections = sectionsOf(source, numbered(inTwoLines(statements)));
  const items = sections.map((section) =>
    section.filter(({ inWhere }) => inWhere).flatMap((statement) => parseWhere(source, statement)),
  );
  const shared = items.flat().filter((item) => !("shape" in item));
  const texts = sections.map((section, i) => modelText(source, section, at(items, i), shared));
  const models = new Map<string, ModelText>();
  for (const text of texts) {
    const { name } = text.signature;
    if (models.has(name)) {
      const got = `a second model \`${quoted(name)}\``;
      throw source.wrong("A3010", at(text.tokens, 0), got, "another name for each model");
    }
    models.set(name, text);
  }
  const free = texts.filter((text) => !texts.some((other) => other !== text && isUsedIn(other, text)));
  if (free.length > 1) {
    const got = `${free.map(({ signature }) => `\`${quoted(signature.name)}\``).join(" and ")}, and none uses the other`;
    const want = "one model that uses all others";
    throw source.wrong("A3004", at(at(free, 1).tokens, 0), got, want);
  }
  if (free.length === 0) throw circular(source, at(texts, 0));
  return { models, main: only(free) };
}

/** Equations without a number of their own are counted through the document. */
function numbered(statements: readonly Statement[]): Statement[] {
  let count = 0;
  return statements.map((statement) => {
    if (statement.inWhere || isSignature(statement) || isLoop(statement)) return statement;
    count++;
    return { ...statement, number: statement.number ?? String(count) };
  });
}

export function circular(source: Source, { signature, tokens }: ModelText): Error {
  const got = `\`${quoted(signature.name)}\` uses itself, directly or through others`;
  return source.wrong("A3031", at(tokens, 0), got, "models that only use others", "write it as a repetition");
}

/** From each signature to the next. */
function sectionsOf(source: Source, statements: readonly Statement[]): Statement[][] {
  if (statements.length === 0) {
    const start = { line: 1, column: 1 };
    const want = "equations, in a block between a line ```math and a line ```";
    throw source.wrong("A3001", start, "a document without mathematics", want, `begin with ${example}`);
  }
  const sections: Statement[][] = [];
  const before: Statement[] = [];
  for (const statement of statements) {
    if (isSignature(statement)) sections.push([statement]);
    else (sections.at(-1) ?? before).push(statement);
  }
  const [first] = sections;
  // A document of one model may list its symbols first.
  if (first !== undefined && sections.length === 1) first.push(...before);
  if (first === undefined || (sections.length > 1 && before.length > 0)) {
    const position = at(at(statements, 0).tokens, 0);
    throw source.wrong("A3003", position, "equations without a signature", `a first line such as ${example}`);
  }
  return sections;
}

function modelText(
  source: Source,
  section: readonly Statement[],
  own: readonly WhereItem[],
  shared: readonly WhereItem[],
): ModelText {
  const [head] = section.filter(isSignature);
  const signature = parseSignature(source, head ?? at(section, 0));
  const statements = section.filter((statement) => !statement.inWhere && !isSignature(statement));
  const numberOf = (name: string): number | undefined => {
    const item = shared.find((other) => other.name === name && "value" in other);
    const value = item !== undefined && "value" in item ? item.value : undefined;
    return value?.denominator === 1n ? Number(value.numerator) : undefined;
  };
  const { equations, indices } = unrolled(source, statements, numberOf);
  const declarations = own.filter((item): item is Declaration => "shape" in item);
  const items = [...declarations.flatMap((item) => inRounds(item, indices)), ...shared];
  return { signature, items, equations, tokens: (head ?? at(section, 0)).tokens };
}

/** `W_l : [d, d]` declares one symbol for each round. */
function inRounds(item: Declaration, indices: Indices): Declaration[] {
  for (const [index, numbers] of indices) {
    if (!item.name.split("_").includes(index)) continue;
    const names = numbers.map((number) => ({ ...item, name: nameInRound(item.name, index, number) }));
    return names.flatMap((name) => inRounds(name, indices));
  }
  return [item];
}

/** The name of the model in `Attention_2(x)`; `undefined` where a token and the one behind it use none. */
export function modelUsed(
  models: { has(name: string): boolean },
  token: Token | undefined,
  next: Token | undefined,
): string | undefined {
  if (token?.kind !== "name" || next?.text !== "(" || next.gap > 0) return undefined;
  const [head = ""] = token.text.split("_");
  return [token.text, head].find((name) => models.has(name));
}

const isUsedIn = (user: ModelText, { signature }: ModelText): boolean => {
  const models = new Set([signature.name]);
  return user.equations.some(({ statement: { tokens } }) =>
    tokens.some((token, i) => modelUsed(models, token, tokens[i + 1]) !== undefined),
  );
};
