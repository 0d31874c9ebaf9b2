/**
 * @file What is used of jax-js, as types of structure: the library is the user's own copy, handed in by the caller, so that
 * Assay runs without it. Also the form in which a user exports a model.
 */

/** An array of jax-js, or what stands for one while a function is traced. */
export interface JaxArray {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The array once more; each use of an array consumes one reference. */
  readonly ref: JaxArray;
  dispose(): void;
  dataSync(): ArrayLike<number>;
}

/** A tree of arrays: nested records and lists. Names of parameters are paths in it, such as `hidden.w`. */
type JaxTree = JaxArray | number | readonly JaxTree[] | { readonly [key: string]: JaxTree };

/** A size-only description of an input: a shape of float32, a shape with a dtype, or an array that serves as one. */
type JaxInput = readonly number[] | { readonly shape: readonly number[]; readonly dtype: string };

/**
 * A model as a module exports it:
 * `export const model = { params: { w, b }, inputs: { x: [8, 3] }, apply: (params, x) => … } satisfies JaxModel`.
 * `apply` gets the parameters and the inputs in the order of `inputs`, and returns an array or a tree of arrays.
 */
export interface JaxModel {
  readonly name?: string;
  readonly params: JaxTree;
  readonly inputs: Readonly<Record<string, JaxInput>>;
  apply(params: never, ...inputs: never[]): unknown;
}

/** A model, or a function that makes one. */
export type JaxModelSource = JaxModel | (() => JaxModel | Promise<JaxModel>);

/** Type of a value in a traced program. */
interface Aval {
  readonly shape: readonly number[];
  readonly dtype: string;
}
export interface Var {
  readonly id: number;
  readonly aval: Aval;
}
export interface Lit {
  readonly value: number | boolean;
  readonly aval: Aval;
}
export interface JaxprEquation {
  readonly primitive: string;
  readonly inputs: readonly (Var | Lit)[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly outBinders: readonly Var[];
}
export interface Jaxpr {
  readonly inBinders: readonly Var[];
  readonly eqns: readonly JaxprEquation[];
  readonly outs: readonly (Var | Lit)[];
  toString(): string;
}
export interface ClosedJaxpr {
  readonly jaxpr: Jaxpr;
  readonly consts: readonly JaxArray[];
}

/** The module `@jax-js/jax` as the user's code imports it. */
export interface JaxModule {
  readonly init: unknown;
  readonly defaultDevice: unknown;
  readonly makeJaxpr: unknown;
  readonly numpy: object;
  readonly nn: object;
}

type AnyFunction = (...args: unknown[]) => unknown;

/** The functions of the module with the types that the front end relies on. */
export interface Jax {
  init(device: "cpu"): Promise<unknown>;
  defaultDevice(device?: string): string;
  makeJaxpr(
    f: (...args: never[]) => unknown,
    options?: { readonly staticArgnums: readonly number[] },
  ): (...args: unknown[]) => { readonly jaxpr: ClosedJaxpr };
  readonly numpy: Readonly<Record<string, AnyFunction>> & {
    zeros(shape: readonly number[], options: { readonly dtype: string }): JaxArray;
    array(value: number): JaxArray;
  };
  readonly nn: Readonly<Record<string, AnyFunction>>;
}

/** The one place where the library's own types, which differ between its versions, give way to the ones above. */
export const adapt = (module: JaxModule): Jax => module as unknown as Jax;

export const isVar = (atom: Var | Lit): atom is Var => !("value" in atom);

/** Whether a value is an array of jax-js or a tracer. */
export function isArray(value: unknown): value is JaxArray {
  return typeof value === "object" && value !== null && "aval" in value && "shape" in value && "ref" in value;
}
