/** @file The dtypes of jax-js. */
import type { Dtype } from "../../ir/type.ts";

/** The graph's dtypes by jax-js's names. */
export const dtypes: Readonly<Record<string, Dtype>> = {
  float64: "float64",
  float32: "float32",
  float16: "float16",
  int32: "int32",
  // Wide enough for every value; wrapping around is outside the graph's arithmetic.
  uint32: "int64",
  bool: "bool",
};

/** The graph's dtype for one of jax-js. */
export function dtypeOf(name: string): Dtype {
  const dtype = dtypes[name];
  if (dtype === undefined) throw new RangeError(`jax-js has a dtype ${name}`);
  return dtype;
}
