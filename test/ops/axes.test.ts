/** @file Axis maps: axes with the same label run together, and every axis that can have a label has one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, zip } from "../../src/base/assert.ts";
import type { PrimeField } from "../../src/domain/prime-field.ts";
import { sizesOf, symbol } from "../../src/ir/dim.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import type { Dtype } from "../../src/ir/type.ts";
import { type AxisLabels, countedLabel, wholeLabel } from "../../src/ops/define.ts";
import { definitionOf, operators } from "../../src/ops/table.ts";
import { discrete, pick, positions, strides, type Tensor } from "../../src/ops/tensor.ts";
import { sizes } from "./samples.ts";
import { apply, names, newField, run, sampleOf } from "./support.ts";

/** The elements along every axis with this label in a cycle, each one place further. */
function turned<A>(field: PrimeField, tensor: Tensor<A>, labels: AxisLabels, label: string): Tensor<A> {
  const { shape } = tensor;
  const own = strides(shape);
  const flat = positions(shape, own).map((place) =>
    shape.reduce((sum, size, axis) => {
      const index = Math.floor(place / at(own, axis)) % size;
      return sum + ((labels[axis] === label ? index + 1 : index) % size) * at(own, axis);
    }, 0),
  );
  return pick(field as never, tensor, flat, shape);
}

const leaves = names.filter((name) => operators[name].family === "leaf");

describe("turning the axes of one label together turns the result with them", () => {
  test.each(names.filter((name) => !leaves.includes(name)))("%s", (name) => {
    fc.assert(
      fc.property(sampleOf(name), sizes(1), fc.nat(), (sample, given, seed) => {
        const application = apply(name, sample, given, seed);
        const { inputs, node, numbers } = application;
        const types = inputs.map((input) => input.type);
        const map = definitionOf(name).axes(types, node.attrs, node.type);
        expect(map.operands.map((labels) => labels.length)).toEqual(types.map(({ shape }) => shape.length));
        expect(map.result.length).toBe(node.type.shape.length);
        // In a grouped convolution the number of a filter also says which channels it sees.
        const grouped = "groups" in node.attrs && node.attrs.groups !== 1;
        for (const label of new Set(map.operands.flat())) {
          const isFixed = label === wholeLabel || label === countedLabel || (grouped && label === "filter");
          if (label === undefined || isFixed) continue;
          const moved = zip(numbers, types).map(([values, { shape }], i) => {
            const operand = discrete<never>(sizesOf(shape, given), values);
            return turned(newField(seed), operand, at(map.operands, i), label).values;
          });
          const field = newField(seed);
          const expected = turned(field, run(application, field, given), map.result, label);
          // In the same field: which angle is taken as a sum of two others depends on which of them were met first.
          const got = run({ ...application, numbers: moved }, field, given);
          expect(got, label).toEqual(expected);
        }
      }),
      { numRuns: 25 },
    );
  });
});

const text = (labels: AxisLabels): string => labels.map((label) => label ?? "-").join(" ");

/** Operands as `B T 3, 3` and the map as `0 1 2, 2 -> 0 1 2`. */
function mapOf<N extends OpName>(
  op: N,
  operands: string,
  attrs: OpAttrs[N],
  second: Dtype = "float32",
): string {
  const inputs = operands.split(", ").map((shape, i) => ({
    shape: shape.split(" ").map((size) => (/\d/.test(size) ? Number(size) : symbol(size))),
    dtype: i === 1 ? second : ("float32" as const),
  }));
  const definition = definitionOf(op);
  const map = definition.axes(inputs, attrs, definition.infer(inputs, attrs));
  return `${map.operands.map(text).join(", ")} -> ${text(map.result)}`;
}
const [B, T] = [symbol("B"), symbol("T")];

