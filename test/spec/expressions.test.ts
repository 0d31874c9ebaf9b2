/** @file How expressions group: a table, and random trees written with all brackets and with as few as possible. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assertNever } from "../../src/base/assert.ts";
import { complaint, graphText, read } from "./support.ts";

/** The graph of an expression of square matrices x, y, z and a vector v. */
const graphOf = (expression: string): string =>
  graphText(
    read(
      `M(x, y, z : [n, n], v : [n]) -> r\n  r = ${expression}\n`.replace(
        "x, y, z : [n, n]",
        "x : [n, n], y : [n, n], z : [n, n]",
      ),
    ),
  );

describe("strength", () => {
  test.each([
    ["x y * z", "(x y) * z"],
    ["x * y z", "x * (y z)"],
    ["x / y z", "x / (y z)"],
    ["x y z", "(x y) z"],
    ["x - y - z", "(x - y) - z"],
    ["x / y / z", "(x / y) / z"],
    ["x / y * z", "(x / y) * z"],
    ["x + y * z", "x + (y * z)"],
    ["-x * y", "-(x * y)"],
    ["-x + y", "(-x) + y"],
    ["-x^2", "-(x^2)"],
    ["x * -y", "x * (-y)"],
    ["x + -y", "x + (-y)"],
    ["x - -y", "x - (-y)"],
    ["x y^T", "x (y^T)"],
    ["x^T^T y", "((x^T)^T) y"],
    ["x y^2", "x (y^2)"],
    ["x . y z", "x . (y z)"],
    ["x . y * v", "(x . y) * v"],
    ["v / x . y", "v / (x . y)"],
    ["x . y / v", "(x . y) / v"],
    ["mean x * y + z", "mean(x * y) + z"],
    ["mean(x) * y", "(mean(x)) * y"],
    ["mean (x) * y", "mean((x) * y)"],
    ["v mean x y", "v (mean(x y))"],
    ["-mean x", "-(mean(x))"],
    ["tanh x y", "(tanh(x)) y"],
    ["tanh x^2", "tanh(x^2)"],
    ["|x| |y|", "(|x|) (|y|)"],
    ["||x| - y|", "|(|x|) - y|"],
    ["|x + |y||", "|x + (|y|)|"],
    ["x(y + z)", "x (y + z)"],
    ["\\frac{x}{y} z", "(x / y) z"],
    ["x^{\\top} y", "(x^T) y"],
    ["2x", "2 x"],
    ["2 x^2", "2 (x^2)"],
    ["x 2", "x (2)"],
    ["x + where(x < y and y < z or x == z, x, y)", "x + where(((x < y) and (y < z)) or (x == z), x, y)"],
    ["x + where(x + y < y z, x, y)", "x + where((x + y) < (y z), x, y)"],
  ])("%s is %s", (written, meant) => {
    expect(graphOf(written)).toBe(graphOf(meant));
  });

  test.each([
    ["x y * z", "x (y * z)"],
    ["x / y z", "(x / y) z"],
    ["x - y - z", "x - (y - z)"],
    ["-x^2", "(-x)^2"],
    ["mean(x) * y", "mean (x) * y"],
    ["x y z", "x (y z)"],
  ])("%s is not %s", (written, other) => {
    expect(graphOf(written)).not.toBe(graphOf(other));
  });

  test("comparisons do not chain", () => {
    expect(complaint("M(x : [n]) -> r\n  r = where(0 < x < 1, x, 0)\n").want).toBe(
      "`and` between two comparisons",
    );
  });
});

describe("constants are exact", () => {
  test.each([
    ["1/3", '"denominator":"3n","numerator":"1n"'],
    ["(0.1 + 0.2)", '"denominator":"10n","numerator":"3n"'],
    ["2^-3", '"denominator":"8n","numerator":"1n"'],
    ["(2/3)^2", '"denominator":"9n","numerator":"4n"'],
    ["-(1 - 3) * 4", '"denominator":"1n","numerator":"8n"'],
    ["1e-5", '"denominator":"100000n","numerator":"1n"'],
    ["2 \\times 10^{-5}", '"denominator":"50000n","numerator":"1n"'],
    [".5", '"denominator":"2n","numerator":"1n"'],
    ["c", '"denominator":"7n","numerator":"22n"'],
    ["d / 2", '"denominator":"1n","numerator":"32n"'],
  ])("%s", (expression, stored) => {
    const text = `M(x : [d]) -> r\n  r = x + ${expression}\nwhere\n  d = 64   width\n  c = 22/7\n`;
    expect(graphText(read(text))).toContain(stored);
  });
});

