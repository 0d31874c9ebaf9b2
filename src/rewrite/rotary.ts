/** @file Rules for rotary positions: pairs of features turned by angles, in the ways in which programs write them. */
import { at, only } from "../base/assert.ts";
import { elementCount, equalDims, equalShapes, exactQuotient, type Shape } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { isElementwise } from "../ops/table.ts";
import { as, bothOrders, firstOf, type Make, type Rule, reshaped } from "./rule.ts";
import { stackOf } from "./stacks.ts";

export const rotaryRules: readonly Rule[] = [
  {
    name: "rotary",
    algebra: "x cos(θ, θ) + rotate_half(x) sin(θ, θ) → rotary(x, θ), where both halves of the angles are θ",
    apply: (node, make) =>
      as(node, "Add") &&
      firstOf(bothOrders(node), ([kept, moved]) => {
        if (kept.op !== "Mul" || moved.op !== "Mul") return undefined;
        return firstOf(bothOrders(moved), ([half, sine]) => {
          const source = as(half, "RotateHalf")?.inputs[0];
          const cosine = kept.inputs.find((factor) => factor !== source);
          if (source === undefined || cosine === undefined || !kept.inputs.includes(source)) return undefined;
          const angles = [
            halved(angleOf(cosine, "Cos", make), make),
            halved(angleOf(sine, "Sin", make), make),
          ];
          return turned(node.type.shape, source, angles, false, make);
        });
      }),
  },
  {
    name: "rotary-of-halves",
    algebra:
      "(x₁ cos θ − x₂ sin θ, x₂ cos θ + x₁ sin θ) of the halves x₁, x₂ of the last axis → rotary(x, θ)",
    apply: (node, make) => {
      const joined = as(node, "Concat");
      const isLast = joined?.attrs.axis === node.type.shape.length - 1;
      return joined !== undefined && isLast
        ? ofPairs(node.type.shape, joined.inputs, false, make)
        : undefined;
    },
  },
  {
    name: "rotary-of-neighbours",
    algebra:
      "(x₁ cos θ − x₂ sin θ, x₂ cos θ + x₁ sin θ) of the even and odd elements x₁, x₂ of the last axis, one behind the other → rotary_pairs(x, θ)",
    apply: (node, make) => {
      const pairs = byTurns(node);
      const made = pairs && ofPairs(pairs.shape, pairs.parts, true, make);
      return made && reshaped(made, node.type.shape, make);
    },
  },
  {
    name: "interleave",
    algebra: "two tensors joined along a new last axis, which becomes one with the axis before → interleave",
    apply: (node, make) => {
      const pairs = byTurns(node);
      const isOfTwo = pairs?.parts.length === 2;
      return isOfTwo ? reshaped(make("Interleave", pairs.parts, {}), node.type.shape, make) : undefined;
    },
  },
];

/** What a node joins along an axis behind the last, and the shape in which these two are one. */
function byTurns(node: Node): { readonly parts: readonly Node[]; readonly shape: Shape } | undefined {
  const joined = as(node, "Reshape")?.inputs[0];
  const { parts, axis } = (joined && stackOf(joined)) ?? { parts: [], axis: 0 };
  if (joined === undefined || axis === 0 || axis !== joined.type.shape.length - 1) return undefined;
  const { shape } = joined.type;
  return { parts, shape: [...shape.slice(0, -2), elementCount(shape.slice(-2))] };
}

/** The turned tensor, where sine and cosine have the same angles and turning gives this shape. */
function turned(
  shape: Shape,
  x: Node,
  [angle, other]: readonly (Node | undefined)[],
  neighbours: boolean,
  make: Make,
): Node | undefined {
  if (angle === undefined || angle !== other) return undefined;
  const narrow = narrowed(angle, x.type.shape.length, make);
  const half = exactQuotient(at(x.type.shape, x.type.shape.length - 1), 2);
  if (half === undefined || !equalDims(narrow.type.shape.at(-1) ?? 0, half)) return undefined;
  const made = make("Rotary", [x, narrow], { neighbours });
  return equalShapes(made.type.shape, shape) ? made : undefined;
}

/** x₁ cos θ − x₂ sin θ and x₂ cos θ + x₁ sin θ, where x₁ and x₂ are parts of one tensor. */
function ofPairs(shape: Shape, parts: readonly Node[], neighbours: boolean, make: Make): Node | undefined {
  const [difference, total] = [as(parts[0], "Sub"), as(parts[1], "Add")];
  if (difference === undefined || total === undefined || parts.length !== 2) return undefined;
  const [first, second] = difference.inputs.map((term) => factors(term, make));
  return firstOf(bothOrders(total), ([one, two]) =>
    firstOf(first ?? [], ([x1, cosine]) =>
      firstOf(second ?? [], ([x2, sine]) => {
        if (cosine.kind !== "Cos" || sine.kind !== "Sin") return undefined;
        const fits = (term: Node, x: Node, kind: Kind): boolean =>
          factors(term, make).some(
            ([value, own]) => value === x && own.kind === kind && own.angle === cosine.angle,
          );
        if (!fits(one, x2, "Cos") || !fits(two, x1, "Sin")) return undefined;
        const source = pairSource(x1, x2, neighbours);
        return source && turned(shape, source, [cosine.angle, sine.angle], neighbours, make);
      }),
    ),
  );
}

