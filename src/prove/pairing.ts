/** @file Which input and output of the code is which of the spec, and which sizes follow. */
import { at, range, zip } from "../base/assert.ts";
import {
  type Dim,
  elementCount,
  type Shape,
  shapeText,
  sizesOf,
  solvedFor,
  substitute,
  symbolsOf,
} from "../ir/dim.ts";
import type { Graph, Node, NodeOf, Output } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";

export interface Pairing {
  readonly inputs: readonly (readonly [spec: NodeOf<"Input">, code: NodeOf<"Input">])[];
  readonly outputs: readonly (readonly [spec: Output, code: Output])[];
}

/** Why two models can't be laid side by side: they don't take or give the same things. */
export interface Clash {
  readonly what: string;
  readonly spec: string;
  readonly code: string;
}

/** Sizes of the spec's symbols. */
export type SpecSizes = ReadonlyMap<string, number>;

/** Pairs by name where the names agree, else by order. */
function pairUp<S, C>(
  spec: readonly S[],
  code: readonly C[],
  specName: (item: S) => string,
  codeName: (item: C) => string,
): (readonly [S, C])[] {
  const byName = spec.map((item) => code.find((other) => codeName(other) === specName(item)));
  const named = byName.filter((item) => item !== undefined);
  if (named.length === spec.length) return spec.map((item, i) => [item, at(named, i)] as const);
  return zip(spec, code);
}

/** Lays the models side by side, or says where they can't be. */
export function pair(spec: Graph, code: Graph): Pairing | Clash {
  const counts = (
    what: string,
    s: readonly unknown[],
    c: readonly unknown[],
    names: Clash,
  ): Clash | undefined => (s.length === c.length ? undefined : { ...names, what: `numbers of ${what}` });
  const inputNames = (graph: Graph): string =>
    graph.inputs.map((node) => node.attrs.name).join(", ") || "none";
  const outputNames = (graph: Graph): string => graph.outputs.map((output) => output.name).join(", ");
  const clash =
    counts("inputs", spec.inputs, code.inputs, {
      what: "",
      spec: inputNames(spec),
      code: inputNames(code),
    }) ??
    counts("outputs", spec.outputs, code.outputs, {
      what: "",
      spec: outputNames(spec),
      code: outputNames(code),
    });
  if (clash !== undefined) return clash;
  const nameOf = (node: NodeOf<"Input">): string => node.attrs.name;
  const inputs = pairUp(spec.inputs, code.inputs, nameOf, nameOf);
  const outputs = pairUp(
    spec.outputs,
    code.outputs,
    (output) => output.name,
    (output) => output.name,
  );
  for (const [s, c] of inputs) {
    if (isReal(s.type.dtype) !== isReal(c.type.dtype)) {
      return { what: `the kind of input ${nameOf(s)}`, spec: s.type.dtype, code: c.type.dtype };
    }
  }
  return { inputs, outputs };
}

export const isClash = (found: object): found is Clash => "what" in found;

/**
 * Sizes that make a shape of the spec equal a concrete one, added to those known; `undefined` where they contradict.
 */
export function unify(shape: Shape, concrete: readonly number[], known: SpecSizes): SpecSizes | undefined {
  if (shape.length !== concrete.length) return undefined;
  const sizes = new Map(known);
  for (const [dim, size] of zip<Dim, number>(shape, concrete)) {
    const resolved = substitute(dim, sizes);
    if (typeof resolved === "number") {
      if (resolved !== size) return undefined;
    } else {
      const found = solved(resolved, size);
      if (found === undefined) return undefined;
      sizes.set(...found);
    }
  }
  return sizes;
}

/** The one symbol of a size and its value where the size is `size`. */
function solved(dim: Dim, size: number): readonly [symbol: string, size: number] | undefined {
  const [name, ...others] = symbolsOf([dim]);
  const value = name === undefined || others.length > 0 ? undefined : solvedFor(dim, name, size);
  return name !== undefined && typeof value === "number" && value > 0 ? [name, value] : undefined;
}

/**
 * As `unify`, where axes of size 1 may come and go; also the concrete shape that the first shape then has.
 */
export function unifyLoosely(
  shape: Shape,
  concrete: readonly number[],
  known: SpecSizes,
): { readonly shape: readonly number[]; readonly sizes: SpecSizes } | undefined {
  const sizes =
    unify(shape, concrete, known) ??
    unify(
      shape.filter((dim) => dim !== 1),
      concrete.filter((size) => size !== 1),
      known,
    );
  return sizes && { shape: sizesOf(shape, sizes), sizes };
}

/** The same where axes of one shape may be joined in the other, as heads are that stand in groups. */
export function unifyRegrouped(
  shape: Shape,
  concrete: readonly number[],
  known: SpecSizes,
): ReturnType<typeof unifyLoosely> {
  const sizes = regrouped(shape, concrete, known);
  return sizes && { shape: sizesOf(shape, sizes), sizes };
}

/** Sizes with which the axes of both shapes end together, as soon as one axis is as long as some of the others. */
function regrouped(shape: Shape, concrete: readonly number[], known: SpecSizes): SpecSizes | undefined {
  if (shape.length === 0 || concrete.length === 0) return unify(shape, concrete, known);
  const joined = [
    ...range(shape.length).map((i) => [i + 1, 1] as const),
    ...range(concrete.length - 1).map((i) => [1, i + 2] as const),
  ];
  for (const [left, right] of joined) {
    const size = Number(elementCount(concrete.slice(0, right)));
    const next = unify([elementCount(shape.slice(0, left))], [size], known);
    // An axis of one element could be joined to any other.
    const isIdle = left > 1 && [...(next ?? [])].some(([name, size]) => size === 1 && !known.has(name));
    if (isIdle) continue;
    const sizes = next && regrouped(shape.slice(left), concrete.slice(right), next);
    if (sizes !== undefined) return sizes;
  }
  return undefined;
}

/** Sizes that follow from the inputs, or the input whose shapes clash. */
export function inputSizes(
  pairing: Pairing,
  codeShape: (node: Node) => readonly number[],
): SpecSizes | Clash {
  let sizes: SpecSizes = new Map();
  for (const [spec, code] of pairing.inputs) {
    const next = unify(spec.type.shape, codeShape(code), sizes);
    if (next === undefined) {
      return {
        what: `the shape of input ${spec.attrs.name}`,
        spec: shapeText(spec.type.shape),
        code: shapeText(code.type.shape),
      };
    }
    sizes = next;
  }
  return sizes;
}
