/** @file Types that a model declares for its values, with symbols for sizes that it leaves open. */
import { quoted, Unsupported } from "../../diag/diagnostic.ts";
import { addDims, type Dim, multiplyDims, type Shape, symbol } from "../../ir/dim.ts";
import type { TensorType } from "../../ir/type.ts";
import { elementType, elementTypeName } from "./dtypes.ts";
import type { TensorShapeProto, TypeProto, ValueInfoProto } from "./onnx_pb.ts";

/** The type of an input. Throws Unsupported for what is no tensor of numbers. */
export function declaredType(name: string, type: TypeProto | undefined): TensorType {
  const found = tensorType(type, name);
  if (typeof found !== "string") return found;
  throw new Unsupported({
    code: "A5301",
    place: { part: quoted(name) },
    got: found,
    want: "tensors of real numbers, integers or truth values, of a known rank",
  });
}

/** The types of all values that have one. */
export function typesOf(values: readonly ValueInfoProto[]): ReadonlyMap<string, TensorType> {
  return new Map(
    values.flatMap(({ name, type }) => {
      const found = tensorType(type, name);
      return typeof found === "string" ? [] : [[name, found] as const];
    }),
  );
}

/** The type, or in words what there is instead. */
function tensorType(type: TypeProto | undefined, name: string): TensorType | string {
  const value = type?.value;
  if (value?.case === "sequenceType") return "a sequence";
  if (value?.case === "optionalType") return "an optional value";
  if (value?.case !== "tensorType") return "no tensor";
  const { elemType, shape } = value.value;
  const element = elementType(elemType);
  if (element === undefined) return `a tensor of ${elementTypeName(elemType)}`;
  if (shape === undefined) return "a tensor of unknown rank";
  return { dtype: element.dtype, shape: shapeOf(shape, name) };
}

const shapeOf = ({ dim }: TensorShapeProto, name: string): Shape =>
  dim.map(({ value }, axis) => {
    if (value.case === "dimValue" && value.value >= 0n) return Number(value.value);
    if (value.case === "dimParam" && value.value !== "") return sizeNamed(value.value);
    return symbol(`${identifier(name)}_${axis}`);
  });

const identifier = (text: string): string => text.replaceAll(/\W+/g, "_").replace(/^(?=\d|_)/, "n");

/** The size for a name such as `batch`, `2*T` or `past_sequence_length + 1`, as exporters write it. */
function sizeNamed(text: string): Dim {
  const terms = text.split("+").map((term) => term.split("*").map((factor) => factor.trim()));
  if (!terms.flat().every((factor) => /^(?:[A-Za-z]\w*|\d{1,9})$/.test(factor)))
    return symbol(identifier(text));
  const factorOf = (factor: string): Dim => (/^\d/.test(factor) ? Number(factor) : symbol(factor));
  return terms.map((term) => term.map(factorOf).reduce(multiplyDims)).reduce(addDims);
}
