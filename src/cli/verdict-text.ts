/** @file A verdict as a tired person should meet it: what, where, how they differ, and what it rests on. */
import { assertNever } from "../base/assert.ts";
import { visible } from "../diag/diagnostic.ts";
import type { Difference, Evidence, Verdict, VerdictPlace, Witness } from "../result/verdict.ts";
import type { Ink } from "./terminal.ts";

/** What a text is written onto. */
export interface Page {
  readonly ink: Ink;
  readonly columns: number;
  /** What the two sides are called. */
  readonly sides: readonly [spec: string, code: string];
}

/** The whole answer to `assay check`, several lines. */
export function verdictText(answer: Verdict, model: string, spec: string, page: Page): string {
  const verdict = shown(answer);
  const { ink } = page;
  const head = (mark: string, rest: string): string =>
    `${mark}${" ".repeat(12 - verdict.kind.length)}${rest}`;
  const tail = [...bindingRows(verdict), ...verdict.notes.map((note) => prose(page, "note", note))];
  switch (verdict.kind) {
    case "equal": {
      const title = head(ink.good(ink.strong("equal")), `${model} computes what ${spec} says`);
      return lines([title, ...evidenceRows(verdict.evidence, page), ...tail]);
    }
    case "different": {
      const parts = verdict.differences.map((difference) => {
        const where = [specPlace(difference.spec.place, spec), codePlace(difference.code.place, model)];
        const title = head(ink.bad(ink.strong("different")), where.join("   "));
        return [title, ...differenceRows(difference, page)].join("\n");
      });
      const witness = verdict.witness === undefined ? [] : [witnessRow(verdict.witness, page)];
      return lines([...parts, ...witness, ...tail]);
    }
    case "undecided": {
      const [begin = "", ...rest] = wrapped(verdict.reason, page.columns - indent);
      const title = [
        head(ink.doubtful(ink.strong("undecided")), begin),
        ...rest.map((line) => row("", line)),
      ].join("\n");
      const first = verdict.at;
      const at =
        first === undefined
          ? []
          : [
              row("first", `${first.text}   ${specPlace(first.place, spec)}`),
              row("", `was not found in the ${page.sides[1]}`),
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

const indent = 12;

/** A row of an answer: its name in a column of its own; text of several lines stays in its column. */
const row = (name: string, text: string): string =>
  `  ${name.padEnd(indent - 2)}${text.replaceAll("\n", `\n${" ".repeat(indent)}`)}`;

/** A row whose text is broken between words where the page ends. */
const prose = (page: Page, name: string, text: string, paint: (text: string) => string = (t) => t): string =>
  row(
    name,
    wrapped(text, page.columns - indent)
      .map(paint)
      .join("\n"),
  );

/** Lines of at most `width` characters, longer words apart. */
function wrapped(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => {
    const made: string[] = [];
    let current = "";
    for (const word of line.split(" ")) {
      const longer = current === "" ? word : `${current} ${word}`;
      if (longer.length > width && current !== "") {
        made.push(current);
        current = word;
      } else current = longer;
    }
    return [...made, current];
  });
}

function differenceRows({ words, spec, code, consequences, alternatives }: Difference, page: Page): string[] {
  const { ink } = page;
  const { code: line, caller } = code.place;
  const source = line === undefined ? [] : [prose(page, "line", line.trim(), ink.faint)];
  if (caller !== undefined) {
    const call = `${caller.code?.trim() ?? ""}   ${caller.file}:${caller.line}`.trim();
    source.push(prose(page, "from", call, ink.faint));
  }
  return [
    prose(page, page.sides[0], spec.text),
    prose(page, page.sides[1], code.text),
    ...source,
    prose(page, "", words, ink.strong),
    ...consequences.map((consequence) => prose(page, "so", consequence)),
    ...alternatives.map((alternative) => prose(page, "or", alternative)),
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

function witnessRow({ inputs, output, spec, code, parameters }: Witness, page: Page): string {
  const point = inputs.map(({ name, value }) => `${name} = ${value}`).join("\n");
  return prose(
    page,
    "witness",
    `${point}\nwith ${parameters}: ${output} is ${digits(spec)} in the ${page.sides[0]}, ${digits(code)} in the ${page.sides[1]}`,
  );
}

/** JSON has no word for numbers that are not finite. */
const digits = (value: number | null): string =>
  value === null || !Number.isFinite(value) ? "no finite number" : String(Number(value.toPrecision(5)));

/** A bound with one digit, rounded up so that it stays one. */
function bound(value: number): string {
  const exponent = Math.floor(Math.log10(value));
  return `${Math.ceil(value / 10 ** exponent)}e${exponent}`;
}

function evidenceRows(
  { runs, elements, stages, error, assumptions, floatGap }: Evidence,
  page: Page,
): string[] {
  const assumed = assumptions.map((assumption) => prose(page, "assumes", assumption));
  if (runs === 0)
    return [
      prose(page, "proof", "the two are the same operations on the same values, one by one"),
      ...assumed,
    ];
  const counted = `${elements} numbers agree in ${runs} ${runs === 1 ? "run" : "runs"}, each modulo a fresh prime near 2^30`;
  const inStages =
    stages === 1
      ? ""
      : `: each of ${stages} stages agrees, from fresh numbers for what the last ones computed`;
  const chance =
    error === 0
      ? "unequal functions can't pass"
      : error >= 1
        ? "too deep for a bound on the chance that unequal functions pass"
        : `unequal functions pass with probability below ${bound(error)}${inStages}`;
  return [
    prose(page, "proof", `${counted}\n${chance}`),
    prose(page, "float64", gapText(floatGap)),
    ...assumed,
  ];
}

const gapText = (gap: number | undefined): string =>
  gap === undefined
    ? "not compared: a function of the model has no value in float64"
    : `largest gap ${gap === 0 ? "0" : gap.toExponential(1)} of the largest output`;

function bindingRows({ bindings }: Verdict): string[] {
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));
  const name = widest(bindings.map(({ parameter }) => parameter));
  const meaning = widest(bindings.map(({ is }) => is));
  return bindings.map(({ parameter, shape, is }, index) => {
    const text = `${parameter.padEnd(name)} = ${is.padEnd(meaning)}   [${shape.join(", ")}]`;
    return row(index === 0 ? "binds" : "", text);
  });
}
