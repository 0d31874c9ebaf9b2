/**
 * @file `assay demo`: the story that Assay exists for. Two networks that differ in one forgotten activation are trained;
 * both losses fall. The equations, the proof and the bound tell them apart.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { zip } from "../base/assert.ts";
import { random } from "../base/random.ts";
import { Unsupported } from "../diag/diagnostic.ts";
import type { Graph } from "../ir/graph.ts";
import { equationsOf } from "../notation/equations.ts";
import { toPlainText } from "../notation/plain.ts";
import { check } from "../prove/check.ts";
import type { DemoResult } from "../result/result.ts";
import type { Verdict } from "../result/verdict.ts";
import { readSpec } from "../spec/read.ts";
import {
  affineLossesOn,
  draw,
  type Losses,
  lowestAffineLosses,
  lowestLosses,
  type Sample,
  searchedAffineLosses,
  standard,
} from "../toys/xor-regression.ts";
import { chart } from "./chart.ts";
import type { Context } from "./context.ts";
import { type Measurement, train, type XorModel } from "./demo-train.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { packageRoot, version } from "./package.ts";
import { readScript } from "./script.ts";
import { readSpecText, type SpecText } from "./specs.ts";
import type { JaxLibrary } from "./toys/jaxjs-model.ts";
import { verdictText } from "./verdict-text.ts";

/** One of the two networks after training. */
interface Variant {
  readonly file: string;
  readonly graph: Graph;
  readonly curve: readonly Measurement[];
  /** The expected loss that training reached, exact on the population. */
  readonly reached: Losses;
  readonly verdict: Verdict;
}

interface Outcome {
  readonly variants: readonly Variant[];
  /** The lowest expected loss of any affine model, of an affine model on the drawn examples, and of any model. */
  readonly affine: Losses;
  readonly affineOnSample: Losses;
  readonly lowest: Losses;
}

const problem = standard;
const [examples, steps, batch] = [4096, 300, 512];
const width = 78;

/** Trains, measures, reads and checks both networks, and tells the story. */
export async function demo(context: Context): Promise<ExitCode> {
  const { terminal, progress, seed, command } = context;
  const spec = await readSpecText("xor-regression");
  if (!context.json) terminal.print(introduction());
  const outcome = await outcomeOf(seed, spec, (label) => progress.phase(label));
  progress.done();
  if (context.json) {
    const { affine, lowest } = outcome;
    const variants = outcome.variants.map(({ file, curve, verdict }) => ({ file, curve, verdict }));
    const result: DemoResult = {
      schema: "assay/demo@1",
      assay: version,
      command,
      seed,
      affine,
      lowest,
      variants,
    };
    terminal.print(`${JSON.stringify(result, null, 2)}\n`);
  } else {
    terminal.print(story(outcome, spec, context));
  }
  return exitCodes.well;
}

/** Everything that the story tells, as data. */
async function outcomeOf(
  seed: number,
  spec: SpecText,
  onProgress: (label: string) => void,
): Promise<Outcome> {
  const jax = await library();
  const source = random(seed);
  const sample = draw(problem, examples, source.fork("examples"));
  const variants: Variant[] = [];
  for (const file of ["right.ts", "wrong.ts"]) {
    const path = examplePath(file);
    const { model } = (await import(pathToFileURL(path).href)) as { readonly model: XorModel };
    const curve = curveOf(jax, model, sample, seed, (step) => {
      onProgress(`training ${file}: step ${step} of ${steps}`);
    });
    const graph = await readScript(path, "model");
    onProgress(`checking ${file}`);
    const verdict = verdictOf(graph, spec, seed);
    variants.push({ file, graph, curve, reached: curve.at(-1) as Measurement, verdict });
  }
  return {
    variants,
    affine: lowestAffineLosses(problem),
    affineOnSample: affineLossesOn(problem, sample),
    lowest: lowestLosses(problem),
  };
}

/** The example as it is written, or in an installed package, where Node reads no types, without them. */
function examplePath(file: string): string {
  const written = join(packageRoot, "examples", "xor-regression", file);
  return existsSync(written) ? written : join(packageRoot, "dist", "examples", file.replace(".ts", ".js"));
}

async function library(): Promise<JaxLibrary> {
  const name = "@jax-js/jax";
  try {
    return await import("@jax-js/jax");
  } catch {
    throw new Unsupported({
      code: "A5000",
      place: { part: "assay demo" },
      got: `no ${name}, in which the networks are written and trained`,
      want: `${name} 0.1.25 or later`,
      action: `npm install ${name}`,
    });
  }
}

