/** @file Where an entry stands on toy problems, for a terminal: a table, then what is wrong where it missed. */
import { assertNever } from "../../base/assert.ts";
import { visible } from "../../diag/diagnostic.ts";
import type { FunctionOutcome } from "../../result/functions.ts";
import type { ToysResult } from "../../result/result.ts";
import type { ToyOutcome, ToyRung, ToyVerdict } from "../../result/toys.ts";
import { functionProblems } from "../../toys/functions/catalogue.ts";
import { chart } from "../chart.ts";
import type { Context } from "../context.ts";
import type { Ink } from "../terminal.ts";
import { certificateSentences, flawName, flawSentences } from "./flaws-text.ts";
import { functionSentences, paintOfFunction, shortFunction } from "./functions-text.ts";
import { reportSentences } from "./reports-text.ts";

export function toysText({ entry, functions, outcomes, unfit }: ToysResult, context: Context): string {
  const { ink, terminal } = context;
  const columns = Math.min(terminal.prints.columns, 100);
  const verdicts = [...functions, ...outcomes].map(({ verdict }) => verdict);
  const reached = verdicts.filter(({ kind }) => kind === "reached").length;
  const remarkable = outcomes.filter(
    (outcome) => outcome.verdict.kind !== "reached" || reportSentences(outcome).length > 0,
  );
  const parts = [
    ink.strong(`${entry}   ${reached} of ${verdicts.length} toy problems reached`),
    "",
    table(
      [...functions.map((outcome) => functionRow(outcome, ink)), ...outcomes.map((o) => rowOf(o, ink))],
      ink,
    ),
    ...functions.flatMap((outcome) => functionAccount(outcome, ink, columns)),
    ...remarkable.flatMap((outcome) => ["", ...account(outcome, ink, columns)]),
    ...notesText(outcomes, columns),
    ...unfitText(unfit, outcomes, columns),
  ];
  return `${parts.join("\n")}\n`;
}

type Paint = (text: string) => string;

/** A line of the table. */
interface Row {
  readonly problem: string;
  readonly verdict: string;
  readonly paint: Paint;
  readonly loss: string;
  readonly lowest: string;
}

function table(rows: readonly Row[], ink: Ink): string {
  const [loss, lowest] = rows.some((row) => row.lowest !== "") ? ["loss", "lowest"] : ["", ""];
  const head = { problem: "problem", verdict: "verdict", paint: plain, loss, lowest };
  const widest = (of: (row: Row) => string): number =>
    Math.max(...[head, ...rows].map((row) => of(row).length)) + 2;
  const name = widest(({ problem }) => problem);
  const said = widest(({ verdict }) => verdict);
  const line = ({ problem, verdict, paint, loss, lowest }: Row): string => {
    const space = " ".repeat(said - verdict.length);
    return `${problem.padEnd(name)}${paint(verdict)}${space}${loss.padStart(8)}${lowest.padStart(9)}`.trimEnd();
  };
  return [ink.faint(line(head)), ...rows.map(line)].join("\n");
}

const plain: Paint = (text) => text;

/** A function has no loss: it is right or it is not. */
const functionRow = (outcome: FunctionOutcome, ink: Ink): Row => ({
  problem: outcome.problem,
  verdict: shortFunction(outcome),
  paint: paintOfFunction(outcome.verdict, ink),
  loss: "",
  lowest: "",
});

const rowOf = (outcome: ToyOutcome, ink: Ink): Row => ({
  problem: outcome.problem,
  verdict: short(outcome.verdict),
  paint: paintOf(outcome.verdict, ink),
  loss: number(lossOf(outcome)),
  lowest: number(outcome.best),
});

const number = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(4));

/**
 * The expected loss of the last training that came to its end, without the noise of labels; where more was seen than is
 * legal, the loss itself.
 */
function lossOf({ attempts, best }: ToyOutcome): number | undefined {
  const end = attempts.findLast((attempt) => attempt.end !== undefined)?.end;
  return end && (end.kind === "below" ? end.loss : best + end.excess);
}

function paintOf(verdict: ToyVerdict, ink: Ink): Paint {
  if (verdict.kind === "reached") return ink.good;
  return verdict.kind === "inconclusive" || verdict.kind === "local-minimum" ? ink.doubtful : ink.bad;
}

const names = (rungs: readonly ToyRung[]): string => rungs.map(({ name }) => name).join(" or ");

/** A few words. */
function short(verdict: ToyVerdict): string {
  switch (verdict.kind) {
    case "reached":
      return "reached";
    case "stuck":
      return `stuck: ${names(verdict.rungs)}`;
    case "local-minimum":
      return `local minimum: ${names(verdict.rungs)}`;
    case "below":
      return verdict.rungs.length === 0 ? "below the lowest" : `below the lowest: ${names(verdict.rungs)}`;
    case "misreported":
      return verdict.rungs.length === 0 ? "misreported loss" : `misreported loss: ${names(verdict.rungs)}`;
    case "flawed":
      return [flawName(verdict.flaw), names(verdict.rungs)].filter((part) => part !== "").join(": ");
    case "between":
      return "between rungs";
    case "inconclusive":
      return "inconclusive";
    case "failed":
      return verdict.why.replace("-", " ");
    default:
      return assertNever(verdict);
  }
}

