/** @file Rules that find softmax, variance and the normalisations in their formulas. */
import { at, only } from "../base/assert.ts";
import { type Dim, elementCount, equalShapes, type Shape } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import {
  as,
  bothOrders,
  constantValue,
  firstOf,
  isConstantAlong,
  isNumber,
  type Make,
  type Rule,
  repeated,
  repeatedAxes,
} from "./rule.ts";

export const normalisationRules: readonly Rule[] = [
  {
    name: "softmax",
    algebra: "e^a / Σ e^a → softmax(a), summed along one axis",
    apply: (node, make) => {
      const quotient = as(node, "Div");
      const power = as(quotient?.inputs[0], "Exp");
      if (quotient === undefined || power === undefined) return undefined;
      const axes = axesOf(at(quotient.inputs, 1), "Sum", power);
      const [axis] = axes ?? [];
      return axis !== undefined && axes?.length === 1 ? make("Softmax", power.inputs, { axis }) : undefined;
    },
  },
  {
    name: "softmax-shift",
    algebra: "softmax(a − c), softmax(a + c) → softmax(a), where c is constant along the axis",
    apply: (node, make) => {
      const softmax = as(node, "Softmax");
      const a = softmax && unshifted(only(softmax.inputs), softmax.attrs.axis);
      return softmax && a && make("Softmax", [a], softmax.attrs);
    },
  },
  {
    name: "log-sum",
    algebra: "log Σ e^a → logsumexp(a), summed along one axis",
    apply: (node, make) => {
      const sum = as(as(node, "Log")?.inputs[0], "Sum");
      const power = as(sum?.inputs[0], "Exp");
      const [axis] = sum?.attrs.axes ?? [];
      const alongOne = axis !== undefined && sum?.attrs.axes.length === 1;
      return power && alongOne ? make("LogSumExp", power.inputs, { axis }) : undefined;
    },
  },
  {
    name: "logsumexp-shift",
    algebra: "logsumexp(a − c) + c → logsumexp(a), where c is constant along the axis",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([sum, shift]) => {
        const inner = as(sum, "LogSumExp");
        const difference = as(inner?.inputs[0], "Sub");
        if (inner === undefined || difference === undefined) return undefined;
        const [a, c] = [at(difference.inputs, 0), at(difference.inputs, 1)];
        const fits = isStretched(c, shift, a.type.shape, inner.attrs.axis);
        return fits && unshifted(difference, inner.attrs.axis)
          ? make("LogSumExp", [a], inner.attrs)
          : undefined;
      }),
  },
  {
    name: "log-softmax",
    algebra: "a − logsumexp(a) → log_softmax(a)",
    apply: (node, make) => {
      const difference = as(node, "Sub");
      if (difference === undefined) return undefined;
      const [a, b] = [at(difference.inputs, 0), at(difference.inputs, 1)];
      return firstOf(repeatedAxes(b, a.type.shape), (axes) => {
        const sum = as(repeated(b, a.type.shape, axes), "LogSumExp");
        const fits = sum?.inputs[0] === a && sameAxes([sum.attrs.axis], axes);
        return fits ? make("LogSoftmax", [a], sum.attrs) : undefined;
      });
    },
  },
  {
    name: "log-softmax-shift",
    algebra: "log_softmax(a − c), log_softmax(a + c) → log_softmax(a), where c is constant along the axis",
    apply: (node, make) => {
      const softmax = as(node, "LogSoftmax");
      const a = softmax && unshifted(only(softmax.inputs), softmax.attrs.axis);
      return softmax && a && make("LogSoftmax", [a], softmax.attrs);
    },
  },
  {
    name: "log-of-softmax",
    algebra: "log(softmax(a)) → log_softmax(a)",
    apply: (node, make) => {
      const softmax = as(as(node, "Log")?.inputs[0], "Softmax");
      return softmax && make("LogSoftmax", softmax.inputs, softmax.attrs);
    },
  },
  {
    name: "exp-of-log-softmax",
    algebra: "e^log_softmax(a) → softmax(a)",
    apply: (node, make) => {
      const softmax = as(as(node, "Exp")?.inputs[0], "LogSoftmax");
      return softmax && make("Softmax", softmax.inputs, softmax.attrs);
    },
  },
  {
    name: "variance",
    algebra: "mean((a − mean a)²) → var(a), the mean of squares over the same axes as the mean inside",
    apply: (node, make) => {
      const mean = as(node, "Mean");
      const deviation = as(as(mean?.inputs[0], "Square")?.inputs[0], "Sub");
      if (mean === undefined || deviation === undefined) return undefined;
      const [a, { axes }] = [at(deviation.inputs, 0), mean.attrs];
      return isCentred(deviation, a, axes) ? make("Variance", [a], { axes, correction: 0 }) : undefined;
    },
  },
  {
    name: "sample-variance",
    algebra: "Σ(a − mean a)² / (n − 1) → sample_var(a); n is the number of summed elements",
    apply: (node, make) => {
      const quotient = as(node, "Div");
      const total = as(quotient?.inputs[0], "Sum");
      const deviation = as(as(total?.inputs[0], "Square")?.inputs[0], "Sub");
      if (quotient === undefined || total === undefined || deviation === undefined) return undefined;
      const [a, { axes }] = [at(deviation.inputs, 0), total.attrs];
      const count = elementCount(axes.map((axis): Dim => at(deviation.type.shape, axis)));
      const fits = typeof count === "number" && isNumber(at(quotient.inputs, 1), count - 1) && count > 1;
      return fits && isCentred(deviation, a, axes)
        ? make("Variance", [a], { axes, correction: 1 })
        : undefined;
    },
  },
  {
    name: "variance-of-moments",
    algebra: "mean(a²) − (mean a)² → var(a), over the same axes",
    apply: (node, make) => {
      const difference = as(node, "Sub");
      const second = as(difference?.inputs[0], "Mean");
      const first = as(as(difference?.inputs[1], "Square")?.inputs[0], "Mean");
      const a = as(second?.inputs[0], "Square")?.inputs[0];
      if (second === undefined || a === undefined || first?.inputs[0] !== a) return undefined;
      const { axes } = second.attrs;
      return sameAxes(axes, first.attrs.axes) ? make("Variance", [a], { axes, correction: 0 }) : undefined;
    },
  },
  {
    name: "variance-from-below",
    algebra: "relu(var a) → var(a), which is never negative; rounding of mean(a²) − (mean a)² may be",
    apply: (node) => as(as(node, "Relu")?.inputs[0], "Variance"),
  },
  {
    name: "normalize",
    algebra: "(a − mean a) / √(var a + ε) → normalize(a), over the same axes",
    apply: (node, make) => {
      const quotient = as(node, "Div");
      const deviation = as(quotient?.inputs[0], "Sub");
      return quotient && deviation && normalised(deviation, at(quotient.inputs, 1), make);
    },
  },
  {
    name: "normalize-with-gain",
    algebra:
      "(a − mean a) · (g / √(var a + ε)) → normalize(a) · g, over the same axes; likewise with a alone",
    apply: (node, make) =>
      as(node, "Mul") &&
      firstOf(bothOrders(node), ([a, factor]) => {
        const quotient = as(factor, "Div");
        if (quotient === undefined) return undefined;
        const [gain, divisor] = [at(quotient.inputs, 0), at(quotient.inputs, 1)];
        const result = (as(a, "Sub") && normalised(a, divisor, make)) ?? rootNormalised(a, divisor, make);
        return result && make("Mul", [result, gain], {});
      }),
  },
  {
    name: "normalize-in-two-products",
    algebra:
      "a · s + (b − m · s) → (a − m) · s + b, where m is the mean of a over the axes along which it is repeated",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([scaled, rest]) => {
        const [b, shift] = as(rest, "Sub")?.inputs ?? [];
        if (as(scaled, "Mul") === undefined || as(shift, "Mul") === undefined || b === undefined)
          return undefined;
        return firstOf(bothOrders(scaled), ([a, s]) =>
          firstOf(bothOrders(shift as Node), ([m, factor]) => {
            if (factor !== s || axesOf(m, "Mean", a) === undefined) return undefined;
            return make("Add", [make("Mul", [make("Sub", [a, m], {}), s], {}), b], {});
          }),
        );
      }),
  },
  {
    name: "rms-normalize",
    algebra: "a / √(mean(a²) + ε) → rms_normalize(a)",
    apply: (node, make) => {
      const quotient = as(node, "Div");
      return quotient && rootNormalised(at(quotient.inputs, 0), at(quotient.inputs, 1), make);
    },
  },
];

