/**
 * @file `npm run same [-- --write] [WORD…]`: compares the exports of models in test/same/pairs.ts, and models with one thing
 * changed, and prints what was said of each; `--write` puts the table into docs/same.md.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { type Pair, pairs, verdictOn } from "../test/same/pairs.ts";
import { root } from "./files.ts";

const patience = 300_000;

interface Row extends Pair {
  readonly said: string;
  readonly words: string;
  readonly seconds: string;
}

/** The verdict on one pair, in a line of JSON. */
async function compareHere(first: string, second: string): Promise<void> {
  const start = performance.now();
  const verdict = await verdictOn({ first, second });
  const words = verdict.kind === "different" ? verdict.differences.map((one) => one.words).join("; ") : "";
  const seconds = ((performance.now() - start) / 1000).toPrecision(1);
  console.log(JSON.stringify({ said: verdict.kind, words, seconds: String(Number(seconds)) }));
}

/** Each in a process of its own, so that one without an end is one row that says so. */
async function compare(pair: Pair): Promise<Row> {
  try {
    const own = [join(root, "tools/same.ts"), "--one", pair.first, pair.second];
    const { stdout } = await promisify(execFile)(process.execPath, own, { timeout: patience });
    return { ...pair, ...(JSON.parse(stdout) as Pick<Row, "said" | "words" | "seconds">) };
  } catch (error) {
    const wasKilled = error instanceof Error && "killed" in error && error.killed === true;
    const said = wasKilled ? `no verdict in ${patience / 1000} seconds` : "failed";
    return { ...pair, said, words: "", seconds: "" };
  }
}

const wanted = ({ mistake }: Pair): string => (mistake === "" ? "equal" : "different");

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const said = row.said === wanted(row) ? row.said : `**${row.said}**`;
    return `| ${row.model} | \`${row.first}\` | \`${row.second}\` | ${row.mistake} | ${said} | ${row.words.replaceAll("|", "\\|")} | ${row.seconds} |`;
  });
  return [
    "| model | first | second | what is changed | verdict | what is said | seconds |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

function pageOf(rows: readonly Row[]): string {
  const [right, wrong] = [
    rows.filter(({ mistake }) => mistake === ""),
    rows.filter(({ mistake }) => mistake !== ""),
  ];
  const as = (some: readonly Row[], kind: string): number => some.filter(({ said }) => said === kind).length;
  return `# One model in several formats

What \`assay diff\` says of the exports of one model to several formats, and of models in which one thing was changed, against these exports.
Files lie in test/fixtures. \`npm run same -- --write\` makes this page; what falls short is in bold. Seconds are of one busy core, reading included.

${as(right, "equal")} of ${right.length} pairs that are one function are proved, ${as(right, "different")} are called different;
${as(wrong, "different")} of ${wrong.length} that are not are told apart, ${as(wrong, "equal")} are called equal.

${tableOf(rows)}
`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false }, one: { type: "boolean", default: false } },
});
const [first, second] = positionals;
if (values.one && first !== undefined && second !== undefined) await compareHere(first, second);
else {
  const rows: Row[] = [];
  for (const pair of pairs) {
    const isMeant = positionals.every((word) => `${pair.model} ${pair.first} ${pair.second}`.includes(word));
    if (!isMeant) continue;
    const row = await compare(pair);
    console.log(`${row.first}  ${row.second}: ${row.said} ${row.words} (${row.seconds} s)`);
    rows.push(row);
  }
  if (values.write && rows.length === pairs.length) writeFileSync(join(root, "docs/same.md"), pageOf(rows));
}
