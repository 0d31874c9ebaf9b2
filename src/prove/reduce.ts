/**
 * @file Compares at small sizes what has large ones. Operators mean the same at every size of their axes, so graphs are
 * rewritten to axes of a few elements each; numbers in formulas stay what they are (equivalence.md §3.3).
 */
import { get, invariant } from "../base/assert.ts";
import { specialise } from "../eval/specialise.ts";
import { equalShapes, type Sizes, sizeOf, sizesOf, symbolsOf } from "../ir/dim.ts";
import { applied, type Graph, type Node, transform } from "../ir/graph.ts";
import { countedSizes } from "../ops/reduction.ts";
import { attrsAt, type OtherSizes } from "../ops/sizes.ts";
import { newBuilder } from "../ops/table.ts";
import { count } from "../ops/tensor.ts";
import { Equations } from "./reduce-equations.ts";
import { ReducedSizes } from "./reduce-sizes.ts";

interface Rewritten {
  readonly graph: Graph;
  readonly image: ReadonlyMap<Node, Node>;
}

/** How the sizes of a comparison relate to those of the models. */
export interface Scale {
  /** The numbers whose sizes were changed, with their sizes in the comparison. */
  readonly changed: ReadonlyMap<number, number>;
  /** The code, in primitives, at the sizes of the comparison. */
  code(graph: Graph): Rewritten;
  /** A spec, in primitives, at these sizes; `undefined` when it can't be brought to them. */
  spec(graph: Graph): Rewritten | undefined;
  /** The size that an axis of this size has in the models. */
  before(size: number): number;
  /** The place that a place on an axis had in the models; the axis is given by its size there. */
  placeBefore(whole: number, place: number): number | undefined;
}

const identityOf = (graph: Graph): Rewritten => ({
  graph,
  image: new Map(graph.nodes.map((node) => [node, node])),
});

/** Sizes as they are. */
export const actualScale: Scale = {
  changed: new Map(),
  code: identityOf,
  spec: identityOf,
  before: (size) => size,
  placeBefore: (_, place) => place,
};

/** Elements of all values of a graph together. */
export const elementsOf = (graph: Graph, sizes: Sizes): number =>
  graph.nodes.reduce((sum, node) => sum + count(sizesOf(node.type.shape, sizes)), 0);

/** What a scalar that counts elements at run time counts in the models; `undefined` for other nodes and unknown sizes. */
export function countBefore(node: Node, sizes: Sizes, scale: Scale): number | undefined {
  const counted = countedSizes(node);
  if (counted === undefined || ![...symbolsOf(counted)].every((name) => sizes.has(name))) return undefined;
  const before = new Map([...sizes].map(([name, size]) => [name, scale.before(size)]));
  return count(counted.map((dim) => (typeof dim === "number" ? scale.before(dim) : sizeOf(dim, before))));
}

export const countsBefore = (graph: Graph, sizes: Sizes, scale: Scale): ReadonlyMap<Node, number> =>
  new Map(
    graph.nodes.flatMap((node) => {
      const counted = countBefore(node, sizes, scale);
      return counted === undefined ? [] : [[node, counted] as const];
    }),
  );

/**
 * Small sizes for a code and a spec, both in primitives. `known` are sizes of the spec's symbols that follow from the code's
 * inputs: numbers, or `undefined` for what is a symbol in the code too.
 */
export function reducedScale(
  code: Graph,
  spec: Graph,
  known: ReadonlyMap<string, number | undefined>,
): Scale {
  const numbers = new Map([...known].flatMap(([name, n]) => (n === undefined ? [] : [[name, n] as const])));
  const short = new Set([...known.keys()].filter((name) => !numbers.has(name)));
  const equations = new Equations();
  equations.add(code, symbolsOf(code.nodes.flatMap((node) => node.type.shape)));
  equations.add(specialise(spec, numbers).graph, short);
  const sizes = solved(equations, new Map());
  const changed = changes(sizes, equations.numbers);
  const back = new Map([...changed].map(([number, size]) => [size, number]));
  const unchanged = [...equations.numbers].filter((number) => !changed.has(number));
  // A size must tell which one it was.
  if (back.size < changed.size || unchanged.some((number) => back.has(number))) return actualScale;
  return {
    changed,
    before: (size) => back.get(size) ?? size,
    placeBefore: (whole, place) => sizes.placeBefore(whole, place),
    code: (graph) => atSizes(graph, sizes),
    spec: (graph) => {
      const concrete = specialise(graph, numbers);
      const more = new Equations(equations);
      more.add(concrete.graph, short);
      const own = solved(more, changed);
      const agrees = [...equations.numbers].every((number) => own.size(number) === sizes.size(number));
      return agrees ? after(concrete, atSizes(concrete.graph, own)) : undefined;
    },
  };
}

const after = (first: Rewritten, second: Rewritten): Rewritten => ({
  graph: second.graph,
  image: new Map([...first.image].map(([node, between]) => [node, get(second.image, between)])),
});

/** Fixes what comes out too small, until nothing does. */
function solved(equations: Equations, known: ReadonlyMap<number, number>): ReducedSizes {
  const fixed = new Set<number>();
  for (;;) {
    const sizes = new ReducedSizes(equations, fixed, known);
    const before = fixed.size;
    for (const number of sizes.tooSmall()) fixed.add(number);
    if (fixed.size === before) return sizes;
  }
}

const changes = (sizes: ReducedSizes, numbers: ReadonlySet<number>): ReadonlyMap<number, number> =>
  new Map([...numbers].flatMap((n) => (sizes.size(n) === n ? [] : [[n, sizes.size(n)] as const])));

function atSizes(graph: Graph, sizes: ReducedSizes): Rewritten {
  const builder = newBuilder();
  const other: OtherSizes = {
    size: (dim) => (typeof dim === "number" ? sizes.size(dim) : dim),
    place: (whole, place) =>
      typeof whole === "number" && typeof place === "number" ? sizes.place(whole, place) : place,
  };
  const { graph: copy, image } = transform(graph, builder, (node, inputs) => {
    const made = applied(builder, node.op, inputs, attrsAt(node, other));
    invariant(equalShapes(made.type.shape, node.type.shape.map(other.size)), "shapes follow their sizes");
    return made;
  });
  // Stored values are those of the full sizes.
  const parameters = copy.parameters.map(({ node, names, trainable }) => ({ node, names, trainable }));
  return { graph: { ...copy, parameters }, image };
}
