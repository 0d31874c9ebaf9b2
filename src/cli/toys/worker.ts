/**
 * @file The process that trains an entry written in jax-js: `node worker.ts MODE FOLDER`, with
 * the protocol of job.ts. What the user's code prints goes to standard error.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSafetensors, type Tensor, writeSafetensors } from "../../base/safetensors.ts";
import type { Code } from "../../diag/catalogue.ts";
import { Diagnostic } from "../../diag/diagnostic.ts";
import type { Description } from "../../toys/description.ts";
import { rows, type Tensors } from "../../toys/tensor.ts";
import { exportedAs, placeOf } from "../script.ts";
import { Failure, type Tell, told } from "./events.ts";
import { cosineOf, inspected, unmoved } from "./inspecting.ts";
import { answersTo, functionsOf } from "./jaxjs-calls.ts";
import { entryIn, entryOf, type JaxLibrary, modelFor } from "./jaxjs-entry.ts";
import { type Training, trainingOf } from "./jaxjs-training.ts";
import {
  type CallJob,
  type CertifyJob,
  type FitJob,
  files,
  type Job,
  type Mode,
  type WorkerFailure,
} from "./job.ts";

interface Loaded {
  readonly exported: unknown;
  readonly jax: JaxLibrary;
}

/** The user's file. */
let imported = "";
const [mode = "", folder = ""] = process.argv.slice(2);
const write = process.stdout.write.bind(process.stdout);
const tell: Tell = (event) => void write(`${JSON.stringify(event)}\n`);
process.stdout.write = process.stderr.write.bind(process.stderr);

const readJob = <J>(): J => JSON.parse(readFileSync(join(folder, files.job), "utf8")) as J;

async function train(): Promise<void> {
  const job = readJob<Job>();
  const data = readSafetensors(readFileSync(join(folder, files.train)));
  const questions = setsOf(readSafetensors(readFileSync(join(folder, files.questions))));
  const { exported, jax } = await loaded(job.entry);
  const entry = entryOf(exported);
  tell({ event: "loaded" });
  const model = await modelFor(entry, job.problem, job.seed, jax);
  const training = trainingOf(jax, entry, model, job);
  const first = batchAt(data, 0, job.problem);
  if (job.inspect) tell({ event: "inspected", parameters: await inspected(training, first) });
  const start = await training.parameters();
  let reported: number | undefined;
  let cosine: number | undefined;
  for (let step = 0; step <= job.steps; step++) {
    if (job.checkpoints.includes(step)) await checkpoint(training, questions, step, reported);
    if (step === job.steps) break;
    const gradients =
      step === 0 && entry.optimizer !== undefined ? await training.gradients(first) : undefined;
    reported = await training.step(batchAt(data, step, job.problem), step);
    if (gradients !== undefined) cosine = cosineOf(start, await training.parameters(), gradients);
  }
  questions.set("train", inputsOf(first));
  questions.delete("curve");
  const answers: Record<string, Tensor> = {};
  for (const [set, inputs] of questions) {
    for (const [name, tensor] of Object.entries(await training.ask(inputs)))
      answers[`${set}/${name}`] = tensor;
  }
  const audit = await training.audit(first);
  save(files.answers, answers);
  const { loss, optimizer } = entry;
  const brings = [
    "model" as const,
    ...(loss === undefined ? [] : ["loss" as const]),
    ...(optimizer === undefined ? [] : ["optimizer" as const]),
  ];
  tell({
    event: "done",
    brings,
    still: unmoved(start, await training.parameters()),
    ...(cosine !== undefined && { cosine }),
    ...(audit !== undefined && { audit: told(audit) }),
  });
}

/** Answers with every set of weights put into the entry's model. */
async function certify(): Promise<void> {
  const job = readJob<CertifyJob>();
  const sets = setsOf(readSafetensors(readFileSync(join(folder, files.weights))));
  const questions = setsOf(readSafetensors(readFileSync(join(folder, files.questions))));
  const { exported, jax } = await loaded(job.entry);
  const entry = entryOf(exported);
  tell({ event: "loaded" });
  const model = await modelFor(entry, job.problem, job.seed, jax);
  const training = trainingOf(jax, entry, model, { problem: job.problem, learningRate: 0, steps: 0 });
  const answers: Record<string, Tensor> = {};
  for (const [set, weights] of sets) {
    training.put(weights);
    for (const [name, tensor] of Object.entries(await training.ask(questions.get("evaluation") ?? {})))
      answers[`${set}/${name}`] = tensor;
  }
  save(files.answers, answers);
  tell({ event: "done", brings: ["model"] });
}

