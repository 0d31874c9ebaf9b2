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
    algebra: "e^(a − c) / Σ e^(a − c) → softmax(a), summed along one axis, along which c is constant",
    apply: (node, make) => {
      const quotient = as(node, "Div");
      const power = as(quotient?.inputs[0], "Exp");
      if (quotient === undefined || power === undefined) return undefined;
      const axis = soleAxisOf(at(quotient.inputs, 1), "Sum", power);
      return axis === undefined ? undefined : make("Softmax", [shifted(only(power.inputs), axis)], { axis });
    },
  },
  {
    name: "logsumexp",
    algebra: "log Σ e^(a − max a) + max a → logsumexp(a)",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([logarithm, largest]) => {
        const found = shiftedLogSum(logarithm);
        const isShift = found && isMaximum(largest, found.a, found.axis);
        return isShift ? make("LogSumExp", [found.a], { axis: found.axis }) : undefined;
      }),
  },
  {
    name: "log-softmax",
    algebra: "(a − max a) − log Σ e^(a − max a) → log_softmax(a)",
    apply: (node, make) => {
      const difference = as(node, "Sub");
      const inner = difference && at(difference.inputs, 0);
      if (difference === undefined || inner === undefined) return undefined;
      return firstOf(repeatedAxes(at(difference.inputs, 1), inner.type.shape), (axes) => {
        const found = shiftedLogSum(repeated(at(difference.inputs, 1), inner.type.shape, axes));
        const [axis] = axes;
        const fits = found !== undefined && axes.length === 1 && found.axis === axis && found.power === inner;
        return fits ? make("LogSoftmax", [found.a], { axis: found.axis }) : undefined;
      });
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
      const count = elementCount(axes.map((axis): Dim => at(a.type.shape, axis)));
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

/** The axis along which `node`, stretched to the shape of `of`, repeats the reduction of `of`. */
function soleAxisOf(node: Node, op: "Sum" | "Max" | "Mean", of: Node): number | undefined {
  const axes = axesOf(node, op, of);
  return axes?.length === 1 ? axes[0] : undefined;
}

function axesOf(node: Node, op: "Sum" | "Max" | "Mean", of: Node): readonly number[] | undefined {
  return repeatedAxes(node, of.type.shape).find((axes) => {
    const reduction = as(repeated(node, of.type.shape, axes), op);
    return reduction?.inputs[0] === of && sameAxes(reduction.attrs.axes, axes);
  });
}

/** a of a − c where c is constant along the axis; else the whole. */
function shifted(node: Node, axis: number): Node {
  const difference = as(node, "Sub");
  if (difference === undefined) return node;
  const [a, c] = [at(difference.inputs, 0), at(difference.inputs, 1)];
  const keepsShape = equalShapes(a.type.shape, node.type.shape);
  return keepsShape && isConstantAlong(c, node.type.shape, axis) ? a : node;
}

const withoutStop = (node: Node): Node => as(node, "StopGradient")?.inputs[0] ?? node;

const isMaximum = (node: Node, a: Node, axis: number): boolean => {
  const largest = as(withoutStop(node), "Max");
  return largest?.inputs[0] === a && sameAxes(largest.attrs.axes, [axis]);
};

/** a and the axis in log Σ e^(a − max a); `power` is a − max a. */
function shiftedLogSum(node: Node | undefined): { a: Node; axis: number; power: Node } | undefined {
  const sum = as(as(node, "Log")?.inputs[0], "Sum");
  const power = as(as(sum?.inputs[0], "Exp")?.inputs[0], "Sub");
  const [axis] = sum?.attrs.axes ?? [];
  if (sum === undefined || power === undefined || axis === undefined || sum.attrs.axes.length !== 1)
    return undefined;
  const [a, c] = [at(power.inputs, 0), at(power.inputs, 1)];
  const shift = repeated(c, a.type.shape, [axis]);
  return shift && isMaximum(shift, a, axis) ? { a, axis, power } : undefined;
}

/** Whether a difference is a minus its mean over the axes. */
const isCentred = (difference: Node, a: Node, axes: readonly number[]): boolean =>
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
