/**
 * @file Masks that a program computes from nothing but positions, however it goes about it: all there is, what lies up to a
 * place, or a band around it. Libraries build them by loops over indices that torch writes out as look-ups.
 */
import { at, range } from "../../base/assert.ts";
import { type Dim, dimText, type Shape } from "../../ir/dim.ts";
import { type Node, rebuild } from "../../ir/graph.ts";
import type { OpName } from "../../ir/operators.ts";
import { parseContraction } from "../../ops/reduction.ts";
import type { Call } from "./call.ts";
import { triangle } from "./operators-creation.ts";

const elementwise: ReadonlySet<OpName> = new Set<OpName>([
  "Add",
  "Sub",
  "Mul",
  "Neg",
  "Maximum",
  "Minimum",
  "Less",
  "Equal",
  "Not",
  "And",
  "Where",
  "Cast",
  "Quotient",
]);

const isFree = (size: Dim | undefined): boolean => typeof size !== "number" && size !== undefined;
const one = (shape: Shape): Shape => shape.map((size) => (isFree(size) ? 1 : size));

/** The node with size 1 along axes of symbolic size, where its numbers don't change along these; else `undefined`. */
function narrowed(c: Call, node: Node, done: Map<Node, Node | undefined>): Node | undefined {
  if (done.has(node)) return done.get(node);
  done.set(node, undefined);
  const result = narrowedOnce(c, node, done);
  done.set(node, result);
  return result;
}
function narrowedOnce(c: Call, node: Node, done: Map<Node, Node | undefined>): Node | undefined {
  const { shape } = node.type;
  if (node.inputs.length === 0) return node.op === "Input" || shape.some(isFree) ? undefined : node;
  const inputs = node.inputs.map((input) => narrowed(c, input, done));
  if (!inputs.every((input) => input !== undefined)) return undefined;
  if (elementwise.has(node.op)) return rebuild(c.build, node, inputs);
  const x = at(inputs, 0);
  if (node.op === "Broadcast") return c.stretch(x, one(shape));
  if (node.op === "Reshape") {
    const free = (sizes: Shape): string => sizes.filter(isFree).map(dimText).join();
    return free(shape) === free(at(node.inputs, 0).type.shape) ? c.reshape(x, one(shape)) : undefined;
  }
  return isAlong(node) ? rebuild(c.build, node, inputs) : undefined;
}
/** Whether an operator works along axes of symbolic size place by place: none of these is joined, cut or summed. */
function isAlong(node: Node): boolean {
  if (node.op === "Transpose") return true;
  if (node.op === "Concat" || node.op === "Slice") return !isFree(node.type.shape[node.attrs.axis]);
  const { shape } = at(node.inputs, 0).type;
  if (node.op === "Sum") return !node.attrs.axes.some((axis) => isFree(shape[axis]));
  if (node.op !== "Contract") return false;
  const { left, summed } = parseContraction(node.attrs.equation);
  return !summed.some((letter) => isFree(shape[left.indexOf(letter)]));
}

/** The mask without what hides nothing, and known parts as what they say; `undefined` where nothing is hidden. */
export function simplified(c: Call, mask: Node): Node | undefined {
  if (mask.type.dtype !== "bool" || mask.type.shape.length < 2) return mask;
  const small = narrowed(c, mask, new Map());
  const numbers = small && c.known.numbers(small);
  if (small !== undefined && numbers !== undefined) return patternOf(c, mask, small.type.shape, numbers);
  if (mask.op !== "And") return mask;
  const parts = mask.inputs.flatMap((part) => simplified(c, part) ?? []);
  return parts.length === 0 ? undefined : parts.reduce((left, right) => c.and(left, right));
}

function patternOf(c: Call, mask: Node, shape: Shape, numbers: Float64Array): Node | undefined {
  if (numbers.every((number) => number === 1)) return undefined;
  const [rows, columns] = [Number(at(shape, shape.length - 2)), Number(at(shape, shape.length - 1))];
  const reaches = range(rows * columns).flatMap((i) => {
    return at(numbers, i) === 1 ? [(i % columns) - Math.floor(i / columns)] : [];
  });
  if (reaches.length === 0) return mask;
  const [least, most] = [Math.min(...reaches), Math.max(...reaches)];
  const isBand = numbers.every((number, i) => {
    const place = i % (rows * columns);
    const reach = (place % columns) - Math.floor(place / columns);
    return (number === 1) === (least <= reach && reach <= most);
  });
  if (!isBand) return mask;
  const bounds = [
    ...(most < columns - 1 ? [triangle(c, [rows, columns], most, "lower")] : []),
    ...(least > 1 - rows ? [triangle(c, [rows, columns], least, "upper")] : []),
  ];
  return bounds.reduce((left, right) => c.and(left, right));
}
