/** @file Given models of a fixed shape on problems of another, in both libraries: what is read, what is told, and what is left. */
import { join } from "node:path";
import { defaultDevice, init, random as jaxRandom, nn, numpy as np } from "@jax-js/jax";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import type { Entry } from "../../src/cli/toys/entry.ts";
import { trainingOf } from "../../src/cli/toys/models.ts";
import type { Training } from "../../src/cli/toys/training.ts";
import { parseResult } from "../../src/result/result.ts";
import type { Description, Output } from "../../src/toys/description.ts";
import { indices, reals, type Tensor, type Tensors } from "../../src/toys/tensor.ts";
import { assay } from "./support.ts";

await init("wasm");
defaultDevice("wasm");
await tf.setBackend("cpu");

const [rows, length] = [4, 7];
const output = (name: string, kind: Output["kind"], items: readonly number[], width: number): Output => ({
  name,
  kind,
  items,
  width,
  weight: 1,
});
const problem = (inputs: Description["inputs"], ...outputs: Output[]): Description => ({
  name: "p",
  title: "",
  tags: [],
  batch: rows,
  inputs,
  outputs,
});
const tokenField = [{ name: "tokens", shape: [length], count: 5, meaning: "" }];
const point = [{ name: "x", shape: [3], meaning: "" }];
const tokens = problem(tokenField, output("next", "categorical", [length], 5));
const answer = problem(tokenField, output("answer", "categorical", [], 4));
const pair = problem(point, output("label", "binary", [], 1), output("value", "squared", [], 1));
const sum = problem(
  [
    { name: "a", shape: [2], meaning: "" },
    { name: "b", shape: [2], meaning: "" },
  ],
  output("sum", "squared", [], 1),
);

const given: Readonly<Record<string, Tensor>> = {
  tokens: indices(
    [rows, length],
    range(rows * length).map((i) => (3 * i) % 5),
  ),
  x: reals(
    [rows, 3],
    range(rows * 3).map((i) => Math.sin(i)),
  ),
  a: reals(
    [rows, 2],
    range(rows * 2).map((i) => Math.cos(i)),
  ),
  b: reals(
    [rows, 2],
    range(rows * 2).map((i) => Math.sin(2 * i)),
  ),
};
const inputsOf = ({ inputs }: Description): Tensors =>
  Object.fromEntries(inputs.map(({ name }) => [name, given[name] as Tensor]));

/** A table of vectors for tokens, and an affine map of real vectors, in either library. */
const libraries = {
  "jax-js": {
    embedding: (count: number, width: number) => ({
      params: jaxRandom.normal(jaxRandom.key(1), [count, width]),
      apply: (w: np.Array, x: np.Array) => np.matmul(nn.oneHot(x, count), w),
    }),
    linear: (_: readonly number[], from: number, to: number) => ({
      params: jaxRandom.normal(jaxRandom.key(1), [from, to]),
      apply: (w: np.Array, x: np.Array) => np.matmul(x, w),
    }),
  },
  "TensorFlow.js": {
    embedding: (count: number, width: number) =>
      tf.sequential({
        layers: [tf.layers.embedding({ inputDim: count, outputDim: width, inputLength: length })],
      }),
    linear: (places: readonly number[], from: number, to: number) =>
      tf.sequential({ layers: [tf.layers.dense({ units: to, inputShape: [...places, from] })] }),
  },
};

const trained = (entry: Entry, of: Description): Promise<Training> =>
  trainingOf(import.meta.filename, entry, 0, { problem: of, learningRate: 0.01, steps: 1 });

/** The numbers from … to of the last axis, at the last of the positions where there are several. */
function part({ shape, data }: Tensor, from: number, to: number, isLast = false): number[] {
  const width = at(shape, shape.length - 1);
  const vectors = range(data.length / width).map((i) => Array.from(data.slice(i * width, (i + 1) * width)));
  return vectors
    .filter((_, i) => !isLast || i % length === length - 1)
    .flatMap((vector) => vector.slice(from, to));
}

