/**
 * @file `npm run mutants [-- PATH…] [--share SHARE] [--write]`: breaks the source in small ways, one at a time, and counts which
 * of the breaks a test notices. PATH is a file or folder of `src/`; without one, all that is to be mutated. `--share 0.2` tries a
 * fifth of the mutants, chosen by chance; a folder then has one score. `--write` puts the scores into docs/mutants.md.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";
import { root } from "./files.ts";
import { isInSample, shareVariable } from "./mutants-sample.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { share: { type: "string", default: "1" }, write: { type: "boolean", default: false } },
});

/**
 * The mutants of a folder, or of files that begin alike, have to fall to the tests beside them. How operators are written is
 * tested with the printer; of the prover's tests the quick ones are taken, since a survivor costs all of them.
 */
const chosen: Readonly<Record<string, readonly string[]>> = {
  "src/base": ["test/base/**/*.test.ts"],
  "src/domain": ["test/domain/**/*.test.ts"],
  "src/eval": ["test/eval/**/*.test.ts"],
  "src/ops": ["test/ops/**/*.test.ts", "test/notation/golden.test.ts"],
  // What sizes an operator demands, and what of it the prover asks for, is tested where it is asked.
  "src/ops/sizes": ["test/prove/reduce.test.ts"],
  "src/ops/traits": ["test/prove/reduce.test.ts", "test/prove/edits.test.ts", "test/prove/verdicts.test.ts"],
  "src/prove/reduce": ["test/prove/reduce.test.ts"],
  "src/prove": [
    "affine",
    "alike",
    "as-spec",
    "binding",
    "contraction",
    "copies",
    "decisions",
    "edits",
    "edits-scan",
    "extents",
    "faults",
    "layout",
    "layout-words",
    "likely-sizes",
    "localise",
    "match",
    "pairing",
    "parameter-index",
    "part",
    "pieces",
    "places",
    "refit",
    "scale",
    "solve",
    "stacked",
    "stages",
    "tied",
    "unused-inputs",
    "values",
    "verdicts",
    "witness",
  ].map((name) => `test/prove/${name}.test.ts`),
};
const paths =
  positionals.length === 0 ? ["src/base", "src/ops", "src/domain", "src/eval", "src/prove"] : positionals;
const patterns = paths.map((path) => (statSync(join(root, path)).isDirectory() ? `${path}/**/*.ts` : path));
const tests = Object.entries(chosen).flatMap(([prefix, files]) =>
  paths.some((path) => path.startsWith(prefix) || prefix.startsWith(path)) ? files : [],
);
process.env["ASSAY_MUTANT_TESTS"] = tests.join(",");
process.env[shareVariable] = values.share;

const start = performance.now();
process.chdir(root);
const all = await new Stryker({
  testRunner: "vitest",
  vitest: { configFile: "tools/mutants.vitest.ts" },
  plugins: ["@stryker-mutator/vitest-runner", join(root, "tools/mutants-sample.ts")],
  checkers: values.share === "1" ? [] : ["sample"],
  mutate: patterns,
  coverageAnalysis: "perTest",
  // Stryker keeps half of the processes for the checkers.
  concurrency: values.share === "1" ? 2 : 4,
  // On a machine that is busy with other work a slow test is not a mutant that runs for ever.
  timeoutMS: 30_000,
  timeoutFactor: 8,
  reporters: ["progress"],
  // Stryker would load the compiler's interface to rewrite it, which TypeScript 7 does not have.
  tsconfigFile: "none",
  ignorePatterns: [".venv", "dist", "python", "coverage"],
  // It would add a line to every file, and with it move the lines that tests expect.
  disableTypeChecks: false,
  tempDirName: join(tmpdir(), "assay-mutants"),
  allowEmpty: true,
  // Prose and names: the compiler and the golden texts look after these.
  mutator: { excludedMutations: ["StringLiteral"] },
  // Code that runs once, while a module loads: each of its mutants would need a process of its own.
  ignoreStatic: true,
}).runMutationTest();
// The checker has judged those that some test reaches; Stryker counts lines from 0 there and from 1 here.
const mutants = all.filter((mutant) =>
  mutant.status === "NoCoverage" ? isInSample(mutant) : mutant.status !== "CompileError",
);

