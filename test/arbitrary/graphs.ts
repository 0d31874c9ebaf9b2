/**
 * @file Random well-typed graphs over every operator, with sharing. A graph is drawn from a list of numbers, so that
 * fast-check can shrink it: fewer steps and smaller numbers give a smaller graph.
 */
import fc from "fast-check";
import { at, range } from "../../src/base/assert.ts";
import { functionNames, functionOf } from "../../src/base/functions.ts";
import { rational } from "../../src/base/rational.ts";
import { nest } from "../../src/ir/body.ts";
import { type Dim, elementCount, equalShapes } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import { canonicalEquation } from "../../src/ops/reduction.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { repeated, scaledBy } from "./blocks.ts";
import { batch, Draft, sizes } from "./draft.ts";

type Unary = { [N in OpName]: keyof OpAttrs[N] extends never ? N : never }[OpName];
const unary =
  (op: Unary) =>
  (draft: Draft): Node =>
    draft.apply(op, [draft.real()], {});
const binary =
  (op: Unary) =>
  (draft: Draft): Node => {
    const x = draft.real();
    const operands = [x, draft.partner(x)];
    return draft.apply(op, draft.below(3) === 1 ? operands.reverse() : operands, {});
  };
const alongAxis =
  (op: "Softmax" | "LogSoftmax" | "LogSumExp") =>
  (draft: Draft): Node => {
    const x = draft.real(1);
    return draft.apply(op, [x], { axis: draft.axis(x) });
  };
const atPlaces =
  (op: "CrossEntropy" | "TakeAlong") =>
  (draft: Draft): Node => {
    const x = draft.real(op === "TakeAlong" ? 2 : 1);
    const axis = draft.axis(x);
    const shape = x.type.shape.toSpliced(axis, 1);
    const known = draft.pool.filter(({ type }) => type.dtype === "int64" && equalShapes(type.shape, shape));
    const places = known.length > 0 ? draft.item(known) : draft.input(shape, "int64");
    return draft.apply(op, [x, places], { axis });
  };
/** A condition on places, since integers of the pool index every table. */
const placeIn =
  (op: "Rank" | "Argmax" | "Argmin") =>
  (draft: Draft): Node => {
    const x = draft.real(1);
    const bound = draft.apply("Constant", [], { value: rational(1 + draft.below(3)), dtype: "int64" });
    return draft.apply("Less", [draft.apply(op, [x], { axis: draft.axis(x) }), bound], {});
  };
const alongAxes =
  (op: "Sum" | "Max" | "Mean") =>
  (draft: Draft): Node => {
    const x = draft.real(1);
    return draft.apply(op, [x], { axes: draft.axes(x) });
  };
const epsilon = rational(1, 100000);

