/** @file Numbers that papers write as the size of an axis: √d under scores and beside vectors that are looked up, d in the frequencies of positions. */
import { at } from "../base/assert.ts";
import { equal, type Rational, rational } from "../base/rational.ts";
import { type Graph, type Node, reachable } from "../ir/graph.ts";
import { parseContraction } from "./reduction.ts";
import { anglesOf, isParameter, isPositional, readsRows } from "./traits.ts";

export interface SizeMeant {
  /** The node of which an operand is the number, or the root of it. */
  readonly user: Node;
  readonly value: Rational;
  /** The axis that a reader takes the number for. */
  readonly of: Node;
  readonly axis: number;
}

/** Each number at a place where papers have a size, which is this size. */
export const sizesMeant = (graph: Graph): SizeMeant[] =>
  graph.nodes
    .flatMap((node) => [...scaleOf(node), ...frequenciesOf(node)])
    .filter(({ value, of, axis }) => {
      const size = at(of.type.shape, axis);
      return typeof size === "number" && equal(value, rational(size));
    });

/** The root behind a product, of the axis that it sums over, and that beside rows of a table, of their width. */
function scaleOf(user: Node): SizeMeant[] {
  const [first, second] = user.inputs;
  if (first === undefined || second === undefined) return [];
  if (user.op === "Div") return meant(user, second, summed(first));
  if (user.op !== "Mul") return [];
  return [...meant(user, second, lookedUp(first)), ...meant(user, first, lookedUp(second))];
}

type Axis = Pick<SizeMeant, "of" | "axis">;

function meant(user: Node, root: Node, axis: Axis | undefined): SizeMeant[] {
  const number = root.op === "Sqrt" ? at(root.inputs, 0) : undefined;
  return axis !== undefined && number?.op === "Constant"
    ? [{ user, value: number.attrs.value, ...axis }]
    : [];
}

/** The one axis that a product sums over. */
function summed(node: Node): Axis | undefined {
  if (node.op !== "Contract") return undefined;
  const { left, summed: letters } = parseContraction(node.attrs.equation);
  const [letter, ...more] = letters;
  return letter === undefined || more.length > 0
    ? undefined
    : { of: at(node.inputs, 0), axis: left.indexOf(letter) };
}

const lookedUp = (node: Node): Axis | undefined =>
  readsRows(node) && isParameter(at(node.inputs, 0))
    ? { of: node, axis: node.type.shape.length - 1 }
    : undefined;

/** The divisors in the exponents of angles, of the axis that has two places for each angle. */
function frequenciesOf(of: Node): SizeMeant[] {
  const axis = of.type.shape.length - 1;
  return anglesAlong(of, axis)
    .filter(isPositional)
    .flatMap((angle) => [...reachable([angle])])
    .flatMap((node) => (node.op === "PowerOf" ? [...reachable(node.inputs)] : []))
    .flatMap((user) => {
      const divisor = user.op === "Div" ? at(user.inputs, 1) : undefined;
      return divisor?.op === "Constant" ? [{ user, value: divisor.attrs.value, of, axis }] : [];
    });
}

/** The angles that turn pairs along an axis, or whose sines and cosines stand there. */
function anglesAlong(node: Node, axis: number): readonly Node[] {
  if (node.op === "Rotary") return anglesOf(node);
  const isJoined = node.op === "Interleave" || (node.op === "Concat" && node.attrs.axis === axis);
  return isJoined && node.inputs.length === 2 ? node.inputs.flatMap(anglesOf) : [];
}
