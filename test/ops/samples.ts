/**
 * @file Random well-typed applications of every operator. The table is typed by the closed list of operators, so that a
 * new operator without samples does not compile. Sizes are numbers or one of the symbols A, B, C.
 */
import fc from "fast-check";
import { at } from "../../src/base/assert.ts";
import { type BitOperation, functionNames, functionOf } from "../../src/base/functions.ts";
import { rational } from "../../src/base/rational.ts";
import { nest } from "../../src/ir/body.ts";
import { type Dim, multiplyDims, type Shape, symbol } from "../../src/ir/dim.ts";
import type { NodeOf } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import type { Dtype } from "../../src/ir/type.ts";
import { canonicalEquation } from "../../src/ops/reduction.ts";
import { newBuilder } from "../../src/ops/table.ts";

/** Which numbers an operand may hold; integers below a bound are indices. */
type Numbers = "any" | "positive" | "distinct" | { readonly below: number };

export interface Operand {
  readonly shape: Shape;
  readonly dtype: Dtype;
  readonly numbers: Numbers;
}

export interface Sample<Attrs extends object> {
  readonly operands: readonly Operand[];
  readonly attrs: Attrs;
}

export type Samples = { readonly [N in OpName]: fc.Arbitrary<Sample<OpAttrs[N]>> };

const symbols: readonly string[] = ["A", "B", "C"];

const realDtype: fc.Arbitrary<Dtype> = fc.constantFrom("float32", "float64");
const numberDtype: fc.Arbitrary<Dtype> = fc.constantFrom("float32", "float64", "int64");
const anyDtype: fc.Arbitrary<Dtype> = fc.constantFrom("float32", "int64", "bool");
const dim: fc.Arbitrary<Dim> = fc.constantFrom<Dim>(1, 1, 2, 3, ...symbols.map(symbol));
const shape: fc.Arbitrary<Shape> = fc.array(dim, { maxLength: 3 });
/** With at least one axis. */
const tensorShape: fc.Arbitrary<Shape> = fc.array(dim, { minLength: 1, maxLength: 3 });
const rowsShape: fc.Arbitrary<Shape> = fc.array(dim, { minLength: 2, maxLength: 3 });

const operand = (dtype: fc.Arbitrary<Dtype>, of = shape, numbers: Numbers = "any"): fc.Arbitrary<Operand> =>
  fc.record({ shape: of, dtype, numbers: fc.constant(numbers) });

/** Operands that broadcast: some of the axes of one shape, some of them with size 1. */
function broadcasting(dtypes: readonly fc.Arbitrary<Dtype>[]): fc.Arbitrary<Operand[]> {
  const narrowed = (full: Shape): fc.Arbitrary<Shape> =>
    fc
      .record({
        skipped: fc.nat(full.length),
        single: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      })
      .map(({ skipped, single }) => full.map((size, i) => (single[i] ? 1 : size)).slice(skipped));
  return shape.chain((full) => fc.tuple(...dtypes.map((dtype) => operand(dtype, narrowed(full)))));
}

type None = OpAttrs["Exp"];
const plain = (...dtypes: fc.Arbitrary<Dtype>[]): fc.Arbitrary<Sample<None>> =>
  broadcasting(dtypes).map((operands) => ({ operands, attrs: {} }));

/** One operand with attributes that depend on it. */
function one<A extends object>(
  operands: fc.Arbitrary<Operand>,
  attrs: (operand: Operand) => fc.Arbitrary<A>,
): fc.Arbitrary<Sample<A>> {
  return operands.chain((x) => attrs(x).map((made) => ({ operands: [x], attrs: made })));
}

const unary = (dtype: fc.Arbitrary<Dtype>, numbers: Numbers = "any"): fc.Arbitrary<Sample<None>> =>
  one(operand(dtype, shape, numbers), () => fc.constant({}));

const axisOf = (x: Operand): fc.Arbitrary<number> => fc.nat(x.shape.length - 1);
const axesOf = (x: Operand): fc.Arbitrary<number[]> => fc.subarray(x.shape.map((_, axis) => axis));
const someAxesOf = (x: Operand): fc.Arbitrary<number[]> =>
  fc.subarray(
    x.shape.map((_, axis) => axis),
    { minLength: 1 },
  );