/** A closed list: an operator without a generator does not compile. */
const steps: { readonly [N in OpName]: (draft: Draft) => Node } = {
  Input: (draft) => draft.input(draft.shape(1 + draft.below(3)), "float32"),
  Parameter: (draft) => draft.parameter(draft.shape(draft.below(4))),
  Constant: (draft) => draft.constant(),
  // The prime field has no infinity.
  NamedConstant: (draft) =>
    draft.apply("NamedConstant", [], { name: draft.item(["pi", "e"]), dtype: "float32" }),
  // A condition on positions: as an index, it might be no row of a table.
  Iota: (draft) => draft.positions((positions) => positions),
  Add: binary("Add"),
  Sub: binary("Sub"),
  Mul: binary("Mul"),
  Div: binary("Div"),
  Neg: unary("Neg"),
  Exp: unary("Exp"),
  Log: unary("Log"),
  Sqrt: unary("Sqrt"),
  Power: (draft) => {
    const exponent = draft.item([
      rational(2),
      rational(3),
      rational(-1),
      rational(1, 2),
      rational(-1, 2),
      rational(1, 3),
    ]);
    return draft.apply("Power", [draft.powerBase()], { exponent });
  },
  Sin: unary("Sin"),
  Cos: unary("Cos"),
  Erf: unary("Erf"),
  Abs: unary("Abs"),
  Function: (draft) => {
    const name = draft.item(functionNames);
    const x = draft.real();
    return draft.apply("Function", functionOf(name).arity === 1 ? [x] : [x, draft.partner(x)], { name });
  },
  // Conditions on positions, as with Iota.
  Quotient: (draft) => draft.positions((x, divisor) => draft.apply("Quotient", [x, divisor], {})),
  Bitwise: (draft) =>
    draft.positions((x, other) =>
      draft.apply("Bitwise", [x, other], { operation: draft.item(["and", "or", "xor", "left", "right"]) }),
    ),
  Maximum: binary("Maximum"),
  Minimum: binary("Minimum"),
  Less: binary("Less"),
  Equal: binary("Equal"),
  Not: (draft) => draft.apply("Not", [draft.boolean()], {}),
  And: (draft) => {
    const p = draft.boolean();
    const q = draft.apply("Less", [draft.partner(p), draft.constant()], {});
    return draft.apply("And", draft.below(2) === 1 ? [q, p] : [p, q], {});
  },
  Where: (draft) => {
    const p = draft.boolean();
    const x = draft.partner(p);
    return draft.apply("Where", [p, x, draft.constant()], {});
  },
  Cast: (draft) =>
    draft.below(2) === 0
      ? draft.apply("Cast", [draft.boolean()], { dtype: "float32" })
      : draft.apply("Cast", [draft.real()], { dtype: "float64" }),
  StopGradient: unary("StopGradient"),
  Sum: alongAxes("Sum"),
  Max: alongAxes("Max"),
  Contract: contraction,
  Transpose: (draft) => {
    const x = draft.real(2);
    const rest = range(x.type.shape.length);
    const permutation = range(rest.length).map(() => at(rest.splice(draft.below(rest.length), 1), 0));
    return draft.apply("Transpose", [x], { permutation });
  },
  Reshape: (draft) => {
    const x = draft.real();
    const { shape } = x.type;
    const place = draft.below(shape.length + 1);
    const total = elementCount(shape);
    const flat = [...shape.slice(0, place), elementCount(shape.slice(place))];
    const withOne = [...shape.slice(0, place), 1, ...shape.slice(place)];
    const split = typeof total === "number" && total % 2 === 0 ? [2, total / 2] : withOne;
    const squeezed = shape.filter((size) => size !== 1);
    return draft.apply("Reshape", [x], { shape: draft.item([withOne, flat, squeezed, split]) });
  },
  Broadcast: (draft) => {
    const x = draft.real();
    const grown = x.type.shape.map((size) => (size === 1 ? draft.item(sizes) : size));
    return draft.apply("Broadcast", [x], { shape: [...draft.shape(draft.below(2)), ...grown] });
  },
  Concat: (draft) => {
    const x = draft.real(1);
    const axis = draft.axis(x);
    const other = draft.parameter(x.type.shape.map((size, i) => (i === axis ? draft.item(sizes) : size)));
    return draft.apply(
      "Concat",
      draft.item([
        [x, other],
        [x, x],
        [other, x, other],
      ]),
      { axis },
    );
  },
  Slice: (draft) => {
    const x = draft.real(1);
    const axis = draft.concreteAxis(x);
    if (axis === undefined) return x;
    const size = Number(x.type.shape[axis]);
    const start = draft.below(size);
    const stop = start + 1 + draft.below(size - start);
    return draft.apply("Slice", [x], { axis, start, stop, step: 1 + draft.below(2) });
  },
  Pad: (draft) => {
    const x = draft.real(1);
    const attrs = { axis: draft.axis(x), before: draft.below(2), after: draft.below(3), interior: 0 };
    return draft.apply("Pad", [x, draft.constant()], attrs);
  },
  Windows: (draft) => {
    const x = draft.real(1);
    const axis = draft.concreteAxis(x);
    if (axis === undefined) return x;
    const size = 1 + draft.below(Number(x.type.shape[axis]));
    return draft.apply("Windows", [x], { axis, size, step: 1 + draft.below(2), dilation: 1 });
  },
  // Tables have two rows at least, so that the indices 0 and 1 are always good.
  Take: (draft) => {
    const table = draft.real(1);
    const axis = table.type.shape[0];
    if (typeof axis !== "number" || axis < 2) return table;
    const known = draft.pool.filter((node) => node.type.dtype === "int64");
    const indices = known.length > 0 ? draft.item(known) : draft.input(draft.shape(draft.below(3)), "int64");
    return draft.apply("Take", [table, indices], {});
  },
  Scan: scanned,
  Call: (draft) => (draft.below(2) === 1 ? repeated(draft) : scaledBy(draft)),
  Opaque: (draft) => {
    const x = draft.real();
    return draft.apply("Opaque", [x], { name: "fft", attributes: "", shape: x.type.shape, dtype: "float32" });
  },
  // Of a number it would be a constant power.
  PowerOf: (draft) => draft.apply("PowerOf", [draft.real(1)], { base: rational(2 + draft.below(3)) }),
  Reciprocal: unary("Reciprocal"),
  Square: (draft) => draft.apply("Square", [draft.powerBase()], {}),
  Tanh: unary("Tanh"),
  Sigmoid: unary("Sigmoid"),
  Relu: unary("Relu"),
  LeakyRelu: (draft) => draft.apply("LeakyRelu", [draft.real()], { slope: rational(1, 100) }),
  Elu: unary("Elu"),
  Silu: unary("Silu"),
  Gelu: (draft) => draft.apply("Gelu", [draft.real()], { approximate: draft.item(["none", "tanh"]) }),
  Softplus: unary("Softplus"),
  Mean: alongAxes("Mean"),
  Variance: (draft) => {
    const x = draft.real(1);
    return draft.apply("Variance", [x], { axes: draft.axes(x), correction: draft.below(2) });
  },
  Softmax: alongAxis("Softmax"),
  LogSoftmax: alongAxis("LogSoftmax"),
  LogSumExp: alongAxis("LogSumExp"),
  CrossEntropy: atPlaces("CrossEntropy"),
  TakeAlong: atPlaces("TakeAlong"),
  Rank: placeIn("Rank"),
  Argmax: placeIn("Argmax"),
  Argmin: placeIn("Argmin"),
  Normalize: (draft) => {
    const x = draft.real(1);
    return draft.apply("Normalize", [x], { axes: draft.axes(x), epsilon });
  },
  RmsNormalize: (draft) => {
    const x = draft.real(1);
    return draft.apply("RmsNormalize", [x], { axes: draft.axes(x), epsilon });
  },
  SplitHeads: (draft) => {
    const x = draft.real(2);
    const width = x.type.shape.at(-1);
    const heads = [2, 3, 1].find((count) => typeof width === "number" && width % count === 0);
    return heads === undefined ? x : draft.apply("SplitHeads", [x], { heads });
  },
  MergeHeads: (draft) => {
    const x = draft.real(3);
    const stack = x.type.shape.length < 3 ? draft.parameter(draft.shape(3)) : x;
    return draft.apply("MergeHeads", [stack], {});
  },
  // Only what comes of −∞ is defined.
  Causal: (draft) => {
    const x = draft.real(1);
    const { shape } = x.type;
    const lead = shape.slice(0, -1);
    const size = at(shape, shape.length - 1);
    const laid = (...sizes: Dim[]): Node => draft.apply("Reshape", [x], { shape: [...lead, ...sizes] });
    const window = draft.below(3);
    const attrs = window === 0 ? {} : { window };
    const hidden = draft.apply("Causal", [draft.apply("Sub", [laid(size, 1), laid(1, size)], {})], attrs);
    return draft.below(2) === 0
      ? draft.apply("Exp", [hidden], {})
      : draft.apply("Softmax", [hidden], { axis: hidden.type.shape.length - 1 });
  },
  Hide: (draft) => {
    const x = draft.real(3);
    const { shape } = x.type;
    if (shape.length < 3) return x;
    const marks = draft.parameter([at(shape, 0), at(shape, shape.length - 1)]);
    const marked = draft.apply("Less", [marks, draft.apply("Sin", [marks], {})], {});
    return draft.apply("Exp", [draft.apply("Hide", [x, marked], {})], {});
  },
  Rotary: (draft) => {
    const x = draft.real(1);
    const size = x.type.shape.at(-1);
    if (typeof size !== "number" || size % 2 === 1) return x;
    const lead = draft.below(2) === 0 ? [] : x.type.shape.slice(-2, -1);
    const angles = draft.parameter([...lead, size / 2]);
    return draft.apply("Rotary", [x, angles], { neighbours: draft.below(2) === 0 });
  },
  Interleave: (draft) => {
    const x = draft.real(1);
    return draft.apply("Interleave", [x, draft.below(2) === 0 ? x : draft.parameter(x.type.shape)], {});
  },
  RotateHalf: (draft) => {
    const x = draft.real(1);
    const size = x.type.shape.at(-1);
    return typeof size === "number" && size % 2 === 0 ? draft.apply("RotateHalf", [x], {}) : x;
  },
  Repeat: (draft) => {
    const x = draft.real(1);
    return draft.apply("Repeat", [x], { axis: draft.axis(x), count: 1 + draft.below(3) });
  },
  Stack: (draft) => {
    const x = draft.real(0);
    const axis = draft.below(x.type.shape.length + 1);
    return draft.apply("Stack", [x, draft.below(2) === 0 ? x : draft.parameter(x.type.shape)], { axis });
  },
  BatchNormalize: (draft) => {
    const x = draft.real(1);
    const axis = draft.axis(x);
    const vector = (): Node => draft.parameter([x.type.shape[axis] ?? 1]);
    const variance = draft.apply("Square", [vector()], {});
    return draft.apply("BatchNormalize", [x, vector(), variance, vector(), vector()], { axis, epsilon });
  },
  GroupNormalize: (draft) => {
    const x = draft.real(1);
    const axis = draft.axis(x);
    const [size = 1, ...behind] = x.type.shape.slice(axis);
    const vector = (): Node => draft.parameter([size]);
    const isRow = (groups: number): boolean =>
      typeof size === "number" &&
      size % groups === 0 &&
      (size > groups || behind.some((other) => other !== 1));
    const choices = [1, 2, 3].filter(isRow);
    // Of one element there is nothing left, and nobody can tell which gain it had.
    if (choices.length === 0) return draft.apply("Tanh", [x], {});
    return draft.apply("GroupNormalize", [x, vector(), vector()], {
      axis,
      groups: draft.item(choices),
      epsilon,
    });
  },
  BiasedConvolution: (draft) => {
    const x = draft.real(2);
    const [channels, length] = x.type.shape.slice(-2);
    if (typeof length !== "number" || channels === undefined) return x;
    const filters = draft.item(sizes);
    const kernel = draft.parameter([filters, channels, 1]);
    return draft.apply("BiasedConvolution", [x, kernel, draft.parameter([filters])], {
      strides: [1],
      padding: [[1, 0]],
      dilation: [1],
      groups: 1,
    });
  },
  Convolution: (draft) => {
    const x = draft.real(2);
    const [channels, length] = x.type.shape.slice(-2);
    if (typeof length !== "number" || channels === undefined) return x;
    const kernel = draft.parameter([draft.item(sizes), channels, 1 + draft.below(length)]);
    return draft.apply("Convolution", [x, kernel], {
      strides: [1 + draft.below(2)],
      padding: [[draft.below(2), draft.below(2)]],
      dilation: [1],
      groups: 1,
    });
  },
  MaxPool: (draft) =>
    pooled(draft, (x, lattice) => draft.apply("MaxPool", [x], { ...lattice, dilation: [1] })),
  AveragePool: (draft) =>
    pooled(draft, (x, lattice) =>
      draft.apply("AveragePool", [x], { ...lattice, countPadding: draft.below(2) === 1 }),
    ),
};

