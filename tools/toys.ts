/**
 * @file `npm run toys:all [-- --write] [--seeds COUNT] [NAME…]`: trains the reference solutions of all toy problems and the broken variants
 * of their rungs, and prints what was said of each; with seeds, right solutions only, as often. `--write` puts the tables into
 * docs/toys-results.md. Exits with 1 where something was said that is not so.
 */
import { writeFileSync } from "node:fs";
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
  options: { write: { type: "boolean", default: false }, seeds: { type: "string", default: "1" } },
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

function casesOf(problem: Problem): Case[] {
  const own = references.filter(({ problems }) => problems.includes(problem.name));
  const right = own.flatMap(({ entry }) =>
    Array.from({ length: seeds }, (_, seed): Case => ({ problem, entry, seed: 100 * seed })),
  );
  const wrong = variants
    .filter((variant) => variant.problem === problem.name)
    .map(({ entry, rung }): Case => ({ problem, entry, rung, seed: 0 }));
  return seeds > 1 ? right : [...right, ...wrong];
}

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

const cases = chosen.flatMap(casesOf);
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
const unsolved = chosen.filter(({ name }) => references.every(({ problems }) => !problems.includes(name)));
const uncaught = chosen.flatMap(({ name, rungs }) =>
  rungs
    .filter((rung) => variants.every((variant) => variant.problem !== name || variant.rung !== rung.name))
    .map((rung) => `${name}: ${rung.name}`),
);
console.log(`${ordered.length - wrong.length} of ${ordered.length} as they should be`);
for (const { name } of unsolved) console.log(`no reference solves ${name}`);
for (const rung of uncaught) console.log(`no variant stops at ${rung}`);
if (values.write) writeFileSync(page, pageText());
process.exitCode = wrong.length === 0 ? 0 : 1;

function pageText(): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const tableOf = (own: readonly Row[]): string[] => [
    line(["problem", "entry", "meant", "said", "loss", "lowest"]),
    line(["---", "---", "---", "---", "---", "---"]),
    ...own.map(({ problem, entry, rung, said, isSo: right, loss }) =>
      line([
        problem.name,
        `\`${entry}\``,
        rung ?? "reached",
        right ? said : `**${said}**`,
        loss,
        problem.best.loss.toFixed(4),
      ]),
    ),
  ];
  const solutions = ordered.filter(({ rung }) => rung === undefined);
  const broken = ordered.filter(({ rung }) => rung !== undefined);
  const count = (own: readonly Row[]): string => `${own.filter((row) => row.isSo).length} of ${own.length}`;
  return [
    "# What was said of trained models",
    "",
    "Produced by `npm run toys:all -- --write`. In bold what should have been said otherwise.",
    "",
    `Right solutions: ${count(solutions)} reach the lowest loss.`,
    "",
    ...tableOf(solutions),
    "",
    `Broken variants: ${count(broken)} are caught at the rung that they were made for.`,
    "",
    ...tableOf(broken),
    "",
    `Problems without a reference solution: ${unsolved.map(({ name }) => name).join(", ") || "none"}.`,
    "",
    `Rungs without a variant: ${uncaught.join("; ") || "none"}.`,
    "",
  ].join("\n");
}
