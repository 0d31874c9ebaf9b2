/** @file Operators that are defined by an expansion into others; evaluation and field meaning follow from it. */
import { at } from "../base/assert.ts";
import { big, call, infix, type Layout, number, power, rationalLayout } from "../base/layout.ts";
import { type Rational, rational } from "../base/rational.ts";
import { type Dim, elementCount } from "../ir/dim.ts";
import type { Builder, Node } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { isReal, type TensorType } from "../ir/type.ts";
import {
  axesWithout,
  broadcastAxes,
  type Composite,
  checkAxes,
  type Family,
  type Notation,
} from "./define.ts";
import { droppedNames, namesOf, remaining } from "./reduction.ts";

/** Shorthand for the formulas below. */
class Formula {
  readonly #build: Builder;
  readonly #like: Node;

  constructor(build: Builder, like: Node) {
    this.#build = build;
    this.#like = like;
  }

  number(value: Rational): Node {
    return this.#build.node("Constant", [], { value, dtype: this.#like.type.dtype }) as Node;
  }
  integer(value: number): Node {
    return this.number(rational(value));
  }
  pi(): Node {
    return this.#build.node("NamedConstant", [], { name: "pi", dtype: this.#like.type.dtype }) as Node;
  }
  add(x: Node, y: Node): Node {
    return this.#build.node("Add", [x, y], {}) as Node;
  }
  sub(x: Node, y: Node): Node {
    return this.#build.node("Sub", [x, y], {}) as Node;
  }
  mul(x: Node, y: Node): Node {
    return this.#build.node("Mul", [x, y], {}) as Node;
  }
  div(x: Node, y: Node): Node {
    return this.#build.node("Div", [x, y], {}) as Node;
  }
  neg(x: Node): Node {
    return this.#build.node("Neg", [x], {}) as Node;
  }
  exp(x: Node): Node {
    return this.#build.node("Exp", [x], {}) as Node;
  }
  log(x: Node): Node {
    return this.#build.node("Log", [x], {}) as Node;
  }
  sqrt(x: Node): Node {
    return this.#build.node("Sqrt", [x], {}) as Node;
  }
  square(x: Node): Node {
    return this.#build.node("Square", [x], {}) as Node;
  }
  erf(x: Node): Node {
    return this.#build.node("Erf", [x], {}) as Node;
  }
  join(parts: readonly Node[], axis: number): Node {
    return this.#build.node("Concat", parts, { axis }) as Node;
  }
  max(x: Node, y: Node): Node {
    return this.#build.node("Maximum", [x, y], {}) as Node;
  }
  apply<N extends OpName>(op: N, x: Node, attrs: OpAttrs[N]): Node {
    return this.#build.node(op, [x], attrs) as unknown as Node;
  }
  /** Sum over axes that stay, with size 1. */
  sumKept(x: Node, axes: readonly number[]): Node {
    return this.apply("Reshape", this.apply("Sum", x, { axes }), { shape: kept(x, axes) });
  }
  meanKept(x: Node, axes: readonly number[]): Node {
    return this.apply("Reshape", this.apply("Mean", x, { axes }), { shape: kept(x, axes) });
  }
  size(x: Node, axes: readonly number[]): Node {
    return elementsAlong(this.#build, x, axes);
  }
}

/** The number of elements along axes, as a number of the graph. */
export function elementsAlong(build: Builder, x: Node, axes: readonly number[]): Node {
  const { dtype, shape } = x.type;
  const sizes = axes.map((axis): Dim => at(shape, axis));
  const size = elementCount(sizes);
  const number = (value: number): Node =>
    build.node("Constant", [], { value: rational(value), dtype }) as Node;
  if (typeof size === "number") return number(size);
  // A symbolic size is counted at run time: the sum of as many ones.
  const ones = build.node("Broadcast", [number(1)], { shape: sizes }) as Node;
  return build.node("Sum", [ones], { axes: sizes.map((_, i) => i) }) as Node;
}

/** The shape of a tensor whose axes stay, with size 1. */
const kept = (x: Node, axes: readonly number[]): Dim[] =>
  x.type.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));

