/** @file Names that share a row of a where list can be told from it again, as a shell would expand it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstToLast, joinedNames, pairedNames } from "../../src/base/joined-names.ts";

/** What a shell makes of braces; a list is several words. */
function expanded(text: string): string[] {
  return text.split(", ").flatMap((word) => {
    const [, head = "", inner, tail = ""] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(word) ?? [];
    if (inner === undefined) return [word];
    return inner.split(",").flatMap((piece) => expanded(tail).map((end) => head + piece + end));
  });
}

test.each([
  ["mlp.{gate,up,down}_proj.weight", ["mlp.gate_proj.weight", "mlp.up_proj.weight", "mlp.down_proj.weight"]],
  ["ln_{1,2}.{weight,bias}", ["ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias"]],
  [
    "lstm.{weight,bias}_{ih,hh}_l0",
    ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => `lstm.${name}_l0`),
  ],
  ["{input,post_attention}_layernorm.weight", ["input_layernorm.weight", "post_attention_layernorm.weight"]],
  ["moving_mean, gamma", ["moving_mean", "gamma"]],
  ["W", ["W"]],
])("%s", (joined, names) => {
  expect(joinedNames(names)).toBe(joined);
  expect(expanded(joined)).toEqual(names);
});

test.each([
  ["another order than that of braces", ["a.weight", "b.weight", "a.bias", "b.bias"]],
  ["paths of several segments", ["m.a.b.weight", "m.c.weight"]],
  ["what would mean something in a where list", ["a:0", "b:0"]],
  ["what would mean something to a shell", ["x{1}.weight", "x2.weight"]],
])("are not joined: %s", (_, names) => {
  expect(joinedNames(names)).toBeUndefined();
});

test("two of one module may differ in more than a part of a segment", () => {
  const pair = ["layer1.0.conv3.weight", "layer1.0.downsample.0.weight"];
  expect(pairedNames(pair)).toBe("layer1.0.{conv3,downsample.0}.weight");
  expect(pairedNames([...pair, "layer1.0.conv1.weight"])).toBeUndefined();
  expect(pairedNames(["conv1.weight", "layer1.conv1.weight"])).toBeUndefined();
  expect(pairedNames(["m.1.conv.1.weight", "m.2.conv.0.weight"])).toBeUndefined();
});

test.each([
  ["params.Dense_{0…10}.kernel", "params.Dense_0.kernel", "params.Dense_10.kernel"],
  ["{0…3}.w1.weight", "0.w1.weight", "3.w1.weight"],
  ["norm{…_2}/gamma", "norm/gamma", "norm_2/gamma"],
  ["a … b", "a", "b"],
  ["x{1 … x}2", "x{1", "x}2"],
])("the first and the last: %s", (joined, first, last) => {
  expect(firstToLast(first, last)).toBe(joined);
});

test("names from first to last are joined where these are the same", () => {
  expect(joinedNames(["m.{0…3}.w.weight", "m.{0…3}.w.bias"])).toBe("m.{0…3}.w.{weight,bias}");
  expect(joinedNames(["m.{0…3}.weight", "m.{1…4}.weight"])).toBeUndefined();
});

test("any names can be told again", () => {
  const word = fc.constantFrom("a", "b", "conv", "weight", "bias", "1", "10", "2");
  const name = fc
    .array(fc.tuple(word, fc.constantFrom(".", "_", "", "/")), { minLength: 1, maxLength: 5 })
    .map((pieces) =>
      pieces
        .flat()
        .join("")
        .replace(/[._/]$/, ""),
    );
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 6 }), (names) => {
      for (const joined of [joinedNames(names), pairedNames(names)])
        if (joined !== undefined) expect(expanded(joined)).toEqual(names);
    }),
    { numRuns: 3000 },
  );
});
