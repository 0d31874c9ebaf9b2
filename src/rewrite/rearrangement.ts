/** @file Rules that remove what only moves or repeats numbers, or move it to where broadcasting says it already. */
import { at, only } from "../base/assert.ts";
import { equalShapes, type Shape } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import { unitAxisMap } from "../ops/structure.ts";
import { isElementwise } from "../ops/table.ts";
import { as, type Make, type Rule } from "./rule.ts";

export const rearrangementRules: readonly Rule[] = [
  {
    name: "real-cast",
    algebra: "cast(a) → a between real dtypes; arithmetic is exact here",
    apply: (node) => {
      const source = as(node, "Cast")?.inputs[0];
      const isSame = source?.type.dtype === node.type.dtype;
      return source && (isSame || (isReal(source.type.dtype) && isReal(node.type.dtype)))
        ? source
        : undefined;
    },
  },
  {
    name: "constant-cast",
    algebra: "cast(c) → c for an integer c that becomes real",
    apply: (node, make) => {
      const source = as(as(node, "Cast")?.inputs[0], "Constant");
      const { dtype } = node.type;
      return source && isReal(dtype) ? make("Constant", [], { ...source.attrs, dtype }) : undefined;
    },
  },
  {
    name: "cast-back",
    algebra: "cast(cast(p)) → p from booleans to numbers and back",
    apply: (node) => {
      const source = as(as(node, "Cast")?.inputs[0], "Cast")?.inputs[0];
      return node.type.dtype === "bool" && source?.type.dtype === "bool" ? source : undefined;
    },
  },
  {
    name: "identity",
    algebra: "a rearranged in no way → a",
    apply: (node) => {
      const isTrivialOrder = node.op === "Transpose" && node.attrs.permutation.every((axis, i) => axis === i);
      const isSameShape = sameOfOneShape.has(node.op);
      const [a] = node.inputs;
      const same = isTrivialOrder || (isSameShape && a && equalShapes(a.type.shape, node.type.shape));
      return same ? a : undefined;
    },
  },
  {
    name: "transpose-twice",
    algebra: "transpose(transpose(a, p), q) → transpose(a, p ∘ q)",
    apply: (node, make) => {
      const outer = as(node, "Transpose");
      const inner = as(outer?.inputs[0], "Transpose");
      if (outer === undefined || inner === undefined) return undefined;
      const permutation = outer.attrs.permutation.map((axis) => at(inner.attrs.permutation, axis));
      return make("Transpose", inner.inputs, { permutation });
    },
  },
  {
    name: "transpose-around-softmax",
    algebra: "transpose(softmax(transpose(a, p)), q) → softmax(a), where q undoes p, likewise log_softmax",
    apply: (node, make) => {
      const outer = as(node, "Transpose");
      const softmax = as(outer?.inputs[0], "Softmax") ?? as(outer?.inputs[0], "LogSoftmax");
      const inner = as(softmax?.inputs[0], "Transpose");
      if (outer === undefined || softmax === undefined || inner === undefined) return undefined;
      const isUndone = outer.attrs.permutation.every((axis, i) => inner.attrs.permutation[axis] === i);
      const axis = at(inner.attrs.permutation, softmax.attrs.axis);
      return isUndone ? make(softmax.op, inner.inputs, { axis }) : undefined;
    },
  },
  {
    name: "reshape-twice",
    algebra: "reshape(reshape(a)) → reshape(a), and likewise broadcast",
    apply: (node, make) => {
      if (node.op !== "Reshape" && node.op !== "Broadcast") return undefined;
      const inner = as<"Reshape" | "Broadcast">(node.inputs[0], node.op);
      return inner && make<OpName>(node.op, inner.inputs, node.attrs);
    },
  },
  {
    name: "slice-twice",
    algebra: "a[i:j][k:l] → a[i + k:i + l] along one axis",
    apply: (node, make) => {
      const outer = as(node, "Slice");
      const inner = as(outer?.inputs[0], "Slice");
      if (outer === undefined || inner === undefined) return undefined;
      const { axis, start, stop } = outer.attrs;
      const first = inner.attrs.start;
      const isNumbered = typeof first === "number" && typeof start === "number" && typeof stop === "number";
      if (!isNumbered || inner.attrs.axis !== axis || inner.attrs.step !== 1) return undefined;
      return make("Slice", inner.inputs, { ...outer.attrs, start: first + start, stop: first + stop });
    },
  },
  {
    name: "slice-of-transpose",
    algebra: "transpose(a, p)[i:i + 1] → transpose(a[i:i + 1], p), along the axis that became the sliced one",
    apply: (node, make) => {
      const slice = as(node, "Slice");
      const transpose = as(slice?.inputs[0], "Transpose");
      if (slice === undefined || transpose === undefined) return undefined;
      // A longer part, such as half of each head, reads best where it is cut.
      if (slice.type.shape[slice.attrs.axis] !== 1) return undefined;
      const { permutation } = transpose.attrs;
      const axis = at(permutation, slice.attrs.axis);
      return make("Transpose", [make("Slice", transpose.inputs, { ...slice.attrs, axis })], { permutation });
    },
  },
  {
    name: "reshape-of-transpose",
    algebra: "reshape(transpose(a)) → reshape(a), where only axes of size 1 move",
    apply: (node, make) => {
      const transpose = as(as(node, "Reshape")?.inputs[0], "Transpose");
      if (node.op !== "Reshape" || transpose === undefined) return undefined;
      const { shape } = only(transpose.inputs).type;
      const others = transpose.attrs.permutation.filter((axis) => shape[axis] !== 1);
      const isInOrder = others.every((axis, i) => i === 0 || axis > at(others, i - 1));
      return isInOrder ? make("Reshape", transpose.inputs, node.attrs) : undefined;
    },
  },
  {
    name: "elementwise-inside",
    algebra:
      "f(reshape(a), reshape(b), scalars) → reshape(f(a, b, scalars)) for elementwise f and axes of size 1, which NumPy may give b by itself",
    apply: (node, make) => {
      if (!isElementwise(node)) return undefined;
      const { shape } = node.type;
      const source = (tensor: Node): Node | undefined =>
        isShorter(tensor.type.shape, shape) ? tensor : unreshaped(tensor);
      const tensors = node.inputs.filter((input) => input.type.shape.length > 0);
      const sources = tensors.map(source);
      const [first] = sources;
      const alike = first && sources.every((own) => own && equalShapes(own.type.shape, first.type.shape));
      const isWhole = (tensor: Node): boolean =>
        equalShapes(tensor.type.shape, shape) || isShorter(tensor.type.shape, shape);
      if (!alike || !tensors.every(isWhole) || tensors.every((tensor, i) => tensor === sources[i]))
        return undefined;
      return make("Reshape", [applied(node, make, source)], { shape });
    },
  },
  {
    name: "elementwise-before-stretch",
    algebra: "f(broadcast(a), broadcast(b), scalars) → broadcast(f(a, b, scalars)) for elementwise f",
    apply: (node, make) => {
      if (!isElementwise(node)) return undefined;
      const tensors = node.inputs.filter((input) => input.type.shape.length > 0);
      const source = (input: Node): Node | undefined => as(input, "Broadcast")?.inputs[0];
      if (tensors.length === 0 || tensors.some((tensor) => source(tensor) === undefined)) return undefined;
      return make("Broadcast", [applied(node, make, source)], { shape: node.type.shape });
    },
  },
  {
    name: "operand-stretch",
    algebra: "f(a, stretched b) → f(a, b) for elementwise f, where NumPy stretches b by itself",
    apply: (node, make) => {
      if (!isElementwise(node) || node.inputs.length < 2) return undefined;
      // Without copies the shape is that of a reshape, which may move outwards.
      const places = [...node.inputs.keys()];
      const copies = places.filter((index) => at(node.inputs, index).op === "Broadcast");
      for (const index of new Set([...copies, ...places])) {
        const source = stretchedFrom(at(node.inputs, index));
        if (source === undefined) continue;
        const inputs = node.inputs.map((input, i) => (i === index ? source : input));
        const simpler = make<OpName>(node.op, inputs, node.attrs);
        if (equalShapes(simpler.type.shape, node.type.shape)) return simpler;
      }
      return undefined;
    },
  },
];

