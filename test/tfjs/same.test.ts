/** @file A Keras model is proved to be the same function as what tensorflowjs_converter makes of it, loops in either form. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadModel } from "../../src/cli/load.ts";
import { asSpec } from "../../src/prove/as-spec.ts";
import { check } from "../../src/prove/check.ts";
import { convertedModel } from "./support.ts";

const fixtures = join(import.meta.dirname, "..", "fixtures", "same");

test.each([
  ["lstm", "lstm"],
  ["lstm", "lstm-functions"],
])("%s.keras and %s", async (saved, converted) => {
  const file = join(fixtures, `${saved}.keras`);
  const spec = asSpec(await loadModel(file), file);
  expect(check({ code: await convertedModel(converted).read(), spec: () => spec, seed: 1 }).kind).toBe(
    "equal",
  );
});

test("a GRU is not the LSTM", async () => {
  const file = join(fixtures, "lstm.keras");
  const spec = asSpec(await loadModel(file), file);
  expect(check({ code: await convertedModel("gru").read(), spec: () => spec, seed: 1 }).kind).not.toBe(
    "equal",
  );
}, 60_000);
