/** @file The texts of the messages of this front end, each provoked by a module. */
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { caseOf, graphOf, moduleOf } from "./support.ts";

async function messageOf(text: string): Promise<string> {
  try {
    await graphOf(text);
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return `${error.message}\n`;
    throw error;
  }
  throw new Error("the module was read");
}

describe("messages", () => {
  test.each<readonly [string, string]>([
    ["A1260", caseOf("products", "matmul").text.replaceAll("tensor<3x5xf64>", "tensor<3x4xf64>")],
    ["A5260", caseOf("refused", "while_by_data").text],
  ])("%s", async (code, text) => {
    const message = await messageOf(text);
    expect(message.startsWith(code)).toBe(true);
    await expect(message).toMatchFileSnapshot(`../errors/${code}.txt`);
  });

  test.each<readonly [string, string]>([
    ["random_numbers", "stablehlo.shift_right_logical"],
    ["dropout", "stablehlo.shift_right_logical"],
    ["nan", "NaN in a value that the result depends on"],
    ["complex_numbers", "a value of type complex<f64>[3, 4]"],
    ["unknown_integers", "stablehlo.popcnt"],
    ["callback", "stablehlo.custom_call @xla_ffi_python_cpu_callback"],
  ])("%s is refused", async (name, got) => {
    expect(await messageOf(caseOf("refused", name).text)).toContain(`got   ${got}`);
  });

  test.each<readonly [string, string, string]>([
    [
      "a reduction by a function of its own",
      `%0 = stablehlo.constant dense<0.0> : tensor<f32>
       %1 = stablehlo.reduce(%x init: %0) across dimensions = [0] : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
        reducer(%a: tensor<f32>, %b: tensor<f32>) {
          %s = stablehlo.subtract %a, %b : tensor<f32>
          stablehlo.return %s : tensor<f32>
        }
       %2 = stablehlo.broadcast_in_dim %1, dims = [] : (tensor<f32>) -> tensor<3xf32>`,
      "stablehlo.reduce with a function of its own",
    ],
    [
      "what asks other devices",
      '%0 = "stablehlo.all_gather"(%x) <{all_gather_dim = 0 : i64}> : (tensor<3xf32>) -> tensor<3xf32>',
      "stablehlo.all_gather, which asks other devices",
    ],
    [
      "NaN for rows that data choose",
      `%i = stablehlo.constant dense<[[0], [2], [1]]> : tensor<3x1xi32>
       %g = "stablehlo.gather"(%x, %i) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1>}> : (tensor<3xf32>, tensor<3x1xi32>) -> tensor<3xf32>
       %z = stablehlo.constant dense<0.0> : tensor<3xf32>
       %p = stablehlo.compare GE, %x, %z, FLOAT : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
       %n = stablehlo.constant dense<0x7FC00000> : tensor<3xf32>
       %r = stablehlo.select %p, %g, %n : tensor<3xi1>, tensor<3xf32>`,
      "NaN in a value that the result depends on",
    ],
    [
      "the bits of numbers",
      `%0 = stablehlo.bitcast_convert %x : (tensor<3xf32>) -> tensor<3xi32>
       %1 = stablehlo.convert %0 : (tensor<3xi32>) -> tensor<3xf32>`,
      "the bits of a number as another number",
    ],
  ])("%s is refused", async (_, body, got) => {
    const message = await messageOf(moduleOf(body));
    expect(message).toContain("A5260");
    expect(message).toContain(`got   ${got}`);
  });

  test.each<readonly [string, string, string]>([
    ["a value that nothing computes", moduleOf("%0 = stablehlo.add %x, %y : tensor<3xf32>"), "%y"],
    ["a word that is no operation", moduleOf("%0 = ;"), "line 3"],
    ["a module without functions", "module {}", "0 functions"],
    ["a function that is not there", moduleOf("%0 = call @g(%x) : (tensor<3xf32>) -> tensor<3xf32>"), "@g"],
  ])("%s is malformed", async (_, text, part) => {
    const message = await messageOf(text);
    expect(message).toContain("A1260");
    expect(message).toContain(part);
  });
});
