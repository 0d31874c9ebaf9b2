/**
 * @file `npm run architectures [-- --write] [NAME…]`: judges every program of every architecture in test/architectures, right
 * ones and ones with a mistake, and prints what was said of each; `--write` puts the table into docs/architectures.md.
 * Each program is judged in a process of its own, so that one without an end is one row that says so.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { type Architecture, outcomeOf, verdictOn } from "../test/architectures/architecture.ts";
import { root } from "./files.ts";

const folder = join(root, "test/architectures");
const page = join(root, "docs/architectures.md");
/** Files that hold no architecture. */
const others: ReadonlySet<string> = new Set(["architecture", "judged"]);
const patience = 300_000;

const files = readdirSync(folder)
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
  .map((name) => name.slice(0, -".ts".length))
  .filter((name) => !others.has(name));

async function architectureIn(file: string): Promise<Architecture> {
  const module = (await import(join(folder, `${file}.ts`))) as Readonly<Record<string, Architecture>>;
  const [architecture] = Object.values(module);
  if (architecture === undefined) throw new Error(`${file}.ts holds no architecture`);
  return architecture;
}

interface Row {
  readonly program: string;
  readonly what: string;
  readonly isRight: boolean;
  /** What was said, and what the tests expect to be said so far. */
  readonly outcome: string;
  readonly expected: string;
  readonly words: string;
}

const good: ReadonlySet<string> = new Set(["equal", "named"]);

/** The verdict on one program, in a line of JSON. */
async function judgeHere(file: string, program: string): Promise<void> {
  const architecture = await architectureIn(file);
  const verdict = await verdictOn(architecture, program);
  const mistake = architecture.wrong.find((one) => one.program === program);
  const outcome = mistake === undefined ? verdict.kind : outcomeOf(verdict, mistake);
  const words = verdict.kind === "different" ? verdict.differences.map((one) => one.words).join("; ") : "";
  console.log(JSON.stringify({ outcome, words }));
}

async function judge(file: string, program: string): Promise<Pick<Row, "outcome" | "words">> {
  try {
    const own = [join(root, "tools/architectures.ts"), "--one", file, program];
    const { stdout } = await promisify(execFile)(process.execPath, own, { timeout: patience });
    return JSON.parse(stdout) as Pick<Row, "outcome" | "words">;
  } catch (error) {
    const wasKilled = error instanceof Error && "killed" in error && error.killed === true;
    return { outcome: wasKilled ? `no verdict in ${patience / 1000} seconds` : "failed", words: "" };
  }
}

