/** @file `assay toys` on entries in jax-js that bring functions. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseResult, type ToysResult } from "../../src/result/result.ts";
import { assay, type Outcome } from "./support.ts";

const entries = join(import.meta.dirname, "..", "toys", "entries", "functions.ts");
const adversaries = join(import.meta.dirname, "..", "toys", "entries", "adversaries.ts");
const perceptrons = join(import.meta.dirname, "..", "toys", "entries", "perceptrons.ts");
const adamw = "AdamW, learning rate 0.1, β₁ 0.9, β₂ 0.999, ε 1e-8, weight decay 0.1";

function resultOf({ output }: Outcome): ToysResult {
  const result = parseResult(JSON.parse(output));
  if (result.schema !== "assay/toys@1") throw new Error(`a result of toys, not ${result.schema}`);
  return result;
}

test.each<[string, number, object, object]>([
  [
    "right",
    0,
    { kind: "reached", is: [adamw], unseen: [] },
    { kind: "reached", is: ["advantages"], unseen: [] },
  ],
  [
    "wrong",
    1,
    { kind: "stuck", rungs: [{ name: "no bias correction" }] },
    { kind: "stuck", rungs: [{ name: "truncation taken for termination" }] },
  ],
  ["claiming", 1, { kind: "reached", is: [adamw] }, { kind: "stuck", rungs: [{ name: "advantages" }] }],
])("%s", { timeout: 60_000 }, async (name, code, optimizer, advantages) => {
  const outcome = await assay("toys", `${entries}:${name}`, "--only", "advantages", "optimizer", "--json");
  expect(resultOf(outcome)).toMatchObject({
    functions: [
      { problem: "optimizer", slot: "optimizer", verdict: optimizer },
      { problem: "advantages", slot: "advantages", verdict: advantages },
    ],
    outcomes: [],
    unfit: [],
  });
  expect(outcome.code).toBe(code);
});

test.each<[string, object]>([
  ["right", { kind: "reached", is: ["alternating"], unseen: [] }],
  ["stale", { kind: "inconclusive", is: [{ name: "simultaneous" }] }],
  ["staleClaimed", { kind: "stuck", rungs: [{ name: "simultaneous" }] }],
  ["accomplice", { kind: "stuck", rungs: [{ name: "generator's label exchanged" }] }],
])("two models against each other: %s", { timeout: 60_000 }, async (name, verdict) => {
  const outcome = await assay("toys", `${adversaries}:${name}`, "--only", "gan", "--json");
  expect(resultOf(outcome).functions).toMatchObject([{ problem: "gan", slot: "gan", verdict }]);
});

test("functions that misbehave are told, and take no others along", { timeout: 60_000 }, async () => {
  const args = ["toys", `${entries}:misbehaving`, "--limit", "5"];
  const only = [
    "optimizer",
    "advantages",
    "returns",
    "entropy",
    "kl",
    "divergence",
    "policy-gradient",
    "squared-error",
  ];
  const outcome = await assay(...args, "--only", ...only, "--json");
  const verdicts = resultOf(outcome).functions.map(({ slot, verdict }) => [slot, verdict] as const);
  expect(Object.fromEntries(verdicts)).toMatchObject({
    optimizer: { kind: "failed", why: "user-error" },
    advantages: { kind: "failed", why: "misunderstood" },
    returns: { kind: "failed", why: "user-error", message: "TypeError: the author's own mistake" },
    entropy: { kind: "failed", why: "wrong-shape" },
    kl: { kind: "failed", why: "wrong-shape" },
    divergence: { kind: "failed", why: "crashed" },
    policyGradient: { kind: "failed", why: "late" },
    squaredError: { kind: "different", got: 0 },
  });
  expect(outcome.code).toBe(1);
});

test("an entry without a model is tried on its functions alone", { timeout: 60_000 }, async () => {
  const { code, output } = await assay("toys", `${entries}:wrong`);
  expect(code).toBe(1);
  expect(output).toMatch(/^advantages +stuck: truncation taken for termination$/m);
  expect(output).toContain("`done = terminated or truncated` masks the value of the next state");
  expect(output).toContain("nothing is trained");
  expect(
    output
      .split("\n")
      .slice(1)
      .every((line) => line.length <= 100),
  ).toBe(true);
});

test("an optimizer that knows the names of its model's parameters is not tried on others", {
  timeout: 60_000,
}, async () => {
  const args = ["toys", `${perceptrons}:ownParts`, "--only", "xor-regression", "optimizer"];
  const { code, output } = await assay(...args);
  expect(code).toBe(0);
  expect(output).toMatch(/not tried, for it takes no other parameters: optimizer \(TypeError/);
});

test("an entry without the function that is asked for", { timeout: 60_000 }, async () => {
  const { code, errors } = await assay("toys", `${entries}:nothing`, "--only", "advantages");
  expect(code).toBe(2);
  expect(errors).toContain("A1008");
});
