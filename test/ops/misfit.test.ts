/** @file Operands and attributes that do not fit are refused where a node is made, with the two facts. */
import { describe, expect, test } from "vitest";
import { rational } from "../../src/base/rational.ts";
import { Diagnostic, reportText } from "../../src/diag/diagnostic.ts";
import { float64 } from "../../src/domain/float64.ts";
import { addDims, type Shape, symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import type { Dtype } from "../../src/ir/type.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { apply, run } from "./support.ts";

type Operand = Shape | { readonly shape: Shape; readonly dtype: Dtype };
interface Misfit {
  readonly op: OpName;
  readonly operands: readonly Operand[];
  readonly attrs: OpAttrs[OpName];
  readonly got: string;
}

const misfit = <N extends OpName>(
  op: N,
  operands: readonly Operand[],
  attrs: OpAttrs[N],
  got: string,
): Misfit => ({
  op,
  operands,
  attrs,
  got,
});
const [B, T] = [symbol("B"), symbol("T")];
const int = (...shape: Shape): Operand => ({ shape, dtype: "int64" });
const bool = (...shape: Shape): Operand => ({ shape, dtype: "bool" });

const misfits: readonly Misfit[] = [
  misfit("Add", [[2, 3], [2]], {}, "[2, 3] and [2]"),
  misfit("Add", [[B], [T]], {}, "[B] and [T]"),
  misfit("Add", [[2]], {}, "1 operands"),
  misfit("Less", [[2], [3]], {}, "[2] and [3]"),
  misfit("Not", [[2]], {}, "float32"),
  misfit("And", [bool(2), [2]], {}, "bool and float32"),
  misfit("Where", [[2], [2], [2]], {}, "float32"),
  misfit("Where", [bool(2), [2], [3]], {}, "[2] and [2] and [3]"),
  misfit("Cast", [[2]], { dtype: "bool" }, "float32 to bool"),
  misfit("Function", [[2], [2]], { name: "floor" }, "2 operands of floor"),
  misfit("Quotient", [[2], [2]], {}, "float32 and float32"),
  misfit("Bitwise", [[2], [2]], { operation: "and" }, "float32 and float32"),
  misfit("Constant", [], { value: rational(1, 2), dtype: "int64" }, "0.5"),
  misfit("NamedConstant", [], { name: "pi", dtype: "bool" }, "pi"),
  misfit("Opaque", [[2]], { name: "sort", attributes: "", shape: [2], dtype: "int64" }, "sort of int64"),
  misfit("Opaque", [], { name: "noise", attributes: "", shape: [2], dtype: "float32" }, "0 operands"),
  misfit("Sum", [[2, 3]], { axes: [2] }, "axes [2]"),
  misfit("Sum", [[2, 3]], { axes: [1, 0] }, "axes [1, 0]"),
  misfit("Sum", [[2, 3]], { axes: [-1] }, "axes [-1]"),
  misfit("Max", [[2, 3]], { axes: [0, 0] }, "axes [0, 0]"),
  misfit("Softmax", [[2, 3]], { axis: 2 }, "axes [2]"),
  misfit("Mean", [[2]], { axes: [1] }, "axes [1]"),
  misfit("LogSumExp", [[2]], { axis: 1 }, "axes [1]"),
  misfit("CrossEntropy", [[2, 3], [2]], { axis: 1 }, "[2, 3] and float32 [2]"),
  misfit("CrossEntropy", [[2, 3], [2]], { axis: 2 }, "axes [2]"),
  misfit(
    "GroupNormalize",
    [[2, 6], [6], [6]],
    { axis: 1, groups: 4, epsilon: rational(1, 10) },
    "[2, 6], [6], [6] in 4 groups",
  ),
  misfit(
    "GroupNormalize",
    [[2, 6], [6], [2]],
    { axis: 1, groups: 2, epsilon: rational(1, 10) },
    "[2, 6], [6], [2] in 2 groups",
  ),
  misfit("TakeAlong", [[2, 3], [2]], { axis: 1 }, "[2, 3] and float32 [2]"),
  misfit("TakeAlong", [[3], int()], { axis: 0 }, "float32 [3]"),
  misfit("Argmax", [[2, 3]], { axis: 2 }, "axes [2]"),
  misfit("Argmin", [[2, 3]], { axis: 2 }, "axes [2]"),
  misfit("Rank", [[2, 3]], { axis: 2 }, "axes [2]"),
  misfit(
    "Contract",
    [
      [2, 3],
      [4, 5],
    ],
    { equation: "ab,bc->ac" },
    "[2, 3] and [4, 5] in ab,bc->ac",
  ),
  misfit("Contract", [[2, 3], [3]], { equation: "ab,bc->ac" }, "ab,bc->ac of [2, 3] and [3]"),
  misfit("Contract", [[2, 2], [2]], { equation: "aa,a->a" }, "aa,a->a of [2, 2] and [2]"),
  misfit("Contract", [[2, 3], [3]], { equation: "ab,b->" }, "ab,b-> of [2, 3] and [3]"),
  misfit("Contract", [[2], [2]], { equation: "a,a" }, "a,a of [2] and [2]"),
  misfit("Contract", [[2], [2, 2]], { equation: "a,aa->" }, "a,aa-> of [2] and [2, 2]"),
  misfit("Contract", [[2], [3]], { equation: "a,b->aab" }, "a,b->aab of [2] and [3]"),
  misfit("Contract", [[2], [3]], { equation: "a,b->a" }, "a,b->a of [2] and [3]"),
  misfit("Contract", [[2], [3]], { equation: "a,b->abc" }, "a,b->abc of [2] and [3]"),
  misfit("Contract", [[2, 3], [2]], { equation: "a,a->" }, "a,a-> of [2, 3] and [2]"),
  misfit("Contract", [[2], [2, 3]], { equation: "a,a->" }, "a,a-> of [2] and [2, 3]"),
  misfit("Transpose", [[2, 3]], { permutation: [0, 0] }, "permutation [0, 0]"),
  misfit("Transpose", [[2, 3]], { permutation: [0] }, "permutation [0]"),
  misfit("Reshape", [[2, B]], { shape: [B] }, "[2, B] to [B]"),
  misfit("Broadcast", [[2]], { shape: [2, 3] }, "[2] to [2, 3]"),
  misfit("Broadcast", [[2, 1]], { shape: [2] }, "[2, 1] to [2]"),
  misfit(
    "Concat",
    [
      [2, 3],
      [3, 3],
    ],
    { axis: 1 },
    "[2, 3] and [3, 3]",
  ),
  misfit("Concat", [[2, 3], [2]], { axis: 0 }, "[2, 3] and [2]"),
  misfit("Concat", [[2, 3], [2]], { axis: 1 }, "[2, 3] and [2]"),
  misfit("Concat", [[2, 3]], { axis: 2 }, "axes [2]"),
  misfit("Slice", [[4]], { axis: 1, start: 0, stop: 1, step: 1 }, "axes [1]"),
  misfit(
    "Slice",
    [[symbol("T")]],
    { axis: 0, start: 1, stop: addDims(symbol("T"), 1), step: 1 },
    "1:T + 1:1 of size T",
  ),
  misfit("Slice", [[symbol("T")]], { axis: 0, start: 0, stop: symbol("T"), step: 2 }, "0:T:2 of size T"),
  misfit("Slice", [[4]], { axis: 0, start: 0, stop: 5, step: 1 }, "0:5:1 of size 4"),
  misfit("Slice", [[4]], { axis: 0, start: 3, stop: 2, step: 1 }, "3:2:1 of size 4"),
  misfit("Slice", [[4]], { axis: 0, start: 0, stop: 2, step: 0 }, "0:2:0 of size 4"),
  misfit("Slice", [[4]], { axis: 0, start: -1, stop: 2, step: 1 }, "-1:2:1 of size 4"),
  misfit("Take", [[2, 3], [2]], {}, "[2, 3] indexed by float32"),
  misfit("Take", [[2, 3], bool(2)], {}, "[2, 3] indexed by bool"),
  misfit("Take", [[], int(2)], {}, "[] indexed by int64"),
  misfit("Pad", [[4], []], { axis: 1, before: 0, after: 0, interior: 0 }, "axes [1]"),
  misfit("Pad", [[4], [1]], { axis: 0, before: 1, after: 0, interior: 0 }, "1, 0 and 0 copies of [1]"),
  misfit("Pad", [[4], []], { axis: 0, before: -1, after: 0, interior: 0 }, "-1, 0 and 0 copies of []"),
  misfit("Windows", [[4]], { axis: 1, size: 1, step: 1, dilation: 1 }, "axes [1]"),
  misfit(
    "Windows",
    [[4]],
    { axis: 0, size: 0, step: 1, dilation: 1 },
    "windows of 0 elements, 1 apart, every 1",
  ),
  misfit(
    "Windows",
    [[4]],
    { axis: 0, size: 3, step: 1, dilation: 2 },
    "windows of 3 elements, 2 apart, every 1 in 4",
  ),
  misfit(
    "Windows",
    [[T]],
    { axis: 0, size: 3, step: 2, dilation: 1 },
    "windows of 3 elements, 1 apart, every 2 in T",
  ),
  misfit(
    "Convolution",
    [
      [1, 3, 8],
      [2, 2, 3],
    ],
    { strides: [1], padding: [[0, 0]], dilation: [1], groups: 1 },
    "[1, 3, 8] and [2, 2, 3] in 1 groups",
  ),
  misfit(
    "Convolution",
    [
      [1, 4, 8],
      [3, 2, 3],
    ],
    { strides: [1], padding: [[0, 0]], dilation: [1], groups: 2 },
    "[1, 4, 8] and [3, 2, 3] in 2 groups",
  ),
  misfit(
    "MaxPool",
    [[4]],
    { sizes: [2], strides: [2], padding: [[0, -1]], dilation: [1] },
    "1 sizes, 1 strides, padding [0,-1] and 1 dilations",
  ),
  misfit(
    "AveragePool",
    [[4]],
    { sizes: [2, 2], strides: [2, 2], padding: [], countPadding: true },
    "2 sizes, 2 strides, padding [] and 2 dilations",
  ),
];

function provoke({ op, operands, attrs }: Misfit): unknown {
  const builder = newBuilder();
  const inputs = operands.map((operand, i) => {
    const { shape, dtype } = "dtype" in operand ? operand : { shape: operand, dtype: "float32" as const };
    return builder.node("Input", [], { name: `x${i}`, shape, dtype }) as Node;
  });
  try {
    return builder.node<OpName>(op, inputs, attrs);
  } catch (error) {
    return error;
  }
}

describe("refused", () => {
  test.each(misfits)("$op: $got", (one) => {
    const error = provoke(one);
    expect(error).toBeInstanceOf(Diagnostic);
    const { code, place, got } = (error as Diagnostic).report;
    expect([code, place.part, got]).toEqual(["A2001", one.op, one.got]);
  });
});

test("a slice that ends beyond a symbolic size is refused where the size is known", () => {
  const operand = { shape: [T], dtype: "float32", numbers: "any" } as const;
  const sample = { operands: [operand], attrs: { axis: 0, start: 0, stop: 4, step: 1 } };
  const sliced = (size: number): unknown => {
    const sizes = new Map([["T", size]]);
    return run(apply("Slice", sample, sizes, 1), float64, sizes).shape;
  };
  expect(sliced(4)).toEqual([4]);
  expect(() => sliced(3)).toThrow("a slice to 4");
});

test("the message reads as in test/errors", async () => {
  const error = provoke(
    misfit(
      "Contract",
      [
        [32, 784],
        [128, 784],
      ],
      { equation: "ab,bc->ac" },
      "",
    ),
  );
  await expect(`${reportText((error as Diagnostic).report)}\n`).toMatchFileSnapshot("../errors/A2001.txt");
});