type Lattice = Omit<OpAttrs["MaxPool"], "dilation">;

/** Windows of at most two elements, of which one is no padding. */
function pooled(draft: Draft, make: (x: Node, lattice: Lattice) => Node): Node {
  const x = draft.real(1);
  const length = x.type.shape.at(-1);
  if (typeof length !== "number" || length < 2) return x;
  const padding = [[draft.below(2), draft.below(2)]] as const;
  return make(x, { sizes: [2], strides: [1 + draft.below(2)], padding });
}

/** What a step computes of h and g before, an element x, a number c and a matrix m: the next h and g, and a value besides. */
const scanBodies: readonly ((
  of: Record<"h" | "g" | "x" | "c" | "m", Node>,
  make: Make,
) => readonly Node[])[] = [
  ({ h, g, x, c }, make) => [make("Add", make("Mul", h, c), x), g, h],
  ({ h, g, x, c }, make) => [g, make("Add", make("Mul", h, c), x), make("Mul", g, x)],
  ({ h, g, x, c }, make) => [make("Add", make("Mul", h, g), x), make("Sub", g, make("Mul", h, c)), c],
  ({ h, g, x, c }, make) => [make("Mul", x, c), make("Add", h, x), make("Mul", make("Add", g, c), h)],
  ({ h, g, x, c, m }, make) => [
    make("Add", product(h, m, make), product(x, m, make)),
    product(g, m, make),
    c,
  ],
  ({ h, x, c }, make) => [x, make("Mul", x, x), make("Add", make("Mul", make("Add", x, c), x), h)],
];
type Make = (op: "Add" | "Sub" | "Mul" | "Contract", left: Node, right: Node, equation?: string) => Node;

