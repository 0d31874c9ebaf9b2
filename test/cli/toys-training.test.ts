/** @file `assay toys` on entries in TypeScript with training functions of their own. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseResult, type ToysResult } from "../../src/result/result.ts";
import { assay, type Outcome } from "./support.ts";

const entries = join(import.meta.dirname, "..", "toys", "entries", "trainings.ts");

function resultOf({ output }: Outcome): ToysResult {
  const result = parseResult(JSON.parse(output));
  if (result.schema !== "assay/toys@1") throw new Error(`a result of toys, not ${result.schema}`);
  return result;
}

const failed = (why: string, message: string): object => ({
  kind: "failed",
  why,
  message: expect.stringContaining(message) as unknown,
});

test.each<[string, number, object]>([
  ["asynchronous", 0, { kind: "reached" }],
  ["withoutResult", 0, { kind: "reached" }],
  ["withoutParams", 1, failed("user-error", "wanted are the parameters")],
  ["number", 1, failed("user-error", "gives number")],
  ["lossOfRows", 1, failed("wrong-shape", "a loss of shape [2]")],
  ["throwing", 1, failed("user-error", "TypeError: the author's own mistake")],
  ["crashing", 1, failed("crashed", "by a signal")],
  ["hanging", 1, failed("late", "longer than")],
  ["notFinite", 1, failed("not-finite", "are not finite")],
  ["wrongShape", 1, failed("wrong-shape", "the output label of shape [3]")],
])("%s", { timeout: 120_000 }, async (name, code, verdict) => {
  const limit = name === "hanging" ? ["--limit", "8"] : [];
  const outcome = await assay("toys", `${entries}:${name}`, "--only", "xor-regression", "--json", ...limit);
  expect(resultOf(outcome).outcomes).toMatchObject([{ problem: "xor-regression", verdict }]);
  expect(outcome.code).toBe(code);
});

test("reports that are half of the loss are told beside the verdict", { timeout: 120_000 }, async () => {
  const { code, output } = await assay("toys", `${entries}:halved`, "--only", "xor-regression");
  expect(output).toMatch(/^xor-regression +reached /m);
  expect(output).toContain("Every report is 0.5 times the loss");
  expect(code).toBe(0);
});

test.each<[string, object | undefined]>([
  ["right", undefined],
  ["smoothed", undefined],
  ["constant", { is: "constant", said: 0.4 }],
  ["stale", { is: "unknown" }],
])("what is found of the reports of %s", { timeout: 120_000 }, async (name, misreport) => {
  const outcome = await assay("toys", `${entries}:${name}`, "--only", "xor-regression", "--json");
  const [{ verdict, attempts } = { verdict: undefined, attempts: [] }] = resultOf(outcome).outcomes;
  expect(verdict).toEqual({ kind: "reached" });
  const [found] = attempts.map((attempt) => attempt.misreport);
  if (misreport === undefined) expect(found).toBeUndefined();
  else expect(found).toMatchObject(misreport);
});
