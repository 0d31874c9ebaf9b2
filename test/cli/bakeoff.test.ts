/** @file `assay bakeoff` at the command line. */
import { expect, test } from "vitest";
import { parseResult } from "../../src/result/result.ts";
import { assay } from "./support.ts";

const fixture = (name: string): string => `test/fixtures/pt2/${name}.pt2`;

test("implementations in two formats agree", async () => {
  const outcome = await assay("bakeoff", fixture("two_layer_mlp"), "examples/two-layer.ts:mlp");
  expect([outcome.code, outcome.errors]).toEqual([0, ""]);
  expect(outcome.output).toContain("2 implementations in 1 class");
});

test("a spec points at the wrong one", async () => {
  const models = [fixture("two_layer_bias_twice"), fixture("two_layer_mlp")];
  const outcome = await assay("bakeoff", ...models, "--spec", "two-layer-mlp", "--json");
  expect(outcome.code).toBe(1);
  const result = parseResult(JSON.parse(outcome.output));
  expect(result).toMatchObject({
    schema: "assay/bakeoff@1",
    classes: [
      { members: [models[0]], onSpec: { kind: "different", differences: [{ kind: "bias-added-twice" }] } },
      { members: [models[1]], onSpec: { kind: "equal" } },
    ],
  });
});
