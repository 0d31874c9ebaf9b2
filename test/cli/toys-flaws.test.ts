/** @file `assay toys` on entries whose forward pass is right, and whose gradients or optimizers are not. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseResult } from "../../src/result/result.ts";
import type { ToyOutcome } from "../../src/result/toys.ts";
import { assay } from "./support.ts";

const entries = join(import.meta.dirname, "..", "toys", "entries", "flaws.ts");

async function triedOn(problem: string, name: string): Promise<ToyOutcome> {
  const { output } = await assay("toys", `${entries}:${name}`, "--only", problem, "--json");
  const result = parseResult(JSON.parse(output));
  const [outcome] = result.schema === "assay/toys@1" ? result.outcomes : [];
  if (outcome === undefined) throw new Error("there is an outcome");
  return outcome;
}

test.each<[string, object]>([
  ["detached", { kind: "wrong-gradient", said: 0 }],
  ["halfDetached", { kind: "wrong-gradient" }],
  ["skippingBiases", { kind: "not-moved", parameters: ["hidden.b"] }],
  ["ascending", { kind: "uphill" }],
])("%s", { timeout: 120_000 }, async (name, flaw) => {
  const { verdict } = await triedOn("xor-regression", name);
  expect(verdict).toMatchObject({ kind: "flawed", flaw });
});

test("half of a gradient is said to be half of the slope", { timeout: 120_000 }, async () => {
  const { verdict } = await triedOn("xor-regression", "halfDetached");
  if (verdict.kind !== "flawed" || verdict.flaw.kind !== "wrong-gradient") throw new Error(verdict.kind);
  expect(verdict.flaw.parameter).toMatch(/^hidden\./);
  expect(verdict.flaw.said / verdict.flaw.truth).toBeCloseTo(0.5, 1);
});

test("a model that is right and is not trained has the lowest loss with weights made by hand", {
  timeout: 120_000,
}, async () => {
  const { verdict, certificate, best } = await triedOn("xor-regression", "hardlyMoving");
  expect(verdict.kind).not.toBe("reached");
  expect(certificate).toMatchObject({ holds: true });
  expect(certificate?.loss).toBeCloseTo(best, 4);
});

test("weights made by hand are no good in a model without its activation", { timeout: 120_000 }, async () => {
  const { output } = await assay(
    "toys",
    `${join(import.meta.dirname, "..", "toys", "entries", "perceptrons.ts")}:withoutActivation`,
    "--only",
    "xor-regression",
  );
  expect(output).toMatch(/weights made by hand that reach 0\.3351/);
});