const sameAxes = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((axis, i) => axis === b[i]);

/** The axes along which `node`, stretched to the shape of `of`, repeats the reduction of `of` over them. */
function axesOf(node: Node, op: "Sum" | "Mean", of: Node): readonly number[] | undefined {
  return repeatedAxes(node, of.type.shape).find((axes) => {
    const reduction = as(repeated(node, of.type.shape, axes), op);
    return reduction?.inputs[0] === of && sameAxes(reduction.attrs.axes, axes);
  });
}

/** a of a − c, a + c and log_softmax(a) = a − logsumexp(a), where c is constant along the axis. */
function unshifted(node: Node, axis: number): Node | undefined {
  const normal = as(node, "LogSoftmax");
  if (normal?.attrs.axis === axis) return only(normal.inputs);
  if (node.op !== "Sub" && node.op !== "Add") return undefined;
  const orders = node.op === "Add" ? bothOrders(node) : bothOrders(node).slice(0, 1);
  return firstOf(orders, ([a, c]) => {
    const keepsShape = equalShapes(a.type.shape, node.type.shape);
    return keepsShape && isConstantAlong(c, node.type.shape, axis) ? a : undefined;
  });
}

const withoutStop = (node: Node): Node => as(node, "StopGradient")?.inputs[0] ?? node;