const epsilon = fc.constantFrom(rational(1, 100000), rational(1, 10));
const someAxes = operand(realDtype, tensorShape);
// Of equal elements the first comes first, so that turning them is another order.
const ofOrder = operand(realDtype, tensorShape, "distinct");

/** A tensor, and integers for its rows along an axis. */
const ofPlaces = (x: fc.Arbitrary<Operand>): fc.Arbitrary<Sample<OpAttrs["TakeAlong"]>> =>
  fc.record({ x, place: fc.nat() }).map(({ x: own, place }) => {
    const axis = place % own.shape.length;
    const labels = { shape: own.shape.toSpliced(axis, 1), dtype: "int64", numbers: "any" } as const;
    return { operands: [own, labels], attrs: { axis } };
  });

const contraction: fc.Arbitrary<Sample<OpAttrs["Contract"]>> = fc
  .record({
    left: fc.shuffledSubarray(["a", "b", "c"]),
    right: fc.shuffledSubarray(["a", "b", "d"]),
    kept: fc.boolean(),
    sizes: fc.record({ a: dim, b: dim, c: dim, d: dim }),
    dtypes: fc.tuple(numberDtype, numberDtype),
  })
  .chain(({ left, right, kept, sizes, dtypes }) => {
    // "a" stays in the result where `kept`; "b" is summed when both operands have it.
    const shared = (letter: string): boolean => left.includes(letter) && right.includes(letter);
    const letters = [...new Set([...left, ...right])];
    const out = letters.filter((letter) => !(shared(letter) && (letter === "b" || !kept)));
    const of = (own: readonly string[], dtype: Dtype): Operand => ({
      shape: own.map((letter) => sizes[letter as keyof typeof sizes]),
      dtype,
      numbers: "any",
    });
    return fc.shuffledSubarray(out, { minLength: out.length }).map((order) => ({
      operands: [of(left, dtypes[0]), of(right, dtypes[1])],
      attrs: { equation: canonicalEquation(`${left.join("")},${right.join("")}->${order.join("")}`) },
    }));
  });

const reshape: fc.Arbitrary<Sample<OpAttrs["Reshape"]>> = one(
  operand(anyDtype, tensorShape),
  ({ shape: own }) =>
    fc.constantFrom<Shape>(
      [own.reduce(multiplyDims)],
      [1, ...own],
      own.length > 1 ? [multiplyDims(at(own, 0), at(own, 1)), ...own.slice(2)] : own,
      [...own].reverse(),
    ),
).map(({ operands, attrs }) => ({ operands, attrs: { shape: attrs } }));

const concat: fc.Arbitrary<Sample<OpAttrs["Concat"]>> = fc
  .record({ base: tensorShape, sizes: fc.array(dim, { minLength: 1, maxLength: 3 }), dtype: anyDtype })
  .chain(({ base, sizes, dtype }) =>
    fc.nat(base.length - 1).map((axis) => ({
      operands: sizes.map(
        (size): Operand => ({
          shape: base.map((own, i) => (i === axis ? size : own)),
          dtype,
          numbers: "any",
        }),
      ),
      attrs: { axis },
    })),
  );

const slice: fc.Arbitrary<Sample<OpAttrs["Slice"]>> = fc
  .record({ before: shape, after: shape, size: fc.integer({ min: 1, max: 5 }), dtype: anyDtype })
  .chain(({ before, after, size, dtype }) =>
    fc
      .record({ ends: fc.tuple(fc.nat(size), fc.nat(size)), step: fc.integer({ min: 1, max: 3 }) })
      .map(({ ends, step }) => ({
        operands: [{ shape: [...before, size, ...after], dtype, numbers: "any" }],
        attrs: { axis: before.length, start: Math.min(...ends), stop: Math.max(...ends), step },
      })),
  );

