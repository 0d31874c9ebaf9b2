/** @file What a graph says beside its values: names, sizes, notes, lines, and how texts may be written. */
import { describe, expect, test } from "vitest";
import { shapeText } from "../../src/ir/dim.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { run } from "../jax/support.ts";
import { caseOf, graphOf, moduleOf, textOf } from "./support.ts";

const operators = ({ nodes }: Graph): string[] => nodes.map(({ op }) => op);
const input = { shape: [3], values: [-1, 0.5, 2] };
async function valuesOf(text: string): Promise<number[]> {
  return run(await graphOf(text), [input]).flatMap(({ values }) => [...values]);
}

describe("arguments", () => {
  test("are parameters by their paths", async () => {
    const { name, parameters, inputs } = await graphOf(textOf("two_layer_jax_mlp"));
    expect(name).toBe("Mlp");
    expect(parameters.map(({ names }) => names)).toEqual([
      ["params.first.kernel"],
      ["params.first.bias"],
      ["params.second.kernel"],
      ["params.second.bias"],
    ]);
    expect(inputs.length).toBe(1);
  });

  test("without names are called by what is done with them", async () => {
    const namesOf = async (text: string): Promise<string[]> =>
      (await graphOf(text)).inputs.map(({ attrs }) => attrs.name);
    expect(await namesOf(textOf("two_layer_jax_mlp"))).toEqual(["x"]);
    expect(await namesOf(textOf("flax_networks_encoder"))).toEqual(["tokens", "mask"]);
    expect(await namesOf(caseOf("products", "matmul").text)).toEqual(["x_1", "x_2"]);
    const two = moduleOf("%0 = stablehlo.add %x, %y : tensor<3xf32>");
    const both = two.replace('loc("x"))', 'loc("args[0]"), %y: tensor<3xf32> loc("x"))');
    expect(await namesOf(both)).toEqual(["x_1", "x"]);
    expect(await namesOf(both.replace('loc("args[0]")', 'loc("state[0]")'))).toEqual(["state.0", "x"]);
  });

  test("without names are inputs, which a note tells", async () => {
    const { parameters, inputs, notes } = await graphOf(caseOf("products", "matmul").text);
    expect([parameters.length, inputs.length]).toEqual([0, 2]);
    expect(notes.join()).toContain("the arguments have no names, so that all are read as inputs");
  });

  test("of unknown size have symbols, equal ones the same", async () => {
    const { inputs, outputs } = await graphOf(textOf("flax_networks_encoder.exported"));
    expect(inputs.map(({ type }) => shapeText(type.shape))).toEqual(["[B, 5]", "[B, 5]"]);
    expect(outputs.map(({ node }) => shapeText(node.type.shape))).toEqual(["[B, 5, 8]"]);
  });

  test("that are no weights leave these to arrays that the module holds", async () => {
    const { parameters } = await graphOf(textOf("flax_networks_encoder.held"));
    expect(parameters.every(({ trainable, values }) => trainable && values !== undefined)).toBe(true);
    expect(parameters.length).toBeGreaterThan(90);
  });

  test("that are weights leave other arrays constants", async () => {
    const held = "%c = stablehlo.constant dense<[1.5, 2.0, 4.0]> : tensor<3xf32>\n";
    const body = `${held}%0 = stablehlo.multiply %x, %c : tensor<3xf32>`;
    expect((await graphOf(moduleOf(body))).parameters.length).toBe(1);
    const text = moduleOf(body).replace('loc("x")', `loc("params['w']")`);
    expect((await graphOf(text)).parameters.map(({ names }) => names)).toEqual([["w"]]);
  });
});

test("what Flax applies is called as its module, if all is in one", async () => {
  const text = textOf("flax_networks_gru");
  expect((await graphOf(text)).name).toBe("Gru");
  expect((await graphOf(text.replaceAll("jit_apply", "jit_step"))).name).toBe("step");
  const other = text.replace("jit(apply)/Gru/RNN_0/scan", "jit(apply)/Other/RNN_0/scan");
  expect(
    (await graphOf(other.replace("jit(apply)/Gru/RNN_0/transpose", "jit(apply)/Other/transpose"))).name,
  ).toBe("apply");
});

describe("loops", () => {
  test("over data are recurrences, from the one start or the other, with symbolic sizes too", async () => {
    for (const name of ["scan", "scan_reverse"])
      expect(operators(await graphOf(caseOf("control", name).text))).toContain("Scan");
    for (const name of ["flax_networks_lstm", "flax_networks_lstm.exported"])
      expect(operators(await graphOf(textOf(name)))).toContain("Scan");
  });

  test("that write over another row than that of the step are not", async () => {
    const { text } = caseOf("control", "scan");
    // The place that is read is that before the step, so that the first is read twice.
    const other = text.replace(
      /func\.call @dynamic_index_in_dim\(%iterArg, (%iterArg_\d+)\)/,
      "func.call @dynamic_index_in_dim(%iterArg, %c_before)",
    );
    const counter = /@dynamic_index_in_dim\(%iterArg, (%iterArg_\d+)\)/.exec(text)?.[1] ?? "";
    const shifted = other.replace(
      "} do {",
      `} do {\n%c_one = stablehlo.constant dense<1> : tensor<i64>\n%c_before = stablehlo.subtract ${counter}, %c_one : tensor<i64>`,
    );
    const { inputs } = caseOf("control", "scan");
    const [right, wrong] = [run(await graphOf(text), inputs), run(await graphOf(shifted), inputs)];
    expect(wrong[1]?.values[0]).toBeCloseTo(right[1]?.values[0] ?? 0, 12);
    expect(wrong[1]?.values[3]).not.toBeCloseTo(right[1]?.values[3] ?? 0, 6);
  });
});

