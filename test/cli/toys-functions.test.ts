/** @file `assay toys` on entries in jax-js that bring functions. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseResult, type ToysResult } from "../../src/result/result.ts";
import { assay, type Outcome } from "./support.ts";

const entries = join(import.meta.dirname, "..", "toys", "entries", "functions.ts");

function resultOf({ output }: Outcome): ToysResult {
  const result = parseResult(JSON.parse(output));
  if (result.schema !== "assay/toys@1") throw new Error(`a result of toys, not ${result.schema}`);
  return result;
}

test.each<[string, number, object]>([
  ["right", 0, { kind: "reached", is: ["advantages"] }],
  ["truncating", 1, { kind: "stuck", rungs: [{ name: "truncation taken for termination" }] }],
  ["claiming", 1, { kind: "stuck", rungs: [{ name: "advantages" }] }],
  ["misunderstood", 1, { kind: "failed", why: "misunderstood" }],
  ["throwing", 1, { kind: "failed", why: "user-error", message: "TypeError: the author's own mistake" }],
  ["wrongShape", 1, { kind: "failed", why: "wrong-shape" }],
  ["wrongType", 1, { kind: "failed", why: "wrong-shape" }],
  ["crashing", 1, { kind: "failed", why: "crashed" }],
  ["hanging", 1, { kind: "failed", why: "late" }],
  ["zeros", 1, { kind: "different", got: 0 }],
])("%s", { timeout: 60_000 }, async (name, code, verdict) => {
  const limit = name === "hanging" ? ["--limit", "5"] : [];
  const outcome = await assay("toys", `${entries}:${name}`, "--only", "advantages", "--json", ...limit);
  expect(resultOf(outcome)).toMatchObject({
    functions: [{ problem: "advantages", slot: "advantages", verdict }],
    outcomes: [],
    unfit: [],
  });
  expect(outcome.code).toBe(code);
});

test("an entry without a model is tried on its functions alone", { timeout: 60_000 }, async () => {
  const { code, output } = await assay("toys", `${entries}:truncating`);
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

test("where functions differ, the first number is told", { timeout: 60_000 }, async () => {
  const { output } = await assay("toys", `${entries}:zeros`, "--only", "advantages");
  expect(output).toMatch(/at \[0\] wanted is -?\d\.\d+, got is 0/);
});

test("an entry without the function that is asked for", { timeout: 60_000 }, async () => {
  const { code, errors } = await assay("toys", `${entries}:nothing`, "--only", "advantages");
  expect(code).toBe(2);
  expect(errors).toContain("A1008");
});
