/**
 * @file `npm run read-back [-- --write] [--all | FILE…]`: prints models as text and as LaTeX, reads both back, and proves that they
 * are the model they came from, by the way that `assay check` takes; of the models in golden files, of all files that tests read, or
 * of the files named. `--write` puts what came of it into docs/read-back.md. Each model is judged in a process of its own, so that
 * one without an end is a row that says so.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { loadModel } from "../src/cli/load.ts";
import { goldens } from "../test/notation/goldens.ts";
import { type Printed, printed, proofOf } from "../test/notation/read-back.ts";
import { root } from "./files.ts";

const fixtures = join(root, "test/fixtures");
const page = join(root, "docs/read-back.md");
const patience = 300_000;

const forms = ["text", "latex"] as const;
type Form = (typeof forms)[number];

/** What came of one form of one model. */
interface Row {
  readonly model: string;
  readonly form: string;
  readonly outcome: string;
  /** Of the processor, for reading back and the proof. */
  readonly seconds: string;
  readonly words: string;
}

type Said = Pick<Row, "outcome" | "words">;

const firstLines = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n").slice(0, 3).join(" ");

function said(model: Parameters<typeof proofOf>[0], text: string): Said {
  try {
    const verdict = proofOf(model, text);
    switch (verdict.kind) {
      case "equal":
        return { outcome: "proved", words: "" };
      case "undecided":
        return { outcome: verdict.kind, words: [verdict.reason, verdict.at?.text ?? ""].join(" ").trim() };
      case "different":
        return { outcome: verdict.kind, words: verdict.differences.map(({ words }) => words).join("; ") };
    }
  } catch (error) {
    return { outcome: "refused", words: firstLines(error) };
  }
}

/** Judges a model, with a line of JSON for each form as soon as it is known. */
async function judgeHere(file: string, model: string): Promise<void> {
  const put = (form: string, found: Said, seconds: string): void =>
    console.log(JSON.stringify({ model, form, seconds, ...found } satisfies Row));
  let code: Awaited<ReturnType<typeof loadModel>>;
  let shown: Printed;
  try {
    code = await loadModel(file);
    shown = printed(code);
  } catch (error) {
    return put("", { outcome: "not printed", words: firstLines(error) }, "");
  }
  for (const form of forms) {
    const start = process.cpuUsage();
    const found = said(code, shown[form]);
    const { user, system } = process.cpuUsage(start);
    put(form, found, ((user + system) / 1e6).toFixed(1));
  }
}

async function judge(file: string): Promise<Row[]> {
  const inside = relative(fixtures, file);
  const model = inside.startsWith("..") ? basename(file) : inside;
  const own = [
    "--disable-warning=ExperimentalWarning",
    join(root, "tools/read-back.ts"),
    "--one",
    file,
    model,
  ];
  const run = await promisify(execFile)(process.execPath, own, { timeout: patience }).catch(
    (error: unknown) => error as { readonly stdout: string; readonly killed?: boolean },
  );
  const rows = run.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
  if (!(run instanceof Error)) return rows;
  const outcome = "killed" in run && run.killed ? `no verdict in ${patience / 1000} seconds` : "failed";
  const form: Form = rows.length === 0 ? "text" : "latex";
  return [...rows, { model, form, outcome, seconds: "", words: "" }];
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

const lineOf = ({ model, form, outcome, seconds, words }: Row): string => {
  const shown = outcome === "proved" ? outcome : `**${outcome}**`;
  return `| ${[`\`${model}\``, form, shown, seconds, cell(words)].join(" | ")} |`;
};

const lineForm = /^\| `(.+?)` \|/;
const modelOn = (line: string): string => lineForm.exec(line)?.[1] ?? "";

const othersTitle = "## Every file that tests read";

/** The two parts of the page: a table by models, and what is said of all files. */
function onPage(): { readonly table: Map<string, string[]>; readonly others: string } {
  const [table = "", others = ""] = existsSync(page) ? readFileSync(page, "utf8").split(othersTitle) : [];
  const lines = table.split("\n").filter((line) => lineForm.test(line));
  return { table: Map.groupBy(lines, modelOn), others };
}

const intro = `# Read back

What \`read\` prints of a model, as text and as LaTeX, is accepted as a spec and proved to be the model it came from.
\`npm run read-back -- --write\` proves it of the models in golden files and writes this page; files that are named besides are
added: here models of packages, such as Hugging Face's BERT, at their whole depth and a small width. What falls short is in bold. Seconds are the processor's, for reading back and the proof.
`;

const head = ["| model | form | verdict | seconds | why |", "| --- | --- | --- | --- | --- |"];
const isProved = ({ outcome }: Row): boolean => outcome === "proved";

/** What is said of all files: how many, and those that fall short. */
function othersOf(rows: readonly Row[]): string {
  const [unread, printed] = [rows.filter(({ form }) => form === ""), rows.filter(({ form }) => form !== "")];
  const models = new Set(printed.map(({ model }) => model)).size;
  const short = printed.filter((row) => !isProved(row)).map(lineOf);
  return [
    "",
    "",
    "`npm run read-back -- --all --write`, models that are made wrong for tests of the prover among them:",
    `${printed.filter(isProved).length} of ${printed.length} texts of ${models} models are proved; ${unread.length} files are refused when they are read.`,
    ...(short.length === 0 ? [] : ["", ...head, ...short]),
    "",
  ].join("\n");
}

function write(rows: readonly Row[], isAll: boolean): void {
  const before = onPage();
  const lines = isAll ? [] : rows.map(lineOf);
  const table = [...new Map([...before.table, ...Map.groupBy(lines, modelOn)]).values()].flat();
  const right = table.filter((line) => line.includes("| proved |")).length;
  const text = [intro, `${right} of ${table.length} proved.`, "", ...head, ...table, "", othersTitle].join(
    "\n",
  );
  writeFileSync(page, text + (isAll ? othersOf(rows) : before.others));
}

/** Every model file below test/fixtures, but for the archives of converted graphs. */
const everyFile = (): string[] =>
  readdirSync(fixtures, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:pt2|onnx|keras|h5|mlir)$|[/]model\.json$/.test(name))
    .toSorted();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    one: { type: "boolean", default: false },
  },
});
const [first, second] = positionals;
if (values.one && first !== undefined && second !== undefined) await judgeHere(first, second);
else {
  const own = (values.all ? everyFile() : goldens).map((name) => join(fixtures, name));
  const files = positionals.length === 0 ? own : positionals.map((file) => resolve(file));
  const rows: Row[] = [];
  for (const file of files) {
    const judged = await judge(file);
    for (const row of judged) console.log(lineOf(row));
    rows.push(...judged);
  }
  console.log(`${rows.filter(isProved).length} of ${rows.length} proved`);
  if (values.write) write(rows, values.all);
}