/** What is wrong, why that follows, and the curve against the ladder. */
function account(outcome: ToyOutcome, ink: Ink, columns: number): string[] {
  const { problem, title, verdict } = outcome;
  const head = `${paintOf(verdict, ink)(ink.strong(problem))}   ${title}`;
  const all = [...sentences(outcome), ...certificateSentences(outcome), ...reportSentences(outcome)];
  const told = all.flatMap((sentence) => wrapped(sentence, columns));
  return [head, ...told, ...curveText(outcome, columns)];
}

function sentences({ verdict, best, attempts, tolerance }: ToyOutcome): string[] {
  const tries = attempts.length === 1 ? "one training" : `${attempts.length} trainings`;
  switch (verdict.kind) {
    case "reached":
      return [];
    case "stuck":
      return verdict.rungs.flatMap(rungSentences);
    case "local-minimum":
      return [
        `all of ${tries} stopped where training may stop by chance although the model is right`,
        ...verdict.rungs.flatMap(rungSentences),
      ];
    case "below":
      return [
        `the predictions are better than any can be that see only what they may (evidence of ${verdict.evidence.toFixed(0)} nats)`,
        ...verdict.rungs.flatMap(rungSentences),
      ];
    case "misreported":
      return [
        `your loss says ${verdict.said === null ? "no finite number" : verdict.said.toFixed(4)}, the truth is ${verdict.truth.toFixed(4)}, for the same predictions`,
        ...verdict.rungs.flatMap(rungSentences),
      ];
    case "flawed":
      return [...flawSentences(verdict.flaw), ...verdict.rungs.flatMap(rungSentences)];
    case "between":
      return [
        `${tries} ended above "${verdict.above}"${verdict.below === undefined ? "" : ` and below "${verdict.below}"`}, at no rung: part of the task is learned, or training is too weak`,
      ];
    case "inconclusive":
      return [
        `nothing is shown: a distance from the lowest loss above ${verdict.visible.toFixed(4)} would have been seen, ${tolerance.toFixed(4)} counts as reached (lowest ${best.toFixed(4)})`,
      ];
    case "failed": {
      const place = [verdict.file, verdict.line].filter((part) => part !== undefined).join(":");
      return [visible(place === "" ? verdict.message : `${place}  ${verdict.message}`)];
    }
    default:
      return assertNever(verdict);
  }
}

function rungSentences({ name, loss, derivation, bugs, probe }: ToyRung): string[] {
  return [
    `${name} (${loss.toFixed(4)}): ${derivation}`,
    ...bugs.map((bug) => `· ${bug}`),
    ...(probe === undefined
      ? []
      : [
          probe.confirmed
            ? `confirmed on the trained model: ${probe.says}`
            : `not confirmed: the model could do more, so training stopped it; asked was: ${probe.says}`,
          ...(probe.measured === undefined ? [] : [`measured: ${probe.measured}`]),
        ]),
  ];
}

/** Lines of at most `columns`, indented. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = " ";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > columns && line.trim() !== "") {
      lines.push(line);
      line = "   ";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

/** The loss of the last training over its steps, beside the rungs that it could have met. */
function curveText({ attempts, best, ladder, verdict }: ToyOutcome, columns: number): string[] {
  if (["reached", "failed", "misreported"].includes(verdict.kind)) return [];
  const curve = attempts.at(-1)?.curve.flatMap(({ loss }) => (loss === null ? [] : [loss])) ?? [];
  if (curve.length < 2) return [];
  const met = "rungs" in verdict ? verdict.rungs : ladder;
  const levels = [
    ...met.map(({ name, loss }) => ({ label: name, value: loss })),
    { label: "lowest", value: best },
  ];
  return [chart([{ mark: "•", values: curve }], levels, Math.max(20, Math.min(54, columns - 30)))];
}

/** What there is to say of a function, under its name. */
function functionAccount(outcome: FunctionOutcome, ink: Ink, columns: number): string[] {
  const told = functionSentences(outcome).flatMap((sentence) => wrapped(sentence, columns));
  if (told.length === 0) return [];
  const head = paintOfFunction(outcome.verdict, ink)(ink.strong(outcome.problem));
  return ["", `${head}   ${outcome.title}`, ...told];
}

/** Every remark once, with the problems on which it was made. */
function notesText(outcomes: readonly ToyOutcome[], columns: number): string[] {
  const all = [...new Set(outcomes.flatMap(({ notes }) => notes))];
  return all.flatMap((note) => {
    const where = outcomes.filter(({ notes }) => notes.includes(note)).map(({ problem }) => problem);
    return ["", ...wrapped(visible(`note on ${where.join(", ")}: ${note}`), columns)];
  });
}

function unfitText(unfit: ToysResult["unfit"], outcomes: readonly ToyOutcome[], columns: number): string[] {
  const isFunction = (name: string): boolean => functionProblems.some((problem) => problem.name === name);
  const calls = unfit.filter(({ problem }) => isFunction(problem));
  const trainings = unfit.filter(({ problem }) => !isFunction(problem));
  const sentences = calls.map(
    ({ problem, why }) => `not tried, for it takes no other parameters: ${problem} (${why})`,
  );
  const [first] = trainings;
  if (first !== undefined) {
    const list = trainings.map(({ problem }) => problem).join(", ");
    const what = `not tried, for the entry has no model for them: ${list}`;
    sentences.push(outcomes.length === 0 ? `nothing is trained: ${first.why}` : what);
  }
  return sentences.flatMap((sentence) => ["", ...wrapped(visible(sentence), columns)]);
}
