/** @file Where an entry stands on toy problems, for a terminal: a table, then what is wrong where it missed. */
import { assertNever } from "../../base/assert.ts";
import { visible } from "../../diag/diagnostic.ts";
import type { ToysResult } from "../../result/result.ts";
import type { ToyOutcome, ToyRung, ToyVerdict } from "../../result/toys.ts";
import { chart } from "../chart.ts";
import type { Context } from "../context.ts";
import type { Ink } from "../terminal.ts";

export function toysText({ entry, outcomes, unfit }: ToysResult, { ink, terminal }: Context): string {
  const columns = Math.min(terminal.prints.columns, 100);
  const reached = outcomes.filter(({ verdict }) => verdict.kind === "reached").length;
  const head = `${entry}   ${reached} of ${outcomes.length} toy problems reached`;
  const missed = outcomes.filter(({ verdict }) => verdict.kind !== "reached");
  const parts = [
    ink.strong(head),
    "",
    table(outcomes, ink),
    ...missed.flatMap((outcome) => ["", ...account(outcome, ink, columns)]),
    ...unfitText(unfit, columns),
  ];
  return `${parts.join("\n")}\n`;
}

function table(outcomes: readonly ToyOutcome[], ink: Ink): string {
  const name = Math.max(...outcomes.map(({ problem }) => problem.length), "problem".length) + 2;
  const words = outcomes.map(({ verdict }) => short(verdict));
  const said = Math.max(...words.map((word) => word.length), "verdict".length) + 2;
  const row = (cells: readonly [string, string, string, string], paint: (text: string) => string): string => {
    const [problem, verdict, loss, lowest] = cells;
    return `${problem.padEnd(name)}${paint(verdict)}${" ".repeat(said - verdict.length)}${loss.padStart(8)}${lowest.padStart(9)}`;
  };
  return [
    ink.faint(row(["problem", "verdict", "loss", "lowest"], (text) => text)),
    ...outcomes.map((outcome, i) =>
      row(
        [outcome.problem, words[i] ?? "", number(lossOf(outcome)), number(outcome.best)],
        paintOf(outcome.verdict, ink),
      ),
    ),
  ].join("\n");
}

const number = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(4));

/**
 * The expected loss of the last training that came to its end, without the noise of labels; where more was seen than is
 * legal, the loss itself.
 */
function lossOf({ attempts, best }: ToyOutcome): number | undefined {
  const end = attempts.findLast((attempt) => attempt.end !== undefined)?.end;
  return end && (end.kind === "below" ? end.loss : best + end.excess);
}

function paintOf(verdict: ToyVerdict, ink: Ink): (text: string) => string {
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
  const told = sentences(outcome).flatMap((sentence) => wrapped(sentence, columns));
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
  if (verdict.kind === "failed" || verdict.kind === "misreported") return [];
  const curve = attempts.at(-1)?.curve.flatMap(({ loss }) => (loss === null ? [] : [loss])) ?? [];
  if (curve.length < 2) return [];
  const met = "rungs" in verdict ? verdict.rungs : ladder;
  const levels = [
    ...met.map(({ name, loss }) => ({ label: name, value: loss })),
    { label: "lowest", value: best },
  ];
  return [chart([{ mark: "•", values: curve }], levels, Math.max(20, Math.min(54, columns - 30)))];
}

function unfitText(unfit: ToysResult["unfit"], columns: number): string[] {
  if (unfit.length === 0) return [];
  const list = unfit.map(({ problem }) => problem).join(", ");
  return ["", ...wrapped(`not tried, for the entry has no model for them: ${list}`, columns)];
}
