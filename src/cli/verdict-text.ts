/** @file A verdict as a tired person should meet it: what, where, how they differ, and what it rests on. */
import { assertNever } from "../base/assert.ts";
import { visible } from "../diag/diagnostic.ts";
import type { Difference, Evidence, Verdict, VerdictPlace, Witness } from "../result/verdict.ts";
import type { Ink } from "./terminal.ts";

/** The whole answer to `assay check`, several lines. */
export function verdictText(answer: Verdict, model: string, spec: string, ink: Ink): string {
  const verdict = shown(answer);
  const head = (mark: string, rest: string): string =>
    `${mark}${" ".repeat(12 - verdict.kind.length)}${rest}`;
  const tail = [...bindingRows(verdict), ...verdict.notes.map((note) => row("note", note))];
  switch (verdict.kind) {
    case "equal": {
      const title = head(ink.good(ink.strong("equal")), `${model} computes what ${spec} says`);
      return lines([title, ...evidenceRows(verdict.evidence), ...tail]);
    }
    case "different": {
      const parts = verdict.differences.map((difference) => {
        const where = [specPlace(difference.spec.place, spec), codePlace(difference.code.place, model)];
        const title = head(ink.bad(ink.strong("different")), where.join("   "));
        return [title, ...differenceRows(difference, ink)].join("\n");
      });
      const witness = verdict.witness === undefined ? [] : [witnessRow(verdict.witness)];
      return lines([...parts, ...witness, ...tail]);
    }
    case "undecided": {
      const title = head(ink.doubtful(ink.strong("undecided")), verdict.reason);
      const first = verdict.at;
      const at =
        first === undefined
          ? []
          : [
              row("first", `${first.text}   ${specPlace(first.place, spec)}`),
              row("", "was not found in the code"),
            ];
      return lines([title, ...at, ...tail]);
    }
    default:
      return assertNever(verdict);
  }
}

/** The verdict with every text as data: much of it comes from the user's files. */
const shown = (verdict: Verdict): Verdict =>
  JSON.parse(
    JSON.stringify(verdict, (_, value: unknown) =>
      typeof value === "string" ? value.split("\n").map(visible).join("\n") : value,
    ),
  ) as Verdict;

const lines = (parts: readonly string[]): string => `${parts.join("\n")}\n`;

/** A row of an answer: its name in a column of its own; text of several lines stays in its column. */
const row = (name: string, text: string): string =>
  `  ${name.padEnd(10)}${text.replaceAll("\n", `\n${" ".repeat(12)}`)}`;

function differenceRows({ words, spec, code, consequences, alternatives }: Difference, ink: Ink): string[] {
  const { code: line, caller } = code.place;
  const source = line === undefined ? [] : [row("line", ink.faint(line.trim()))];
  if (caller !== undefined) {
    source.push(
      row("from", ink.faint(`${caller.code?.trim() ?? ""}   ${caller.file}:${caller.line}`.trim())),
    );
  }
  return [
    row("spec", spec.text),
    row("code", code.text),
    ...source,
    row("", ink.strong(words)),
    ...consequences.map((consequence) => row("so", consequence)),
    ...alternatives.map((alternative) => row("or", alternative)),
  ];
}

function specPlace({ equation, file, line }: VerdictPlace, spec: string): string {
  const name = file ?? spec;
  if (equation !== undefined) return `equation (${equation}) of ${name}`;
  return line === undefined ? name : `${name}:${line}`;
}

function codePlace({ file, line, module }: VerdictPlace, model: string): string {
  const position = line === undefined ? (file ?? model) : `${file ?? model}:${line}`;
  return module === undefined || module === "" ? position : `${position}  ${module}`;
}

function witnessRow({ inputs, output, spec, code, parameters }: Witness): string {
  const point = inputs.map(({ name, value }) => `${name} = ${value}`).join("\n");
  return row(
    "witness",
    `${point}\nwith ${parameters}: ${output} is ${digits(spec)} in the spec, ${digits(code)} in the code`,
  );
}

const digits = (value: number): string => String(Number(value.toPrecision(5)));

/** A bound with one digit, rounded up so that it stays one. */
function bound(value: number): string {
  const exponent = Math.floor(Math.log10(value));
  return `${Math.ceil(value / 10 ** exponent)}e${exponent}`;
}

function evidenceRows({ runs, primes, elements, error, assumptions, floatGap }: Evidence): string[] {
  const counted = `${runs} ${runs === 1 ? "run" : "runs"} modulo ${primes.join(", ")}: ${elements} numbers agree`;
  const chance =
    error === 0
      ? "unequal functions can't pass"
      : `unequal functions pass with probability below ${bound(error)}`;
  return [
    row("proof", `${counted}\n${chance}`),
    row("float64", `largest gap ${floatGap === 0 ? "0" : floatGap.toExponential(1)} of the largest output`),
    ...assumptions.map((assumption) => row("assumes", assumption)),
  ];
}

function bindingRows({ bindings }: Verdict): string[] {
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));
  const name = widest(bindings.map(({ parameter }) => parameter));
  const meaning = widest(bindings.map(({ is }) => is));
  return bindings.map(({ parameter, shape, is }, index) => {
    const text = `${parameter.padEnd(name)} = ${is.padEnd(meaning)}   [${shape.join(", ")}]`;
    return row(index === 0 ? "binds" : "", text);
  });
}
