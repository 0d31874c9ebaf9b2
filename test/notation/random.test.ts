/** @file Equations of random graphs over every operator read back as the same function, from text and from LaTeX. */
import fc from "fast-check";
import katex from "katex";
import { expect, test } from "vitest";
import type { Graph } from "../../src/ir/graph.ts";
import type { OpName } from "../../src/ir/operators.ts";
import type { Equations } from "../../src/notation/document.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { textOf } from "../../src/notation/text.ts";
import { isOneOfSeveral, isScan } from "../../src/ops/traits.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { readSpec } from "../../src/spec/read.ts";
import { allOperators, graphs } from "../arbitrary/graphs.ts";
import { nestedRecurrences } from "../arbitrary/nested.ts";
import { printedAgreement } from "./read-back.ts";

/** Nothing is promised about reading back what Assay has no definition for. */
const readable = graphs({ without: ["Opaque"], steps: 10 });
/** Dense in what needs parentheses. */
const signs = new Set<OpName>([
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Neg",
  "Square",
  "Power",
  "Contract",
  "Transpose",
]);
const arithmetic = graphs({ without: allOperators.filter((op) => !signs.has(op)), steps: 8 });
/** Dense in recurrences that read each other. */
const around = new Set<OpName>([
  "Scan",
  "Add",
  "Tanh",
  "Contract",
  "Transpose",
  "Concat",
  "Slice",
  "Sum",
  "Softmax",
]);
const recurrent = graphs({ without: allOperators.filter((op) => !around.has(op)), steps: 6 }).filter(
  ({ nodes }) => nodes.some(isScan),
);
/** Dense in blocks that are used again and again. */
const uses = new Set<OpName>(["Call", "Add", "Tanh", "Sum", "Transpose"]);
const repetitive = graphs({ without: allOperators.filter((op) => !uses.has(op)), steps: 5 }).filter(
  ({ nodes }) => nodes.some(isOneOfSeveral),
);
const any = graphs({ without: [], steps: 10 });

const width = 80;
const forms: readonly (readonly [string, (equations: Equations) => string])[] = [
  ["text", (equations) => textOf(equations, { width, color: false })],
  ["narrow text", (equations) => textOf(equations, { width: 40, color: false })],
  ["LaTeX", latexOf],
  ["narrow LaTeX", (equations) => latexOf(equations, 12)],
];

const profiles = ["matrix", "index", "named"] as const;
const written = profiles.flatMap((notation) =>
  forms.map(([name, print]) => [notation, name, print] as const),
);

test.for(written)("in the notation %s, %s reads back", ([notation, , print]) => {
  let compared = 0;
  const check = (graph: Graph): void => {
    const equations = equationsOf(graph, { width, notation });
    const printed = print(equations);
    const spec = readSpec(printed, "printed.txt");
    const result = printedAgreement(graph, equations, spec);
    // A division by zero at the random point shows nothing, but must be rare.
    if (result !== "undefined") compared++;
    expect(result, printed).not.toBe("different");
  };
  fc.assert(fc.property(readable, check), { numRuns: 150 });
  expect(compared).toBeGreaterThan(120);
});

test.for([
  ["a recurrence over what a repetition gave", "matrix", -725542971],
  ["a value whose axes leave it no index", "named", 903625906],
] as const)("%s reads back", ([, notation, seed]) => {
  const check = (graph: Graph): void => {
    const equations = equationsOf(graph, { width, notation });
    const printed = latexOf(equations, 12);
    expect(printedAgreement(graph, equations, readSpec(printed, "printed.tex")), printed).not.toBe(
      "different",
    );
  };
  fc.assert(fc.property(readable, check), { numRuns: 150, seed });
});

test.for(written)("in the notation %s, %s of arithmetic reads back", ([notation, , print]) => {
  const check = (graph: Graph): void => {
    const equations = equationsOf(graph, { width, notation });
    const printed = print(equations);
    const spec = readSpec(printed, "printed.txt");
    expect(printedAgreement(graph, equations, spec), printed).not.toBe("different");
  };
  fc.assert(fc.property(arithmetic, check), { numRuns: 300 });
});

