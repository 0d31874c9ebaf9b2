/** @file What surrounds the values: origins, tied names, trainability, notes, dims; and which bytes are read. */
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/assert.ts";
import { toNumber } from "../../src/base/rational.ts";
import { openArchive } from "../../src/frontends/common/archive.ts";
import { NotPolynomial, parseDim } from "../../src/frontends/torch/dims.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { dimText } from "../../src/ir/dim.ts";
import { type Graph, type Node, nodeText } from "../../src/ir/graph.ts";
import { archiveOf, changed, membersOf, withProgram } from "./archives.ts";
import { fixture, fixtureBytes, sourceOf } from "./support.ts";

/** One line a node with its place, then parameters, outputs and notes. */
function graphText(graph: Graph): string {
  const place = (node: Node): string => {
    const origin = graph.origins.get(node);
    if (origin === undefined) return "";
    const { file, line, module, operator, code } = origin;
    return `\n      ${operator} at ${file}:${line} in ${module ?? "the model"}: ${code}`;
  };
  const parameters = graph.parameters.map(({ names, trainable, values }) => {
    return `${names.join(" = ")}${trainable ? "" : " (fixed)"}, ${values?.().length ?? "no"} values`;
  });
  return [
    graph.name,
    ...graph.nodes.map((node) => `  ${nodeText(node)}${place(node)}`),
    "parameters",
    ...parameters.map((line) => `  ${line}`),
    "outputs",
    ...graph.outputs.map(({ name, node }) => `  ${name} = %${node.id}`),
    "notes",
    ...graph.notes.map((note) => `  ${note}`),
    "",
  ].join("\n");
}

describe("graphs", () => {
  test.each([
    "xor_regression_model",
    "embedding",
    "blocks",
    "normalisations",
    "without_gradient",
    "refuse_unknown",
  ])("%s", async (name) => {
    await expect(graphText(await readTorchExport(fixture(name)))).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test("strided bfloat16 weights have their values", async () => {
    const graph = await readTorchExport(fixture("strided_bfloat16"));
    const values = (name: string): number[] => [
      ...(graph.parameters.find(({ names }) => names.includes(name))?.values?.() ?? []),
    ];
    // Integers that the program only reads are numbers of it.
    const integers = graph.nodes.flatMap(({ op, attrs, type }) =>
      op === "Constant" && type.dtype === "int64" ? [toNumber(attrs.value)] : [],
    );
    expect(integers).toEqual([-3, 5, 2 ** 40]);
    const expanded = values("expanded");
    expect(expanded.length).toBe(9);
    expect(expanded.slice(0, 3)).toEqual(expanded.slice(3, 6));
    expect(new Set(expanded.slice(0, 3)).size).toBe(3);
  });

  test("a fixed size is noted, a symbolic one is not", async () => {
    expect((await readTorchExport(fixture("blocks"))).notes).toContain(
      "every size of input x was fixed by the export: [3, 4]",
    );
    expect((await readTorchExport(fixture("xor_regression_model"))).notes).toEqual([]);
  });

  test("the constant that Python computed for 1/√8 is √(1/8), and says so", async () => {
    const bytes = withProgram("blocks", (text) =>
      text.replaceAll('"as_float": 0.1', '"as_float": 0.35355339059327373'),
    );
    const graph = await readTorchExport(sourceOf("net.pt2", bytes));
    const constant = graph.nodes.find((node) => node.op === "Constant");
    expect(constant?.op === "Constant" && toNumber(constant.attrs.value)).toBe(1 / 8);
    expect(graph.nodes.some((node) => node.op === "Sqrt")).toBe(true);
    expect(graph.notes).toContain("the constant 0.35355339059327373 is read as sqrt(0.125)");
  });

  test("an argument that is absent has its default", async () => {
    const withEpsilon = await readTorchExport(fixture("two_layer_normalised"));
    const bytes = withProgram("two_layer_normalised", (text) =>
      text.replace(/\{"name": "eps", "arg": [^}]*\}[^}]*\}, /, ""),
    );
    const without = await readTorchExport(sourceOf("net.pt2", bytes));
    expect(without.nodes.map(nodeText)).toEqual(withEpsilon.nodes.map(nodeText));
  });

  test("integers beyond 2⁵³ are exact", async () => {
    const bytes = withProgram("blocks", (text) =>
      text.replaceAll('"as_float": 0.1', '"as_int": 9007199254740993'),
    );
    const graph = await readTorchExport(sourceOf("net.pt2", bytes));
    const values = graph.nodes.flatMap((node) =>
      node.op === "Constant" ? [node.attrs.value.numerator] : [],
    );
    expect(values).toContain(9007199254740993n);
  });

  test("big-endian storage", async () => {
    const little = await readTorchExport(fixture("strided_float64"));
    const members = new Map(membersOf("strided_float64"));
    for (const [name, bytes] of members) {
      if (!/data\/(weights|constants)\/\w+_\d+$/.test(name)) continue;
      const swapped = bytes.slice();
      for (let i = 0; i < swapped.length; i += 8) swapped.subarray(i, i + 8).reverse();
      members.set(name, swapped);
    }
    members.set("byteorder", new TextEncoder().encode("big"));
    const big = await readTorchExport(sourceOf("net.pt2", archiveOf(members)));
    const values = (graph: Graph): number[][] => graph.parameters.map((p) => [...(p.values?.() ?? [])]);
    expect(values(big)).toEqual(values(little));
    expect(values(big).flat().length).toBeGreaterThan(0);
  });
});