const take: fc.Arbitrary<Sample<OpAttrs["Take"]>> = fc
  .record({ rows: fc.integer({ min: 1, max: 3 }), columns: shape, indices: shape, dtype: anyDtype })
  .map(({ rows, columns, indices, dtype }) => ({
    operands: [
      { shape: [rows, ...columns], dtype, numbers: "any" },
      { shape: indices, dtype: "int64", numbers: { below: rows } },
    ],
    attrs: {},
  }));

const pad: fc.Arbitrary<Sample<OpAttrs["Pad"]>> = fc
  .record({ of: tensorShape, dtypes: fc.tuple(anyDtype, anyDtype) })
  .chain(({ of, dtypes: [dtype, fill] }) =>
    fc
      .record({
        axis: fc.nat(of.length - 1),
        before: fc.nat(2),
        after: fc.nat(2),
        // Between the elements of an axis that may be empty lies nothing that its size could say.
        interior: of.every((size) => typeof size === "number") ? fc.nat(2) : fc.constant(0),
      })
      .map((attrs) => ({
        operands: [
          { shape: of, dtype, numbers: "any" },
          { shape: [], dtype: fill, numbers: "any" },
        ],
        attrs,
      })),
  );

const windows: fc.Arbitrary<Sample<OpAttrs["Windows"]>> = fc
  .record({ before: shape, after: shape, dtype: anyDtype, extra: fc.nat(3) })
  .chain(({ before, after, dtype, extra }) =>
    fc
      .record({
        size: fc.integer({ min: 1, max: 3 }),
        step: fc.integer({ min: 1, max: 3 }),
        dilation: fc.integer({ min: 1, max: 2 }),
      })
      .map(({ size, step, dilation }) => ({
        operands: [
          { shape: [...before, dilation * (size - 1) + 1 + extra, ...after], dtype, numbers: "any" },
        ],
        attrs: { axis: before.length, size, step, dilation },
      })),
  );

const perAxis = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(item, { minLength: 2, maxLength: 2 });
const lattice = fc.record({
  sizes: perAxis(fc.integer({ min: 1, max: 2 })),
  strides: perAxis(fc.integer({ min: 1, max: 3 })),
  padding: perAxis(fc.tuple(fc.nat(2), fc.nat(1))),
});
const dilations = perAxis(fc.integer({ min: 1, max: 2 }));

const convolution: fc.Arbitrary<Sample<OpAttrs["Convolution"]>> = fc
  .record({ lead: shape, lattice, dilation: dilations, depth: dim, dtype: numberDtype })
  .chain(({ lead, lattice: { sizes, strides, padding }, dilation, depth, dtype }) =>
    fc
      .record({ groups: fc.constantFrom(1, 1, 2), filters: fc.integer({ min: 1, max: 2 }) })
      .map(({ groups, filters }) => ({
        operands: [
          { shape: [...lead, multiplyDims(groups, depth), 4, 5], dtype, numbers: "any" },
          { shape: [groups * filters, depth, ...sizes], dtype, numbers: "any" },
        ],
        attrs: { strides, padding, dilation, groups },
      })),
  );

const pooled = operand(
  realDtype,
  shape.map((lead) => [...lead, 4, 5]),
);
const maxPool: fc.Arbitrary<Sample<OpAttrs["MaxPool"]>> = one(pooled, () =>
  // A window that holds only padding has no maximum.
  fc.record({ lattice, dilation: dilations }).map(({ lattice: own, dilation }) => ({
    ...own,
    padding: [
      [0, 0],
      [0, 0],
    ],
    dilation,
  })),
);
const averagePool: fc.Arbitrary<Sample<OpAttrs["AveragePool"]>> = one(pooled, () =>
  fc.record({ lattice, countPadding: fc.constant(true) }).map(({ lattice: own, countPadding }) => ({
    ...own,
    countPadding,
  })),
);

