/**
 * @file Recovers contractions. jax-js lowers every matrix product, einsum and tensordot to transpositions, reshapes that
 * insert axes of size 1 (or merge the summed axes), and `dot`: the sum of x · y over the last axis, with broadcasting.
 */
import { at, range } from "../../base/assert.ts";
import { broadcastShapes, elementCount, equalDims, equalShapes, type Shape } from "../../ir/dim.ts";
import type { Builder, Node } from "../../ir/graph.ts";
import { canonicalEquation } from "../../ops/reduction.ts";

/** One letter for each axis of a node; `undefined` for an axis of size 1 that only broadcasts. */
interface Operand {
  readonly node: Node;
  readonly letters: readonly (string | undefined)[];
}

const letter = (index: number): string => String.fromCharCode("a".charCodeAt(0) + index);

/** The sum of x · y over the last axis, as one Contract where both have that axis in full. */
export function dot(build: Builder, x: Node, y: Node): Node {
  const result = broadcastShapes([x.type.shape, y.type.shape]);
  const [inner, other] = [x.type.shape.at(-1), y.type.shape.at(-1)];
  if (result === undefined || inner === undefined || other === undefined || !equalDims(inner, other)) {
    const product = build.node("Mul", [x, y], {}) as Node;
    return build.node("Sum", [product], { axes: [product.type.shape.length - 1] }) as Node;
  }
  const outer = result.slice(0, -1);
  const merged = mergedAxes(x, y);
  const summed = range(merged ?? 1).map((i) => letter(outer.length + i));
  const peeled = [x, y].map((node) => peel(label(node, outer, summed), summed));
  // A summed axis of size 1 can vanish from one operand, where a reshape inserted it; then it goes from both.
  const vanished = summed.filter((l) => !peeled.every(({ letters }) => letters.includes(l)));
  const [left, right] = [without(at(peeled, 0), vanished), without(at(peeled, 1), vanished)];
  const kept = range(outer.length)
    .map(letter)
    .filter((l) => [left, right].some((o) => o.letters.includes(l)));
  const [a, b] = [squeezed(build, left), squeezed(build, right)];
  const equation = canonicalEquation(`${lettersOf(left)},${lettersOf(right)}->${kept.join("")}`);
  const product = build.node("Contract", [a, b], { equation }) as Node;
  return equalShapes(product.type.shape, outer) ? product : reshaped(build, product, outer);
}

const reshaped = (build: Builder, node: Node, shape: Shape): Node =>
  build.node("Reshape", [node], { shape }) as Node;

const lettersOf = ({ letters }: Operand): string => letters.filter((l) => l !== undefined).join("");

/** Letters for an operand's axes, counted from the last; the summed axis gets the first of `summed` for now. */
function label(node: Node, outer: Shape, summed: readonly string[]): Operand {
  const shape = node.type.shape.slice(0, -1);
  const letters = shape.map((size, axis) => {
    const position = axis + outer.length - shape.length;
    return size === 1 && at(outer, position) !== 1 ? undefined : letter(position);
  });
  return { node, letters: [...letters, at(summed, 0)] };
}

const without = ({ node, letters }: Operand, vanished: readonly string[]): Operand => ({
  node,
  letters: letters.map((l) => (l !== undefined && vanished.includes(l) ? undefined : l)),
});

/** How many axes were merged into the summed one, in both operands alike. */
function mergedAxes(x: Node, y: Node): number | undefined {
  const [left, right] = [lastGroup(x), lastGroup(y)];
  const same = left !== undefined && right !== undefined && equalShapes(left, right);
  return same && left.length > 0 ? left.length : undefined;
}

function lastGroup(node: Node): Shape | undefined {
  if (node.op !== "Reshape") return [at(node.type.shape, node.type.shape.length - 1)];
  const from = at(node.inputs, 0).type.shape;
  return align(from, node.type.shape, () => false)
    ?.at(-1)
    ?.map((axis) => at(from, axis));
}

/** Looks through reshapes and transpositions, carrying the letters to the axes of what they move. */
function peel(operand: Operand, summed: readonly string[]): Operand {
  const { node, letters } = operand;
  const from = node.inputs[0];
  if (from === undefined) return operand;
  if (node.op === "Transpose") {
    const moved = node.attrs.permutation;
    return peel({ node: from, letters: moved.map((_, axis) => letters[moved.indexOf(axis)]) }, summed);
  }
  if (node.op !== "Reshape") return operand;
  const [inner, outer] = [from.type.shape, node.type.shape];
  // An axis of size 1 stands for a result's axis of size 1 rather than for one that only broadcasts.
  const groups =
    align(inner, outer, (axis) => letters[axis] === undefined) ?? align(inner, outer, () => false);
  const last = groups?.at(-1)?.length;
  if (groups === undefined || last === undefined) return operand;
  const ending = letters.at(-1) === summed[0] && last === summed.length ? summed : letters.slice(-1);
  if (ending.length !== last) return operand;
  const carried = groups.slice(0, -1).flatMap((group, axis) => group.map(() => letters[axis]));
  return peel({ node: from, letters: [...carried, ...ending] }, summed);
}

/**
 * For each axis of `to`, the axes of `from` that it holds when a reshape only inserts axes of size 1 and merges axes into
 * the last one; `undefined` for every other reshape. Axes of `to` that `skip` names hold none.
 */
function align(from: Shape, to: Shape, skip: (axis: number) => boolean): number[][] | undefined {
  const groups: number[][] = [];
  let next = 0;
  for (const [axis, size] of to.slice(0, -1).entries()) {
    const own = from[next];
    if (own !== undefined && equalDims(own, size) && !skip(axis)) groups.push([next++]);
    else if (size === 1) groups.push([]);
    else return undefined;
  }
  const rest = range(from.length).slice(next);
  const last = to.at(-1);
  const fits = last !== undefined && equalDims(elementCount(rest.map((axis) => at(from, axis))), last);
  return fits ? [...groups, rest] : undefined;
}

/** Without the axes that have no letter. */
function squeezed(build: Builder, { node, letters }: Operand): Node {
  const shape = node.type.shape.filter((_, axis) => letters[axis] !== undefined);
  return shape.length === node.type.shape.length ? node : reshaped(build, node, shape);
}
