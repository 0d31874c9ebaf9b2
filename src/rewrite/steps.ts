/** @file Rules about what a loop over steps computes piece by piece, where all pieces can be computed together. */
import { at, range } from "../base/assert.ts";
import { bodyGraph } from "../ir/body.ts";
import { equalDims, equalShapes, type Shape } from "../ir/dim.ts";
import { attributeText, type Node, type NodeOf, reachable } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { canonicalEquation, parseContraction, remaining } from "../ops/reduction.ts";
import { isElementwise } from "../ops/table.ts";
import { isStored } from "../ops/traits.ts";
import { as, firstOf, type Make, type Rule } from "./rule.ts";

export const stepRules: readonly Rule[] = [
  {
    name: "output-handed-on",
    algebra:
      "all steps of what a recurrence gives → all steps of what it hands on, where that is the same value",
    apply: (node, make) => {
      const scan = as(node, "Scan");
      if (scan === undefined) return undefined;
      const { body, carries, output } = scan.attrs;
      const { outputs } = bodyGraph(body);
      const handed = outputs.slice(0, carries).findIndex((carry) => carry.node === at(outputs, output).node);
      return handed >= 0 && handed < output
        ? make("Scan", scan.inputs, { ...scan.attrs, output: handed })
        : undefined;
    },
  },
  {
    name: "stack-of-slices",
    algebra: "concat(a[0:i], a[i:j], …, a[k:n]) → a",
    apply: (node) => {
      const concat = as(node, "Concat");
      const slices = concat?.inputs.map((input) => as(input, "Slice")) ?? [];
      const source = slices[0]?.inputs[0];
      if (concat === undefined || source === undefined) return undefined;
      const { axis } = concat.attrs;
      const size = at(source.type.shape, axis);
      const isNext = (slice: (typeof slices)[number], i: number): boolean =>
        slice?.inputs[0] === source &&
        slice.attrs.axis === axis &&
        slice.attrs.step === 1 &&
        equalDims(slice.attrs.start, slices[i - 1]?.attrs.stop ?? 0);
      const reachesEnd = equalDims(slices.at(-1)?.attrs.stop ?? 0, size);
      return slices.every(isNext) && reachesEnd ? source : undefined;
    },
  },
  {
    name: "stack-of-stacks",
    algebra: "concat(a, concat(b, c)) → concat(a, b, c) along one axis",
    apply: (node, make) => {
      const concat = as(node, "Concat");
      if (concat === undefined) return undefined;
      const parts = concat.inputs.flatMap((input) => {
        const inner = as(input, "Concat");
        return inner?.attrs.axis === concat.attrs.axis ? inner.inputs : [input];
      });
      return parts.length > concat.inputs.length ? make("Concat", parts, concat.attrs) : undefined;
    },
  },
  {
    name: "slice-of-stack",
    algebra: "concat(a, b, …)[i:j] → the part of a, b, … that these elements are, where they are of one",
    apply: (node, make) => {
      const slice = as(node, "Slice");
      const concat = as(slice?.inputs[0], "Concat");
      if (slice === undefined || concat?.attrs.axis !== slice.attrs.axis) return undefined;
      const { axis, start, stop, step } = slice.attrs;
      let offset = 0;
      for (const part of concat.inputs) {
        const size = part.type.shape[axis];
        if (typeof size !== "number" || typeof start !== "number" || typeof stop !== "number")
          return undefined;
        const [from, to] = [start - offset, stop - offset];
        if (from >= 0 && from < to && to <= size)
          return from === 0 && to === size && step === 1
            ? part
            : make("Slice", [part], { axis, start: from, stop: to, step });
        offset += size;
      }
      return undefined;
    },
  },
  {
    name: "stack-along-another-axis",
    algebra: "transpose(stack(a, b, …)) → stack(a, b, …) along another axis, where it moves no other",
    apply: (node, make) => {
      const transpose = as(node, "Transpose");
      const concat = as(transpose?.inputs[0], "Concat");
      const steps = concat && stacked(concat.inputs, concat.attrs.axis);
      if (transpose === undefined || concat === undefined || steps === undefined) return undefined;
      const { permutation } = transpose.attrs;
      const others = permutation.filter((axis) => axis !== concat.attrs.axis);
      const isInOrder = others.every((axis, i) => i === 0 || axis > at(others, i - 1));
      return isInOrder ? stack(steps, permutation.indexOf(concat.attrs.axis), make) : undefined;
    },
  },
  {
    name: "steps-together",
    algebra:
      "stack(f(a_1, b), f(a_2, b), …) → f(stack(a_1, a_2, …), b) for elementwise f, sums and products with one parameter, where no step needs another",
    apply: (node, make) => {
      const concat = as(node, "Concat");
      const steps = concat && stacked(concat.inputs, concat.attrs.axis);
      if (concat === undefined || steps === undefined || !areAlike(steps) || needEachOther(steps))
        return undefined;
      const sum = as(at(steps, 0), "Sum");
      if (sum !== undefined) return sumOfStack(steps, sum.attrs.axes, concat.attrs.axis, make);
      if (as(at(steps, 0), "Contract") !== undefined) return productOfStack(steps, concat.attrs.axis, make);
      return isElementwise(at(steps, 0)) ? elementwiseOfStack(steps, concat.attrs.axis, make) : undefined;
    },
    placedAs: (node) => {
      const concat = as(node, "Concat");
      return concat && stacked(concat.inputs, concat.attrs.axis)?.[0];
    },
  },
];