/** h_t = h_{t-1} w + x_t over a number of steps, forwards or backwards; also gives h_t + x_t. */
const scan: fc.Arbitrary<Sample<OpAttrs["Scan"]>> = fc
  .record({ steps: fc.integer({ min: 1, max: 3 }), shape, output: fc.nat(1), reverse: fc.boolean() })
  .map(({ steps, shape: own, output, reverse }) => {
    const real = (size: Shape): Operand => ({ shape: size, dtype: "float32", numbers: "any" });
    const builder = newBuilder();
    const [h, x, w] = ["h", "x", "w"].map((name) =>
      builder.node("Input", [], { name, shape: own, dtype: "float32" }),
    ) as [NodeOf<"Input">, NodeOf<"Input">, NodeOf<"Input">];
    const next = builder.node("Add", [builder.node("Mul", [h, w], {}), x], {});
    const outputs = [next, builder.node("Add", [next, x], {})].map((node) => ({ name: "y", node }));
    const body = nest(builder.graph({ name: "", inputs: [h, x, w], parameters: [], outputs }));
    return {
      operands: [real(own), real([steps, ...own]), real(own)],
      attrs: { body, carries: 1, sequences: 1, output, reverse },
    };
  });

/** A block y = w x with a parameter of its own. */
const call: fc.Arbitrary<Sample<OpAttrs["Call"]>> = shape.map((own) => {
  const builder = newBuilder();
  const type = { shape: own, dtype: "float32" } as const;
  const x = builder.node("Input", [], { name: "x", ...type });
  const w = builder.node("Parameter", [], { name: "w", ...type });
  const body = builder.graph({
    name: "Scaled",
    inputs: [x],
    parameters: [{ node: w, names: ["w"], trainable: true }],
    outputs: [{ name: "y", node: builder.node("Mul", [w, x], {}) }],
  });
  const operand: Operand = { ...type, numbers: "any" };
  return { operands: [operand, operand], attrs: { body: nest(body), instance: 0, given: [], output: 0 } };
});

const broadcastTo: fc.Arbitrary<Sample<OpAttrs["Broadcast"]>> = fc
  .tuple(broadcasting([anyDtype]), fc.array(dim, { maxLength: 2 }), dim)
  .map(([[x], leading, stretched]) => {
    const from = x as Operand;
    return {
      operands: [from],
      attrs: { shape: [...leading, ...from.shape.map((size) => (size === 1 ? stretched : size))] },
    };
  });

const named = fc.record({ name: fc.constant("x"), shape, dtype: anyDtype });