/** Whether `stretched`, in a tensor of this shape, repeats `value` along the axis. */
function isStretched(stretched: Node, value: Node, shape: Shape, axis: number): boolean {
  const source = repeated(stretched, shape, [axis]);
  return source !== undefined && withoutStop(source) === withoutStop(value);
}

/** Whether a difference is a minus its mean over the axes. */
const isCentred = (difference: Node, a: Node, axes: readonly number[]): boolean =>
  // Of a repeated value the axes are those of what repeats it.
  equalShapes(difference.type.shape, a.type.shape) &&
  sameAxes(axesOf(at(difference.inputs, 1), "Mean", a) ?? [-1], axes);

interface Spread {
  readonly inside: Node;
  readonly epsilon: Node;
}

/** v and ε of √(v + ε). */
function rootOfSum(node: Node | undefined): Spread | undefined {
  const sum = as(as(node, "Sqrt")?.inputs[0], "Add");
  return (
    sum &&
    firstOf(bothOrders(sum), ([inside, epsilon]) =>
      constantValue(epsilon) === undefined ? undefined : { inside, epsilon },
    )
  );
}

/** The roots √(v + ε) that a divisor can repeat over axes of this shape. */
const rootsIn = (divisor: Node, shape: Shape): readonly (Spread & { readonly axes: readonly number[] })[] =>
  repeatedAxes(divisor, shape).flatMap((axes) => {
    const root = rootOfSum(repeated(divisor, shape, axes));
    return root === undefined ? [] : [{ ...root, axes }];
  });

function normalised(deviation: Node, divisor: Node, make: Make): Node | undefined {
  const a = at(deviation.inputs, 0);
  return firstOf(rootsIn(divisor, a.type.shape), ({ inside, epsilon, axes }) => {
    const variance = as(inside, "Variance");
    const fits =
      variance?.inputs[0] === a && variance.attrs.correction === 0 && sameAxes(variance.attrs.axes, axes);
    const value = constantValue(epsilon);
    if (!fits || value === undefined || !isCentred(deviation, a, axes)) return undefined;
    return make("Normalize", [a], { axes, epsilon: value });
  });
}

function rootNormalised(a: Node, divisor: Node, make: Make): Node | undefined {
  return firstOf(rootsIn(divisor, a.type.shape), ({ inside, epsilon, axes }) => {
    const mean = as(inside, "Mean");
    const fits = as(mean?.inputs[0], "Square")?.inputs[0] === a && sameAxes(mean?.attrs.axes ?? [], axes);
    const value = constantValue(epsilon);
    return fits && value !== undefined ? make("RmsNormalize", [a], { axes, epsilon: value }) : undefined;
  });
}
