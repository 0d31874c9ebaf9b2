/** @file The equations of graphs made by hand: as they look, and that they mean the same when read back. */
import katex from "katex";
import { describe, expect, test } from "vitest";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { textOf } from "../../src/notation/text.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, pairsInOrder } from "../arbitrary/agreement.ts";
import { hostile } from "../report/models.ts";
import { printedPairs } from "./read-back.ts";
import { samples } from "./samples.ts";

describe.for(Object.entries(samples))("%s", ([name, make]) => {
  const graph = make();
  const raised = raise(graph);
  const equations = equationsOf(raised, { width: 80 });
  const text = textOf(equations, { width: 80, color: false });
  const latex = latexOf(equations);

  test("looks as in the golden file", async () => {
    await expect(text).toMatchFileSnapshot(`../golden/${name}.txt`);
    await expect(latex).toMatchFileSnapshot(`../golden/${name}.tex`);
  });

  test("raised, it is the same function", () => {
    expect(agreement(graph, raised, pairsInOrder(graph, raised), 1)).toBe("equal");
  });

  test.for([
    ["text", text],
    ["LaTeX", latex],
  ] as const)("its %s reads back as the same function", ([, printed]) => {
    const spec = readSpec(printed, "printed.txt");
    expect(agreement(raised, spec, printedPairs(raised, equations, spec), 1)).toBe("equal");
  });

  test("its LaTeX is typeset without a warning", () => {
    const options = { displayMode: true, strict: "error", throwOnError: true } as const;
    expect(katex.renderToString(latex, options)).toContain("katex-display");
  });

  test("no line is wider than the page", () => {
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("a narrow page breaks lines, and they read back", () => {
    const narrow = textOf(equationsOf(raised, { width: 44 }), { width: 44, color: false });
    const spec = readSpec(narrow, "printed.txt");
    expect(agreement(raised, spec, printedPairs(raised, equationsOf(raised, { width: 44 }), spec), 1)).toBe(
      "equal",
    );
  });
});

test("names that would mean something in a spec or in TeX are words in the margin", () => {
  const equations = hostile();
  for (const printed of [
    textOf(equations, { width: 80, color: false }),
    textOf(equations, { width: 40, color: false }),
    latexOf(equations),
    latexOf(equations, 12),
  ]) {
    const spec = readSpec(printed, "printed.txt");
    expect(spec.parameters.map(({ node }) => node.attrs.name)).toEqual(
      equations.parameters.map(({ name }) => name),
    );
    expect(spec.outputs).toHaveLength(1);
  }
});