/** x m^T, or m x of a number. */
function product(x: Node, m: Node, make: Make): Node {
  const letters = x.type.shape.map((_, axis) => String.fromCharCode(97 + axis));
  const last = letters.at(-1);
  if (last === undefined) return x;
  const result = [...letters.slice(0, -1), "z"].join("");
  return make("Contract", x, m, canonicalEquation(`${letters.join("")},z${last}->${result}`));
}

/** A recurrence along an axis whose size is a number. */
function scanned(draft: Draft): Node {
  const x = draft.real(1);
  const axis = draft.concreteAxis(x);
  if (axis === undefined) return x;
  const steps = at(x.type.shape, axis);
  const shape = x.type.shape.toSpliced(axis, 1);
  const order = [axis, ...range(x.type.shape.length).filter((other) => other !== axis)];
  const sequence = axis === 0 ? x : draft.apply("Transpose", [x], { permutation: order });
  const builder = newBuilder();
  const square = shape.slice(-1).flatMap((size) => [size, size]);
  const shapes = { h: shape, g: shape, x: shape, c: [], m: square };
  const inputs = Object.entries(shapes).map(([name, own]) =>
    builder.node("Input", [], { name, shape: own, dtype: "float32" }),
  );
  const [h, g, element, c, m] = inputs as unknown as [Node, Node, Node, Node, Node];
  const make: Make = (op, left, right, equation) =>
    op === "Contract"
      ? builder.node("Contract", [left, right], { equation: equation ?? "" })
      : builder.node(op, [left, right], {});
  const results = draft.item(scanBodies)({ h, g, x: element, c, m }, make);
  const outputs = results.map((node, i) => ({
    name: at(["h", "g", "y"], i),
    node: builder.node("Broadcast", [node], { shape }) as Node,
  }));
  const body = nest(builder.graph({ name: "", inputs, parameters: [], outputs }));
  const start = (): Node =>
    draft.below(2) === 0 ? draft.apply("Broadcast", [draft.constant()], { shape }) : draft.parameter(shape);
  const attrs = { body, carries: 2, sequences: 1, reverse: draft.below(2) === 1 };
  const operands = [start(), start(), sequence, draft.constant(), draft.parameter(square)];
  const stacks = range(2).map(() => draft.apply("Scan", operands, { ...attrs, output: draft.below(3) }));
  const [first, second] = [at(stacks, 0), at(stacks, 1)];
  const end = draft.below(3);
  if (end === 0) return draft.apply("Add", [first, second], {});
  if (end === 1) {
    const back = range(order.length).map((place) => order.indexOf(place));
    return draft.apply("Transpose", [first], { permutation: back });
  }
  const place = draft.below(2) === 0 ? 0 : Number(steps) - 1;
  const slice = draft.apply("Slice", [second], { axis: 0, start: place, stop: place + 1, step: 1 });
  return draft.apply("Reshape", [slice], { shape });
}

