/** @file Products: contractions and convolutions. */
import { range } from "../../base/assert.ts";
import type { Atom } from "../common/xla/program.ts";
import type { Attribute } from "./syntax.ts";
import type { Rule, Use } from "./use.ts";

/** Axes of both operands: in the short form two lists, in the generic one members of a record. */
function axesOfBoth(use: Use, short: string, key: string): readonly (readonly number[])[] {
  const pair = use.attribute(short);
  if (Array.isArray(pair)) {
    const [left, right] = pair as readonly Attribute[];
    const numbers = (value: Attribute | undefined): readonly number[] =>
      Array.isArray(value) ? value.map(Number) : use.fault(`another ${short}`, "two lists of axes");
    return [numbers(left), numbers(right)];
  }
  if (use.attribute("dot_dimension_numbers") === undefined) return [[], []];
  const member = (side: string): readonly number[] =>
    use.member("dot_dimension_numbers", `${side}_${key}_dimensions`) ?? [];
  return [member("lhs"), member("rhs")];
}

const dotGeneral: Rule = (use) => {
  const summed = axesOfBoth(use, "contracting_dims", "contracting");
  const batch = axesOfBoth(use, "batching_dims", "batching");
  return use.become("dot_general", { dimension_numbers: [summed, batch] });
};

/** The last axis of the left with the first of the right one. */
const dot: Rule = (use) => {
  const rank = use.typeOf(use.x).shape.length;
  return use.become("dot_general", {
    dimension_numbers: [
      [[rank - 1], [0]],
      [[], []],
    ],
  });
};

// Convolutions

interface Layout {
  readonly first: number;
  readonly second: number;
  readonly spatial: readonly number[];
}

/** Where axes are: `[b, 0, 1, f]`, `[0, 1, i, o]`. */
function layout(use: Use, axes: Attribute | undefined, first: string, second: string): Layout {
  const names = Array.isArray(axes) ? axes.map(String) : use.fault("no axes", "[b, 0, 1, f]");
  const place = (name: string): number => {
    const found = names.indexOf(name);
    return found >= 0 ? found : use.fault(`axes ${names.join(", ")}`, `an axis ${name}`);
  };
  return {
    first: place(first),
    second: place(second),
    spatial: range(names.length - 2).map((i) => place(String(i))),
  };
}

const convolution: Rule = (use) => {
  const numbers = use.attribute("dimension_numbers");
  const [images, kernel, out] = (Array.isArray(numbers) ? numbers : []) as readonly Attribute[];
  const [lhs, rhs] = [layout(use, images, "b", "f"), layout(use, kernel, "o", "i")];
  const result = layout(use, out, "b", "f");
  const ones = lhs.spatial.map(() => 1);
  const option = (short: string, long: string): string =>
    use.attribute(`window.${short}`) === undefined ? long : `window.${short}`;
  const order = ({ first, second, spatial }: Layout): readonly number[] => [first, second, ...spatial];
  return use.become(
    "conv_general_dilated",
    {
      dimension_numbers: { lhs_spec: order(lhs), rhs_spec: order(rhs), out_spec: order(result) },
      window_strides: use.ints(option("stride", "window_strides"), ones),
      padding: use.pairs(
        option("pad", "padding"),
        ones.map(() => [0, 0]),
      ),
      lhs_dilation: use.ints(option("lhs_dilate", "lhs_dilation"), ones),
      rhs_dilation: use.ints(option("rhs_dilate", "rhs_dilation"), ones),
      feature_group_count: use.int("feature_group_count", 1),
      batch_group_count: use.int("batch_group_count", 1),
    },
    [use.x, turned(use, rhs.spatial)],
  );
};

/** The kernel, with the axes along which windows are reversed turned around. */
function turned(use: Use, spatial: readonly number[]): Atom {
  const name = use.attribute("window.reverse") === undefined ? "window_reversal" : "window.reverse";
  const flags = use.attribute(name);
  const isSet = (i: number): boolean => Array.isArray(flags) && flags[i] === true;
  const axes = spatial.filter((_, i) => isSet(i));
  return axes.length === 0 ? use.y : use.step("rev", [use.y], use.typeOf(use.y), { dimensions: axes });
}

export const products: Readonly<Record<string, Rule>> = { dot_general: dotGeneral, dot, convolution };