type Expansion<N extends OpName> = (f: Formula, x: Node, attrs: OpAttrs[N]) => Node;
type Infer<N extends OpName> = (operator: string, x: TensorType, attrs: OpAttrs[N]) => TensorType;

type Render<N extends OpName> = (args: readonly Layout[], attrs: OpAttrs[N], notation: Notation) => Layout;

interface Rule<N extends OpName> {
  readonly name: N;
  readonly doc: string;
  readonly family: Family;
  readonly notation?: string;
  readonly infer?: Infer<N>;
  readonly axes?: Composite<N>["axes"];
  readonly render?: Render<N>;
  /** The same as `render` unless index notation looks otherwise. */
  readonly renderElement?: Render<N>;
  readonly expand: Expansion<N>;
}

const sameShape = (_: string, x: TensorType): TensorType =>
  isReal(x.dtype) ? x : { ...x, dtype: "float32" };

const toReal = (build: Builder, x: Node): Node => build.node("Cast", [x], { dtype: "float32" }) as Node;

function composite<N extends OpName>(rule: Rule<N>): Composite<N> {
  const infer = rule.infer ?? sameShape;
  const render = rule.render ?? ((args) => call(rule.notation ?? rule.name.toLowerCase(), args));
  return {
    name: rule.name,
    kind: "composite",
    doc: rule.doc,
    family: rule.family,
    arity: 1,
    infer: (inputs, attrs) => infer(rule.name, at(inputs, 0), attrs),
    expand: (build, inputs, attrs) => {
      const given = at(inputs, 0);
      const x = isReal(given.type.dtype) ? given : toReal(build, given);
      return rule.expand(new Formula(build, x), x, attrs);
    },
    axes: rule.axes ?? broadcastAxes,
    render,
    renderElement: rule.renderElement ?? render,
  };
}

type WithAxes = "Mean" | "Variance" | "Normalize" | "RmsNormalize";
type WithAxis = "Softmax" | "LogSoftmax";

const axesChecked = <N extends WithAxes>(operator: string, x: TensorType, attrs: OpAttrs[N]): TensorType => {
  checkAxes(operator, x.shape, attrs.axes);
  return sameShape(operator, x);
};
const axisChecked = <N extends WithAxis>(operator: string, x: TensorType, attrs: OpAttrs[N]): TensorType => {
  checkAxes(operator, x.shape, [attrs.axis]);
  return sameShape(operator, x);
};
const reduced = <N extends "Mean" | "Variance">(
  operator: string,
  x: TensorType,
  attrs: OpAttrs[N],
): TensorType => {
  const { dtype } = axesChecked(operator, x, attrs);
  return { shape: remaining(x.shape.length, attrs.axes).map((axis) => at(x.shape, axis)), dtype };
};
const withAxes =
  (name: string): Render<WithAxes> =>
  (args, { axes }, notation) =>
    call(name, args, namesOf(axes, notation));
const withAxis =
  (name: string): Render<WithAxis> =>
  (args, { axis }, notation) =>
    call(name, args, namesOf([axis], notation));

