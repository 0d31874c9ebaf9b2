/** @file Rules about positions: rows that are picked in order, and masks that became numbers on the way. */
import { at, only } from "../base/assert.ts";
import { equal, one, type Rational, rational, zero } from "../base/rational.ts";
import { addDims, subtractDims } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { definitionOf, isElementwise } from "../ops/table.ts";
import { isPositional } from "../ops/traits.ts";
import { indexForm } from "./index-forms.ts";
import { as, constantValue, firstOf, type Make, type Rule, reshaped } from "./rule.ts";

export const positionRules: readonly Rule[] = [
  {
    name: "take-range",
    algebra: "rows of a picked by c, c + 1, … c + n − 1 → a[c:c + n], in the shape of the indices",
    apply: (node, make) => {
      const take = as(node, "Take");
      const [table, indices] = take?.inputs ?? [];
      const form = indices && indexForm(indices);
      const [[place, step] = [0, 0]] = form?.multiples ?? [];
      if (table === undefined || indices === undefined || form?.multiples.size !== 1 || step !== 1)
        return undefined;
      const axis = indices.type.shape.length - place;
      const start = form.offset;
      const count = at(indices.type.shape, axis);
      if (start < 0) return undefined;
      const rows = make("Slice", [table], { axis: 0, start, stop: addDims(start, count), step: 1 });
      const shape = indices.type.shape.map((size, other) => (other === axis ? size : 1));
      const laid = reshaped(rows, [...shape, ...table.type.shape.slice(1)], make);
      return make("Broadcast", [laid], { shape: node.type.shape });
    },
  },
  {
    name: "take-one",
    algebra: "rows of a picked by one number n everywhere → a[n], repeated in the shape of the indices",
    apply: (node, make) => {
      const take = as(node, "Take");
      const form = take && indexForm(at(take.inputs, 1));
      const rows = take && at(take.inputs, 0).type.shape[0];
      if (typeof rows !== "number" || form?.multiples.size !== 0) return undefined;
      // Negative numbers count from the last row.
      const start = form.offset < 0 ? form.offset + rows : form.offset;
      if (!(start >= 0 && start < rows)) return undefined;
      const one = make("Slice", [at(node.inputs, 0)], { axis: 0, start, stop: start + 1, step: 1 });
      const single = make("Reshape", [one], { shape: one.type.shape.slice(1) });
      return make("Broadcast", [single], { shape: node.type.shape });
    },
  },
  {
    name: "slice-of-positions",
    algebra: "f(0, 1, …)[a:b] → f(a, a + 1, …) for functions of positions",
    apply: (node, make) => {
      const slice = as(node, "Slice");
      const source = slice && only(slice.inputs);
      return source && isPositional(source) && slice.attrs.step === 1
        ? cut(source, slice.attrs, make)
        : undefined;
    },
  },
  {
    name: "truth-of-choice",
    algebra: "where(p, a, b) == a → p, and == b → not p, for numbers a ≠ b",
    apply: (node, make) => {
      if (node.op !== "Equal") return undefined;
      return firstOf([0, 1], (place) => {
        const choice = choiceOf(at<Node>(node.inputs, place));
        const asked = constantValue(node.inputs[1 - place]);
        if (choice === undefined || asked === undefined || equal(choice.yes, choice.no)) return undefined;
        if (equal(asked, choice.yes)) return choice.condition;
        return equal(asked, choice.no) ? make("Not", [choice.condition], {}) : undefined;
      });
    },
  },
];

type Cut = Pick<OpAttrs["Slice"], "axis" | "start" | "stop">;

/** Elements start … stop of one axis; `undefined` where the operators do not say which these are. */
function cut(node: Node, { axis, start, stop }: Cut, make: Make): Node | undefined {
  const rank = node.type.shape.length;
  const shape = node.type.shape.with(axis, subtractDims(stop, start));
  if (node.op === "Iota") {
    const { dtype } = node.attrs;
    const counted = make("Iota", [], { dtype, size: subtractDims(stop, start) });
    if (start === 0) return counted;
    if (typeof start !== "number") return undefined;
    return make("Add", [counted, make("Constant", [], { value: rational(start), dtype })], {});
  }
  if (node.op === "Reshape") {
    const source = only(node.inputs);
    const { operands, result } = definitionOf(node.op).axes([source.type], node.attrs, node.type);
    const label = result[axis];
    const inner = label === undefined ? -1 : only(operands).indexOf(label);
    const part = inner < 0 ? undefined : cut(source, { axis: inner, start, stop }, make);
    return part && make("Reshape", [part], { shape });
  }
  if (node.op === "Concat" && node.attrs.axis !== axis) {
    const parts = node.inputs.flatMap((part) => cut(part, { axis, start, stop }, make) ?? []);
    return parts.length < node.inputs.length ? undefined : make("Concat", parts, node.attrs);
  }
  if (!isElementwise(node) && node.op !== "Broadcast") return undefined;
  const operands = node.inputs.map((operand) => {
    const own = axis - (rank - operand.type.shape.length);
    const isStretched = own < 0 || operand.type.shape[own] === 1;
    return isStretched ? operand : cut(operand, { axis: own, start, stop }, make);
  });
  const known = operands.filter((operand) => operand !== undefined);
  if (known.length < operands.length) return undefined;
  return node.op === "Broadcast"
    ? make("Broadcast", known, { shape })
    : make<OpName>(node.op, known, node.attrs);
}

/** A condition that gives one of two numbers. */
function choiceOf(node: Node): { condition: Node; yes: Rational; no: Rational } | undefined {
  const from = as(node, "Cast")?.inputs[0];
  if (from?.type.dtype === "bool") return { condition: from, yes: one, no: zero };
  const [condition, a, b] = as(node, "Where")?.inputs ?? [];
  const [yes, no] = [constantValue(a), constantValue(b)];
  if (condition === undefined || yes === undefined || no === undefined) return undefined;
  return { condition, yes, no };
}
