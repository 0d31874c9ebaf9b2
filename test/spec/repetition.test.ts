/** @file Equations that are repeated, and models used inside models. */
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/assert.ts";
import { complaint, graphText, output, outputs, read } from "./support.ts";

const parametersOf = (text: string): string[] => read(text).parameters.map(({ node }) => node.attrs.name);

describe("a repetition", () => {
  const deep = (rounds: string): string => `Deep(x : [2]) -> y : [2]
  h = x
  for l = ${rounds}:
    h = 2 h + b_l
  y = h
where
  b_l : [2]
  L = 3
`;
  test.each(["1..L", "1..3", "1, \\ldots, L"])(
    "of %s is written out, with a symbol for each round",
    (rounds) => {
      expect(parametersOf(deep(rounds))).toEqual(["b_1", "b_2", "b_3"]);
      const given = { x: [1, 2], b_1: [1, 1], b_2: [0, 0], b_3: [3, 4] };
      expect(output(deep(rounds), given)).toEqual([15, 24]);
    },
  );
  test("may use the number of the round, and the value of the round before", () => {
    const text = "R(x : [1]) -> y : [1]\n  h_0 = x\n  for l = 1..3:\n    h_l = h_{l-1} * l\n  y = h_3\n";
    expect(output(text, { x: [1] })).toEqual([6]);
  });
  test("may stand in one line, with what stands before it and behind it in the same", () => {
    const text = `R(x : [2]) -> y : [2]
  h = x; for l = 1..3: u = 2 h; h = u + b_l
  for l = 1..2: h = h * l
    h = h
       + 1
  y = h
where b_l : [2]
`;
    const given = { x: [1, 2], b_1: [1, 1], b_2: [0, 0], b_3: [3, 4] };
    const rounds = (h: number): number => (h + 1) * 2 + 1;
    expect(output(text, given)).toEqual([rounds(15), rounds(24)]);
  });
  test("may stand in another, and gives equal values as the same equations in LaTeX", () => {
    const text = `N(x : [1]) -> y : [1]
  for l = 0..L - 1:
    x = x + l
    for m = 1..2:
      x = 2 x
  y = x
where L = 2
`;
    expect(output(text, { x: [1] })).toEqual([20]);
    const latex = String.raw`\operatorname{N}(x \in \mathbb{R}^{1}) \to y \in \mathbb{R}^{1} \\
\text{for } l = 0, \ldots, 1: \\
  x = x + l \\
  \text{for } m = 1, \ldots, 2: \\
    x = 2 x \\
y = x`;
    expect(output(latex, { x: [1] })).toEqual([20]);
  });
  test("names the round in messages", () => {
    const text =
      "R(x : [2]) -> y : [2]\n  for l = 1..2:\n    x = x * w_l\n  y = x\nwhere\n  w_1 : [2]\n  w_2 : [3]\n";
    expect(complaint(text)).toMatchObject({ code: "A3013", place: { part: "equation (1), l = 2" } });
  });
  test("outside of it a name is defined once", () => {
    expect(complaint("R(x : [2]) -> y : [2]\n  y = x\n  y = 2 x\n").code).toBe("A3010");
  });
});

describe("a model in one line", () => {
  const main = "Main(x : [B, d]) -> y : [B, d]\n  y = Affine(x, (1 + 1)) + Affine(x, 1)\n";
  const affine = "Affine(x : [d], y : []) = y (x * w) + w   (4)\nwhere w : [d]\n";
  test("is one with a signature and an equation", () => {
    const long = "Affine(x : [d], y : []) -> z\n  z = y (x * w) + w   (4)\nwhere w : [d]\n";
    expect(parametersOf(main + affine)).toEqual(["Affine_1.w", "Affine_2.w"]);
    const given = { x: [1, 2], "Affine_1.w": [10, 100], "Affine_2.w": [1, 1] };
    for (const text of [affine, long]) expect(output(main + text, given, { B: 1, d: 2 })).toEqual([32, 503]);
  });
  test("stands behind a where list, and is named in messages", () => {
    const text = `${main.replace("Affine(x, 1)", "c")}where c : [d]\n${affine.replace("w : [d]", "w : [e]")}`;
    expect(complaint(text)).toMatchObject({ place: { line: 4, part: "equation (4) of Affine" } });
  });
  test("in LaTeX", () => {
    const text = String.raw`\operatorname{Main}(x \in \mathbb{R}^{2}) = x + b; \\ & \text{where} \\ & b \in \mathbb{R}^{2}`;
    expect(output(text, { x: [1, 2], b: [3, 4] })).toEqual([4, 6]);
  });
});

