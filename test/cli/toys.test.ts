/** @file `assay toys` on entries written in jax-js: what it says of sound ones, of broken ones, and of those that misbehave. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseResult, type ToysResult } from "../../src/result/result.ts";
import { assay, inFolderWith, type Outcome } from "./support.ts";

const entries = join(import.meta.dirname, "..", "toys", "entries", "perceptrons.ts");
const only = ["--only", "xor-regression"];

function resultOf({ output }: Outcome): ToysResult {
  const result = parseResult(JSON.parse(output));
  if (result.schema !== "assay/toys@1") throw new Error(`a result of toys, not ${result.schema}`);
  return result;
}

test.each<[string, number, object]>([
  ["right", 0, { kind: "reached" }],
  ["ownParts", 0, { kind: "reached" }],
  ["withoutActivation", 1, { kind: "stuck", rungs: [{ name: "affine", probe: { confirmed: true } }] }],
  ["withSigmoid", 1, { kind: "stuck", rungs: [{ name: "sigmoid twice" }] }],
  ["broadcast", 1, { kind: "misreported", rungs: [{ name: "target not learned" }] }],
  ["notFinite", 1, { kind: "failed", why: "not-finite" }],
  ["crashingInTraining", 1, { kind: "failed", why: "crashed" }],
])("%s", { timeout: 120_000 }, async (name, code, verdict) => {
  const outcome = await assay("toys", `${entries}:${name}`, ...only, "--json");
  const { outcomes } = resultOf(outcome);
  expect(outcomes).toMatchObject([{ problem: "xor-regression", verdict }]);
  expect(outcome.code).toBe(code);
});

test("a loss that is half of the true one is told beside it", { timeout: 60_000 }, async () => {
  const { output } = await assay("toys", `${entries}:halved`, ...only, "--json");
  const [outcome] = resultOf({ output, errors: "", code: 1 }).outcomes;
  const { verdict } = outcome ?? {};
  if (verdict?.kind !== "misreported") throw new Error(`misreported, not ${verdict?.kind}`);
  expect((verdict.said ?? 0) / verdict.truth).toBeCloseTo(0.5, 5);
});

test("an entry that never answers is given up after the limit", { timeout: 60_000 }, async () => {
  const { code, errors } = await assay("toys", `${entries}:hanging`, ...only, "--limit", "3");
  expect(code).toBe(2);
  expect(errors).toContain("the model did not answer in time");
});

test("what does not fit is named, and what fits is tried", { timeout: 60_000 }, async () => {
  const outcome = await assay("toys", `${entries}:right`, "--json", "--only", "xor-regression", "bias-only");
  const { outcomes, unfit } = resultOf(outcome);
  expect(outcomes.map(({ problem }) => problem)).toEqual(["xor-regression", "bias-only"]);
  expect(unfit).toEqual([]);
  const wrong = await assay("toys", `${entries}:withoutOutput`, ...only);
  expect([wrong.code, wrong.output]).toEqual([2, ""]);
  expect(wrong.errors).toContain("the model gives no output target");
});

test("the text says where it stopped, why that is, and what confirms it", { timeout: 60_000 }, async () => {
  const { output } = await assay("toys", `${entries}:withoutActivation`, ...only);
  expect(output).toContain("stuck: affine");
  expect(output).toContain("an activation is missing");
  expect(output).toContain("confirmed on the trained model: f(a) + f(b) = f(a + b) + f(0)");
  // The first line names the entry, however long its path.
  const [, ...lines] = output.split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});

test("an interrupted run goes on from its file, another's file is left alone", {
  timeout: 120_000,
}, async () => {
  inFolderWith({ "foreign.json": "[]" });
  const args = ["toys", `${entries}:right`, ...only, "--out", "run.json"];
  const first = await assay(...args);
  expect(first.code).toBe(0);
  const saved = parseResult(JSON.parse(readFileSync("run.json", "utf8"))) as ToysResult;
  // A mark that only a run that takes this outcome over can print.
  const marked = { ...saved, outcomes: saved.outcomes.map((outcome) => ({ ...outcome, best: 7 })) };
  writeFileSync("run.json", JSON.stringify(marked));
  expect((await assay(...args)).output).toContain("7.0000");
  const other = await assay("toys", `${entries}:right`, ...only, "--seed", "5", "--out", "run.json");
  expect(other.code).toBe(2);
  expect(readFileSync("run.json", "utf8")).toContain('"best": 7');
  expect((await assay("toys", `${entries}:right`, ...only, "--out", "foreign.json")).code).toBe(2);
  expect(readFileSync("foreign.json", "utf8")).toBe("[]");
});
