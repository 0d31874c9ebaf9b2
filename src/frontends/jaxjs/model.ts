/** @file Checks what a user's module exports as a jax-js model, and puts it into the form that is traced. */
import { Diagnostic, type Place, quoted } from "../../diag/diagnostic.ts";
import { dtypes } from "./dtypes.ts";
import { isArray, type Jax, type JaxArray, type JaxModel, type JaxModelSource } from "./module.ts";
import { leavesOf } from "./tree.ts";

interface InputType {
  readonly name: string;
  readonly shape: readonly number[];
  /** jax-js's name of the dtype. */
  readonly dtype: string;
}

/** One stored tensor and all paths under which the tree of parameters holds it. */
interface StoredTensor {
  readonly names: readonly string[];
  readonly array: JaxArray;
}

export interface CheckedModel {
  readonly model: JaxModel;
  readonly inputs: readonly InputType[];
  readonly tensors: readonly StoredTensor[];
  /** For each leaf of the tree of parameters, in order, its position among `tensors`. */
  readonly positions: readonly number[];
}

const wanted = "{ params, inputs: { x: [8, 3] }, apply(params, x) { … } }";

const misshapen = (place: Place, got: string, want: string): Diagnostic =>
  new Diagnostic({ code: "A1202", place, got, want });

/** Whether an exported value has the form of a jax-js model, or may be a function that makes one. */
function isJaxModel(value: unknown): value is JaxModel {
  return (
    typeof value === "object" &&
    value !== null &&
    "params" in value &&
    "inputs" in value &&
    typeof value.inputs === "object" &&
    value.inputs !== null &&
    "apply" in value &&
    typeof value.apply === "function"
  );
}

/** The model that an export is or makes. Throws a Diagnostic when it is none. */
export async function resolveModel(source: JaxModelSource, place: Place): Promise<JaxModel> {
  const value: unknown = typeof source === "function" ? await source() : source;
  if (isJaxModel(value)) return value;
  throw misshapen(place, describe(value), wanted);
}

/** Reads inputs and parameters. Throws a Diagnostic on what is no array or no shape. */
export function checkModel(jax: Jax, model: JaxModel, place: Place): CheckedModel {
  const inputs = Object.entries(model.inputs).map(([name, input]) => inputType(name, input, place));
  const indices = new Map<JaxArray, number>();
  const tensors: { names: string[]; array: JaxArray }[] = [];
  const positions = leavesOf(model.params).map(({ path, value }) => {
    const name = path.join(".");
    const array: unknown = typeof value === "number" ? jax.numpy.array(value) : value;
    if (!isArray(array)) {
      throw misshapen(place, `the parameter ${quoted(name)} is ${describe(value)}`, "arrays of jax-js");
    }
    const known = indices.get(array);
    if (known !== undefined) tensors[known]?.names.push(name);
    else indices.set(array, tensors.push({ names: [name], array }) - 1);
    return known ?? tensors.length - 1;
  });
  return { model, inputs, tensors, positions };
}

function inputType(name: string, input: unknown, place: Place): InputType {
  const spec: unknown = Array.isArray(input) ? { shape: input, dtype: "float32" } : input;
  if (typeof spec === "object" && spec !== null && "shape" in spec && "dtype" in spec) {
    const { shape, dtype } = spec;
    if (isShape(shape) && isDtype(dtype)) return { name, shape, dtype };
  }
  const got = `the input ${quoted(name)} is ${describe(input)}`;
  throw misshapen(place, got, "a shape such as [8, 3], { shape, dtype }, or an array of jax-js");
}

const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isInteger(size) && size > 0);

const isDtype = (value: unknown): value is string =>
  typeof value === "string" && Object.hasOwn(dtypes, value);

/** A value in a few words, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return quoted(JSON.stringify(value));
  if (typeof value === "function") return "a function";
  if (typeof value === "string" || typeof value === "number") return quoted(`${typeof value} ${value}`);
  if (typeof value !== "object") return `a ${typeof value}`;
  const constructor: unknown = Reflect.get(value, "constructor");
  if (constructor === Object) return quoted(`an object with keys ${Object.keys(value).join(", ") || "none"}`);
  return quoted(`a ${typeof constructor === "function" ? constructor.name : "value"}`);
}
