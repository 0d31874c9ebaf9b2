/** @file What a graph says beside its values: names, ties, notes, lines, and which loops stay loops. */
import { describe, expect, test } from "vitest";
import { readJaxpr } from "../../src/frontends/jax/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { caseOf, sourceOfDocument } from "./support.ts";

const graphOf = (group: string, name: string): Promise<Graph> =>
  readJaxpr(sourceOfDocument(caseOf(group, name).document));
const operators = ({ nodes }: Graph): string[] => nodes.map(({ op }) => op);

describe("parameters", () => {
  test("have their paths, in the order in which they are used", async () => {
    const { parameters } = await graphOf("models", "linen_mlp_symbolic");
    expect(parameters.map(({ names }) => names)).toEqual([
      ["params.hidden.kernel"],
      ["params.hidden.bias"],
      ["params.Dense_0.kernel"],
      ["params.Dense_0.bias"],
    ]);
  });

  test("under two paths are one", async () => {
    const { parameters } = await graphOf("models", "tied_symbolic");
    expect(parameters.map(({ names }) => [...names])).toContainEqual(["head", "table"]);
  });

  test("that are not trained are so, and what becomes of them is not compared", async () => {
    const evaluated = await graphOf("models", "linen_cnn_eval");
    const fixed = evaluated.parameters.filter(({ trainable }) => !trainable).flatMap(({ names }) => names);
    expect(fixed.toSorted()).toEqual(["batch_stats.BatchNorm_0.mean", "batch_stats.BatchNorm_0.var"]);
    const { notes, parameters } = await graphOf("models", "linen_cnn_train");
    expect(parameters.every(({ trainable }) => trainable)).toBe(true);
    expect(notes).toContain(
      "the program updates batch_stats.BatchNorm_0.mean, and what it becomes is not compared",
    );
  });
});

describe("loops", () => {
  test("over data are recurrences, from the one start or the other", async () => {
    for (const name of ["scan", "scan_reverse"]) {
      expect(operators(await graphOf("control", name))).toContain("Scan");
    }
  });

  test("over layers are their steps", async () => {
    for (const name of ["fori_from_two", "while_counted", "scan_with_places"]) {
      expect(operators(await graphOf("control", name))).not.toContain("Scan");
    }
    expect(operators(await graphOf("models", "linen_scanned_layers"))).not.toContain("Scan");
  });
});

describe("functions", () => {
  test.each([
    ["softplus", "Exp"],
    ["logistic", "Sigmoid"],
    ["tanh", "Tanh"],
  ])("%s is read without what protects it from overflow", async (name, operator) => {
    const found = operators(await graphOf("elementwise", name));
    expect(found).toContain(operator);
    expect(found).not.toContain("Abs");
  });

  test("with another body are read as they are", async () => {
    const { document } = caseOf("elementwise", "softplus");
    const text = JSON.stringify(document).replace('"primitive":"log1p"', '"primitive":"expm1"');
    const found = operators(await readJaxpr(sourceOfDocument(JSON.parse(text))));
    expect(found).toContain("Abs");
  });

  test("that are not known keep their name, which a note tells", async () => {
    const { document } = caseOf("elementwise", "tanh");
    const text = JSON.stringify(document).replace('"primitive":"tanh"', '"primitive":"bessel_i1e"');
    const { nodes, notes } = await readJaxpr(sourceOfDocument(JSON.parse(text)));
    expect(nodes.filter(({ op }) => op === "Opaque").map(({ attrs }) => attrs)).toMatchObject([
      { name: "jax.bessel_i1e" },
    ]);
    expect(notes.join()).toMatch(/jax\.bessel_i1e.* is kept as an unknown function$/);
  });
});

test("the lowest number is -inf, which a note tells", async () => {
  const { notes } = await graphOf("elementwise", "lowest_is_infinite");
  expect(notes.join()).toContain("is read as -inf");
});

test("values have the user's line, and the module", async () => {
  const { nodes, origins } = await graphOf("models", "linen_mlp_symbolic");
  const places = nodes.filter(({ op }) => op === "Contract").map((node) => origins.get(node));
  expect(places).toMatchObject([
    {
      file: "tools/fixtures/jax_networks.py",
      code: 'h = jnp.tanh(nn.Dense(8, name="hidden")(x))',
      module: "hidden",
    },
    { file: "tools/fixtures/jax_networks.py", code: "return nn.Dense(1)(h)", module: "Dense_0" },
  ]);
});