describe("reading", () => {
  const weights = "data/weights/weight_0";
  const config = "data/weights/model_weights_config.json";

  test("weights of a large model stay in the file", async () => {
    const big = new Uint8Array(4 * 2200 * 2200);
    const resize = (text: string): string =>
      text.replaceAll('{"as_int": 8}', '{"as_int": 2200}').replaceAll('{"as_int": 3}', '{"as_int": 2200}');
    const members = membersOf("xor_regression_model");
    const before = new TextDecoder().decode(members.get(config));
    const program = new TextDecoder().decode(members.get("models/model.json"));
    const bytes = changed("xor_regression_model", {
      [weights]: big,
      [config]: resize(before),
      "models/model.json": resize(program),
    });
    const source = sourceOf("big.pt2", bytes);
    const graph = await readTorchExport(source);
    expect(graph.notes).toContain("the weights exceed 16 MiB, so their values are not read");
    expect(graph.parameters.every(({ values }) => values === undefined)).toBe(true);
    expect(source.bytesRead()).toBeLessThan(bytes.length / 50);
  });

  test("what the code of a large model made is read all the same", async () => {
    const source = fixture("llama_grouped_query");
    const limit = 1024;
    const graph = await readTorchExport(source, limit);
    expect(graph.parameters.every(({ values }) => values === undefined)).toBe(true);
    expect(graph.notes).toContain(
      "the stored tensor self_attn.inv_freq is read as its formula: 10000^(-k/2)",
    );
  });

  test("a first directory record as long as the zip64 end records is found", async () => {
    // products/data/weights/weight_0 has 30 bytes; 46 + 30 = 56 + 20.
    const archive = await openArchive(sourceOf("products.pt2", fixtureBytes("products")), "a test");
    expect(at(archive.names, 0)).toBe("products/data/weights/weight_0");
  });
});

describe("sizes", () => {
  const parse = (text: string): string => dimText(parseDim({ as_expr: { expr_str: text } }));
  const s = "Symbol('s27', positive=True, integer=True)";

  test.each([
    [s, "s27"],
    [`Add(${s}, Integer(1))`, "s27 + 1"],
    [`Mul(Integer(2), ${s}, Symbol('s77'))`, "2*s27*s77"],
    [`Pow(${s}, Integer(2))`, "s27*s27"],
    [`Add(Mul(Integer(-1), ${s}), ${s})`, "0"],
    ["2", "2"],
    ["2*s0*s1 - 3 + s0**2", "s0*s0 + 2*s0*s1 + -3"],
    ["-s0 + 4", "-1*s0 + 4"],
  ])("%s", (text, want) => {
    expect(parse(text)).toBe(want);
  });

  test.each([
    `FloorDiv(${s}, Integer(2))`,
    `Max(1, ${s})`,
    "Integer(2",
    "Symbol(s27)",
    "",
    "2//s0",
    "s0 - ",
    "s0**s1",
    `${s})`,
    `Pow(${s}, ${s})`,
  ])("%s is no polynomial", (text) => {
    expect(() => parse(text)).toThrow(NotPolynomial);
  });

  test("nesting is bounded", () => {
    expect(() => parse(`${"Add(".repeat(100_000)}Integer(1)${")".repeat(100_000)}`)).toThrow(NotPolynomial);
  });
});
