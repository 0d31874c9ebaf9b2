/** @file A model, printed and read back, is a spec that it is proved to be. */
import { expect, test } from "vitest";
import { symbol } from "../../src/ir/dim.ts";
import { asSpec } from "../../src/prove/as-spec.ts";
import { check } from "../../src/prove/check.ts";
import { readSpec } from "../../src/spec/read.ts";
import { Sketch } from "../arbitrary/sketch.ts";
import { bindingText, mlp } from "./models.ts";

test("its equations have numbers and its values names", () => {
  const model = readSpec(mlp, "model.txt");
  const spec = asSpec(model, "other.txt");
  const [output] = spec.outputs;
  if (output === undefined) throw new Error("there is an output");
  expect([...spec.labels.values()]).toContain("h");
  expect(spec.origins.get(output.node)).toMatchObject({ file: "other.txt", equation: "2" });
  const verdict = check({ code: model, spec: () => spec, seed: 1 });
  expect(verdict.kind).toBe("equal");
  expect(bindingText(verdict)).toEqual(["W_1 = W_1", "b_1 = b_1", "W_2 = W_2", "b_2 = b_2"]);
});

test("what can't be read back, since no word for it is known, is compared as it is", () => {
  const sketch = new Sketch();
  const x = sketch.input("x", [symbol("B"), 4]);
  const attrs = { name: "sort", attributes: "", shape: x.type.shape, dtype: "float32" } as const;
  const model = sketch.graph("F", { y: sketch.apply("Opaque", [x], attrs) });
  const spec = asSpec(model, "other.txt");
  expect(spec.nodes.map(({ op }) => op)).toContain("Opaque");
  const verdict = check({ code: model, spec: () => spec, seed: 1 });
  // float64 has no value of an unknown function, which is no gap of 0.
  expect(verdict).toMatchObject({ kind: "equal", evidence: { floatGap: undefined } });
});

test("equations are not broken, however long", () => {
  const names = Array.from({ length: 12 }, (_, i) => `a_rather_long_name_${i}`);
  const inputs = names.map((name) => `${name} : [B, 4]`).join(", ");
  const model = readSpec(`F(${inputs}) -> y : [B, 4]\n  y = ${names.join(" + ")}\n`, "model.txt");
  expect(check({ code: model, spec: () => asSpec(model, "other.txt"), seed: 1 }).kind).toBe("equal");
});

test("a stored table of integers is the code's, and never taken for real numbers", () => {
  const sketch = new Sketch();
  const x = sketch.input("x", [symbol("B"), 4]);
  const kinds = sketch.parameter("kinds", [4], false, "int64");
  const [w, table] = [sketch.parameter("w", [4]), sketch.parameter("E", [4, 4])];
  const rows = sketch.apply("Sum", [sketch.apply("Take", [table, kinds], {})], { axes: [0] });
  const y = sketch.apply("Add", [sketch.apply("Mul", [x, w], {}), rows], {});
  const model = sketch.graph("F", { y });
  const verdict = check({ code: model, spec: () => asSpec(model, "other.txt"), seed: 1 });
  expect(verdict.kind).toBe("equal");
  expect(bindingText(verdict)).toEqual(["kinds = kinds", "w = w", "E = E"]);
});