describe.each(Object.entries(libraries))("a model of %s", (_, { embedding, linear }) => {
  /** What it answers where nothing is left out. */
  const alone = async (
    model: unknown,
    fields: Description["inputs"],
    items: number[],
    width: number,
  ): Promise<Tensor> => {
    const whole = problem(fields, output("all", "latent", items, width));
    const training = await trained({ model: () => model }, whole);
    return training.ask(inputsOf(whole))["all"] as Tensor;
  };

  test("that fits is taken as it is", async () => {
    const { notes } = await trained({ model: embedding(9, 5) }, tokens);
    expect(notes).toEqual([]);
  });

  test("that gives too many numbers has the first read", async () => {
    const model = embedding(5, 8);
    const training = await trained({ model }, tokens);
    expect(training.notes).toEqual([
      "the model gives 8 numbers: the first 5 are `next`, and the other 3 are not read",
    ]);
    const all = await alone(model, tokenField, [length], 8);
    expect(Array.from(training.ask(inputsOf(tokens))["next"]?.data ?? [])).toEqual(part(all, 0, 5));
  });

  test("that answers at every position has the last read", async () => {
    const model = embedding(5, 8);
    const training = await trained({ model }, answer);
    expect(training.notes).toEqual([
      "the model answers at 7 positions: the last is read",
      "the model gives 8 numbers: the first 4 are `answer`, and the other 4 are not read",
    ]);
    const all = await alone(model, tokenField, [length], 8);
    expect(Array.from(training.ask(inputsOf(answer))["answer"]?.data ?? [])).toEqual(part(all, 0, 4, true));
  });

  test("that takes real numbers is given one-hot vectors", async () => {
    const { notes } = await trained({ model: linear([length], 5, 5) }, tokens);
    expect(notes).toEqual(["the model takes real numbers: it is given one-hot vectors of `tokens` (5)"]);
  });

  test.each([
    [2, "the model gives 2 numbers: the first 2 are `label`, `value`"],
    [5, "the model gives 5 numbers: the first 2 are `label`, `value`, and the other 3 are not read"],
  ])("that gives %d numbers for two outputs has them read in order", async (width, note) => {
    const model = linear([], 3, width);
    const training = await trained({ model }, pair);
    expect(training.notes).toEqual([note]);
    const all = await alone(model, point, [], width);
    const { label, value } = training.ask(inputsOf(pair));
    expect(Array.from(label?.data ?? [])).toEqual(part(all, 0, 1));
    expect(Array.from(value?.data ?? [])).toEqual(part(all, 1, 2));
  });

  test("is trained by the loss of what is read", async () => {
    const training = await trained({ model: linear([], 3, 5) }, pair);
    const targets = {
      "targets/label": reals([rows], [0, 1, 1, 0]),
      "targets/value": reals([rows], [0.5, 1, 0, 2]),
    };
    const { label, value } = training.ask(inputsOf(pair)) as Record<"label" | "value", Tensor>;
    const said = range(rows).reduce((loss, i) => {
      const [z, y] = [at(label.data, i), at(targets["targets/label"].data, i)];
      const error = at(value.data, i) - at(targets["targets/value"].data, i);
      return loss + (Math.log1p(Math.exp(z)) - y * z + error ** 2) / rows;
    }, 0);
    expect(training.value({ "inputs/x": given["x"] as Tensor, ...targets })).toBeCloseTo(said, 4);
  });

  test.each<[string, Description, Entry]>([
    ["what makes it knows the problem", tokens, { model: () => embedding(5, 8) }],
    ["the user's own loss meets its outputs", pair, { model: linear([], 3, 2), loss: () => 0 }],
    ["it gives too few numbers", tokens, { model: embedding(5, 4) }],
    ["it gives too few for two outputs", pair, { model: linear([], 3, 1) }],
    ["it gives too few for an answer", answer, { model: embedding(5, 1) }],
  ])("is left as it is where %s", async (_, of, entry) => {
    const training = await trained(entry, of);
    expect(training.notes).toEqual([]);
    expect(() => training.ask(inputsOf(of))).toThrow(/of shape|one array for 2 outputs/);
  });
});

test("as many columns as rows are no width: [N] and [N, 1] were added", async () => {
  const model = {
    params: np.ones([2, 1]),
    apply: (w: np.Array, a: np.Array, b: np.Array) => np.matmul(a, w.ref).reshape([-1]).add(np.matmul(b, w)),
  };
  const training = await trained({ model }, sum);
  expect(training.notes).toEqual([]);
  expect(() => training.ask(inputsOf(sum))).toThrow("of shape [4, 4] where [4] is wanted");
});

const entries = join(import.meta.dirname, "..", "toys", "entries", "given.ts");

test.each(["wide", "wideInTensorFlow"])(
  "%s is told and reaches the loss",
  { timeout: 120_000 },
  async (name) => {
    const outcome = await assay("toys", `${entries}:${name}`, "--only", "lookup-table", "--json");
    const result = parseResult(JSON.parse(outcome.output));
    expect(result).toMatchObject({
      outcomes: [
        {
          verdict: { kind: "reached" },
          notes: [
            "the entry is a model, not what makes one: its start is the same for every seed",
            "the model takes real numbers: it is given one-hot vectors of `token` (16)",
            "the model gives 3 numbers: the first 1 are `label`, and the other 2 are not read",
          ],
        },
      ],
    });
    expect(outcome.code).toBe(0);
  },
);
