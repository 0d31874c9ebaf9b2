/** @file The sizes and other integers among an operator's attributes that may be symbols. */
import type { Dim, Shape } from "./dim.ts";
import type { Node } from "./graph.ts";
import type { Given, OpAttrs, OpName } from "./operators.ts";

interface Sized {
  readonly size?: Dim;
  readonly start?: Dim;
  readonly stop?: Dim;
  readonly shape?: Shape;
  readonly heads?: Dim;
}

/** The attributes with every size replaced. */
export function mapDims<A extends OpAttrs[OpName]>(attrs: A, replace: (dim: Dim) => Dim): A {
  const { size, start, stop, shape, heads } = attrs as Sized;
  return {
    ...attrs,
    ...(size === undefined ? {} : { size: replace(size) }),
    ...(start === undefined ? {} : { start: replace(start) }),
    ...(stop === undefined ? {} : { stop: replace(stop) }),
    ...(shape === undefined ? {} : { shape: shape.map(replace) }),
    ...(heads === undefined ? {} : { heads: replace(heads) }),
  };
}

/** Every size that a node mentions, in its type and in its attributes. */
export function dimsOf(node: Node): Dim[] {
  const dims = [...node.type.shape];
  mapDims<OpAttrs[OpName]>(node.attrs, (dim) => {
    dims.push(dim);
    return dim;
  });
  return dims;
}

interface Counted {
  readonly strides?: readonly Dim[];
  readonly padding?: readonly (readonly [Dim, Dim])[];
  readonly dilation?: readonly Dim[] | number;
  readonly groups?: Dim;
  readonly sizes?: readonly Dim[];
  readonly before?: Dim;
  readonly after?: Dim;
  readonly given?: readonly Given[];
}

/** What an integer is, as a letter or as what a block calls it. */
type Role = "s" | "p" | "d" | "g" | "k" | (string & {});

/** The attributes with every integer replaced that is no size of a tensor but may be a symbol in the body of a block. */
function mapNumbers<A extends OpAttrs[OpName]>(attrs: A, replace: (value: Dim, role: Role) => Dim): A {
  const { strides, padding, dilation, groups, sizes, before, after, given } = attrs as Counted;
  const all = (values: readonly Dim[], role: Role): Dim[] => values.map((value) => replace(value, role));
  return {
    ...attrs,
    ...(strides === undefined ? {} : { strides: all(strides, "s") }),
    ...(padding === undefined ? {} : { padding: padding.map((widths) => all(widths, "p")) }),
    ...(typeof dilation === "object" ? { dilation: all(dilation, "d") } : {}),
    ...(groups === undefined ? {} : { groups: replace(groups, "g") }),
    ...(sizes === undefined ? {} : { sizes: all(sizes, "k") }),
    ...(before === undefined ? {} : { before: replace(before, "p") }),
    ...(after === undefined ? {} : { after: replace(after, "p") }),
    ...(given === undefined
      ? {}
      : { given: given.map(([name, value]) => [name, replace(value, name)] as const) }),
  };
}

/** The attributes with every size and every other integer replaced that may be a symbol. */
export const mapIntegers = <A extends OpAttrs[OpName]>(
  attrs: A,
  replace: (value: Dim, role?: Role) => Dim,
): A =>
  mapNumbers(
    mapDims(attrs, (size) => replace(size)),
    replace,
  );

/** A size or another integer that may be a symbol. */
export interface Integer {
  readonly value: Dim;
  /** What it is, if it is no size of a tensor. */
  readonly role: string | undefined;
}

/** The integers among attributes, in the order in which `mapIntegers` visits them. */
export function integersOf(attrs: OpAttrs[OpName]): Integer[] {
  const integers: Integer[] = [];
  const take = (value: Dim, role?: string): Dim => {
    integers.push({ value, role });
    return value;
  };
  mapIntegers<OpAttrs[OpName]>(attrs, take);
  return integers;
}

/** How windows lie, without symbols. */
export type Concrete<T> = [T] extends [Dim]
  ? number
  : T extends object
    ? { readonly [K in keyof T]: Concrete<T[K]> }
    : T;

/** Whether no integer that says how windows lie is a symbol. */
export function isConcrete<A extends Omit<Counted, "given">>(attrs: A): attrs is A & Concrete<A> {
  const { strides = [], padding = [], dilation = [], groups = 1, sizes = [] } = attrs;
  const values = [strides, padding.flat(), dilation, groups, sizes].flat();
  return values.every((value) => typeof value === "number");
}
