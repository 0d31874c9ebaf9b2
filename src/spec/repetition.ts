/**
 * @file `for l = 1..L:` and the lines that stand deeper below it: they hold once for each round, with the round's number
 * in the place of the index. So `W_l` is one symbol for each round, and a name may be given a new value in each.
 */
import { at, range } from "../base/assert.ts";
import { quoted } from "../diag/diagnostic.ts";
import type { Turn } from "../ir/graph.ts";
import type { Statement } from "./document.ts";
import type { Source } from "./source.ts";
import type { Token } from "./tokens.ts";

interface Loop {
  readonly index: string;
  readonly first: number;
  readonly last: number;
}

/** An equation, and in which rounds it stands, from the outermost repetition on. */
export interface Round {
  readonly statement: Statement;
  readonly rounds: readonly Turn[];
}

/** `l = 2` */
export const roundText = ({ scope, round }: Turn): string => `${scope} = ${round}`;

/** The numbers that each index of a repetition takes. */
export type Indices = ReadonlyMap<string, readonly number[]>;

const mostStatements = 10_000;
const form = /^for (\w+) (?:=|in) (\d+) (?:, )?\.\.(?: ,)? (\w+)(?: ([-+]) (\d+))?(?: :)?$/;

export const isLoop = ({ tokens }: Statement): boolean => at(tokens, 0).text === "for" && tokens.length > 1;

/** Writes repetitions out. `numberOf` knows the numbers that the where list gives. */
export function unrolled(
  source: Source,
  statements: readonly Statement[],
  numberOf: (name: string) => number | undefined,
): { readonly equations: readonly Round[]; readonly indices: Indices } {
  const indices = new Map<string, number[]>();
  const expand = (list: readonly Statement[], rounds: readonly Turn[]): Round[] => {
    const result: Round[] = [];
    for (let place = 0; place < list.length; place++) {
      const statement = at(list, place);
      if (!isLoop(statement)) {
        result.push({ statement, rounds });
        continue;
      }
      const body = bodyOf(list, place);
      place += body.length;
      const { index, first, last } = loopOf(source, statement, body, numberOf);
      const numbers = range(last - first + 1).map((round) => first + round);
      indices.set(index, [...new Set([...(indices.get(index) ?? []), ...numbers])]);
      for (const number of numbers) {
        const written = body.map((each) => inRound(each, index, number));
        result.push(...expand(written, [...rounds, { scope: index, round: number }]));
        if (result.length > mostStatements) throw tooLong(source, statement);
      }
    }
    return result;
  };
  return { equations: expand(statements, []), indices };
}

/** The statements that stand deeper. */
function bodyOf(list: readonly Statement[], place: number): Statement[] {
  const column = (statement: Statement): number => at(statement.tokens, 0).column;
  const own = column(at(list, place));
  const rest = list.slice(place + 1);
  const end = rest.findIndex((statement) => column(statement) <= own);
  return end < 0 ? rest : rest.slice(0, end);
}

function loopOf(
  source: Source,
  { tokens }: Statement,
  body: readonly Statement[],
  numberOf: (name: string) => number | undefined,
): Loop {
  const start = at(tokens, 0);
  const found = form.exec(tokens.map(({ text }) => text).join(" "));
  const [, index = "", first = "", last = "", sign = "+", more = "0"] = found ?? [];
  if (found === null) {
    throw source.wrong("A3006", start, "a repetition", "`for l = 1..L:` and indented equations below it");
  }
  const end = /^\d+$/.test(last) ? Number(last) : numberOf(last);
  if (end === undefined) {
    const got = `${quoted(last)} rounds, and no number for ${quoted(last)}`;
    throw source.wrong(
      "A3029",
      start,
      got,
      "a number of rounds",
      `add \`${quoted(last)} = 2\` to the where list`,
    );
  }
  if (body.length === 0) {
    throw source.wrong("A3030", start, "nothing below it", "equations that stand deeper than the `for`");
  }
  return { index, first: Number(first), last: end + (sign === "-" ? -1 : 1) * Number(more) };
}

function tooLong(source: Source, { tokens }: Statement): Error {
  const got = `more than ${mostStatements} equations once repetitions are written out`;
  return source.wrong("A3022", at(tokens, 0), got, `at most ${mostStatements}`);
}

const inRound = (statement: Statement, index: string, number: number): Statement => ({
  ...statement,
  tokens: statement.tokens.map((token) => tokenInRound(token, index, number)),
});

function tokenInRound(token: Token, index: string, number: number): Token {
  if (token.kind !== "name") return token;
  if (token.text === index && token.subscript.length === 0)
    return { ...token, kind: "number", text: String(number) };
  const text = nameInRound(token.text, index, number);
  if (!token.subscript.includes(index)) return { ...token, text };
  const below = token.subscript.map((item) => nameInRound(item, index, number));
  return { ...token, text: [text, ...below].join("_"), subscript: [] };
}

/** `W_l` is `W_2` in round 2, and `h_{l-1}` is `h_1`. */
export const nameInRound = (name: string, index: string, number: number): string =>
  name
    .split("_")
    .map((part) => {
      if (part === index) return number;
      if (part === `{${index}-1}`) return number - 1;
      return part === `{${index}+1}` ? number + 1 : part;
    })
    .join("_");
