/** @file What a user's training function is given, and what Assay takes from it, without any library. */
import { expect, test } from "vitest";
import type { Entry } from "../../src/cli/toys/entry.ts";
import type { Job } from "../../src/cli/toys/job.ts";
import { type Task, trained } from "../../src/cli/toys/task.ts";
import type { Description } from "../../src/toys/description.ts";
import { reals, type Tensors } from "../../src/toys/tensor.ts";

const [batch, steps] = [2, 3];
const data = {
  "inputs/x": reals([steps * batch], [0, 1, 2, 3, 4, 5]),
  "targets/y": reals([steps * batch], [0, 10, 20, 30, 40, 50]),
};
const problem = { batch, inputs: [{ name: "x" }], outputs: [{ name: "y" }] } as unknown as Description;
const job: Job = { problem, entry: "", seed: 4, learningRate: 0.5, steps, checkpoints: [], inspect: false };

/** What is told, taken and stepped while this function trains. */
async function tried(train?: (model: unknown, task: Task) => unknown): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const training = {
    model: "model",
    step: ({ "inputs/x": x }: Tensors, index: number) => Number(x?.data[0]) + index,
    given: (tensors: Tensors) => [[tensors["inputs/x"]?.data], tensors["targets/y"]?.data] as const,
    numberOf: Number,
    take: (what: unknown) => void seen.push(["take", what]),
  };
  const entry: Entry = { model: "model", ...(train !== undefined && { train }) };
  const count = await trained(entry, training, job, data, (step, loss) => void seen.push([step, loss]));
  return [...seen, count];
}

test("without a training function every batch is a step", async () => {
  expect(await tried()).toEqual([[1, 0], [2, 3], [3, 6], 3]);
});

test("a training function is given the model, the task and the batches in order", async () => {
  const seen = await tried((model, task) => {
    expect([model, task.problem, task.steps, task.learningRate, task.seed]).toEqual([
      "model",
      problem,
      3,
      0.5,
      4,
    ]);
    const all = [...task.batches()].map(([[x], y]) => [...(x as number[]), ...(y as number[])]);
    expect(all).toEqual([
      [0, 1, 0, 10],
      [2, 3, 20, 30],
      [4, 5, 40, 50],
    ]);
    for (const loss of ["0.5", "0.25"]) task.report(loss, `parameters at ${loss}`);
  });
  expect(seen).toEqual([
    ["take", "parameters at 0.5"],
    [1, 0.5],
    ["take", "parameters at 0.25"],
    [2, 0.25],
    2,
  ]);
});

test("what it gives back is taken, also later", async () => {
  expect(await tried(() => Promise.resolve("last"))).toEqual([["take", "last"], 0]);
});
