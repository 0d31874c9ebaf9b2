/** @file Cases of the rules in src/rewrite/rotary.ts. */
import { symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const B = symbol("B");
const cos = (v: Values, angle: Node): Node => v.apply("Cos", [angle], {});
const sin = (v: Values, angle: Node): Node => v.apply("Sin", [angle], {});
const join = (v: Values, ...parts: Node[]): Node =>
  v.apply("Concat", parts, { axis: (parts[0]?.type.shape.length ?? 1) - 1 });
/** Part of the last axis of [B, 4, 6]. */
const part = (v: Values, start: number, stop: number, step = 1): Node =>
  v.apply("Slice", [v.wide], { axis: 2, start, stop, step });
/** Angles [4, 3]: i times one of three numbers. */
const angles = (v: Values, times = 1): Node => {
  const places = v.reshape(v.apply("Iota", [], { size: 4, dtype: "int64" }), [4, 1]);
  return v.mul(places, v.mul(v.row, v.number(times)));
};

const twice = (v: Values, angle: Node): Node => join(v, angle, angle);
/** x cos + rotate_half(x) sin. */
const long = (v: Values, cosine: Node, sine: Node, x = v.wide): Node =>
  v.add(v.mul(x, cosine), v.mul(v.apply("RotateHalf", [v.wide], {}), sine));
const short =
  (neighbours: boolean) =>
  (v: Values): Node =>
    v.apply("Rotary", [v.wide, angles(v)], { neighbours });

/** The parts of pairs, turned; the angle of the sine can be another one. */
function parts(v: Values, [one, two]: readonly [Node, Node], angle: Node, other = angle): [Node, Node] {
  return [
    v.sub(v.mul(one, cos(v, angle)), v.mul(two, sin(v, other))),
    v.add(v.mul(two, cos(v, angle)), v.mul(one, sin(v, other))),
  ];
}
const halves = (v: Values): [Node, Node] => [part(v, 0, 3), part(v, 3, 6)];
const neighbours = (v: Values): [Node, Node] => [part(v, 0, 6, 2), part(v, 1, 6, 2)];
const paired = (v: Values, turned: readonly Node[]): Node =>
  v.reshape(join(v, ...turned.map((one) => v.reshape(one, [B, 4, 3, 1]))), [B, 4, 6]);

export const rotaryCases: Cases = {
  rotary: {
    applies: [
      (v) => long(v, cos(v, twice(v, angles(v))), sin(v, twice(v, angles(v)))),
      (v) => {
        const all = v.reshape(twice(v, angles(v)), [1, 4, 6]);
        return v.add(
          v.mul(v.apply("RotateHalf", [v.wide], {}), sin(v, all)),
          v.mul(v.reshape(cos(v, twice(v, angles(v))), [1, 4, 6]), v.wide),
        );
      },
      (v) => {
        // The angles of both halves are computed before they are doubled, or behind it.
        const all = v.mul(v.number(2), twice(v, angles(v)));
        return long(v, cos(v, all), sin(v, all));
      },
    ],
    conditions: {
      "both halves have the same angles": {
        near: (v) => {
          const all = join(v, angles(v), angles(v, 2));
          return long(v, cos(v, all), sin(v, all));
        },
        wrong: short(false),
      },
      "sine and cosine have the same angles": {
        near: (v) => long(v, cos(v, twice(v, angles(v))), sin(v, twice(v, angles(v, 2)))),
        wrong: short(false),
      },
      "the cosine is beside x": {
        near: (v) => long(v, sin(v, twice(v, angles(v))), cos(v, twice(v, angles(v)))),
        wrong: short(false),
      },
      "x is what is turned": {
        near: (v) => long(v, cos(v, twice(v, angles(v))), sin(v, twice(v, angles(v))), v.exp(v.wide)),
        wrong: short(false),
      },
    },
  },
  "rotary-of-halves": {
    applies: [
      (v) => join(v, ...parts(v, halves(v), angles(v))),
      (v) => {
        const angle = angles(v);
        const [one, two] = halves(v);
        return join(
          v,
          v.sub(v.mul(cos(v, angle), one), v.mul(sin(v, angle), two)),
          v.add(v.mul(one, sin(v, angle)), v.mul(two, cos(v, angle))),
        );
      },
    ],
    conditions: {
      "the first half comes first": {
        near: (v) => join(v, ...parts(v, [part(v, 3, 6), part(v, 0, 3)], angles(v))),
        wrong: short(false),
      },
      halves: { near: (v) => join(v, ...parts(v, neighbours(v), angles(v))), wrong: short(false) },
      "the minus is in the first half": {
        near: (v) => join(v, ...parts(v, halves(v), angles(v)).reverse()),
        wrong: short(false),
      },
      "sine and cosine have the same angles": {
        near: (v) => join(v, ...parts(v, halves(v), angles(v), angles(v, 2))),
        wrong: short(false),
      },
      "both parts have the same angles": {
        near: (v) => join(v, parts(v, halves(v), angles(v))[0], parts(v, halves(v), angles(v, 2))[1]),
        wrong: short(false),
      },
      "sines and cosines have their places": {
        near: (v) => {
          const angle = angles(v);
          const [one, two] = halves(v);
          return join(
            v,
            v.sub(v.mul(one, cos(v, angle)), v.mul(two, sin(v, angle))),
            v.add(v.mul(one, cos(v, angle)), v.mul(two, sin(v, angle))),
          );
        },
        wrong: short(false),
      },
    },
  },
  interleave: {
    applies: [(v) => paired(v, neighbours(v)), (v) => v.reshape(paired(v, neighbours(v)), [B, 4, 6, 1])],
    conditions: {
      "along a new last axis": {
        near: (v) => join(v, ...neighbours(v)),
        wrong: (v) => v.apply("Interleave", neighbours(v), {}),
      },
      "which becomes one with the axis before": {
        near: (v) => {
          const columns = neighbours(v).map((one) => v.reshape(one, [B, 4, 1, 3]));
          return v.reshape(v.apply("Concat", columns, { axis: 2 }), [B, 4, 6]);
        },
        wrong: (v) => v.apply("Interleave", neighbours(v), {}),
      },
      "of two": {
        near: (v) => {
          const columns = [0, 2, 4].map((start) => v.reshape(part(v, start, start + 2), [B, 4, 2, 1]));
          return v.reshape(v.apply("Concat", columns, { axis: 3 }), [B, 4, 6]);
        },
        wrong: (v) => v.wide,
      },
    },
  },
  "rotary-of-neighbours": {
    applies: [(v) => paired(v, parts(v, neighbours(v), angles(v)))],
    conditions: {
      "even elements come first": {
        near: (v) => paired(v, parts(v, [part(v, 1, 6, 2), part(v, 0, 6, 2)], angles(v))),
        wrong: short(true),
      },
      neighbours: { near: (v) => paired(v, parts(v, halves(v), angles(v))), wrong: short(true) },
      "one behind the other": {
        near: (v) => join(v, ...parts(v, neighbours(v), angles(v))),
        wrong: short(true),
      },
      "the minus is in the even elements": {
        near: (v) => paired(v, parts(v, neighbours(v), angles(v)).reverse()),
        wrong: short(true),
      },
    },
  },
};