type Kind = "Cos" | "Sin";
interface Turning {
  readonly kind: Kind;
  readonly angle: Node;
}

/** The ways to take a product for a value and the sine or cosine of an angle. */
function factors(term: Node, make: Make): (readonly [value: Node, by: Turning])[] {
  if (term.op !== "Mul") return [];
  return bothOrders(term).flatMap(([value, factor]) =>
    (["Cos", "Sin"] as const).flatMap((kind) => {
      const angle = angleOf(factor, kind, make);
      return angle === undefined ? [] : [[value, { kind, angle }] as const];
    }),
  );
}

/** The tensor whose last axis the two slices share out: halves, or even and odd elements. */
function pairSource(first: Node, second: Node, neighbours: boolean): Node | undefined {
  const [a, b] = [as(first, "Slice"), as(second, "Slice")];
  const source = a?.inputs[0];
  if (a === undefined || b === undefined || source === undefined || b.inputs[0] !== source) return undefined;
  const axis = source.type.shape.length - 1;
  const size = at(source.type.shape, axis);
  const half = exactQuotient(size, 2);
  if (half === undefined || a.attrs.axis !== axis || b.attrs.axis !== axis) return undefined;
  const step = neighbours ? 2 : 1;
  const areSteps = a.attrs.step === step && b.attrs.step === step && equalDims(a.attrs.start, 0);
  const areShared = neighbours
    ? equalDims(b.attrs.start, 1) && equalDims(at(first.type.shape, axis), half)
    : equalDims(a.attrs.stop, half) && equalDims(b.attrs.start, half) && equalDims(b.attrs.stop, size);
  return areSteps && areShared && equalDims(at(second.type.shape, axis), half) ? source : undefined;
}

/** The angle of a sine or cosine, which may have been rearranged, in the shape that this has. */
function angleOf(node: Node, kind: Kind, make: Make): Node | undefined {
  if (node.op === kind) return only<Node>(node.inputs);
  if (node.op !== "Reshape" && node.op !== "Broadcast" && node.op !== "Transpose") return undefined;
  const inner = angleOf(only<Node>(node.inputs), kind, make);
  return inner && make<OpName>(node.op, [inner], node.attrs);
}

/** The first half of the last axis of what has two equal halves; `undefined` where they are not known to be equal. */
function halved(node: Node | undefined, make: Make): Node | undefined {
  const size = node?.type.shape.at(-1);
  if (node === undefined || size === undefined) return undefined;
  const half = exactQuotient(size, 2);
  const { shape } = node.type;
  if (half === undefined) return undefined;
  const last = shape.length - 1;
  const joined = as(node, "Concat");
  if (joined !== undefined) {
    const [first, second, ...more] = joined.inputs;
    return joined.attrs.axis === last && first === second && more.length === 0 ? first : undefined;
  }
  const keepsLast = ({ type }: Node): boolean => equalDims(type.shape.at(-1) ?? 0, size);
  if (node.op === "Reshape" || node.op === "Broadcast") {
    const source = only<Node>(node.inputs);
    const inner = keepsLast(source) ? halved(source, make) : undefined;
    return inner && make<OpName>(node.op, [inner], { shape: [...shape.slice(0, -1), half] });
  }
  if (!isElementwise(node)) return undefined;
  const operands = node.inputs.map((input) => (keepsLast(input) ? halved(input, make) : input));
  const known = operands.filter((operand) => operand !== undefined);
  return known.length < operands.length ? undefined : make<OpName>(node.op, known, node.attrs);
}

/** The same without leading axes of size 1, as far as NumPy adds them by itself beside a tensor of this rank. */
function narrowed(node: Node, rank: number, make: Make): Node {
  const { shape } = node.type;
  const first = shape.findIndex((size) => size !== 1);
  const dropped = Math.min(first < 0 ? shape.length - 1 : first, shape.length - 1);
  return dropped === 0 || shape.length - dropped > rank ? node : inShape(node, shape.slice(dropped), make);
}

/** A node without leading axes of size 1: of what is computed element by element the operands lose them. */
function inShape(node: Node, shape: Shape, make: Make): Node {
  if (equalShapes(node.type.shape, shape)) return node;
  if (node.op === "Reshape") {
    const source = only<Node>(node.inputs);
    return equalShapes(source.type.shape, shape) ? source : make("Reshape", [source], { shape });
  }
  if (!isElementwise(node)) return make("Reshape", [node], { shape });
  const operands = node.inputs.map((input) => {
    const own = input.type.shape;
    return own.length > shape.length ? inShape(input, own.slice(own.length - shape.length), make) : input;
  });
  return make<OpName>(node.op, operands, node.attrs);
}
