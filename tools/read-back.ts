/**
 * @file `npm run read-back [-- --write] [FILE…]`: prints models as text and as LaTeX, reads both back, and proves that they are
 * the model they came from, by the way that `assay check` takes; of the models in golden files, or of the files named. `--write`
 * puts the table into docs/read-back.md. Each model is judged in a process of its own, so that one without an end is a row that says so.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
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

/** The page's lines, by their models. */
function onPage(): Map<string, string[]> {
  const lines = existsSync(page) ? readFileSync(page, "utf8").split("\n") : [];
  return Map.groupBy(
    lines.filter((line) => lineForm.test(line)),
    (line) => lineForm.exec(line)?.[1] ?? "",
  );
}

const intro = `# Read back

What \`read\` prints of a model, as text and as LaTeX, is accepted as a spec and proved to be the model it came from.
\`npm run read-back -- --write\` proves it of the models in golden files and writes this page; files that are named besides are
added: here models of packages, such as Hugging Face's BERT, at their whole depth and a small width. What falls short is in bold. Seconds are the processor's, for reading back and the proof.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean", default: false }, one: { type: "boolean", default: false } },
});
const [first, second] = positionals;
if (values.one && first !== undefined && second !== undefined) await judgeHere(first, second);
else {
  const files =
    positionals.length === 0
      ? goldens.map((name) => join(fixtures, name))
      : positionals.map((file) => resolve(file));
  const rows: Row[] = [];
  for (const file of files) {
    const own = await judge(file);
    for (const row of own) console.log(lineOf(row));
    rows.push(...own);
  }
  const proved = rows.filter(({ outcome }) => outcome === "proved").length;
  console.log(`${proved} of ${rows.length} proved`);
  if (values.write) {
    const all = new Map([
      ...onPage(),
      ...Map.groupBy(rows.map(lineOf), (line) => lineForm.exec(line)?.[1] ?? ""),
    ]);
    const lines = [...all.values()].flat();
    const right = lines.filter((line) => line.includes("| proved |")).length;
    const head = ["| model | form | verdict | seconds | why |", "| --- | --- | --- | --- | --- |"];
    writeFileSync(page, [intro, `${right} of ${lines.length} proved.`, "", ...head, ...lines, ""].join("\n"));
  }
}