async function checkpoint(
  training: Training,
  questions: ReadonlyMap<string, Tensors>,
  step: number,
  reported: number | undefined,
): Promise<void> {
  const answers = await training.ask(questions.get("curve") ?? {});
  const named = Object.entries(answers).map(([name, tensor]) => [`curve/${name}`, tensor] as const);
  save(files.curve(step), Object.fromEntries(named));
  tell({ event: "checkpoint", step, ...(reported !== undefined && { reported: told(reported) }) });
}

/** Which functions the entry brings, and whether it gives a model for each problem: it is built, and asked for one batch. */
async function fit(): Promise<void> {
  const job = readJob<FitJob>();
  const { exported, jax } = await loaded(job.entry);
  const functions = functionsOf(exported, job.slots);
  const entry = functions.length === 0 ? entryOf(exported) : entryIn(exported);
  tell({ event: "loaded", functions });
  for (const problem of job.problems) {
    try {
      if (entry === undefined) throw new Failure("does-not-fit", "the entry brings no model");
      const model = await modelFor(entry, problem, job.seed, jax);
      const plan = { problem, learningRate: 0, steps: 0 };
      await trainingOf(jax, entry, model, plan).ask(middling(problem));
      tell({ event: "fit", problem: problem.name });
    } catch (error) {
      tell({ event: "fit", problem: problem.name, why: failureOf(error).message });
    }
  }
  tell({ event: "done", brings: ["model"] });
}

/** Answers the calls of all functions. */
async function call(): Promise<void> {
  const job = readJob<CallJob>();
  const tensors = readSafetensors(readFileSync(join(folder, files.questions)));
  const { exported, jax } = await loaded(job.entry);
  tell({ event: "loaded" });
  for (const calls of job.calls) {
    const { slot } = calls;
    try {
      save(files.called(slot), await answersTo(jax, exported, calls, tensors));
      tell({ event: "called", slot });
    } catch (error) {
      const { event: _, ...failed } = failureOf(error);
      tell({ event: "called", slot, failed });
    }
  }
  tell({ event: "done", brings: [] });
}

/** One batch of zeros. */
function middling({ inputs, batch }: Description): Tensors {
  return Object.fromEntries(
    inputs.map(({ name, shape, count }) => {
      const size = shape.reduce((product, length) => product * length, batch);
      const data = count === undefined ? new Float32Array(size) : new Int32Array(size);
      return [name, { shape: [batch, ...shape], data }];
    }),
  );
}

async function loaded(entry: string): Promise<Loaded> {
  const colon = entry.lastIndexOf(":");
  imported = entry.slice(0, colon);
  const { exported, jax } = await exportedAs(imported, entry.slice(colon + 1));
  return { exported, jax: jax as unknown as JaxLibrary };
}

function save(name: string, tensors: Tensors): void {
  const path = join(folder, name);
  writeFileSync(`${path}.part`, writeSafetensors(tensors));
  renameSync(`${path}.part`, path);
}

/** Questions by set. */
function setsOf(tensors: Tensors): Map<string, Tensors> {
  const sets = new Map<string, Record<string, Tensor>>();
  for (const [path, tensor] of Object.entries(tensors)) {
    const [set = "", name = ""] = path.split("/");
    sets.set(set, { ...sets.get(set), [name]: tensor });
  }
  return sets;
}

const batchAt = (data: Tensors, step: number, { batch }: Description): Tensors =>
  Object.fromEntries(
    Object.entries(data).map(([name, tensor]) => [name, rows(tensor, step * batch, (step + 1) * batch)]),
  );

const inputsOf = (batch: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(batch).flatMap(([path, tensor]) =>
      path.startsWith("inputs/") ? [[path.slice("inputs/".length), tensor] as const] : [],
    ),
  );

/** Kinds of the diagnostics that loading a module can end with. */
const kinds: Readonly<Partial<Record<Code, WorkerFailure["kind"]>>> = {
  A1004: "no-name",
  A1005: "no-name",
  A5000: "no-library",
};

function failureOf(error: unknown): WorkerFailure {
  if (error instanceof Failure) return { event: "failed", kind: error.kind, message: error.message };
  const { file = "", line } = placeOf(imported, error);
  const place = { file, ...(line !== undefined && { line }) };
  if (error instanceof Diagnostic) {
    const { code, got, want } = error.report;
    const kind = kinds[code] ?? "user-error";
    return {
      event: "failed",
      kind,
      message: kind === "user-error" ? got : `${got}; wanted is ${want}`,
      ...place,
    };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { event: "failed", kind: "user-error", message, ...place };
}

const modes: Readonly<Record<Mode, () => Promise<void>>> = { train, certify, fit, call };

try {
  await modes[mode as Mode]();
  process.exit(0);
} catch (error) {
  tell(failureOf(error));
  process.exit(2);
}
