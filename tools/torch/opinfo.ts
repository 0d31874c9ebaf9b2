/**
 * @file `npm run opinfo [-- --write] [--sample] [--from FOLDER] [NAME…]`: compares Assay with PyTorch on the sample inputs of
 * PyTorch's own operator tests, values and gradients. `--write` puts the table into docs/torch-opinfo.md; `--sample` writes the
 * small selection that the unit tests compare, test/fixtures/opinfo.zip.gz; `--from` takes cases that were made before.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync, zipSync } from "fflate";
import { root } from "../files.ts";
import { casesBy, cell, judgeFile, linesOf } from "./cases.ts";
import type { Outcome } from "./judge.ts";

interface Line {
  readonly operator: string;
  /** A dtype, or `gradient`. */
  readonly kind: string;
}
type Kind = Outcome["kind"] | "unexported";
interface Judged extends Line {
  readonly name: string;
  readonly outcome: Kind;
  readonly reason: string;
  readonly bytes: number;
}
const kinds: readonly Kind[] = ["equal", "rounded", "opaque", "refused", "wrong", "failed", "unexported"];

async function judgeAll(folder: string): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const { operator, kind, name, failed } of linesOf<Line>(folder)) {
    const { kind: outcome, reason } =
      failed === undefined
        ? await judgeFile(folder, name)
        : { kind: "unexported" as const, reason: `PyTorch: ${failed}` };
    const bytes =
      failed === undefined
        ? ["pt2", "json"].reduce((sum, ending) => sum + statSync(join(folder, `${name}.${ending}`)).size, 0)
        : 0;
    judged.push({ operator, kind, name, outcome, reason, bytes });
    if (outcome === "wrong" || outcome === "failed") console.log(`${operator} ${name} ${outcome}: ${reason}`);
  }
  return judged;
}

const counted = (cases: readonly Judged[]): ReadonlyMap<Kind, number> =>
  new Map(kinds.map((kind) => [kind, cases.filter(({ outcome }) => outcome === kind).length]));

const isGradient = ({ kind }: Line): boolean => kind === "gradient";

function totals(cases: readonly Judged[]): string[] {
  const row = (what: string, own: readonly Judged[]): string =>
    `| ${what} | ${own.length} | ${[...counted(own).values()].join(" | ")} |`;
  return [
    `| | cases | ${kinds.join(" | ")} |`,
    `| --- | ${["", ...kinds].map(() => "---").join(" | ")} |`,
    row(
      "values",
      cases.filter((one) => !isGradient(one)),
    ),
    row("gradients", cases.filter(isGradient)),
  ];
}

/** `4 equal, 1 refused`. */
const summary = (cases: readonly Judged[]): string =>
  [...counted(cases)]
    .filter(([, count]) => count > 0)
    .map(([kind, count]) =>
      kind === "equal" || kind === "rounded" ? `${count} ${kind}` : `**${count} ${kind}**`,
    )
    .join(", ");

function rowOf(operator: string, cases: readonly Judged[]): string {
  const reasons = cases
    .filter(({ outcome }) => outcome !== "equal")
    .map(
      (one) =>
        `${isGradient(one) ? "gradient: " : ""}${one.outcome === "opaque" ? "unknown " : ""}${one.reason}`,
    );
  const values = summary(cases.filter((one) => !isGradient(one)));
  const gradients = summary(cases.filter(isGradient));
  return `| ${cell(operator)} | ${values} | ${gradients} | ${cell([...new Set(reasons)].join("; "))} |`;
}

const intro = `# PyTorch's operators

What Assay computes in float64 from programs of \`torch.export\`, against what PyTorch computed, on the sample inputs of PyTorch's own
operator tests (\`op_db\` of torch.testing). \`npm run opinfo -- --write\` makes this page; it takes about twenty minutes.

- Each operator is called with up to four of its float64 samples, and one each of int64 and bool.
- *Gradients*: a program that computes the product of a fixed random vector with the operator's Jacobian, made by \`torch.func.vjp\`
  and traced to ATen operators. Assay has no gradients of its own: this compares how the operators of gradients are read.
- *equal*: every number of every output, within 1e-10 of the output's largest number (or of 1 where that is smaller).
- *rounded*: the same but for the rounding to float16, bfloat16 or float32 that the program asks for; a graph is about real numbers.
- *opaque*: read with the operator as an unknown function, which \`read\` says and \`check\` respects.
- *refused*: a message says what is not read. Operators that are random or whose result has as many elements as the data say are no
  functions of fixed shape, and are always refused.
- *wrong*: other numbers. Those of topk and kthvalue are places of equal numbers, of which PyTorch takes any and Assay the first. *failed*: no number could be computed. *unexported*: torch.export itself refuses.
`;

function pageOf(cases: readonly Judged[]): string {
  const byOperator = Map.groupBy(cases, ({ operator }) => operator);
  const isWhole = (own: readonly Judged[]): boolean => own.every(({ outcome }) => outcome === "equal");
  const whole = [...byOperator].filter(([, own]) => isWhole(own));
  const partly = [...byOperator].filter(([, own]) => !isWhole(own));
  return [
    intro,
    ...totals(cases),
    "",
    `Of ${byOperator.size} operators ${whole.length} are equal in every case.`,
    "",
    "## Not equal in every case",
    "",
    "| operator | values | gradients | why |",
    "| --- | --- | --- | --- |",
    ...partly.map((entry) => rowOf(...entry)),
    "",
    "## Equal in every case",
    "",
    whole.map(([operator, own]) => `${cell(operator)} (${own.length})`).join(", "),
    "",
  ].join("\n");
}

/** Cases above this size, program and numbers together, are left out of the sample. */
const largest = 12_000;

/** The smallest equal case of values and of gradients of each operator. */
function writeSample(folder: string, cases: readonly Judged[]): void {
  const fit = cases.filter(({ outcome, bytes, kind }) => {
    return outcome === "equal" && bytes <= largest && (kind === "float64" || kind === "gradient");
  });
  const chosen = Map.groupBy(fit, ({ operator, kind }) => `${operator} ${kind}`);
  const entries = [...chosen.values()].flatMap((own) => {
    const [first] = own.toSorted((a, b) => a.bytes - b.bytes);
    if (first === undefined) return [];
    const title = `${first.operator.replaceAll(/[^\w.]+/g, "_")}-${first.kind}`;
    return ["pt2", "json"].map((ending) => {
      const bytes = new Uint8Array(readFileSync(join(folder, `${first.name}.${ending}`)));
      return [`${title}.${ending}`, bytes] as const;
    });
  });
  // Programs are much alike, so that they are compressed together.
  const zip = gzipSync(zipSync(Object.fromEntries(entries), { level: 0, mtime: "2026-01-01" }), {
    level: 9,
    mtime: 0,
  });
  writeFileSync(join(root, "test/fixtures/opinfo.zip.gz"), zip);
  console.log(`${entries.length / 2} cases in ${zip.length} bytes`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: "boolean", default: false },
    sample: { type: "boolean", default: false },
    from: { type: "string" },
  },
});
const folder = await casesBy("torch/opinfo_cases.py", positionals, values.from);
const wanted = new Set(positionals);
const judged = (await judgeAll(folder)).filter(
  ({ operator }) => wanted.size === 0 || wanted.has(operator.replace(/ \(.*/, "")),
);
console.log(totals(judged).join("\n"));
if (values.write) writeFileSync(join(root, "docs/torch-opinfo.md"), pageOf(judged));
if (values.sample) writeSample(folder, judged);