describe("functions", () => {
  test("that are not known keep their name, which a note tells", async () => {
    const body =
      '%0 = stablehlo.custom_call @my_norm(%x) {backend_config = "eps=1"} : (tensor<3xf32>) -> tensor<3xf32>';
    const { nodes, notes } = await graphOf(moduleOf(body));
    const opaque = nodes.filter(({ op }) => op === "Opaque").map(({ attrs }) => attrs);
    expect(opaque).toMatchObject([{ name: "stablehlo.custom_call @my_norm" }]);
    expect(JSON.stringify(opaque)).toContain("eps=1");
    expect(notes.join()).toContain("stablehlo.custom_call @my_norm is kept as an unknown function");
  });

  test("of running sums along an unknown size are such", async () => {
    const { notes } = await graphOf(caseOf("reduction", "cumsum_symbolic").text);
    expect(notes.join()).toMatch(/dynamic_reduce_window.* is kept as an unknown function/);
  });
});

describe("forms of the text", () => {
  const type = "(tensor<3xf32>) -> tensor<3xf32>";
  test.each<readonly [string, string, readonly number[]]>([
    ["generic", `%0 = "stablehlo.negate"(%x) : ${type}`, [1, -0.5, -2]],
    ["attributes behind", `%0 = stablehlo.negate %x {a = 1 : i32, b} : tensor<3xf32>`, [1, -0.5, -2]],
    [
      "old attributes",
      `%0 = "stablehlo.reverse"(%x) {dimensions = dense<0> : tensor<1xi64>} : ${type}`,
      [2, 0.5, -1],
    ],
    [
      "bits",
      `%c = stablehlo.constant dense<0x40000000> : tensor<f32>
      %1 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<f32>) -> tensor<3xf32>
      %2 = stablehlo.multiply %x, %1 : tensor<3xf32>`,
      [-2, 1, 4],
    ],
    ["comments", `// a comment\n%0 = stablehlo.negate %x : tensor<3xf32> // another\n`, [1, -0.5, -2]],
    [
      "a reduction that starts elsewhere",
      `%c = stablehlo.constant dense<1.0> : tensor<f32>
      %1 = stablehlo.reduce(%x init: %c) applies stablehlo.add across dimensions = [0] : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
      %2 = stablehlo.broadcast_in_dim %1, dims = [] : (tensor<f32>) -> tensor<3xf32>`,
      [2.5, 2.5, 2.5],
    ],
    [
      "axes in another order",
      `%0 = stablehlo.reshape %x : (tensor<3xf32>) -> tensor<1x3xf32>
      %1 = stablehlo.broadcast_in_dim %0, dims = [1, 0] : (tensor<1x3xf32>) -> tensor<3x1xf32>
      %2 = stablehlo.reshape %1 : (tensor<3x1xf32>) -> tensor<3xf32>`,
      [-1, 0.5, 2],
    ],
    [
      "a sort, the largest first",
      `%r = "stablehlo.sort"(%x) <{dimension = 0 : i64, is_stable = true}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %g = stablehlo.compare GT, %a, %b, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
        stablehlo.return %g : tensor<i1>
      }) : ${type}`,
      [2, 0.5, -1],
    ],
    [
      "a branch by a truth value",
      `%c = stablehlo.constant dense<false> : tensor<i1>
      %r = "stablehlo.if"(%c) ({
        stablehlo.return %x : tensor<3xf32>
      }, {
        %n = stablehlo.negate %x : tensor<3xf32>
        stablehlo.return %n : tensor<3xf32>
      }) : (tensor<i1>) -> tensor<3xf32>`,
      [1, -0.5, -2],
    ],
    [
      "a branch outside is the last",
      `%c = stablehlo.constant dense<-1> : tensor<i32>
      %r = "stablehlo.case"(%c) ({
        stablehlo.return %x : tensor<3xf32>
      }, {
        %n = stablehlo.negate %x : tensor<3xf32>
        stablehlo.return %n : tensor<3xf32>
      }) : (tensor<i32>) -> tensor<3xf32>`,
      [1, -0.5, -2],
    ],
  ])("%s", async (_, body, want) => {
    expect(await valuesOf(moduleOf(body))).toEqual(want);
  });

  test("functions without a module around them, and resources behind", async () => {
    const text = `func.func @f(%x: tensor<3xf32> loc("x")) -> tensor<3xf32> {
      %c = stablehlo.constant dense_resource<w> : tensor<3xf32>
      %0 = stablehlo.add %x, %c : tensor<3xf32>
      func.return %0 : tensor<3xf32>
    }
    {-# dialect_resources: { builtin: { w: "0x040000000000803F0000004000004040" } } #-}`;
    expect(await valuesOf(text)).toEqual([0, 2.5, 5]);
  });

  test("bits of truth values", async () => {
    const body = `%c = stablehlo.constant dense<"0x05"> : tensor<3xi1>
      %1 = stablehlo.negate %x : tensor<3xf32>
      %2 = stablehlo.select %c, %x, %1 : tensor<3xi1>, tensor<3xf32>`;
    expect(await valuesOf(moduleOf(body))).toEqual([-1, -0.5, 2]);
  });
});

test("values have the user's line, and the module", async () => {
  const { nodes, origins } = await graphOf(textOf("two_layer_jax_mlp"));
  const places = nodes.filter(({ op }) => op === "Contract").map((node) => origins.get(node));
  expect(places).toMatchObject([
    { file: "examples/two_layer_jax.py", line: 19, module: "first", operator: "stablehlo.dot_general" },
    { file: "examples/two_layer_jax.py", line: 20, module: "second" },
  ]);
});