export const powerOf: Composite<"PowerOf"> = composite({
  name: "PowerOf",
  doc: "bˣ = e^(x log b) for a number b > 0.",
  family: "function",
  expand: (f, x, { base }) => f.exp(f.mul(x, f.log(f.number(base)))),
  render: (args, { base }) => power(wholeLayout(base), at(args, 0)),
});
export const reciprocal: Composite<"Reciprocal"> = composite({
  name: "Reciprocal",
  doc: "1 / x.",
  family: "arithmetic",
  expand: (f, x) => f.div(f.integer(1), x),
  render: (args) => infix("/", number("1"), at(args, 0)),
});
export const square: Composite<"Square"> = composite({
  name: "Square",
  doc: "x².",
  family: "arithmetic",
  expand: (f, x) => f.mul(x, x),
  render: (args) => power(at(args, 0), number("2")),
});
export const tanh: Composite<"Tanh"> = composite({
  name: "Tanh",
  doc: "1 − 2 / (e^(2x) + 1).",
  family: "activation",
  expand: (f, x) => f.sub(f.integer(1), f.div(f.integer(2), f.add(f.exp(f.add(x, x)), f.integer(1)))),
});
export const sigmoid: Composite<"Sigmoid"> = composite({
  name: "Sigmoid",
  doc: "1 / (1 + e^(−x)).",
  family: "activation",
  expand: (f, x) => f.div(f.integer(1), f.add(f.integer(1), f.exp(f.neg(x)))),
});
export const relu: Composite<"Relu"> = composite({
  name: "Relu",
  doc: "max(x, 0).",
  family: "activation",
  expand: (f, x) => f.max(x, f.integer(0)),
});
export const leakyRelu: Composite<"LeakyRelu"> = composite({
  name: "LeakyRelu",
  doc: "x for x > 0, slope · x elsewhere: max(x, 0) − slope · max(−x, 0).",
  family: "activation",
  expand: (f, x, { slope }) =>
    f.sub(f.max(x, f.integer(0)), f.mul(f.number(slope), f.max(f.neg(x), f.integer(0)))),
  render: (args, { slope }) => call("leaky_relu", [at(args, 0), rationalLayout(slope)]),
});
export const elu: Composite<"Elu"> = composite({
  name: "Elu",
  doc: "x for x > 0, eˣ − 1 elsewhere: max(x, 0) + (e^(min(x, 0)) − 1) (Clevert et al. 2016).",
  family: "activation",
  expand: (f, x) => {
    const negative = f.neg(f.max(f.neg(x), f.integer(0)));
    return f.add(f.max(x, f.integer(0)), f.sub(f.exp(negative), f.integer(1)));
  },
});
export const silu: Composite<"Silu"> = composite({
  name: "Silu",
  doc: "x · sigmoid(x).",
  family: "activation",
  expand: (f, x) => f.mul(x, f.apply("Sigmoid", x, {})),
});
export const gelu: Composite<"Gelu"> = composite({
  name: "Gelu",
  doc: "x Φ(x) with Φ(x) = (1 + erf(x/√2))/2, or its tanh approximation (Hendrycks and Gimpel 2016, §2).",
  family: "activation",
  expand: (f, x, { approximate }) => {
    const half = f.number(rational(1, 2));
    const inner =
      approximate === "none"
        ? f.erf(f.div(x, f.sqrt(f.integer(2))))
        : f.apply(
            "Tanh",
            f.mul(
              f.sqrt(f.div(f.integer(2), f.pi())),
              f.add(x, f.mul(f.number(rational(44715, 1000000)), f.mul(x, f.mul(x, x)))),
            ),
            {},
          );
    return f.mul(f.mul(half, x), f.add(f.integer(1), inner));
  },
  render: (args, { approximate }) => call(approximate === "none" ? "gelu" : "gelu_tanh", args),
});
export const softplus: Composite<"Softplus"> = composite({
  name: "Softplus",
  doc: "log(1 + eˣ), the logsumexp of 0 and x.",
  family: "activation",
  expand: (f, x) => {
    const column = [...x.type.shape, 1];
    const zero = f.apply("Broadcast", f.integer(0), { shape: column });
    const pair = f.join([zero, f.apply("Reshape", x, { shape: column })], column.length - 1);
    return f.apply("LogSumExp", pair, { axis: column.length - 1 });
  },
});
export const mean: Composite<"Mean"> = composite({
  name: "Mean",
  doc: "Sum over axes divided by their number of elements; the axes disappear.",
  family: "reduction",
  infer: reduced,
  expand: (f, x, { axes }) => f.div(f.apply("Sum", x, { axes }), f.size(x, axes)),
  axes: (inputs, { axes }) => axesWithout(at(inputs, 0), axes),
  render: (args, { axes }, notation) => call("mean", args, droppedNames(axes, notation)),
  renderElement: (args, { axes }, notation) => big("mean", namesOf(axes, notation), at(args, 0)),
});
export const variance: Composite<"Variance"> = composite({
  name: "Variance",
  doc: "Sum of squared deviations from the mean over (count − correction); the axes disappear.",
  family: "reduction",
  infer: reduced,
  expand: (f, x, { axes, correction }) => {
    const deviation = f.sub(x, f.meanKept(x, axes));
    const total = f.apply("Sum", f.square(deviation), { axes });
    const size = f.size(x, axes);
    return f.div(total, correction === 0 ? size : f.sub(size, f.integer(correction)));
  },
  axes: (inputs, { axes }) => axesWithout(at(inputs, 0), axes),
  render: (args, { axes, correction }, notation) =>
    call(correction === 0 ? "var" : "sample_var", args, droppedNames(axes, notation)),
});
export const softmax: Composite<"Softmax"> = composite({
  name: "Softmax",
  doc: "e^(x_i) / Σ_j e^(x_j) along one axis.",
  family: "normalisation",
  infer: axisChecked,
  expand: (f, x, { axis }) => {
    const weights = f.exp(f.sub(x, maxKept(f, x, axis)));
    return f.div(weights, f.sumKept(weights, [axis]));
  },
  render: withAxis("softmax"),
});
export const logSoftmax: Composite<"LogSoftmax"> = composite({
  name: "LogSoftmax",
  doc: "x_i − log Σ_j e^(x_j) along one axis.",
  family: "normalisation",
  infer: axisChecked,
  expand: (f, x, { axis }) => {
    const shape = x.type.shape.map((dim, i) => (i === axis ? 1 : dim));
    return f.sub(x, f.apply("Reshape", f.apply("LogSumExp", x, { axis }), { shape }));
  },
  render: withAxis("log_softmax"),
});
export const normalize: Composite<"Normalize"> = composite({
  name: "Normalize",
  doc: "(x − mean) / √(variance + ε) over axes: LayerNorm before its affine map (Ba et al. 2016, eq. 4).",
  family: "normalisation",
  infer: axesChecked,
  expand: (f, x, { axes, epsilon }) => {
    const deviation = f.sub(x, f.meanKept(x, axes));
    const spread = f.meanKept(f.square(deviation), axes);
    return f.div(deviation, f.sqrt(f.add(spread, f.number(epsilon))));
  },
  render: (args, attrs, notation) =>
    withAxes("normalize")([at(args, 0), rationalLayout(attrs.epsilon)], attrs, notation),
});
export const rmsNormalize: Composite<"RmsNormalize"> = composite({
  name: "RmsNormalize",
  doc: "x / √(mean(x²) + ε) over axes: RMSNorm before its gain (Zhang and Sennrich 2019, eq. 4).",
  family: "normalisation",
  infer: axesChecked,
  expand: (f, x, { axes, epsilon }) =>
    f.div(x, f.sqrt(f.add(f.meanKept(f.square(x), axes), f.number(epsilon)))),
  render: (args, attrs, notation) =>
    withAxes("rms_normalize")([at(args, 0), rationalLayout(attrs.epsilon)], attrs, notation),
});

/** As the base of a power 10000 reads better than 1e4. */
const wholeLayout = (value: Rational): Layout =>
  value.denominator === 1n ? number(String(value.numerator)) : rationalLayout(value);

/** The largest element along an axis, which stays with size 1; any shift cancels, this one keeps exp finite. */
function maxKept(f: Formula, x: Node, axis: number): Node {
  const shape = x.type.shape.map((dim, i) => (i === axis ? 1 : dim));
  return f.apply("Reshape", f.apply("Max", x, { axes: [axis] }), { shape });
}
