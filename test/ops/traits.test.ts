/** @file What shared code may ask of a node. */
import { expect, test } from "vitest";
import { symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import {
  contractionOf,
  functionKinds,
  isAdditive,
  isElementwiseProduct,
  isParameter,
  isParameterLike,
  isStored,
  rowsIndexed,
} from "../../src/ops/traits.ts";
import { Sketch } from "../arbitrary/sketch.ts";

const V = symbol("V");

/** One node of each sort, all with the shape [2, 2]. */
function sorts(): Readonly<Record<string, Node>> {
  const s = new Sketch();
  const [x, w] = [s.input("x", [2, 2]), s.parameter("w", [2, 2])];
  const constant = s.apply("Broadcast", [s.number(3)], { shape: [2, 2] });
  return {
    input: x,
    parameter: w,
    constant,
    rearranged: s.apply("Transpose", [w], { permutation: [1, 0] }),
    "parameters of parameters": s.mul(s.add(w, constant), w),
    sum: s.add(x, w),
    difference: s.apply("Sub", [x, w], {}),
    product: s.mul(x, w),
    quotient: s.apply("Div", [x, w], {}),
    contraction: s.contract("ab,bc->ac", x, w),
    "a function of constants": s.apply("Exp", [constant], {}),
    "a function of inputs": s.apply("Exp", [x], {}),
  };
}

test.for([
  [isParameter, ["parameter"]],
  [isStored, ["parameter", "constant", "rearranged", "parameters of parameters", "a function of constants"]],
  [isParameterLike, ["parameter", "rearranged", "parameters of parameters"]],
  [isAdditive, ["sum", "difference"]],
  [isElementwiseProduct, ["parameters of parameters", "product"]],
] as const)("%s holds of %o and of nothing else", ([holds, expected]) => {
  const held = Object.entries(sorts()).flatMap(([name, node]) => (holds(node) ? [name] : []));
  expect(held).toEqual(expected);
});

test("the equation of a contraction, and of nothing else", () => {
  const found = Object.entries(sorts()).flatMap(([name, node]) => {
    const equation = contractionOf(node);
    return equation === undefined ? [] : [[name, equation]];
  });
  expect(found).toEqual([["contraction", "ab,bc->ac"]]);
});

test("integers index the rows of the tables that they are looked up in", () => {
  const s = new Sketch();
  const [table, i] = [s.parameter("E", [V, 3]), s.input("i", [4], "int64")];
  const other = s.input("j", [4], "int64");
  const looked = s.apply("Take", [table, i], {});
  expect(rowsIndexed(looked, i)).toBe(V);
  expect(rowsIndexed(looked, other)).toBeUndefined();
  expect(rowsIndexed(looked, table)).toBeUndefined();
  expect(rowsIndexed(s.add(i, other), other)).toBeUndefined();
});

test("functions of inputs that can't be written with others are told apart by kind", () => {
  const s = new Sketch();
  const [x, w] = [s.input("x", [2]), s.parameter("w", [2])];
  const made = [
    s.apply("Sin", [x], {}),
    s.apply("Cos", [x], {}),
    s.apply("Exp", [w], {}),
    s.apply("Abs", [x], {}),
  ];
  expect([...functionKinds(made)]).toEqual(["angle"]);
  expect([...functionKinds([...made, s.apply("Exp", [x], {})])]).toEqual(["angle", "exponential"]);
});