describe("the axes that have labels", () => {
  test("broadcasting counts from the last axis, and an axis of size 1 that is stretched has none", () => {
    expect(mapOf("Add", "B T 3, 3", {})).toBe("0 1 2, 2 -> 0 1 2");
    expect(mapOf("Add", "B 1 3, T 1", {})).toBe("0 - 2, 1 - -> 0 1 2");
    expect(mapOf("Add", "1 3, 1 3", {})).toBe("0 1, 0 1 -> 0 1");
    expect(mapOf("Broadcast", "1 3", { shape: [B, T, 3] })).toBe("- 2 -> 0 1 2");
  });

  test("a reduction drops its own", () => {
    expect(mapOf("Sum", "B T 3", { axes: [0, 2] })).toBe("0 1 2 -> 1");
    expect(mapOf("Mean", "B T 3", { axes: [1] })).toBe("0 1 2 -> 0 2");
    expect(mapOf("CrossEntropy", "B T 3, B 3", { axis: 1 }, "int64")).toBe("0 # 2, 0 2 -> 0 2");
    expect(mapOf("TakeAlong", "B T 3, B 3", { axis: 1 }, "int64")).toBe("0 # 2, 0 2 -> 0 2");
    expect(mapOf("Argmax", "B T 3", { axis: 1 })).toBe("0 # 2 -> 0 2");
    expect(mapOf("LogSumExp", "B T 3", { axis: 1 })).toBe("0 1 2 -> 0 2");
    expect(mapOf("Rank", "B T", { axis: 1 })).toBe("0 1 -> 0 1");
    expect(mapOf("Softmax", "B T", { axis: 1 })).toBe("0 1 -> 0 1");
    expect(mapOf("Contract", "B 3, 4 3", { equation: "ab,cb->ac" })).toBe("a b, c b -> a c");
  });

  test("a transposition moves them", () => {
    expect(mapOf("Transpose", "B T 3", { permutation: [2, 0, 1] })).toBe("0 1 2 -> 2 0 1");
  });

  test("a reshape keeps those around the ones that it splits or joins", () => {
    expect(mapOf("Reshape", "B T 6", { shape: [B, T, 2, 3] })).toBe("0 1 - -> 0 1 - -");
    expect(mapOf("Reshape", "6 B T", { shape: [2, 3, B, T] })).toBe("- 1 2 -> - - 1 2");
    expect(mapOf("Reshape", "B 2 3 T", { shape: [B, 6, T] })).toBe("0 - - 3 -> 0 - 3");
    expect(mapOf("Reshape", "2 2", { shape: [2, 2, 1] })).toBe("0 1 -> 0 1 -");
    expect(mapOf("Reshape", "1 B 1 3", { shape: [B, 3] })).toBe("- 1 - 3 -> 1 3");
    expect(mapOf("Reshape", "2 2", { shape: [4] })).toBe("- - -> -");
    expect(mapOf("Reshape", "4", { shape: [2, 2] })).toBe("- -> - -");
    expect(mapOf("Reshape", "2 6 2", { shape: [2, 12] })).toBe("0 - - -> 0 -");
    expect(mapOf("Reshape", "3 4 2", { shape: [6, 2, 2] })).toBe("- - 2 -> - - 2");
    expect(mapOf("Reshape", "2 2 2", { shape: [2, 4] })).toBe("0 - - -> 0 -");
  });

  test("where axes are cut, joined or looked up, the others", () => {
    expect(mapOf("Slice", "B 4 T", { axis: 1, start: 0, stop: 2, step: 1 })).toBe("0 - 2 -> 0 - 2");
    expect(mapOf("Concat", "B 2, B 3", { axis: 1 })).toBe("0 :, 0 : -> 0 :");
    const rows = "index 0 index 1";
    expect(mapOf("Take", "5 3, B T", {}, "int64")).toBe(`- column 0, ${rows} -> ${rows} column 0`);
    const attrs = { name: "sort", attributes: "", shape: [B], dtype: "float32" } as const;
    expect(mapOf("Opaque", "B 3, T", attrs)).toBe("- -, - -> -");
  });
});
