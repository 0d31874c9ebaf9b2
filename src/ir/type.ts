/** @file Types of values: what kind of number, and the shape. */
import { type Shape, shapeText } from "./dim.ts";

export const realDtypes = ["float64", "float32", "float16", "bfloat16"] as const;
const signed = ["int64", "int32", "int16", "int8"] as const;
const unsigned = ["uint64", "uint32", "uint16", "uint8"] as const;

export type RealDtype = (typeof realDtypes)[number];
type DiscreteDtype = (typeof signed)[number] | (typeof unsigned)[number] | "bool";
export type Dtype = RealDtype | DiscreteDtype;

export interface TensorType {
  readonly dtype: Dtype;
  readonly shape: Shape;
}

/** The wider first, and of two of one width the one with a sign. */
export const discreteDtypes: readonly DiscreteDtype[] = [
  ...signed.flatMap((dtype, i) => [dtype, unsigned[i] ?? dtype]),
  "bool",
];

/** Whether values of this dtype stand for real numbers; the others are exact integers and booleans. */
export const isReal = (dtype: Dtype): dtype is RealDtype => (realDtypes as readonly string[]).includes(dtype);

/** Dtype of an elementwise result: the wider real if any operand is real, else the wider integer. */
export function promote(dtypes: readonly Dtype[]): Dtype {
  const order: readonly Dtype[] = [...realDtypes, ...discreteDtypes];
  return order.find((dtype) => dtypes.includes(dtype)) ?? "float32";
}

export const typeText = (type: TensorType): string => `${type.dtype}${shapeText(type.shape)}`;
