/** @file `assay toys` on entries in TensorFlow.js: their losses, their trainings, and what is said of both. */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { lossOf } from "../../src/cli/toys/tfjs-losses.ts";
import { tensorOf } from "../../src/cli/toys/tfjs-model.ts";
import { parseResult, type ToysResult } from "../../src/result/result.ts";
import { headsOfEveryKind } from "./heads-of-every-kind.ts";
import { assay, inFolderWith, type Outcome, root } from "./support.ts";

await tf.setBackend("cpu");

test.each(headsOfEveryKind)(
  "the loss of a head of kind %s is the one that Assay judges by",
  (_, { description, said, known, loss }) => {
    const found = lossOf(
      tf,
      description,
      { y: tensorOf(tf, said) },
      { y: { target: tensorOf(tf, known.target), share: tensorOf(tf, known.share) } },
    );
    expect(found.dataSync()[0]).toBeCloseTo(loss, 5);
  },
);

const entries = join(import.meta.dirname, "..", "toys", "entries", "tfjs.ts");
const example = join(root, "examples/toys/two-layers-tfjs.ts");

function resultOf({ output }: Outcome): ToysResult {
  const result = parseResult(JSON.parse(output));
  if (result.schema !== "assay/toys@1") throw new Error(`a result of toys, not ${result.schema}`);
  return result;
}

const failed = (message: string): object => ({
  kind: "failed",
  why: "user-error",
  message: expect.stringContaining(message) as unknown,
});

test.each<[string, number, object]>([
  [`${example}:model`, 0, { verdict: { kind: "reached" } }],
  [`${example}:forgotten`, 1, { verdict: { kind: "stuck", rungs: [{ name: "affine" }] } }],
  [`${entries}:ownParts`, 0, { verdict: { kind: "reached" } }],
  [`${entries}:trained`, 0, { verdict: { kind: "reached" } }],
  [
    `${entries}:halved`,
    0,
    {
      verdict: { kind: "reached" },
      attempts: [{ misreport: { is: "multiple", factor: expect.closeTo(0.5, 5) as unknown } }],
    },
  ],
  [`${entries}:otherModel`, 1, { verdict: failed("not a tf.LayersModel") }],
  [`${entries}:notOptimizer`, 1, { verdict: failed("gives no tf.Optimizer") }],
])("%s", { timeout: 240_000 }, async (entry, code, expected) => {
  const outcome = await assay("toys", entry, "--only", "xor-regression", "--json");
  const [found] = resultOf(outcome).outcomes;
  if (!entry.endsWith("halved")) expect(found?.attempts[0]?.misreport).toBeUndefined();
  expect(found).toMatchObject(expected);
  expect(outcome.code).toBe(code);
});

test("a model without the outputs is not tried", { timeout: 60_000 }, async () => {
  const { code, errors } = await assay("toys", `${entries}:wrongShape`, "--only", "xor-regression");
  expect(code).toBe(2);
  expect(errors).toContain("A1301");
});

test("functions of an entry without a model get tensors of the library that it loads", {
  timeout: 60_000,
}, async () => {
  const only = ["cross-entropy", "squared-error", "optimizer"];
  const outcome = await assay("toys", `${entries}:functions`, "--json", "--only", ...only);
  const verdicts = resultOf(outcome).functions.map(({ slot, verdict }) => [slot, verdict] as const);
  expect(Object.fromEntries(verdicts)).toMatchObject({
    crossEntropy: { kind: "reached" },
    squaredError: { kind: "reached" },
    optimizer: { kind: "reached", is: [expect.stringContaining("Adam, learning rate 0.1") as unknown] },
  });
  expect(outcome.code).toBe(0);
});

test.each(["@tensorflow/tfjs", "@jax-js/jax"])(
  "a file that can't import %s",
  { timeout: 60_000 },
  async (name) => {
    inFolderWith({ "net.ts": `import * as library from "${name}";\nexport const model = () => library;\n` });
    const { code, errors } = await assay("toys", "net.ts:model", "--only", "xor-regression");
    expect(code).toBe(3);
    expect(errors).toContain("A5000");
    expect(errors).toContain(`no ${name} that this file could import`);
  },
);