/** What was given an axis of size 1 in this place, if all were. */
function stacked(pieces: readonly Node[], axis: number): readonly Node[] | undefined {
  const sources = pieces.map((piece) => {
    const source = as(piece, "Reshape")?.inputs[0];
    return source && equalShapes(piece.type.shape, source.type.shape.toSpliced(axis, 0, 1))
      ? source
      : undefined;
  });
  return sources.length > 1 && sources.every((source) => source !== undefined) ? sources : undefined;
}

function areAlike(steps: readonly Node[]): boolean {
  const first = at(steps, 0);
  return steps.every(
    ({ op, attrs, inputs, type }) =>
      op === first.op &&
      inputs.length === first.inputs.length &&
      attributeText(attrs) === attributeText(first.attrs) &&
      inputs.every((input, i) => equalShapes(input.type.shape, at<Node>(first.inputs, i).type.shape)) &&
      type.dtype === first.type.dtype,
  );
}

/** A recurrence can't be computed together. */
function needEachOther(steps: readonly Node[]): boolean {
  const before = new Set(reachable(steps.flatMap(({ inputs }) => inputs)));
  return steps.some((step) => before.has(step));
}

const stack = (pieces: readonly Node[], axis: number, make: Make): Node =>
  make(
    "Concat",
    pieces.map((piece) => make("Reshape", [piece], { shape: piece.type.shape.toSpliced(axis, 0, 1) })),
    { axis },
  );

function sumOfStack(steps: readonly Node[], axes: readonly number[], axis: number, make: Make): Node {
  const operands = steps.map(({ inputs }) => at<Node>(inputs, 0));
  const rank = at(operands, 0).type.shape.length;
  const place = remaining(rank, axes)[axis] ?? rank;
  return make("Sum", [stack(operands, place, make)], {
    axes: axes.map((summed) => (summed < place ? summed : summed + 1)),
  });
}

/** Products of all steps with one parameter: the new axis stands in the operands beside what it stands beside in the result. */
function productOfStack(steps: readonly Node[], axis: number, make: Make): Node | undefined {
  const [first, ...others] = steps as readonly NodeOf<"Contract">[];
  if (first === undefined) return undefined;
  const { left, right, out } = parseContraction(first.attrs.equation);
  return firstOf([0, 1], (side) => {
    const [parameter, letters] = [at(first.inputs, 1 - side), side === 0 ? left : right];
    if (!isStored(parameter) || others.some(({ inputs }) => inputs[1 - side] !== parameter)) return undefined;
    const place = axis === 0 ? 0 : letters.indexOf(at(out, axis - 1)) + 1;
    if (axis > 0 && place === 0) return undefined;
    const operands = [left, right].with(side, letters.toSpliced(place, 0, stepLetter));
    const [one, other] = operands.map((own) => own.join(""));
    const equation = canonicalEquation(`${one},${other}->${out.toSpliced(axis, 0, stepLetter).join("")}`);
    const together = stack(
      steps.map(({ inputs }) => at<Node>(inputs, side)),
      place,
      make,
    );
    return make("Contract", side === 0 ? [together, parameter] : [parameter, together], { equation });
  });
}

/** None that a contraction has. */
const stepLetter = "T";

function elementwiseOfStack(steps: readonly Node[], axis: number, make: Make): Node | undefined {
  const first = at(steps, 0);
  const behind = first.type.shape.length - axis;
  const isShared = (operands: readonly Node[]): boolean =>
    operands.every((operand) => operand === operands[0]);
  const areOne = range(first.inputs.length).every((i) => isShared(steps.map(({ inputs }) => at(inputs, i))));
  const inputs = range(first.inputs.length).map((i): Node | undefined => {
    const operands = steps.map((step) => at<Node>(step.inputs, i));
    const shape: Shape = at(operands, 0).type.shape;
    const place = shape.length - behind;
    if (isShared(operands) && !areOne)
      return place <= 0
        ? operands[0]
        : make("Reshape", [at(operands, 0)], { shape: shape.toSpliced(place, 0, 1) });
    // Parameters of different layers are no steps.
    return place >= 0 && !operands.some(isStored) ? stack(operands, place, make) : undefined;
  });
  const known = inputs.filter((input) => input !== undefined);
  return known.length === inputs.length ? make<OpName>(first.op, known, first.attrs) : undefined;
}