export const samples: Samples = {
  Input: named.map((attrs) => ({ operands: [], attrs })),
  Parameter: named.map((attrs) => ({ operands: [], attrs })),
  Constant: fc.tuple(fc.integer({ min: -20, max: 20 }), fc.constantFrom(1, 2, 4)).chain(([n, d]) =>
    (d === 1 ? numberDtype : realDtype).map((dtype) => ({
      operands: [],
      attrs: { value: rational(n, d), dtype },
    })),
  ),
  NamedConstant: fc
    .record({ name: fc.constantFrom("pi", "e", "negative infinity"), dtype: realDtype })
    .map((attrs) => ({ operands: [], attrs })),
  Iota: fc
    .record({ size: dim, dtype: fc.constantFrom<Dtype>("int64", "int32") })
    .map((attrs) => ({ operands: [], attrs })),
  Add: plain(anyDtype, anyDtype),
  Sub: plain(numberDtype, numberDtype),
  Mul: plain(anyDtype, anyDtype),
  Div: plain(numberDtype, realDtype),
  Neg: unary(numberDtype),
  Exp: unary(numberDtype),
  Log: unary(realDtype, "positive"),
  Sqrt: unary(realDtype, "positive"),
  Power: one(operand(realDtype, shape, "positive"), () =>
    fc
      .constantFrom(rational(1, 2), rational(-1, 2), rational(3), rational(-2), rational(2, 3))
      .map((exponent) => ({ exponent })),
  ),
  Sin: unary(numberDtype),
  Cos: unary(numberDtype),
  Erf: unary(numberDtype),
  Abs: unary(numberDtype),
  Function: fc.constantFrom(...functionNames).chain((name) => {
    const operands = functionOf(name).arity === 1 ? plain(numberDtype) : plain(numberDtype, realDtype);
    return operands.map((sample) => ({ ...sample, attrs: { name } }));
  }),
  Quotient: plain(fc.constant("int64"), fc.constant("int64")),
  Bitwise: plain(fc.constant("int64"), fc.constant("int32")).chain((sample) =>
    fc
      .constantFrom<BitOperation>("and", "or", "xor")
      .map((operation) => ({ ...sample, attrs: { operation } })),
  ),
  Maximum: plain(numberDtype, numberDtype),
  Minimum: plain(numberDtype, numberDtype),
  Less: plain(numberDtype, numberDtype),
  Equal: plain(numberDtype, numberDtype),
  Not: plain(fc.constant("bool")),
  And: plain(fc.constant("bool"), fc.constant("bool")),
  Where: plain(fc.constant("bool"), numberDtype, numberDtype),
  Cast: one(operand(anyDtype), ({ dtype }) =>
    (dtype === "float32" ? realDtype : fc.constantFrom<Dtype>("float32", "int32", "bool")).map((to) => ({
      dtype: to,
    })),
  ),
  StopGradient: unary(anyDtype),
  Sum: one(operand(anyDtype), (x) => axesOf(x).map((axes) => ({ axes }))),
  Max: one(operand(numberDtype), (x) => axesOf(x).map((axes) => ({ axes }))),
  Contract: contraction,
  Transpose: one(operand(anyDtype), ({ shape: own }) =>
    fc
      .shuffledSubarray(
        own.map((_, axis) => axis),
        { minLength: own.length },
      )
      .map((permutation) => ({ permutation })),
  ),
  Reshape: reshape,
  Broadcast: broadcastTo,
  Concat: concat,
  Slice: slice,
  Pad: pad,
  Windows: windows,
  Take: take,
  Scan: scan,
  Call: call,
  Opaque: fc.tuple(plain(numberDtype, realDtype), shape, realDtype).map(([{ operands }, made, dtype]) => ({
    operands,
    attrs: { name: "mystery", attributes: "", shape: made, dtype },
  })),
  PowerOf: one(operand(numberDtype), () => fc.constant({ base: rational(10000) })),
  Reciprocal: unary(numberDtype),
  Square: unary(numberDtype),
  Tanh: unary(numberDtype),
  Sigmoid: unary(numberDtype),
  Relu: unary(numberDtype),
  LeakyRelu: one(operand(numberDtype), () => fc.constant({ slope: rational(1, 100) })),
  Elu: unary(numberDtype),
  Silu: unary(numberDtype),
  Gelu: one(operand(numberDtype), () =>
    fc.constantFrom("none" as const, "tanh" as const).map((approximate) => ({ approximate })),
  ),
  Softplus: unary(numberDtype),
  Mean: one(someAxes, (x) => someAxesOf(x).map((axes) => ({ axes }))),
  Variance: one(someAxes, (x) => someAxesOf(x).map((axes) => ({ axes, correction: 0 }))),
  Softmax: one(someAxes, (x) => axisOf(x).map((axis) => ({ axis }))),
  LogSoftmax: one(someAxes, (x) => axisOf(x).map((axis) => ({ axis }))),
  CrossEntropy: ofPlaces(someAxes),
  TakeAlong: ofPlaces(operand(realDtype, rowsShape)),
  LogSumExp: one(someAxes, (x) => axisOf(x).map((axis) => ({ axis }))),
  Rank: one(ofOrder, (x) => axisOf(x).map((axis) => ({ axis }))),
  Argmax: one(ofOrder, (x) => axisOf(x).map((axis) => ({ axis }))),
  Argmin: one(ofOrder, (x) => axisOf(x).map((axis) => ({ axis }))),
  Normalize: one(someAxes, (x) => fc.record({ axes: someAxesOf(x), epsilon })),
  RmsNormalize: one(someAxes, (x) => fc.record({ axes: someAxesOf(x), epsilon })),
  SplitHeads: fc
    .record({ lead: shape, time: dim, heads: dim, size: dim, dtype: anyDtype })
    .map(({ lead, time, heads, size, dtype }) => ({
      operands: [{ shape: [...lead, time, multiplyDims(heads, size)], dtype, numbers: "any" }],
      attrs: { heads },
    })),
  MergeHeads: fc
    .record({ lead: shape, last: fc.tuple(dim, dim, dim), dtype: anyDtype })
    .map(({ lead, last, dtype }) => ({
      operands: [{ shape: [...lead, ...last], dtype, numbers: "any" }],
      attrs: {},
    })),
  RotateHalf: fc.record({ lead: shape, half: dim, dtype: numberDtype }).map(({ lead, half, dtype }) => ({
    operands: [{ shape: [...lead, multiplyDims(2, half)], dtype, numbers: "any" }],
    attrs: {},
  })),
  Interleave: fc
    .record({ x: operand(anyDtype, tensorShape) })
    .map(({ x }) => ({ operands: [x, x], attrs: {} })),
  Causal: fc
    .record({ lead: shape, size: dim, dtype: realDtype, window: fc.integer({ min: 0, max: 3 }) })
    .map(({ lead, size, dtype, window }) => ({
      operands: [{ shape: [...lead, size, size], dtype, numbers: "any" }],
      attrs: window === 0 ? {} : { window },
    })),
  Hide: fc
    .record({ lead: dim, middle: dim, keys: dim, dtype: realDtype })
    .map(({ lead, middle, keys, dtype }) => ({
      operands: [
        { shape: [lead, middle, keys], dtype, numbers: "any" },
        { shape: [lead, keys], dtype: "bool", numbers: "any" },
      ],
      attrs: {},
    })),
  Rotary: fc
    .record({ lead: shape, rows: dim, half: dim, neighbours: fc.boolean(), isStretched: fc.boolean() })
    .map(({ lead, rows, half, neighbours, isStretched }) => ({
      operands: [
        { shape: [...lead, rows, multiplyDims(2, half)], dtype: "float32", numbers: "any" },
        { shape: isStretched ? [half] : [rows, half], dtype: "float32", numbers: "any" },
      ],
      attrs: { neighbours },
    })),
  Repeat: one(operand(anyDtype, tensorShape), (x) =>
    fc.record({ axis: axisOf(x), count: fc.integer({ min: 1, max: 3 }) }),
  ),
  Stack: fc
    .record({ x: operand(anyDtype, shape), axis: fc.nat(), count: fc.integer({ min: 1, max: 3 }) })
    .map(({ x, axis, count }) => ({
      operands: Array.from({ length: count }, () => x),
      attrs: { axis: axis % (x.shape.length + 1) },
    })),
  Convolution: convolution,
  BiasedConvolution: convolution.map(({ operands: [x, w], attrs }) => ({
    operands: [
      x as Operand,
      w as Operand,
      { shape: (w as Operand).shape.slice(0, 1), dtype: "float32", numbers: "any" },
    ],
    attrs,
  })),
  BatchNormalize: fc
    .record({ x: operand(realDtype, tensorShape), numbers: epsilon })
    .chain(({ x, numbers }) =>
      axisOf(x).map((axis) => {
        const vector = (kind: Numbers): Operand => ({
          shape: [at(x.shape, axis)],
          dtype: "float32",
          numbers: kind,
        });
        return {
          operands: [x, vector("any"), vector("positive"), vector("any"), vector("any")],
          attrs: { axis, epsilon: numbers },
        };
      }),
    ),
  GroupNormalize: fc
    .record({ x: operand(realDtype, tensorShape), groups: fc.integer({ min: 1, max: 3 }), numbers: epsilon })
    .chain(({ x, groups, numbers }) =>
      axisOf(x).map((axis) => {
        const size = at(x.shape, axis);
        const whole = multiplyDims(size, groups);
        const shape = x.shape.with(axis, whole);
        const vector: Operand = { shape: [whole], dtype: "float32", numbers: "any" };
        return { operands: [{ ...x, shape }, vector, vector], attrs: { axis, groups, epsilon: numbers } };
      }),
    ),
  MaxPool: maxPool,
  AveragePool: averagePool,
};

/** A size for every symbol. */
export const sizes = (smallest: number): fc.Arbitrary<ReadonlyMap<string, number>> =>
  fc
    .tuple(...symbols.map(() => fc.integer({ min: smallest, max: 4 })))
    .map((values) => new Map(symbols.map((name, i) => [name, at(values, i)])));
