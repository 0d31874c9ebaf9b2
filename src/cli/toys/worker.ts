/**
 * @file The process that trains an entry written in TypeScript: `node worker.ts MODE FOLDER`, with the
 * protocol of job.ts. What the user's code prints goes to standard error.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import type { Code } from "../../diag/catalogue.ts";
import { Diagnostic, Unsupported } from "../../diag/diagnostic.ts";
import type { Description } from "../../toys/description.ts";
import type { Tensor, Tensors } from "../../toys/tensor.ts";
import { exportedAs, placeOf } from "../script.ts";
import { batchAt, inputsOf } from "./batches.ts";
import { answersTo, functionsOf } from "./calls.ts";
import { seedChance } from "./chance.ts";
import { asked, checkpointsOf } from "./checkpoints.ts";
import { type Entry, entryIn, entryOf, parts } from "./entry.ts";
import { Failure, type Tell, told } from "./events.ts";
import { cosineOf, inspected, unmoved } from "./inspecting.ts";
import {
  type CallJob,
  type CertifyJob,
  type FitJob,
  files,
  type Job,
  type Mode,
  type WorkerFailure,
} from "./job.ts";
import { arraysFor, isModel, trainingOf } from "./models.ts";
import { trained } from "./task.ts";
import type { Training } from "./training.ts";

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
  const entry = entryOf(await loaded(job.entry), isModel);
  tell({ event: "loaded" });
  const training = await trainingOf(imported, entry, job.seed, job);
  for (const message of notesOf(entry, training)) tell({ event: "note", message });
  const curve = questions.get("curve") ?? {};
  const isOwn = entry.train !== undefined;
  const atStep = checkpointsOf({ training, job, data, curve, isOwn, save, tell });
  // Before anything else, since models may make their parameters when they are asked for the first time.
  atStep(0);
  const first = batchAt(data, 0, job.problem);
  if (job.inspect) tell({ event: "inspected", parameters: inspected(training, first) });
  const start = training.parameters();
  const isOptimized = entry.optimizer !== undefined && !isOwn;
  const gradients = isOptimized ? training.gradients(first) : undefined;
  let cosine: number | undefined;
  const reported = await trained(entry, training, job, data, (step, loss) => {
    if (step === 1 && gradients !== undefined) cosine = cosineOf(start, training.parameters(), gradients);
    atStep(step, loss);
  });
  if (reported !== job.steps) {
    const message = `\`train\` reported ${reported} steps where ${job.steps} were to be made`;
    tell({ event: "note", message });
  }
  questions.set("train", inputsOf(first));
  questions.delete("curve");
  let answers: Tensors = {};
  for (const [number, [set, inputs]] of [...questions].entries()) {
    // A model that draws numbers when it is asked draws others for every question, which probes look for.
    seedChance(number);
    answers = { ...answers, ...asked(training, set, inputs) };
  }
  const audit = training.audit(first);
  save(files.answers, answers);
  const brings = ["model" as const, ...parts.filter((part) => entry[part] !== undefined)];
  tell({
    event: "done",
    brings,
    still: unmoved(start, training.parameters()),
    ...(cosine !== undefined && { cosine }),
    ...(audit !== undefined && { audit: told(audit) }),
  });
}

/** What the author should know of how the model is tried. */
const notesOf = ({ model }: Entry, { notes }: Training): string[] => [
  ...(typeof model === "function"
    ? []
    : ["the entry is a model, not what makes one: its start is the same for every seed"]),
  ...notes,
];

/** Answers with every set of weights put into the entry's model. */
async function certify(): Promise<void> {
  const job = readJob<CertifyJob>();
  const sets = setsOf(readSafetensors(readFileSync(join(folder, files.weights))));
  const questions = setsOf(readSafetensors(readFileSync(join(folder, files.questions))));
  const entry = entryOf(await loaded(job.entry), isModel);
  tell({ event: "loaded" });
  const plan = { problem: job.problem, learningRate: 0, steps: 0 };
  const training = await trainingOf(imported, entry, job.seed, plan);
  let answers: Tensors = {};
  for (const [set, weights] of sets) {
    training.put(weights);
    answers = { ...answers, ...asked(training, set, questions.get("evaluation") ?? {}) };
  }
  save(files.answers, answers);
  tell({ event: "done", brings: ["model"] });
}

/** Which functions the entry brings, and whether it gives a model for each problem: it is built, and asked for one batch. */
async function fit(): Promise<void> {
  const job = readJob<FitJob>();
  const exported = await loaded(job.entry);
  const functions = functionsOf(exported, job.slots);
  const entry = functions.length === 0 ? entryOf(exported, isModel) : entryIn(exported, isModel);
  tell({ event: "loaded", functions });
  for (const problem of job.problems) {
    try {
      if (entry === undefined) throw new Failure("does-not-fit", "the entry brings no model");
      const plan = { problem, learningRate: 0, steps: 0 };
      (await trainingOf(imported, entry, job.seed, plan)).ask(middling(problem));
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
  const exported = await loaded(job.entry);
  const arrays = await arraysFor(imported);
  tell({ event: "loaded" });
  for (const calls of job.calls) {
    const { slot } = calls;
    try {
      save(files.called(slot), await answersTo(arrays, exported, calls, tensors));
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

/** What the entry's name stands for. */
async function loaded(entry: string): Promise<unknown> {
  const colon = entry.lastIndexOf(":");
  imported = entry.slice(0, colon);
  // What the file makes when it is loaded is the same in every run.
  seedChance(0);
  return await exportedAs(imported, entry.slice(colon + 1));
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
  if (error instanceof Diagnostic || error instanceof Unsupported) {
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