/** Letters of x and of another tensor, each kept, summed or private; and an order of the result. */
function contraction(draft: Draft): Node {
  const x = draft.real(1);
  const left = x.type.shape.map((_, axis) => String.fromCharCode(97 + axis));
  const shared = draft.some(left);
  const fresh = range(draft.below(2)).map((i) => String.fromCharCode(97 + left.length + i));
  const right = [...fresh, ...shared];
  if (draft.below(2) === 1) right.reverse();
  const summed = draft.some(shared);
  const out = [...left.filter((letter) => !summed.includes(letter)), ...fresh];
  if (draft.below(3) === 1) out.reverse();
  const size = (letter: string): Dim => x.type.shape[left.indexOf(letter)] ?? draft.item(sizes);
  const y = draft.parameter(right.map(size));
  const equation = `${left.join("")},${right.join("")}->${out.join("")}`;
  return draft.apply("Contract", [x, y], { equation });
}

export const allOperators: readonly OpName[] = Object.keys(steps) as OpName[];

export interface GraphOptions {
  /** Operators that the graph must not contain. */
  readonly without: readonly OpName[];
  readonly steps: number;
}

/** Graphs whose outputs are their values that nothing reads. The symbol B has the size `batchSize`. */
export function graphs(options: GraphOptions): fc.Arbitrary<Graph> {
  const operators = allOperators.filter((op) => !options.without.includes(op));
  const step = fc.record({
    op: fc.constantFrom(...operators),
    choices: fc.array(fc.nat(11), { minLength: 12, maxLength: 12 }),
  });
  return fc.array(step, { minLength: 1, maxLength: options.steps }).map((list) => {
    const draft = new Draft();
    draft.step([0], () => draft.input([batch, 3], "float32"));
    for (const { op, choices } of list) draft.step(choices, steps[op]);
    return finished(draft);
  });
}

function finished(draft: Draft): Graph {
  const read = new Set(draft.pool.flatMap((node) => node.inputs));
  const ends = draft.pool.filter((node) => !read.has(node) && node.inputs.length > 0);
  const outputs = (ends.length > 0 ? ends : draft.pool.slice(-1)).slice(-3);
  return draft.build.graph({
    name: "Random",
    inputs: draft.inputs,
    parameters: draft.parameters,
    outputs: outputs.map((node, i) => ({ name: at(["y", "out.1", "W_1"], i), node })),
  });
}
