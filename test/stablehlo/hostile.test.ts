/**
 * @file Texts that are damaged or forged. Each gives a Diagnostic or Unsupported within bounded time; nothing else may be
 * thrown.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { readStableHlo } from "../../src/frontends/stablehlo/read.ts";
import { sourceOf } from "../jax/support.ts";
import { caseOf, groups, moduleOf, textOf } from "./support.ts";

/** Code of the message; "graph" when the module was read. */
async function outcomeOf(content: string | Uint8Array): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    await readStableHlo(sourceOf("net.mlir", bytes));
    return "graph";
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return error.report.code;
    throw error;
  }
}

test("the least module is read", async () => {
  expect(await outcomeOf(moduleOf("%0 = stablehlo.tanh %x : tensor<3xf32>"))).toBe("graph");
});

describe("what does not fit together", () => {
  const like = ": tensor<3xf32>";
  test.each<readonly [string, string]>([
    ["nothing", ""],
    ["JSON", '{"a": 1}'],
    ["brackets without end", "(".repeat(100_000)],
    ["a type without end", moduleOf(`%0 = stablehlo.tanh %x : ${"tensor<".repeat(10_000)}`)],
    ["an attribute without end", moduleOf(`%0 = stablehlo.iota dim = ${"[".repeat(100_000)}`)],
    ["a location without end", moduleOf(`%0 = stablehlo.tanh %x ${like} loc(${'"f"('.repeat(100_000)}`)],
    ["numbers in brackets without end", moduleOf(`%0 = stablehlo.constant dense<${"[".repeat(100_000)}`)],
    ["a string without its end", moduleOf('%0 = stablehlo.custom_call @f(%x) {a = "b')],
    ["a size beyond all numbers", moduleOf("%0 = stablehlo.iota dim = 0 : tensor<99999999999999999999xf32>")],
    ["a size below nothing", moduleOf("%0 = stablehlo.iota dim = 0 : tensor<-3xf32>")],
    ["an axis that is not there", moduleOf(`%0 = stablehlo.iota dim = 5 ${like}`)],
    ["an operand too few", moduleOf(`%0 = stablehlo.add %x ${like}`)],
    [
      "a result of another kind",
      moduleOf("%0 = stablehlo.tanh %x : (tensor<3xf32>) -> tensor<3xi32>", "tensor<3xi32>"),
    ],
    [
      "a value that is defined twice",
      moduleOf(`%0 = stablehlo.tanh %x ${like}\n%0 = stablehlo.tanh %x ${like}`),
    ],
    ["too few numbers", moduleOf(`%0 = stablehlo.constant dense<[1.0, 2.0]> ${like}`)],
    ["too few bytes", moduleOf(`%0 = stablehlo.constant dense<"0x0000"> ${like}`)],
    [
      "bytes that are no digits",
      moduleOf(`%0 = stablehlo.constant dense<"0xGGGGGGGGGGGGGGGGGGGGGGGG"> ${like}`),
    ],
    [
      "a permutation that is none",
      moduleOf(`%0 = stablehlo.transpose %x, dims = [1] : (tensor<3xf32>) -> tensor<3xf32>`),
    ],
    ["a function that calls itself", moduleOf(`%0 = call @main(%x) : (tensor<3xf32>) -> tensor<3xf32>`)],
    [
      "a region without its return",
      moduleOf(`%0 = "stablehlo.sort"(%x) ({\n}) : (tensor<3xf32>) -> tensor<3xf32>`),
    ],
    [
      "several blocks",
      moduleOf(`%0 = "stablehlo.sort"(%x) ({\n^a:\n^b:\n}) : (tensor<3xf32>) -> tensor<3xf32>`),
    ],
    ["results without end", moduleOf(`%0:999999999 = stablehlo.tanh %x ${like}`)],
  ])("%s", async (_, text) => {
    expect(await outcomeOf(text)).toBe("A1260");
  });

  test("MLIR's bytes", async () => {
    expect(await outcomeOf(Uint8Array.of(0x4d, 0x4c, 0xef, 0x52, 1, 2, 3))).toBe("A1260");
  });
});

describe("what is large", () => {
  test("one number for more elements than there is memory", async () => {
    const type = "tensor<1000000x1000000xf32>";
    const body = `%0 = stablehlo.constant dense<2.0> : ${type}\n%1 = stablehlo.tanh %0 : ${type}`;
    expect(await outcomeOf(moduleOf(body, type))).toBe("graph");
  });

  test("functions that double at each level are refused", async () => {
    const type = "(tensor<3xf32>) -> tensor<3xf32>";
    const level = (i: number): string => `func.func private @f${i}(%x: tensor<3xf32>) -> tensor<3xf32> {
      %0 = call @f${i + 1}(%x) : ${type}
      %1 = call @f${i + 1}(%0) : ${type}
      return %1 : tensor<3xf32>
    }`;
    const last = `func.func private @f40(%x: tensor<3xf32>) -> tensor<3xf32> {
      %0 = stablehlo.tanh %x : tensor<3xf32>
      return %0 : tensor<3xf32>
    }`;
    const levels = Array.from({ length: 40 }, (_, i) => level(i)).join("\n");
    const main = moduleOf(`%0 = call @f0(%x) : ${type}`).replace(/\}\n$/, `${levels}\n${last}\n}\n`);
    expect(await outcomeOf(main)).toBe("A5260");
  });

  test("a chain of operations is read without recursion", async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => {
      const operand = i === 0 ? "%x" : `%v${i - 1}`;
      return `%v${i} = stablehlo.negate ${operand} : tensor<3xf32>`;
    });
    expect(await outcomeOf(moduleOf(lines.join("\n")))).toBe("graph");
  });

  test("locations that name each other in a circle", async () => {
    const text = moduleOf("%0 = stablehlo.tanh %x : tensor<3xf32> loc(#loc1)");
    expect(await outcomeOf(`#loc1 = loc("a"(#loc2))\n#loc2 = loc("b"(#loc1))\n${text}`)).toBe("graph");
  });
});

describe("fuzz", () => {
  test("a text that is cut short at any place is malformed", async () => {
    for (const text of [caseOf("control", "scan").text, textOf("two_layer_jax_mlp")]) {
      const end = text.lastIndexOf("} loc(") < 0 ? text.lastIndexOf("}") : text.indexOf("} loc(#loc)\n#loc");
      for (let length = 0; length < end; length += 13)
        expect(await outcomeOf(text.slice(0, length)), String(length)).toBe("A1260");
    }
  });

  test("changed words and numbers give a message or a graph", async () => {
    const texts = ["control", "indexing", "products", "reduction"]
      .flatMap((group) => groups.get(group) ?? [])
      .map(({ text }) => text);
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.nat(),
        fc.constantFrom("-1", "0", "7", "1000000000000", "x", "%x", "[", ">", "", '"'),
        async (text, place, value) => {
          const words = [...text.matchAll(/%?\w+|[[\]<>(){}"]/g)];
          const word = words[place % words.length];
          if (word === undefined) return;
          const end = word.index + word[0].length;
          seen.add(await outcomeOf(`${text.slice(0, word.index)}${value}${text.slice(end)}`));
        },
      ),
      { seed: 1, numRuns: 1500 },
    );
    expect([...seen]).toEqual(expect.arrayContaining(["graph", "A1260"]));
  });
});
