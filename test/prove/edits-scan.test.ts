/** @file Mistakes of a recurrence as a whole: its direction, what it starts from, which of its states are read. */
import { expect, test } from "vitest";
import { check } from "../../src/prove/check.ts";
import { readSpec } from "../../src/spec/read.ts";

interface Written {
  readonly recurrence?: string;
  readonly reading?: string;
  readonly start?: string;
}

/** A recurrence of four steps, forwards, and one that runs backwards, both read at each step. */
const written = ({
  recurrence = "h_t = tanh(x_t W + h_{t-1} U)",
  reading = "y_t = h_t V + k_t Z",
  start = "h_0 = 0",
}: Written): string =>
  [
    "F(x : [B, 4, D]) -> y : [B, 4, K]",
    `  ${recurrence}       (1)`,
    "  k_t = tanh(x_t P + k_{t+1} Q)       (2)",
    `  ${reading}       (3)`,
    "where",
    "  t = 1..4",
    `  ${start}, k_5 = 0`,
    "  h_t, k_t : [B, H]",
    "  W, P : [D, H]",
    "  U, Q : [H, H]",
    "  V, Z : [H, K]",
    "",
  ].join("\n");

/** What is said of the model with something changed. */
function said(changed: Written): string[] {
  const verdict = check({
    code: readSpec(written(changed), "code.txt"),
    spec: (batch) => readSpec(written({}), "spec.txt", { batch }),
    seed: 1,
  });
  if (verdict.kind !== "different") return [verdict.kind];
  return verdict.differences.map(({ kind, words, spec }) => `${kind} (${spec.place.equation}): ${words}`);
}

test.for<readonly [what: string, changed: Written, said: string]>([
  ["nothing", {}, "equal"],
  [
    "the direction",
    { recurrence: "h_t = tanh(x_t W + h_{t+1} U)", start: "h_5 = 0" },
    "wrong-direction (1): the recurrence of h runs backwards instead of forwards",
  ],
  ["the start", { start: "h_0 = 1" }, "wrong-start (1): h starts from 1 instead of 0"],
  ["what is read", { reading: "y_t = h_t V + h_t Z" }, "wrong-operand (3): h stands in the place of k"],
])("%s is another one", ([, changed, expected]) => {
  expect(said(changed)).toEqual([expected]);
});
