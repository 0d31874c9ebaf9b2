/** @file Whole verdicts, as data in few lines: differences with their two sides, bindings, witness, notes. */
import { describe, expect, test } from "vitest";
import { symbol } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { check } from "../../src/prove/check.ts";
import type { Difference, Verdict, VerdictPlace } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";
import { Sketch } from "../arbitrary/sketch.ts";
import { kindsOf, mlp, verdictOn } from "./models.ts";

const placeText = ({ file, line, equation }: VerdictPlace): string =>
  [file, line, equation === undefined ? undefined : `(${equation})`]
    .filter((part) => part !== undefined)
    .join(" ");

const differenceText = ({ kind, words, spec, code, consequences, alternatives }: Difference): string[] => [
  `${kind}: ${words}`,
  `  spec  ${[placeText(spec.place), spec.text].join("  ")}`,
  `  code  ${[placeText(code.place), code.text].join("  ")}`,
  ...consequences.map((text) => `  so  ${text}`),
  ...alternatives.map((text) => `  or  ${text}`),
];

function verdictText(verdict: Verdict): string {
  const lines: string[] = [verdict.kind];
  if (verdict.kind === "undecided") {
    lines.push(verdict.reason);
    if (verdict.at !== undefined) lines.push(`at ${placeText(verdict.at.place)}  ${verdict.at.text}`);
  }
  if (verdict.kind === "equal") {
    const { runs, elements, assumptions, primes, error, floatGap } = verdict.evidence;
    expect(primes.length).toBe(runs);
    if (floatGap === undefined) lines.push("no value in float64");
    else expect(floatGap).toBeLessThan(1e-12);
    lines.push(`${runs} runs, ${elements} elements, error below 10^${Math.ceil(Math.log10(error))}`);
    lines.push(...assumptions.map((text) => `  if  ${text}`));
  }
  if (verdict.kind === "different") {
    lines.push(...verdict.differences.flatMap(differenceText));
    const { witness } = verdict;
    if (witness !== undefined) {
      const inputs = witness.inputs.map(({ name, value }) => `${name} = ${value}`).join(", ");
      const [spec, code] = [witness.spec, witness.code].map((value) => value.toPrecision(6));
      lines.push(
        `witness  ${inputs}: ${witness.output} is ${spec}, in the code ${code}; ${witness.parameters}`,
      );
    }
  }
  lines.push(
    ...verdict.bindings.map(({ parameter, shape, is }) => `${parameter} : [${shape.join(", ")}] = ${is}`),
  );
  lines.push(...verdict.notes.map((note) => `note  ${note}`));
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

const square = mlp.replaceAll("H", "4").replaceAll("2]", "4]").replace("  4 = 5\n", "");
const f = (right: string, parameters = "", inputs = "x : [B, 4]", output = "y : [B, 4]"): string =>
  `F(${inputs}) -> ${output}\n  y = ${right}\n${parameters === "" ? "" : `where\n  ${parameters}\n`}`;

const two = "x : [B, 4], z : [B, 4]";

const three = (h: string): string => `F(x : [B, 4]) -> p : [B, 4], q : [B, 4], r : [B, 4]
  h = ${h}
  p = 2 * h
  q = h + 1
  r = x / 3
`;

const cases: Readonly<Record<string, readonly [code: string, spec: string]>> = {
  equal: [mlp, mlp],
  "equal, transposed": [mlp.replace("x W_1", "x U^T").replace("W_1 : [4, H]", "U : [H, 4]"), mlp],
  "missing activation": [mlp.replace("tanh(x W_1 + b_1)", "x W_1 + b_1"), mlp],
  "wrong activation": [mlp.replace("tanh", "sigmoid"), mlp],
  "bias twice": [mlp.replace("h W_2 + b_2", "h W_2 + b_2 + b_2"), mlp],
  "extra bias": [f("x W + b", "W : [4, 4]\n  b : [4]"), f("x W", "W : [4, 4]")],
  "missing activation and bias": [
    mlp.replace("tanh(x W_1 + b_1)", "x W_1").replace("  b_1 : [H]\n", ""),
    mlp,
  ],
  "shared parameter": [square.replace("h W_2", "h W_1").replace("  W_2 : [4, 4]\n", ""), square],
  "scaled parameter": [mlp.replace("x W_1", "x (2 W_1)"), mlp],
  "tied entries": [mlp.replace("b_1 : [H]", "b_1 : [1]"), mlp],
  "wrong axis": [
    f("softmax_T(x)", "", "x : [B, T, 4]", "y : [B, T, 4]"),
    f("softmax_n(x)", "n = 4", "x : [B, T, n]", "y : [B, T, n]"),
  ],
  "wrong reduction": [f("sum_T(x)", "", "x : [B, T, 4]"), f("mean_T(x)", "", "x : [B, T, 4]")],
  "wrong operation": [f("x - z", "", two), f("x * z", "", two)],
  "wrong scale": [f("3 * tanh(x)"), f("tanh(x)")],
  "another layout": [
    f("x w", "w : [4]", "x : [B, 4]", "y : [B]"),
    f("x w", "w : [4, 1]", "x : [B, 4]", "y : [B, 1]"),
  ],
  "other inputs": [f("x + z", "", two), f("x")],
  "other inputs, over a batch": [f("x + z", "", two), f("x", "", "x : [4]", "y : [4]")],
  "another number of inputs": [f("x"), f("x + z", "", two)],
  "another shape of an input": [f("x"), f("x", "", "x : [B, 5]", "y : [B, 5]")],
  "over a batch": [f("tanh(x) W", "W : [4, 4]"), f("tanh(x) W", "W : [4, 4]", "x : [4]", "y : [4]")],
  "over a batch, two inputs": [f("x * z", "", two), f("x * z", "", "x : [4], z : [4]", "y : [4]")],
  "over a batch, in one input of two": [
    f("x * z", "", "x : [B, 4], z : [4]"),
    f("x * z", "", "x : [4], z : [4]", "y : [4]"),
  ],
  "equal, but not in float64": [f("exp(x + 1000) * exp(-1000)"), f("exp(x)")],
  "a parameter that changes nothing": [
    f("x W + 0 * (x V)", "W : [4, 4]\n  V : [4, 4]"),
    f("x W", "W : [4, 4]"),
  ],
  "divided by zero": [f("x / (x - x)"), f("x")],
  "the spec divides by zero": [f("x"), f("x + 0 / (x - x)")],
  "an identity that the field does not have": [f("log(x^2)"), f("2 * log(abs(x))")],
  "two outputs, one wrong": [
    "F(x : [B, 4]) -> y : [B, 4], r : [B, 4]\n  y = tanh(x)\n  r = x\n",
    "F(x : [B, 4]) -> y : [B, 4], r : [B, 4]\n  y = tanh(x)\n  r = sin(x)\n",
  ],
  "two outputs of three": [three("x"), three("tanh(x)")],
  "affine on both sides": [f("x - z", "", two), f("x + z", "", two)],
  "sizes by other names": [
    f("tanh(x) * z", "", "z : [4], x : [B, 4]"),
    f("tanh(x) * z", "", "z : [4], x : [N, 4]", "y : [N, 4]"),
  ],
  "a term with a size of its own": [
    f("x u", "u : [4]", "x : [B, 4]", "y : [B]"),
    f("x u + tanh((x * x) V) w", "u : [4]\n  V : [4, m]\n  w : [m]", "x : [B, 4]", "y : [B]"),
  ],
  "nothing that explains it": [f("sin(sin(sin(x * x + 3))) * x"), f("exp(x)")],
  "three mistakes": [f("sin(sin(x))"), f("exp(x * W)", "W : [4]")],
  "nothing that can be found": [f("sin(sin(sin(sin(x))))"), f("exp(x * W)", "W : [4]")],
};

describe("a verdict", () => {
  test.for(Object.entries(cases))("%s", async ([name, [code, spec]]) => {
    const file = `../golden/verdicts/${name.replaceAll(/\W+/g, "-")}.txt`;
    await expect(verdictText(verdictOn(code, spec))).toMatchFileSnapshot(file);
  });

  test("says that no input shows a parameter which is left out", () => {
    const scores = (keys: string, where: string): string => `Scores(x : [B, T, 3]) -> y : [B, T, T]
  q = x Q
  k = ${keys}
  y[b,i,j] = softmax_j(sum_c q[b,i,c] k[b,j,c])
where
  Q, K : [3, 4]
${where}`;
    const verdict = verdictOn(scores("x K", ""), scores("x K + b", "  b : [4]\n"));
    expect(kindsOf(verdict)).toEqual(["missing-bias"]);
    expect(verdict.kind === "different" && verdict.witness).toBeUndefined();
    expect(verdict.notes).toContain("no witness: in float64 the outputs are the same whatever b is");
  });

  test("says that there is no witness where a function has no value in float64", async () => {
    const model = (last: (sketch: Sketch, sorted: Node) => Node): Graph => {
      const sketch = new Sketch();
      const x = sketch.input("x", [symbol("B"), 4]);
      const attrs = { name: "sort", attributes: "", shape: x.type.shape, dtype: "float32" } as const;
      return sketch.graph("F", { y: last(sketch, sketch.apply("Opaque", [x], attrs)) });
    };
    const sorted = model((_, node) => node);
    const spec = (): Graph => model((sketch, node) => sketch.apply("Tanh", [node], {}));
    const verdicts = [
      check({ code: sorted, spec, seed: 1 }),
      check({ code: sorted, spec: () => sorted, seed: 1 }),
    ];
    const text = verdicts.map(verdictText).join("\n");
    await expect(text).toMatchFileSnapshot("../golden/verdicts/an-unknown-function.txt");
  });

  test("tells parameters that the code does not train, and where each is", async () => {
    const model = (trained: boolean): Graph => {
      const sketch = new Sketch();
      const x = sketch.input("x", [symbol("B"), 4]);
      const [W, b] = [sketch.parameter("layer.W", [4, 3]), sketch.parameter("layer.b", [3], trained)];
      const product = sketch.at(7, () => sketch.contract("ab,bc->ac", x, W));
      return sketch.graph("F", { y: sketch.at(8, () => sketch.apply("Tanh", [sketch.add(product, b)], {})) });
    };
    const verdict = check({ code: model(false), spec: () => model(true), seed: 1 });
    await expect(verdictText(verdict)).toMatchFileSnapshot("../golden/verdicts/untrained.txt");
  });

  test("notes what the code trains in vain, and not what it only stores", () => {
    const model = (trained: boolean): Graph => {
      const sketch = new Sketch();
      const x = sketch.input("x", [symbol("B"), 4]);
      const nothing = sketch.mul(sketch.number(0), sketch.parameter("c", [4], trained));
      return sketch.graph("F", { y: sketch.add(sketch.apply("Tanh", [x], {}), nothing) });
    };
    const spec = (): Graph => readSpec(f("tanh(x)"), "spec.txt");
    const notes = (trained: boolean): string[] => check({ code: model(trained), spec, seed: 1 }).notes;
    expect(notes(true)).toEqual(["c is a parameter of the code that the spec does not have"]);
    expect(notes(false)).toEqual([]);
  });

  test("uses the code's own weights for the witness where it has them", async () => {
    const weights = Float64Array.of(1, 2, 3, 4);
    const code = readSpec(f("x w", "w : [4]", "x : [B, 4]", "y : [B]"), "code.txt");
    const own = code.parameters.map((parameter) => ({ ...parameter, values: () => weights }));
    const verdict = check({
      code: { ...code, parameters: own },
      spec: () => readSpec(f("tanh(x w)", "w : [4]", "x : [B, 4]", "y : [B]"), "spec.txt"),
      seed: 1,
    });
    await expect(verdictText(verdict)).toMatchFileSnapshot("../golden/verdicts/own-weights.txt");
  });
});

describe("who asks", () => {
  const ask = (code: string, spec: string): { readonly messages: string[]; readonly claims: number } => {
    const messages: string[] = [];
    let claims = 0;
    check({
      code: readSpec(code, "code.txt"),
      spec: () => readSpec(spec, "spec.txt"),
      seed: 1,
      onProgress: (message) => messages.push(message),
      onEqual: () => claims++,
    });
    return { messages, claims };
  };

  test("hears of an equality's claim, and of nothing else's", () => {
    expect(ask(mlp, mlp)).toEqual({ messages: [], claims: 1 });
    expect(ask(mlp.replace("tanh", "sigmoid"), mlp).claims).toBe(0);
  });

  test("hears of a long search", () => {
    const { messages } = ask(f("sin(sin(x))"), f("exp(x * W)", "W : [4]"));
    expect(messages.length).toBeGreaterThan(1);
    expect(messages).toEqual(messages.map((_, i) => `${50 * (i + 1)} edits tried`));
  });
});
