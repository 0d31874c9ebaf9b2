/**
 * @file Compares at small sizes what has large ones. Operators mean the same at every size of their axes, so graphs are
 * rewritten to axes of a few elements each; numbers in formulas stay what they are (equivalence.md §3.3).
 */
import { get, invariant } from "../base/assert.ts";
import { specialise } from "../eval/specialise.ts";
import { equalShapes, type Sizes, sizeOf, sizesOf, symbolsOf } from "../ir/dim.ts";
import { applied, type Graph, type Node, transform } from "../ir/graph.ts";
import { countedSizes } from "../ops/reduction.ts";
import { attrsAt, type OtherSizes, sizeAt } from "../ops/sizes.ts";
import { newBuilder } from "../ops/table.ts";
import { count } from "../ops/tensor.ts";
import { Equations } from "./reduce-equations.ts";
import { isSmall, ReducedSizes } from "./reduce-sizes.ts";
import { type IsWindowed, windowedBeside, windowedInBoth } from "./windowed-axes.ts";

interface Rewritten {
  readonly graph: Graph;
  readonly image: ReadonlyMap<Node, Node>;
}

/** How the sizes of a comparison relate to those of the models. */
export interface Scale {
  /** The numbers whose sizes were changed, with their sizes in the comparison. */
  readonly changed: ReadonlyMap<number, number>;
  /** The same for axes that windows lie over. */
  readonly images: ReadonlyMap<number, number>;
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
  images: new Map(),
  code: identityOf,
  spec: identityOf,
  before: (size) => size,
  placeBefore: (_, place) => place,
};

export const isReduced = ({ changed, images }: Scale): boolean => changed.size + images.size > 0;

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
  const concrete = specialise(spec, numbers).graph;
  const [inCode, inSpec] = windowedInBoth(code, concrete);
  equations.add(code, inCode, symbolsOf(code.nodes.flatMap((node) => node.type.shape)));
  equations.add(concrete, inSpec, short);
  const sizes = solved(equations, noSizes);
  const [changed, images] = [changes((number) => sizes.plain.size(number), equations.numbers), sizes.images];
  const back = new Map([...changed, ...images].map(([number, size]) => [size, number]));
  const before = (size: number): number => back.get(size) ?? size;
  // A size must tell which one it was.
  const isClear = (all: Iterable<readonly [number, number]>): boolean =>
    [...all].every(([number, size]) => before(size) === number);
  const plain = [...equations.numbers].map((number) => [number, sizes.plain.size(number)] as const);
  if (!isClear(plain) || !isClear(images)) return actualScale;
  return {
    changed,
    images: new Map([...images].filter(([number, size]) => number !== size)),
    before,
    placeBefore: (whole, place) => sizes.plain.placeBefore(whole, place),
    code: (graph) => atSizes(graph, sizes, inCode),
    spec: (graph) => {
      const other = specialise(graph, numbers);
      const isWindowed = windowedBeside(other.graph, code, inCode);
      const more = new Equations(equations);
      more.add(other.graph, isWindowed, short);
      const own = solved(more, { plain: changed, images });
      const agrees =
        [...equations.numbers].every((number) => own.plain.size(number) === sizes.plain.size(number)) &&
        [...images].every(([number, size]) => own.images.get(number) === size);
      return agrees ? after(other, atSizes(other.graph, own, isWindowed)) : undefined;
    },
  };
}

const after = (first: Rewritten, second: Rewritten): Rewritten => ({
  graph: second.graph,
  image: new Map([...first.image].map(([node, between]) => [node, get(second.image, between)])),
});

interface Known {
  readonly plain: ReadonlyMap<number, number>;
  readonly images: ReadonlyMap<number, number>;
}
const noSizes: Known = { plain: new Map(), images: new Map() };

/** Sizes of axes, and of those that windows lie over. */
interface Solved {
  readonly plain: ReducedSizes;
  readonly images: ReadonlyMap<number, number>;
}

/** Fixes what comes out too small, and gives images other sizes than numbers that can have no others, until nothing changes. */
function solved(equations: Equations, known: Known): Solved {
  const fixed = new Set<number>();
  const taken = new Set([...equations.fixed, ...[...equations.numbers].filter(isSmall)]);
  for (;;) {
    const images = equations.images.solved(known.images, taken);
    const plain = new ReducedSizes(equations, fixed, known.plain, images);
    const before = fixed.size + taken.size;
    for (const number of plain.tooSmall()) {
      fixed.add(number);
      taken.add(number);
    }
    for (const size of plain.sharedWithImages()) taken.add(size);
    if (!plain.imagesFit) equations.images.fix();
    else if (fixed.size + taken.size === before) return { plain, images };
  }
}

const changes = (
  size: (number: number) => number,
  numbers: ReadonlySet<number>,
): ReadonlyMap<number, number> =>
  new Map([...numbers].flatMap((n) => (size(n) === n ? [] : [[n, size(n)] as const])));

function atSizes(graph: Graph, { plain, images }: Solved, isWindowed: IsWindowed): Rewritten {
  const builder = newBuilder();
  const other: OtherSizes = {
    shape: (node) =>
      node.type.shape.map((dim, axis) => {
        if (typeof dim !== "number") return dim;
        return isWindowed({ node, axis }) ? get(images, dim) : plain.size(dim);
      }),
    place: (whole, place) => {
      const size = sizeAt(whole);
      const isPlain = typeof size === "number" && typeof place === "number" && !isWindowed(whole);
      return isPlain ? plain.place(size, place) : place;
    },
  };
  const { graph: copy, image } = transform(graph, builder, (node, inputs) => {
    const made = applied(builder, node.op, inputs, attrsAt(node, other));
    invariant(equalShapes(made.type.shape, other.shape(node)), "shapes follow their sizes");
    return made;
  });
  // Stored values are those of the full sizes.
  const parameters = copy.parameters.map(({ node, names, trainable }) => ({ node, names, trainable }));
  return { graph: { ...copy, parameters }, image };
}