test.for(written)("in the notation %s, %s of recurrences reads back", ([notation, , print]) => {
  const check = (graph: Graph): void => {
    const raised = raise(graph);
    const equations = equationsOf(raised, { width, notation });
    const printed = print(equations);
    const spec = readSpec(printed, "printed.txt");
    expect(printedAgreement(raised, equations, spec), printed).toBe("equal");
  };
  fc.assert(fc.property(recurrent, check), { numRuns: 50 });
});

test.for(written)(
  "in the notation %s, %s of recurrences inside recurrences reads back",
  ([notation, , print]) => {
    const check = (graph: Graph): void => {
      const raised = raise(graph);
      const equations = equationsOf(raised, { width, notation });
      const printed = print(equations);
      const spec = readSpec(printed, "printed.txt");
      expect(printedAgreement(raised, equations, spec), printed).toBe("equal");
    };
    fc.assert(fc.property(nestedRecurrences, check), { numRuns: 40 });
  },
);

test.for(written)("in the notation %s, %s of repeated blocks reads back", ([notation, , print]) => {
  const check = (graph: Graph): void => {
    const equations = equationsOf(graph, { width, notation });
    const printed = print(equations);
    const spec = readSpec(printed, "printed.txt");
    expect(printedAgreement(graph, equations, spec), printed).toBe("equal");
  };
  fc.assert(fc.property(repetitive, check), { numRuns: 50 });
});

test.for([
  ["readable", readable],
  ["recurrent", recurrent],
] as const)("raised graphs read back: %s", ([, arbitrary]) => {
  const check = (graph: Graph): void => {
    const raised = raise(graph);
    const equations = equationsOf(raised, { width });
    const printed = textOf(equations, { width, color: false });
    const spec = readSpec(printed, "printed.txt");
    expect(printedAgreement(raised, equations, spec), printed).not.toBe("different");
  };
  fc.assert(fc.property(arbitrary, check), { numRuns: 150 });
});

test("a line is wider than the page only when one name is", () => {
  const check = (graph: Graph, columns: number): void => {
    const text = textOf(equationsOf(graph, { width: columns }), { width: columns, color: false });
    const wide = text.split("\n").filter((line) => line.length > columns && line.trim().includes(" "));
    expect(wide).toEqual([]);
  };
  fc.assert(fc.property(any, fc.integer({ min: 50, max: 120 }), check), { numRuns: 150 });
});

test("LaTeX is typeset without a warning", () => {
  const check = (graph: Graph): void => {
    const latex = latexOf(equationsOf(graph, { width }));
    expect(katex.renderToString(latex, { displayMode: true, strict: "error", throwOnError: true })).toContain(
      "katex",
    );
  };
  fc.assert(fc.property(any, check), { numRuns: 150 });
});

test("every name means one thing", () => {
  const check = (graph: Graph): void => {
    const { inputs, parameters, equations, sizes } = equationsOf(graph, { width });
    const plain = (all: readonly string[]): string[] => all.map((name) => name.replaceAll("_", ""));
    const declared = [...inputs, ...parameters, ...sizes].map(({ name }) => name);
    const namesIn = (isRound: boolean): string[] =>
      plain(
        equations.filter(({ rounds }) => (rounds !== undefined) === isRound).flatMap(({ names: own }) => own),
      );
    const [once, again] = [[...plain(declared), ...namesIn(false)], namesIn(true)];
    expect(new Set(once).size).toBe(once.length);
    expect(new Set(again).size).toBe(again.length);
    // What rounds give on has its start before them.
    const starts = new Set(
      equations.flatMap(({ names: own, rounds }) => (rounds === undefined ? plain(own) : [])),
    );
    expect(again.filter((name) => once.includes(name) && !starts.has(name))).toEqual([]);
  };
  fc.assert(fc.property(any, check), { numRuns: 150 });
});