async function rowsOf(file: string): Promise<Row[]> {
  const { right, wrong } = await architectureIn(file);
  const programs = [
    ...right.map(({ program, written, short }) => ({ program, what: written, expected: short ?? "equal" })),
    ...wrong.map(({ program, mistake, short }) => ({ program, what: mistake, expected: short ?? "named" })),
  ];
  const rows: Row[] = [];
  for (const [index, { program, what, expected }] of programs.entries()) {
    const row = { program, what, isRight: index < right.length, expected, ...(await judge(file, program)) };
    const note = row.outcome === expected ? "" : `  (expected ${expected})`;
    console.log(`${file}  ${program}: ${row.outcome}${note}`);
    rows.push(row);
  }
  return rows;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

function sectionOf({ name, spec }: Architecture, rows: readonly Row[]): string {
  const mark = (row: Row): string => (good.has(row.outcome) ? row.outcome : `**${row.outcome}**`);
  const lines = rows.map((row) => {
    const what = row.isRight ? `right: ${row.what}` : row.what;
    return `| \`${row.program}\` | ${cell(what)} | ${mark(row)} | ${cell(row.words)} |`;
  });
  return [
    `## ${name}`,
    "",
    `Against \`specs/${spec}.md\`.`,
    "",
    "| program | what it is | verdict | what is said |",
    "| --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

/** What the summary counts of an architecture: right ones proved, of all; false alarms; wrong ones told apart, of all; named; missed. */
type Counts = readonly number[];

function countsOf(rows: readonly Row[]): Counts {
  const [right, wrong] = [rows.filter((row) => row.isRight), rows.filter((row) => !row.isRight)];
  const of = (some: readonly Row[], ...outcomes: readonly string[]): number =>
    some.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const found = of(wrong, "named", "another place", "another name", "unnamed");
  return [
    of(right, "equal"),
    right.length,
    of(right, "different"),
    found,
    wrong.length,
    of(wrong, "named"),
    of(wrong, "missed"),
  ];
}

const summaryRow = (name: string, [proved, right, alarms, found, wrong, named, missed]: Counts): string =>
  `| ${name} | ${proved} of ${right} | ${alarms} | ${found} of ${wrong} | ${named} | ${missed} |`;
const summaryForm = /^\| (.+) \| (\d+) of (\d+) \| (\d+) \| (\d+) of (\d+) \| (\d+) \| (\d+) \|$/;

function summaryOf(counts: ReadonlyMap<string, Counts>): string {
  const all = [...counts.values()].reduce((sum, own) => sum.map((count, i) => count + (own[i] ?? 0)));
  return [
    "| architecture | right ones proved | false alarms | wrong ones told apart | of these named and placed | missed |",
    "| --- | --- | --- | --- | --- | --- |",
    ...[...counts].map(([name, own]) => summaryRow(name, own)),
    summaryRow("all", all),
  ].join("\n");
}

/** The page's sections and counts, by the names of the architectures. */
function onPage(text: string): {
  readonly sections: Map<string, string>;
  readonly counts: Map<string, Counts>;
} {
  const [head = "", ...sections] = text.split(/\n(?=## )/);
  const counts = head.split("\n").flatMap((line) => {
    const [, name, ...numbers] = summaryForm.exec(line) ?? [];
    return name === undefined ? [] : [[name, numbers.map(Number)] as const];
  });
  const nameOf = (section: string): string => section.slice("## ".length, section.indexOf("\n"));
  return {
    sections: new Map(sections.map((section) => [nameOf(section), section.trimEnd()])),
    counts: new Map(counts),
  };
}

const intro = `# Architectures

What Assay says of programs in PyTorch against the equations of papers: right ones, written in several ways, and ones in which one
thing (or two) was broken on purpose. \`npm run architectures -- --write\` judges all of them and writes this page; what falls short
is in bold. A wrong program is *named* when each difference has the name, the equation and the source line that a person would give
it, which test/architectures states; *another place* and *another name* are differences that were found but told otherwise,
*unnamed* is one that no small change explains, and *undecided* says nothing. *Missed* would be a wrong program called equal.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: "boolean", default: false },
    one: { type: "boolean", default: false },
  },
});
const [first, second] = positionals;
if (values.one && first !== undefined && second !== undefined) await judgeHere(first, second);
else {
  const wanted = positionals.length === 0 ? files : positionals;
  const results: (readonly [Architecture, readonly Row[]])[] = [];
  const waiting = wanted.map((file, index) => ({ file, index }));
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results[next.index] = [await architectureIn(next.file), await rowsOf(next.file)];
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const old = onPage(readFileSync(page, "utf8"));
  const sections = new Map(
    results.map(([architecture, rows]) => [architecture.name, sectionOf(architecture, rows)]),
  );
  const counts = new Map(results.map(([{ name }, rows]) => [name, countsOf(rows)]));
  console.log(summaryOf(counts));
  if (values.write) {
    // What was not judged now stays as it is.
    const names = (await Promise.all(files.map(architectureIn))).map(({ name }) => name);
    const kept = names.filter((name) => counts.has(name) || old.counts.has(name));
    const all = new Map(kept.map((name) => [name, counts.get(name) ?? old.counts.get(name) ?? []]));
    const written = kept.map((name) => `${sections.get(name) ?? old.sections.get(name) ?? ""}\n`);
    writeFileSync(page, [intro, summaryOf(all), "", ...written].join("\n"));
  }
}
