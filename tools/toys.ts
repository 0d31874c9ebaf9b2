/**
 * @file `npm run toys:all [-- --broken] [--write] [--seeds COUNT] [--entry FILE:NAME] [NAME…]`: trains right solutions of all toy problems,
 * as often as there are seeds, and prints what was said of each; with `--broken` the broken variants of their rungs, which takes longer.
 * `--entry` tries one of them alone. `--write` puts the rows into docs/toys-results.md, where others stay. Exits with 1 where something
 * was said that is not so.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { outcomeOf } from "../src/cli/toys/outcome.ts";
import { inParallel } from "../src/cli/toys/parallel.ts";
import type { ToyOutcome } from "../src/result/toys.ts";
import { catalogue } from "../src/toys/catalogue.ts";
import type { Problem } from "../src/toys/problem.ts";
import { references, variants } from "../test/toys/references/entries.ts";
import { root } from "./files.ts";

const { values, positionals } = parseArgs({
  options: {
    broken: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    seeds: { type: "string", default: "1" },
    entry: { type: "string" },
  },
  allowPositionals: true,
});
const seeds = Number(values.seeds);
const page = join(root, "docs/toys-results.md");
const limit = 10 * 60_000;

/** One training or several of an entry on a problem, and the rung at which it is meant to stop; none for a right one. */
interface Case {
  readonly problem: Problem;
  readonly entry: string;
  readonly rung?: string;
  readonly seed: number;
}

interface Row extends Case {
  readonly said: string;
  readonly isSo: boolean;
  readonly loss: string;
  readonly seconds: number;
}

const chosen = catalogue.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

const rightOn = (problem: Problem): Case[] =>
  references
    .filter(({ problems }) => problems.includes(problem.name))
    .map(({ entry }) => ({ problem, entry, seed: 0 }));

const brokenOn = (problem: Problem): Case[] =>
  variants
    .filter((variant) => variant.problem === problem.name)
    .map(({ entry, rung }) => ({ problem, entry, rung, seed: 0 }));

const again = (one: Case): Case[] =>
  Array.from({ length: seeds }, (_, index) => ({ ...one, seed: 100 * index }));

function saidOf({ verdict }: ToyOutcome): string {
  const rungs = "rungs" in verdict ? verdict.rungs.map(({ name }) => name).join(", ") : "";
  const why = verdict.kind === "failed" ? `${verdict.why}: ${verdict.message}` : "";
  return [verdict.kind, rungs || why].filter((part) => part !== "").join(": ");
}

function isSo({ verdict }: ToyOutcome, { rung }: Case): boolean {
  if (rung === undefined) return verdict.kind === "reached";
  return "rungs" in verdict && verdict.rungs.some(({ name }) => name === rung);
}

async function judged(one: Case): Promise<Row> {
  const start = performance.now();
  const { entry, problem, seed } = one;
  const [file = "", name = ""] = entry.split(":");
  const outcome = await outcomeOf({
    entry: `${join(root, file)}:${name}`,
    problem,
    seed,
    milliseconds: limit,
    onProgress: () => undefined,
  });
  const end = outcome.attempts.at(-1)?.end;
  const loss =
    end === undefined ? "–" : (end.kind === "below" ? end.loss : outcome.best + end.excess).toFixed(4);
  const seconds = (performance.now() - start) / 1000;
  return { ...one, said: saidOf(outcome), isSo: isSo(outcome, one), loss, seconds };
}

/** The start of a row, by which it is found again. */
const keyOf = ({ problem, entry, rung }: Case): string =>
  `| ${problem.name} | \`${entry}\` | ${rung ?? ""} |`;

const lineOf = (row: Row): string =>
  [
    keyOf(row),
    row.isSo ? row.said : `**${row.said}**`,
    `| ${row.loss} | ${row.problem.best.loss.toFixed(4)} |`,
  ].join(" ");

const wanted = ({ entry }: Case): boolean => values.entry === undefined || entry === values.entry;
const cases = (values.broken ? chosen.flatMap(brokenOn) : chosen.flatMap(rightOn).flatMap(again)).filter(
  wanted,
);
const rows = new Map<Case, Row>();
await inParallel(cases, availableParallelism(), async (one) => {
  const row = await judged(one);
  rows.set(one, row);
  const mark = row.isSo ? " " : "!";
  console.log(
    `${mark} ${row.problem.name.padEnd(26)} ${row.loss.padStart(8)}  ${row.said.padEnd(36)} ${row.entry}${row.rung === undefined ? "" : ` (${row.rung})`}  ${row.seconds.toFixed(0)} s`,
  );
});

const ordered = cases.flatMap((one) => rows.get(one) ?? []);
const wrong = ordered.filter((row) => !row.isSo);
console.log(`${ordered.length - wrong.length} of ${ordered.length} as they should be`);
for (const line of missing(chosen)) console.log(line);
if (values.write) writeFileSync(page, pageText());
process.exitCode = wrong.length === 0 ? 0 : 1;

/** What no entry shows yet. */
function missing(problems: readonly Problem[]): string[] {
  return problems.flatMap(({ name, rungs }) => {
    const own = variants.filter((variant) => variant.problem === name).map(({ rung }) => rung);
    const left = rungs.filter((rung) => !own.includes(rung.name)).map((rung) => `"${rung.name}"`);
    const isSolved = references.some((reference) => reference.problems.includes(name));
    return [
      ...(isSolved ? [] : [`no reference solves ${name}`]),
      ...(left.length === 0 ? [] : [`no variant of ${name} stops at ${left.join(", ")}`]),
    ];
  });
}

/** The line of a case: the new one where it was tried now, of several seeds the worst, else the one that the page has. */
function linesOf(one: Case, before: readonly string[]): readonly string[] {
  const tried = ordered.filter((row) => keyOf(row) === keyOf(one));
  const own = tried.find((row) => !row.isSo) ?? tried[0];
  return own === undefined ? before.filter((line) => line.startsWith(keyOf(one))) : [lineOf(own)];
}

function countsByProblem(cases: readonly Case[]): string {
  const names = [...new Set(cases.map(({ problem }) => problem.name))];
  const count = (name: string): number => cases.filter(({ problem }) => problem.name === name).length;
  return names.map((name) => `${name} (${count(name)})`).join(", ");
}

function pageText(): string {
  const before = existsSync(page) ? readFileSync(page, "utf8").split("\n") : [];
  const all = catalogue.flatMap((problem) => [...rightOn(problem), ...brokenOn(problem)]);
  const lines = all.flatMap((one) => linesOf(one, before));
  const untried = all.filter((one) => linesOf(one, before).length === 0);
  return [
    "# What was said of trained models",
    "",
    "Produced by `npm run toys:all -- --write`, which trains right solutions of the toy problems, and with `--broken` variants of them. A variant is made for one rung, and",
    "has to be caught there by name. In bold what should have been said otherwise.",
    "",
    `${lines.filter((line) => !line.includes("| **")).length} of ${lines.length} rows are as they should be.`,
    "",
    "| problem | entry | rung | said | loss | lowest |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines,
    "",
    `Not tried: ${countsByProblem(untried) || "none"}.`,
    "",
    ...missing(catalogue).map((line) => `- ${line}`),
    "",
  ].join("\n");
}
