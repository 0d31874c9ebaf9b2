/**
 * @file Programs that are damaged or forged. Each gives a Diagnostic or Unsupported within bounded time; nothing else may be
 * thrown.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { readJaxpr } from "../../src/frontends/jax/read.ts";
import { type Case, caseOf, groups, sourceOf, sourceOfDocument } from "./support.ts";

/** Code of the message; "graph" when the program was read. */
async function outcomeOf(document: unknown): Promise<string> {
  const source =
    typeof document === "string" ? sourceOf("net.py:f", encode(document)) : sourceOfDocument(document);
  try {
    await readJaxpr(source);
    return "graph";
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return error.report.code;
    throw error;
  }
}
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const real = { dtype: "float32", shape: [3] };
const frame = {
  schema: "assay/jaxpr@1",
  name: "f",
  parameters: [],
  inputs: ["x"],
  outputs: [[]],
  updates: [],
};
const input = { id: 0, ...real };

const equation = (primitive: string, inputs: readonly unknown[], params: object, out: object): object => ({
  primitive,
  inputs,
  params,
  outputs: [out],
});
const programOf = (equations: readonly object[], output: unknown = 1): object => ({
  constants: [],
  inputs: [input],
  equations,
  outputs: [output],
});
const documentOf = (programs: readonly object[], more: object = {}): object => ({
  ...frame,
  main: programs.length - 1,
  programs,
  arrays: [],
  frames: [],
  ...more,
});
const alone = (...equations: object[]): object => documentOf([programOf(equations)]);
const result = { id: 1, ...real };

test("the least program is read", async () => {
  expect(await outcomeOf(alone(equation("tanh", [0], {}, result)))).toBe("graph");
});

describe("what does not fit together", () => {
  test.each<readonly [string, unknown]>([
    ["no JSON", "{"],
    ["JSON of another kind", "[1, 2]"],
    ["nesting without end", "[".repeat(100_000)],
    ["another schema", { ...alone(), schema: "assay/jaxpr@2" }],
    ["a variable that nothing computes", alone(equation("tanh", [7], {}, result))],
    ["an operand too few", alone(equation("add", [0], {}, result))],
    ["a result of another shape", alone(equation("tanh", [0], {}, { ...result, shape: [4] }))],
    ["a result of another kind", alone(equation("tanh", [0], {}, { ...result, dtype: "int32" }))],
    ["a parameter that is missing", alone(equation("reduce_sum", [0], {}, { ...result, shape: [] }))],
    ["a parameter of another kind", alone(equation("integer_pow", [0], { y: "two" }, result))],
    ["an axis that is not there", alone(equation("reduce_sum", [0], { axes: [5] }, result))],
    [
      "a negative size",
      alone(equation("broadcast_in_dim", [0], { broadcast_dimensions: [0] }, { ...result, shape: [-3] })),
    ],
    [
      "a size that is no polynomial",
      alone(equation("tanh", [0], {}, { ...result, shape: [{ size: "B/2" }] })),
    ],
    ["a power without end", alone(equation("tanh", [0], {}, { ...result, shape: [{ size: "B^999999" }] }))],
    ["a permutation that is none", alone(equation("transpose", [0], { permutation: [0, 0] }, result))],
    ["a program that runs itself", alone(equation("jit", [0], { jaxpr: { program: 0 } }, result))],
    ["a program that is not there", alone(equation("jit", [0], { jaxpr: { program: 99 } }, result))],
    ["an array that is not there", alone(equation("add", [0, { array: 3, ...real }], {}, result))],
    ["another number of inputs", { ...alone(), inputs: ["x", "y"] }],
    ["no main program", documentOf([], { main: 0 })],
    ["a frame that is not there", alone({ ...equation("tanh", [0], {}, result), frames: [4] })],
    [
      "values that are too short",
      documentOf([programOf([])], {
        arrays: [{ ...real, values: "AAAA" }],
        parameters: [{ names: ["w"], trained: true, array: 0 }],
      }),
    ],
    ["values that are no base64", documentOf([programOf([])], { arrays: [{ ...real, values: "%%%" }] })],
  ])("%s", async (_, document) => {
    expect(await outcomeOf(document)).toBe("A1250");
  });
});

describe("what is large", () => {
  test("programs that double at each level are refused", async () => {
    const twice = (index: number): object =>
      programOf(
        [
          equation("jit", [0], { jaxpr: { program: index } }, result),
          equation("jit", [1], { jaxpr: { program: index } }, { ...result, id: 2 }),
        ],
        2,
      );
    const levels = [
      programOf([equation("tanh", [0], {}, result)]),
      ...Array.from({ length: 40 }, (_, i) => twice(i)),
    ];
    expect(await outcomeOf(documentOf(levels))).toBe("A5250");
  });

  test("programs inside of programs without end are refused", async () => {
    const levels = [
      programOf([equation("tanh", [0], {}, result)]),
      ...Array.from({ length: 5000 }, (_, i) =>
        programOf([equation("jit", [0], { jaxpr: { program: i } }, result)]),
      ),
    ];
    expect(await outcomeOf(documentOf(levels))).toBe("A1250");
  });

  test.each(["reshape", "exp", "neg", "stop_gradient"])(
    "a chain of %s is read without recursion",
    async (primitive) => {
      const chain = Array.from({ length: 20_000 }, (_, i) =>
        equation(primitive, [i], { dimensions: null }, { id: i + 1, ...real }),
      );
      expect(await outcomeOf(documentOf([programOf(chain, 20_000)]))).toBe("graph");
    },
  );

  test("a loop of any number of steps is one node", async () => {
    const body = {
      constants: [],
      inputs: [input],
      equations: [equation("tanh", [0], {}, result)],
      outputs: [1],
    };
    const params = { jaxpr: { program: 0 }, length: 1e9, num_carry: 1, num_consts: 0, reverse: false };
    expect(await outcomeOf(documentOf([body, programOf([equation("scan", [0], params, result)])]))).toBe(
      "graph",
    );
  });
});

/** Values anywhere in the JSON replaced by others. */
describe("fuzz", () => {
  const cases: readonly Case[] = ["control", "indexing", "products"].flatMap(
    (group) => groups.get(group) ?? [],
  );

  test("changed numbers and names give a message or a graph", async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...cases),
        fc.nat(),
        fc.constantFrom(-1, 0, 1, 2, 7, 1e12, "x", null, [], {}),
        async (one, place, value) => {
          const { count } = replaced(one.document, -1, value);
          seen.add(await outcomeOf(replaced(one.document, place % count, value).result));
        },
      ),
      { seed: 1, numRuns: 1500 },
    );
    expect([...seen]).toEqual(expect.arrayContaining(["graph", "A1250"]));
  });

  test("a text that is cut short is malformed", async () => {
    const text = JSON.stringify(caseOf("products", "matmul").document);
    for (let length = 0; length < text.length; length += 97)
      expect(await outcomeOf(text.slice(0, length))).toBe("A1250");
  });
});

/** The JSON with the leaf that has this number replaced, and how many leaves there are. */
function replaced(document: unknown, place: number, value: unknown): { result: unknown; count: number } {
  let count = 0;
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node === "object" && node !== null)
      return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item)]));
    return count++ === place ? value : node;
  };
  return { result: walk(document), count };
}
