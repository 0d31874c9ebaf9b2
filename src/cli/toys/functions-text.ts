/** @file What a function of an entry is, in a few words and in sentences. */
import { assertNever } from "../../base/assert.ts";
import { visible } from "../../diag/diagnostic.ts";
import type { FunctionOutcome, FunctionVerdict, Likeness } from "../../result/functions.ts";
import type { Ink } from "../terminal.ts";

/** A few words. */
export function shortFunction({ problem, verdict }: FunctionOutcome): string {
  switch (verdict.kind) {
    case "reached": {
      const names = verdict.is.filter((name) => name !== problem);
      return names.length === 0 ? "reached" : `reached: ${names.join(" or ")}`;
    }
    case "stuck":
      return `stuck: ${verdict.rungs.map(({ name }) => name).join(" or ")}`;
    case "different":
      return "different";
    case "inconclusive":
      return verdict.is.length === 0
        ? "inconclusive"
        : `inconclusive: ${verdict.is.map(({ name }) => name).join(" or ")}`;
    case "failed":
      return verdict.why.replace("-", " ");
    default:
      return assertNever(verdict);
  }
}

export function paintOfFunction({ kind }: FunctionVerdict, ink: Ink): (text: string) => string {
  if (kind === "reached") return ink.good;
  return kind === "inconclusive" ? ink.doubtful : ink.bad;
}

/** What there is to say beside the few words; nothing of a function that is right and wholly seen. */
export function functionSentences({ slot, verdict }: FunctionOutcome): string[] {
  switch (verdict.kind) {
    case "reached":
      return verdict.unseen.length === 0
        ? []
        : [`right; these bugs would answer the same, with what is meant: ${verdict.unseen.join(", ")}`];
    case "stuck":
      return verdict.rungs.flatMap(likenessSentences);
    case "different": {
      const { question, place, wanted, got, from } = verdict;
      return [
        `${place === "" ? "" : `at ${place} `}wanted is ${number(wanted)}, got is ${number(got)} (${question})`,
        `compared with: ${from}. The answers are not those of a known bug`,
      ];
    }
    case "inconclusive":
      return [
        ...(verdict.is.length === 0
          ? ["the answers are like those of nothing that is known without being told"]
          : []),
        ...verdict.is.flatMap(likenessSentences),
        `whether that is meant is not known: let the entry say what it means, as ${slot}Is`,
      ];
    case "failed": {
      const place = [verdict.file, verdict.line].filter((part) => part !== undefined).join(":");
      return [visible(place === "" ? verdict.message : `${place}  ${verdict.message}`)];
    }
    default:
      return assertNever(verdict);
  }
}

const likenessSentences = ({ name, derivation, bugs }: Likeness): string[] => [
  `${name}: ${derivation}`,
  ...bugs.map((bug) => `· ${bug}`),
];

const number = (value: number | null): string =>
  value === null ? "no finite number" : String(Number(value.toPrecision(7)));