interface Score {
  /** A file, or a folder of which a sample ran. */
  readonly file: string;
  readonly killed: number;
  readonly survived: number;
  readonly uncovered: number;
  /** How many mutants there are, of which some may not be in the sample. */
  readonly of: number;
}

/** What a mutant counts for: its file, or the folder that was asked for when only a sample of it ran. */
function subjectOf(fileName: string): string {
  const file = relative(root, fileName);
  const folder = paths.find((path) => file.startsWith(`${path}/`));
  return values.share === "1" || folder === undefined ? file : folder;
}

const subjects = [...new Set(mutants.map((mutant) => subjectOf(mutant.fileName)))].toSorted();
const scores = subjects.map((subject): Score => {
  const isOwn = ({ fileName }: { readonly fileName: string }): boolean => subjectOf(fileName) === subject;
  const statuses = mutants.filter(isOwn).map((mutant) => mutant.status);
  const count = (...wanted: readonly string[]): number =>
    statuses.filter((status) => wanted.includes(status)).length;
  return {
    file: subject,
    killed: count("Killed", "Timeout"),
    survived: count("Survived"),
    uncovered: count("NoCoverage"),
    of: all.filter((mutant) => isOwn(mutant) && mutant.status !== "Ignored").length,
  };
});

const total = ({ killed, survived, uncovered }: Score): number => killed + survived + uncovered;
const percent = (score: Score): string =>
  `${((100 * score.killed) / Math.max(1, total(score))).toFixed(0)} %`;
const tried = (score: Score): string =>
  total(score) === score.of ? `${score.of}` : `${total(score)} of ${score.of}`;

for (const { fileName, location, replacement, status } of mutants) {
  if (status !== "Survived" && status !== "NoCoverage") continue;
  const { line, column } = location.start;
  const before = readFileSync(fileName, "utf8").split("\n")[line - 1]?.trim();
  const where = `${relative(root, fileName)}:${line}:${column}`;
  console.log(
    `${status === "Survived" ? "survived" : "no test "}  ${where}\n    ${before}\n    ${replacement.split("\n").join(" ").slice(0, 100)}`,
  );
}
for (const score of scores) {
  console.log(
    `${score.file.padEnd(32)} ${String(score.killed).padStart(5)} of ${String(total(score)).padStart(5)} killed  ${percent(score).padStart(6)}`,
  );
}
const sum = (key: "killed" | "survived" | "uncovered" | "of"): number =>
  scores.reduce((count, score) => count + score[key], 0);
const together: Score = {
  file: "all",
  killed: sum("killed"),
  survived: sum("survived"),
  uncovered: sum("uncovered"),
  of: sum("of"),
};
console.log(
  `${percent(together)} of ${tried(together)} mutants killed, in ${((performance.now() - start) / 60_000).toFixed(1)} minutes`,
);

if (values.write) {
  const page = join(root, "docs/mutants.md");
  const [head = "", ...old] = readFileSync(page, "utf8")
    .trimEnd()
    .split(/\n(?=\| `)/);
  const fresh = scores.map((score) => {
    return [
      score.file,
      `| \`${score.file}\` | ${tried(score)} | ${score.killed} | ${score.survived} | ${score.uncovered} | ${percent(score)} |`,
    ] as const;
  });
  const rows = new Map([...old.map((row) => [/`(.*?)`/.exec(row)?.[1] ?? "", row] as const), ...fresh]);
  const sorted = [...rows].toSorted(([a], [b]) => a.localeCompare(b)).map(([, row]) => row);
  writeFileSync(page, `${[head, ...sorted].join("\n")}\n`);
}
