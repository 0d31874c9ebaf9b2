/** @file Recurrences look as papers write them; one inside another is a block that a step uses. */
import { readFileSync } from "node:fs";
import katex from "katex";
import { describe, expect, test } from "vitest";
import { readJaxpr } from "../../src/frontends/jax/read.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { nest } from "../../src/ir/body.ts";
import { symbol } from "../../src/ir/dim.ts";
import type { Graph, Node, NodeOf } from "../../src/ir/graph.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { textOf } from "../../src/notation/text.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { check } from "../../src/prove/check.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { readSpec } from "../../src/spec/read.ts";
import { groups, sourceOfDocument } from "../jax/support.ts";
import { fixture } from "../torch/support.ts";
import { formsToProve, printed, proofOf } from "./read-back.ts";

const width = 100;
const specs = ["lstm", "gru", "bidirectional-lstm", "s4d"];
const exports = ["lstm_language_model", "lstm_tagger", "gru_layer", "bidirectional_lstm"];

const specText = (name: string): string =>
  readFileSync(new URL(`../../specs/${name}.md`, import.meta.url), "utf8");

const models: readonly (readonly [string, () => Promise<Graph>])[] = [
  ...specs.map((name) => [name, () => Promise.resolve(readSpec(specText(name), `${name}.md`))] as const),
  ...exports.map((name) => [name, () => readTorchExport(fixture(name))] as const),
];

describe.for(models)("%s", ([name, make]) => {
  test("looks as in the golden file", async () => {
    const equations = equationsOf(raise(await make()), { width });
    await expect(textOf(equations, { width, color: false })).toMatchFileSnapshot(`../golden/${name}.txt`);
    const latex = latexOf(equations);
    await expect(latex).toMatchFileSnapshot(`../golden/${name}.tex`);
    const options = { displayMode: true, strict: "error", throwOnError: true } as const;
    expect(katex.renderToString(latex, options)).toContain("katex-display");
  });

  if (name !== "gru_layer")
    test("is proved to be what is printed of it", async () => {
      const graph = await make();
      const equations = equationsOf(raise(graph), { width });
      for (const text of [textOf(equations, { width, color: false }), latexOf(equations)]) {
        const verdict = check({
          code: graph,
          spec: (batch) => readSpec(text, "printed", { batch }),
          seed: 1,
        });
        expect(verdict.kind, text).toBe("equal");
      }
    });
});

test("a language model fits into few lines", async () => {
  const equations = equationsOf(raise(await readTorchExport(fixture("lstm_language_model"))), { width });
  const lines = textOf(equations, { width, color: false }).trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(15);
});

/** Sums of sums: a recurrence over the rows of what another runs over. */
function nested(): Graph {
  const T = symbol("T");
  const sums = (shape: readonly (typeof T)[], make: (of: Summands) => Node): ReturnType<typeof nest> => {
    const builder = newBuilder();
    const total = builder.node("Input", [], { name: "total", shape: [], dtype: "float32" });
    const x = builder.node("Input", [], { name: "x", shape, dtype: "float32" });
    const node = make({ builder, total, x });
    const outputs = [{ name: "total", node }];
    return nest(builder.graph({ name: "", inputs: [total, x], parameters: [], outputs }));
  };
  const attrs = { carries: 1, sequences: 1, output: 0, reverse: false };
  const last = (builder: Summands["builder"], stack: Node): Node => {
    const slice = builder.node("Slice", [stack], { axis: 0, start: 0, stop: 1, step: 1 }) as Node;
    return builder.node("Reshape", [slice], { shape: [] }) as Node;
  };
  const inner = sums([], ({ builder, total, x }) => builder.node("Add", [total, x], {}) as Node);
  const outer = sums([T], ({ builder, total, x }) => {
    const stack = builder.node("Scan", [total, x], { ...attrs, body: inner });
    return last(builder, stack);
  });
  const builder = newBuilder();
  const x: NodeOf<"Input"> = builder.node("Input", [], { name: "x", shape: [T, T], dtype: "float32" });
  const start = builder.node("Input", [], { name: "start", shape: [], dtype: "float32" });
  const stack = builder.node("Scan", [start as Node, x as Node], { ...attrs, body: outer });
  const outputs = [{ name: "y", node: stack as Node }];
  return builder.graph({ name: "Sums", inputs: [x, start], parameters: [], outputs });
}

interface Summands {
  readonly builder: ReturnType<typeof newBuilder>;
  readonly total: Node;
  readonly x: Node;
}

test.for(["matrix", "index", "named"] as const)(
  "a recurrence inside another is a block that a step uses, in the notation %s",
  (notation) => {
    const graph = nested();
    const equations = equationsOf(graph, { width, notation });
    for (const text of [textOf(equations, { width, color: false }), latexOf(equations)]) {
      expect(text).toContain("Inner");
      const verdict = check({ code: graph, spec: () => readSpec(text, "printed"), seed: 1 });
      expect(verdict.kind, text).toBe("equal");
    }
  },
);

/** Programs of JAX whose steps have recurrences: of several values, backwards, from the state without, three deep. */
describe.for(groups.get("nested") ?? [])("jax/nested/$name", ({ name, document }) => {
  test("looks as in the golden file", async () => {
    const equations = equationsOf(raise(await readJaxpr(sourceOfDocument(document))), { width });
    await expect(textOf(equations, { width, color: false })).toMatchFileSnapshot(
      `../golden/nested/${name}.txt`,
    );
  });

  test.for(["matrix", "index", "named"] as const)(
    "is proved to be what is printed in the notation %s",
    async (notation) => {
      const model = await readJaxpr(sourceOfDocument(document));
      for (const form of formsToProve(printed(model, notation)))
        expect(proofOf(model, form), form).toMatchObject({ kind: "equal" });
    },
  );
});