function curveOf(
  jax: JaxLibrary,
  model: XorModel,
  sample: Sample,
  seed: number,
  onStep: (step: number) => void,
): Measurement[] {
  const curve: Measurement[] = [];
  train(jax, model, {
    problem,
    sample,
    // The same weights for both networks.
    random: random(seed).fork("weights"),
    steps,
    batch,
    every: 5,
    onMeasure: (measurement) => {
      curve.push(measurement);
      onStep(measurement.step);
    },
  });
  return curve;
}

const verdictOf = (code: Graph, spec: SpecText, seed: number): Verdict =>
  check({ code, spec: (batched) => readSpec(spec.text, spec.name, { batch: batched }), seed });

function introduction(): string {
  const { flip, slope, noise } = problem;
  return `Two tasks on one input x of three random signs:
  the label says whether the first two signs differ; ${flip * 100} % of the labels are wrong;
  the target is ${slope === 1 ? "" : `${slope} · `}x_3 plus noise of deviation ${noise}.
Two networks with one hidden layer, right.ts and wrong.ts, are trained on
${examples} examples. In wrong.ts somebody forgot the activation.

`;
}

function story(outcome: Outcome, spec: SpecText, { ink }: Context): string {
  const { variants, affine, lowest } = outcome;
  const marks = ["•", "×"];
  const curves = variants.map(({ curve }, i) => ({
    mark: marks[i] ?? "",
    values: curve.map(({ total }) => total),
  }));
  const levels = [
    { label: "lowest, affine", value: affine.total },
    { label: "lowest of all", value: lowest.total },
  ];
  const parts = [
    ink.strong("Both losses fall, nothing crashes"),
    `  loss  ${variants.map(({ file }, i) => `${marks[i]} ${file}`).join("   ")}   over ${steps} steps of Adam`,
    chart(curves, levels, 54),
    "",
    ink.strong("The equations of the code, beside those of the specification"),
    ...variants.map(({ graph, file }) =>
      equationTable(graph, file, readSpec(spec.text, spec.name), spec.name),
    ),
    ink.strong("Is the code what the specification says?"),
    ...variants.map(({ verdict, file }) =>
      verdictText(verdict, file, spec.name, { ink, columns: width, sides: ["spec", "code"] }),
    ),
    ink.strong("The losses that were reached, and the lowest that exist"),
    lossTable(outcome),
    ...variants.map(({ file, reached }) => `  ${file}: ${conclusion(reached, outcome)}`),
  ];
  return `${parts.join("\n")}\n`;
}

/** Equations of two graphs side by side; those that differ are marked. */
function equationTable(code: Graph, file: string, spec: Graph, specFile: string): string {
  const lines = (graph: Graph): string[] =>
    equationsOf(graph, { width: width / 2 - 4 }).equations.map(
      ({ left, right }) => `${toPlainText(left)} = ${toPlainText(right)}`,
    );
  const [left, right] = [lines(spec), lines(code)];
  const column = Math.max(specFile.length, ...left.map((line) => line.length)) + 4;
  const length = Math.max(left.length, right.length);
  const fill = (items: readonly string[]): string[] => Array.from({ length }, (_, i) => items[i] ?? "");
  return [[specFile, file] as const, ...zip(fill(left), fill(right))]
    .map(([a, b]) => `  ${a.padEnd(column)}${b}`.trimEnd())
    .concat("")
    .join("\n");
}

function lossTable({ variants, affine, affineOnSample, lowest }: Outcome): string {
  const row = (name: string, losses: Losses, remark: string): string => {
    const numbers = [losses.crossEntropy, losses.squaredError, losses.total];
    return `  ${name.padEnd(30)}${numbers.map((value) => value.toFixed(4).padStart(8)).join("")}  ${remark}`.trimEnd();
  };
  return [
    `  ${"".padEnd(30)}${["label", "target", "sum"].map((name) => name.padStart(8)).join("")}`,
    ...variants.map(({ file, reached }) => row(`reached by ${file}`, reached, "")),
    row("lowest, any affine model", affine, "log 2, σ²"),
    row("  found by minimisation", searchedAffineLosses(problem), "Newton's method"),
    row("  on the drawn examples", affineOnSample, ""),
    row("lowest of all models", lowest, `h(${problem.flip}), σ²`),
    "  The reached losses are exact expectations over all inputs and their noise.",
    "",
  ].join("\n");
}

/** How close to a bound a loss is called equal to it. */
const margin = 0.01;

function conclusion({ total }: Losses, { affine, lowest }: Outcome): string {
  const excess = (bound: Losses): string => Math.abs(total - bound.total).toFixed(4);
  if (total - lowest.total < margin)
    return `${excess(lowest)} above the lowest loss of all: it has learned both tasks`;
  if (total < affine.total - margin) {
    return `below every affine model, but ${excess(lowest)} above the lowest: training got stuck`;
  }
  if (total < affine.total + margin) {
    return `${excess(affine)} above the floor of affine models, which no training passes`;
  }
  return `${excess(affine)} above the floor of affine models: not trained to the end`;
}
