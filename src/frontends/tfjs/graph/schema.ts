/** @file The part of TensorFlow's GraphDef that is read, as tfjs-converter writes it in JSON. Unknown fields are ignored. */
import { z } from "zod";
import type { Dtype } from "../../../ir/type.ts";
import { Malformed } from "../../common/keras/problem.ts";

/** Protobuf's JSON has 64-bit integers as texts. */
const integer = z.union([z.int(), z.string().regex(/^-?\d{1,15}$/)]);
type Integer = string | number;
export interface ShapeAttribute {
  readonly dim?: { readonly size?: Integer | undefined }[] | undefined;
  readonly unknownRank?: boolean | undefined;
}
const shape: z.ZodType<ShapeAttribute> = z.object({
  dim: z.array(z.object({ size: integer.optional() })).optional(),
  unknownRank: z.boolean().optional(),
});
/** A union: one key is present. Texts are in base64, types are names or numbers. */
export interface Attribute {
  readonly b?: boolean | undefined;
  readonly i?: Integer | undefined;
  readonly f?: number | string | undefined;
  readonly s?: string | undefined;
  readonly type?: string | number | undefined;
  readonly shape?: ShapeAttribute | undefined;
  readonly func?: { readonly name?: string | undefined } | undefined;
  readonly list?: { readonly i?: Integer[] | undefined; readonly s?: string[] | undefined } | undefined;
}
const attribute: z.ZodType<Attribute> = z.object({
  b: z.boolean().optional(),
  i: integer.optional(),
  f: z.union([z.number(), z.string()]).optional(),
  s: z.string().optional(),
  type: z.union([z.string(), z.int()]).optional(),
  shape: shape.optional(),
  func: z.object({ name: z.string().optional() }).optional(),
  list: z.object({ i: z.array(integer).optional(), s: z.array(z.string()).optional() }).optional(),
});

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: string[] | undefined;
  readonly attr?: Record<string, Attribute> | undefined;
}
/** Its results are named by `signature.outputArg`, and found by `ret`. */
export interface FunctionDef {
  readonly signature: {
    readonly name: string;
    readonly inputArg?: Argument[] | undefined;
    readonly outputArg?: Argument[] | undefined;
  };
  readonly nodeDef?: GraphNode[] | undefined;
  readonly ret?: Record<string, string> | undefined;
}
interface Argument {
  readonly name: string;
}
export interface GraphDef {
  readonly node: GraphNode[];
  readonly library?: { readonly function?: FunctionDef[] | undefined } | undefined;
}
const graphNode: z.ZodType<GraphNode> = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).optional(),
  attr: z.record(z.string(), attribute).optional(),
});
const functionArguments: z.ZodType<Argument[]> = z.array(z.object({ name: z.string() }));
const functionDef: z.ZodType<FunctionDef> = z.object({
  signature: z.object({
    name: z.string(),
    inputArg: functionArguments.optional(),
    outputArg: functionArguments.optional(),
  }),
  nodeDef: z.array(graphNode).optional(),
  ret: z.record(z.string(), z.string()).optional(),
});
export const graphDef: z.ZodType<GraphDef> = z.object({
  node: z.array(graphNode),
  library: z.object({ function: z.array(functionDef).optional() }).optional(),
});

export interface TensorInfo {
  readonly name: string;
  readonly dtype?: string | number | undefined;
  readonly tensorShape?: ShapeAttribute | undefined;
}
export interface Signature {
  readonly inputs?: Record<string, TensorInfo> | undefined;
  readonly outputs?: Record<string, TensorInfo> | undefined;
}
const tensorInfo: z.ZodType<TensorInfo> = z.object({
  name: z.string(),
  dtype: z.union([z.string(), z.int()]).optional(),
  tensorShape: shape.optional(),
});
export const signature: z.ZodType<Signature> = z.object({
  inputs: z.record(z.string(), tensorInfo).optional(),
  outputs: z.record(z.string(), tensorInfo).optional(),
});

/** tensorflow/core/framework/types.proto, by name and by number. */
const dtypes: Readonly<Record<string, Dtype>> = {
  DT_FLOAT: "float32",
  1: "float32",
  DT_DOUBLE: "float64",
  2: "float64",
  DT_INT32: "int32",
  3: "int32",
  DT_INT64: "int64",
  9: "int64",
  DT_BOOL: "bool",
  10: "bool",
  DT_HALF: "float16",
  19: "float16",
};
export function dtypeNamed(part: string, type: string | number | undefined): Dtype {
  const found = dtypes[String(type ?? "DT_FLOAT")];
  if (found === undefined) throw new Malformed(part, `a value of type ${type}`, "numbers or truth values");
  return found;
}

/** Sizes, where −1 is open; `undefined` where not even their number is known. */
export function sizesOf({ dim = [], unknownRank }: ShapeAttribute): number[] | undefined {
  return unknownRank === true ? undefined : dim.map(({ size }) => Number(size ?? -1));
}

/** A text attribute, which may be base64 or, from older converters, a list of bytes. */
export function decoded(text: string): string {
  try {
    return atob(text);
  } catch {
    throw new Malformed("attr", text, "base64");
  }
}