type Tree =
  | { readonly kind: "leaf"; readonly text: string }
  | { readonly kind: "infix"; readonly operator: string; readonly left: Tree; readonly right: Tree }
  | { readonly kind: "negation" | "square" | "tanh" | "abs" | "mean"; readonly operand: Tree };

const leaf = fc
  .constantFrom("x", "y", "z", "v", "x^T", "2", "0.5", "x[:, 0]")
  .map((text): Tree => ({ kind: "leaf", text }));
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    leaf,
    fc.record({
      kind: fc.constant("infix" as const),
      operator: fc.constantFrom("+", "-", "*", "/", ".", " "),
      left: tie("tree"),
      right: tie("tree"),
    }),
    fc.record({
      kind: fc.constantFrom("negation" as const, "square" as const, "tanh" as const, "abs" as const),
      operand: tie("tree"),
    }),
    // A mean needs an axis, which x brings along.
    fc
      .record({ operator: fc.constantFrom("+", "*", ".", " "), right: tie("tree") })
      .map(({ operator, right }): Tree => {
        const left: Tree = { kind: "infix", operator: "+", left: { kind: "leaf", text: "x" }, right };
        const operand: Tree = { kind: "infix", operator, left, right: { kind: "leaf", text: "y" } };
        return { kind: "mean", operand };
      }),
  ),
}));

const spaced = (operator: string): string => (operator === " " ? " " : ` ${operator} `);

/** All brackets that can be written. */
function full(node: Tree): string {
  switch (node.kind) {
    case "leaf":
      return `(${node.text})`;
    case "infix":
      return `(${full(node.left)}${spaced(node.operator)}${full(node.right)})`;
    case "negation":
      return `(-${full(node.operand)})`;
    case "square":
      return `(${full(node.operand)}^2)`;
    case "tanh":
    case "abs":
    case "mean":
      return `${node.kind}(${full(node.operand)})`;
    default:
      return assertNever(node);
  }
}

const strengths: Readonly<Record<string, number>> = { "+": 1, "-": 1, "*": 3, "/": 3, ".": 4, " ": 5 };

function strengthOf(node: Tree): number {
  if (node.kind === "infix") return strengths[node.operator] ?? 0;
  return { leaf: 7, negation: 2, square: 6, tanh: 7, abs: 7, mean: 2 }[node.kind];
}

/** Only the brackets that the table of strengths asks for; a product behind `/` keeps its own. */
function sparse(node: Tree, atLeast = 0): string {
  const text = bare(node);
  return strengthOf(node) < atLeast ? `(${text})` : text;
}

/** A bar behind a factor inside bars would close them. */
const barred = (text: string): string => (text.includes("|") ? `|(${text})|` : `|${text}|`);

function bare(node: Tree): string {
  switch (node.kind) {
    case "leaf":
      return node.text;
    case "infix": {
      const own = strengths[node.operator] ?? 0;
      const right = node.operator === "/" ? 6 : own + 1;
      return `${sparse(node.left, own)}${spaced(node.operator)}${sparse(node.right, right)}`;
    }
    case "negation":
      return `-${sparse(node.operand, 3)}`;
    case "square":
      return `${sparse(node.operand, 7)}^2`;
    case "mean":
      return `mean ${sparse(node.operand, 3)}`;
    case "tanh":
      return `tanh(${sparse(node.operand)})`;
    case "abs":
      return barred(sparse(node.operand));
    default:
      return assertNever(node);
  }
}

test("as few brackets as possible mean the same as all of them", () => {
  fc.assert(
    fc.property(tree, (node) => {
      expect(graphOf(sparse(node))).toBe(graphOf(full(node)));
    }),
    { numRuns: 500 },
  );
});