describe("a model inside another", () => {
  const scale = "\nScale(x : [d]) -> y : [d]\n  y = x * w\nwhere\n  w : [d]\n";
  const main = (equation: string): string => `Main(x : [B, d]) -> y : [B, d]\n  ${equation}\n${scale}`;

  test("maps over the axes that it does not know", () => {
    expect(output(main("y = Scale(x)"), { x: [1, 2, 3, 4], "Scale.w": [10, 100] }, { B: 2, d: 2 })).toEqual([
      10, 200, 30, 400,
    ]);
  });
  test("has parameters of its own in each use, and the same ones under the same number", () => {
    expect(parametersOf(main("y = Scale(x) + Scale(x)"))).toEqual(["Scale_1.w", "Scale_2.w"]);
    expect(parametersOf(main("y = Scale_1(x) + Scale_1(x)"))).toEqual(["Scale_1.w"]);
    expect(parametersOf(main("y = Scale(Scale_1(Scale(x)))"))).toEqual([
      "Scale_2.w",
      "Scale_1.w",
      "Scale_3.w",
    ]);
  });
  test("takes parameters as arguments", () => {
    const text = `Main(x : [B, d]) -> y : [B, d]
  y = Affine(x, a, b)
where
  a, b : [d]

Affine(x : [d], a : [d], b : [d]) -> y : [d]
  y = a * x + b
`;
    // Arguments have the axes of the model or the same leading ones: a and b have none.
    expect(output(text, { x: [1, 2], a: [3, 4], b: [5, 6] }, { B: 1, d: 2 })).toEqual([8, 14]);
  });
  test("may have sizes of other names, which follow from the arguments", () => {
    const text = `Main(x : [B, 2 n]) -> y : [B, n]
  y = Half(x)

Half(z : [2 k]) -> y : [k]
  y = z[0:k] + z[k:2 k]
`;
    expect(output(text, { x: [1, 2, 3, 4] }, { B: 1, n: 2 })).toEqual([4, 6]);
    expect(complaint(text.replace("2 n", "3")).code).toBe("A3013");
  });
  test("does not see the letters of the equation that uses it", () => {
    const text = `Main(x : [B, T, d]) -> y : [T, B, d]
  y[b,i,:] = Sums(x[i,b,:])

Sums(x : [d]) -> y : [d]
  y[b] = sum_i x[i] + x[b]
`;
    const x = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(output(text, { x }, { B: 2, T: 2, d: 2 })).toEqual([4, 5, 16, 17, 10, 11, 22, 23]);
  });
  test("is written in LaTeX as well", () => {
    const latex = String.raw`\operatorname{Main}(x : [B, d]) \to y : [B, d]
  \text{for } l = 1, \ldots, 2:
    x = \operatorname{Scale}_{l}(x)
  y = x
${scale}`;
    expect(parametersOf(latex)).toEqual(["Scale_1.w", "Scale_2.w"]);
  });
  test("is named with its use in messages and in origins", () => {
    const text = main("y = Scale_7(x)").replace("x * w", "x * v");
    expect(complaint(text)).toMatchObject({ code: "A3008", place: { part: "equation (2) of Scale_7" } });
    const graph = read(main("y = Scale_7(x)"));
    expect(graph.origins.get(at(graph.outputs, 0).node)?.module).toBe("Scale_7");
  });
  test("may be nested", () => {
    const text = `${main("y = Twice(x)")}\nTwice(x : [d]) -> y : [d]\n  y = Scale(Scale(x))\n`;
    expect(parametersOf(text)).toEqual(["Twice.Scale_1.w", "Twice.Scale_2.w"]);
  });
});

describe("a model with several outputs", () => {
  const steps = `
Step(x : [B, n], c : [B, n]) -> y : [B, n], d : [B, n]
  y = x + 10 c
  d = x * w
where
  w : [n]
`;
  const pair = (...equations: readonly string[]): string =>
    `Pair(x : [2, 1], c : [2, 1]) -> p : [2, 1], q : [2, 1]\n${equations.map((line) => `  ${line}\n`).join("")}${steps}`;
  const numbers = { x: [1, 2], c: [3, 4] };

  test("gives each a name, in order", () => {
    const text = pair("p, q = Step(x, c)");
    expect(outputs(text, { ...numbers, "Step.w": [5] })).toEqual([
      [31, 42],
      [5, 10],
    ]);
    expect(graphText(read(pair("(p, q) = Step(x, c)")))).toBe(graphText(read(text)));
  });

  test("takes the values from before, and has its own parameters in each round", () => {
    const text = pair("for l = 1..2:", "  x, c = Step_l(x, c)", "p = x", "q = c");
    expect(parametersOf(text)).toEqual(["Step_1.w", "Step_2.w"]);
    expect(outputs(text, { ...numbers, "Step_1.w": [5], "Step_2.w": [7] })).toEqual([
      [81, 142],
      [217, 294],
    ]);
  });

  test("holds for each of more axes, and is the same in LaTeX", () => {
    const vectors = steps.replaceAll("[B, n]", "[n]");
    const plain = `Pair(x : [2, 1], c : [2, 1]) -> p : [2, 1], q : [2, 1]\n  p, q = Step(x, c)\n${vectors}`;
    const latex = String.raw`\operatorname{Pair}(x : [2, 1], c : [2, 1]) \to p : [2, 1],\; q : [2, 1] \\
p,\; q &= \operatorname{Step}(x, c) \\
\operatorname{Step}(x : [n], c : [n]) \to y : [n],\; d : [n] \\
y = x + 10 c \\
d = x * w \\
\text{where } w : [n]`;
    for (const text of [plain, latex])
      expect(outputs(text, { ...numbers, "Step.w": [5] })).toEqual([
        [31, 42],
        [5, 10],
      ]);
  });

  test("names in braces have the axes of what the model gives", () => {
    const plain = pair("a, b = Step(x, c)", "p = a", "q = b");
    const named = pair("a{i, j}, b{k, n} = Step(x, c)", "p{i, j} = a", "q{k, n} = b");
    expect(outputs(named, { ...numbers, "Step.w": [5] })).toEqual(
      outputs(plain, { ...numbers, "Step.w": [5] }),
    );
    expect(complaint(pair("a{i, j}, b{k, j} = Step(x, c)", "p{k, j} = a", "q{k, j} = b")).code).toBe("A3016");
  });

  test.each([
    [["p = Step(x, c)", "q = x"], "A3032"],
    [["p, q, r = Step(x, c)"], "A3032"],
    [["p, q = 2 Step(x, c)"], "A3006"],
    [["p[b,i], q[b,i] = Step(x, c)"], "A3024"],
    [["p, p = Step(x, c)", "q = x"], "A3010"],
    [["p, x = Step(x, c)", "q = x"], "A3010"],
  ] as const)("%j is not one: %s", (equations, code) => {
    expect(complaint(pair(...equations)).code).toBe(code);
  });
});