/** Operators that do nothing where they keep the shape. */
const sameOfOneShape: ReadonlySet<OpName> = new Set<OpName>(["Reshape", "Broadcast", "Concat", "Slice"]);

/** The node on the sources of those operands that have one. */
const applied = (node: Node, make: Make, source: (input: Node) => Node | undefined): Node =>
  make<OpName>(
    node.op,
    node.inputs.map((input) => source(input) ?? input),
    node.attrs,
  );

/** Whether a shape is another one without leading axes of size 1. */
const isShorter = (shape: Shape, whole: Shape): boolean => {
  const added = whole.length - shape.length;
  const isLeading = added > 0 && whole.slice(0, added).every((size) => size === 1);
  return isLeading && equalShapes(whole.slice(added), shape);
};

/** What a reshape that only adds or removes axes of size 1 was made of; a scalar has no axes to align. */
function unreshaped(node: Node): Node | undefined {
  const reshape = as(node, "Reshape");
  const source = reshape && only(reshape.inputs);
  return source && unitAxisMap(source.type.shape, node.type.shape) && source.type.shape.length > 0
    ? source
    : undefined;
}

/** What a broadcast, or a reshape that adds leading axes of size 1, was made of. */
function stretchedFrom(node: Node): Node | undefined {
  if (node.op === "Broadcast") return only(node.inputs);
  const source = as(node, "Reshape")?.inputs[0];
  if (source === undefined) return undefined;
  return isShorter(source.type.shape, node.type.shape) ? source : undefined;
}
