/** @file Rules for channels that are normalised in groups. */
import { at, only, range } from "../base/assert.ts";
import { equalDims, equalShapes, type Shape } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { laid } from "./channels.ts";
import { as, bothOrders, firstOf, type Rule } from "./rule.ts";

export const groupRules: readonly Rule[] = [
  {
    name: "group-normalize",
    algebra:
      "normalize(x in rows of whole groups, ε) · γ + β with vectors along the axis of channels → group_normalize(x, γ, β, ε)",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([scaled, shift]) => {
        const beta = laid(shift, node.type.shape.length);
        if (as(scaled, "Mul") === undefined || beta === undefined) return undefined;
        return firstOf(bothOrders(scaled), ([normal, gain]) => {
          const gamma = laid(gain, node.type.shape.length);
          const found = normalisedGroups(normal, beta.axis);
          if (gamma?.axis !== beta.axis || found === undefined) return undefined;
          if (!equalShapes(found.x.type.shape, node.type.shape)) return undefined;
          return make("GroupNormalize", [found.x, gamma.vector, beta.vector], found.attrs);
        });
      }),
  },
];

interface Groups {
  readonly x: Node;
  readonly attrs: OpAttrs["GroupNormalize"];
}

/** What is normalised in rows of groups of neighbours along an axis, each with all axes behind. */
function normalisedGroups(node: Node, axis: number): Groups | undefined {
  const normal = as(as(node, "Reshape")?.inputs[0], "Normalize");
  const rows = as(normal?.inputs[0], "Reshape");
  const x = rows && only<Node>(rows.inputs);
  if (normal === undefined || x === undefined || !equalShapes(x.type.shape, node.type.shape))
    return undefined;
  const { shape } = normal.type;
  const groups = shape[axis];
  const isInRows = sameUpTo(shape, x.type.shape, axis) && typeof groups === "number";
  const channels = at(x.type.shape, axis);
  const isWhole = typeof channels === "number" && isInRows && channels % groups === 0;
  const behind = range(shape.length).slice(axis + 1);
  if (!isWhole || normal.attrs.axes.join() !== behind.join()) return undefined;
  return { x, attrs: { axis, groups, epsilon: normal.attrs.epsilon } };
}

const sameUpTo = (a: Shape, b: Shape, count: number): boolean =>
  range(count).every((axis) => equalDims(at(a, axis), at(b, axis)));
