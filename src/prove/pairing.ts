/** @file Which input and output of the code is which of the spec, and which sizes follow. */
import { at, zip } from "../base/assert.ts";
import { type Dim, elementCount, type Shape, shapeText, sizesOf, substitute } from "../ir/dim.ts";
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
      const solved = solvedFor(resolved, size);
      if (solved === undefined) return undefined;
      sizes.set(...solved);
    }
  }
  return sizes;
}

/** The symbol of a size such as 2·m + 1, and its value where the size is `size`. */
function solvedFor(
  dim: Exclude<Dim, number>,
  size: number,
): readonly [symbol: string, size: number] | undefined {
  const [term, constant] = dim.terms;
  const isLinear = dim.terms.length === 1 || (dim.terms.length === 2 && constant?.symbols.length === 0);
  if (term === undefined || !isLinear || term.symbols.length !== 1) return undefined;
  const value = (size - (constant?.coefficient ?? 0)) / term.coefficient;
  return Number.isInteger(value) && value > 0 ? [at(term.symbols, 0), value] : undefined;
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
  const total = elementCount(concrete);
  const sizes = unify([elementCount(shape)], [Number(total)], known);
  if (sizes === undefined) return undefined;
  const own = sizesOf(shape, sizes);
  const [a, b] = [ends(own), ends(concrete)];
  const isWithin = (some: ReadonlySet<number>, all: ReadonlySet<number>): boolean =>
    [...some].every((end) => all.has(end));
  return isWithin(a, b) || isWithin(b, a) ? { shape: own, sizes } : undefined;
}

/** Products of the first sizes: where the axes end. */
function ends(shape: readonly number[]): Set<number> {
  let product = 1;
  return new Set(shape.map((size) => (product *= size)));
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
