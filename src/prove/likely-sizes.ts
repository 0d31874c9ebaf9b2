/**
 * @file Sizes that nothing gives where spec and code part, such as the number of heads where no head was found: those under which the
 * most values of the spec have the shape of one of the code's. A guess, which only makes it easier to look for what is wrong.
 */
import { dimText, elementCount, type Shape, shapeText, substitute, symbolsOf } from "../ir/dim.ts";
import type { Overlay } from "./bind.ts";
import { frontier, type Lowered } from "./localise.ts";
import { type SpecSizes, unify } from "./pairing.ts";
import type { World } from "./world.ts";

/** The sizes that an overlay found, and likely ones for what is open at its frontier. */
export function likelySizes(lowered: Lowered, overlay: Overlay, world: World): SpecSizes {
  const at = frontier(lowered, overlay).flatMap((node) => lowered.image.get(node)?.type.shape ?? []);
  const wanted = new Set([...symbolsOf(at)].filter((name) => !overlay.sizes.has(name)));
  const { nodes, parameters } = lowered.primitive;
  const open = distinctShapes(
    nodes
      .map(({ type }) => type.shape.map((dim) => substitute(dim, overlay.sizes)))
      .filter((shape) => {
        const symbols = symbolsOf(shape);
        return symbols.size > 0 && [...symbols].every((name) => wanted.has(name));
      }),
  );
  const shapes = distinctShapes([...world.values.values()].map(({ shape }) => shape));
  const isThere = new Set(shapes.map(sorted));
  const counts = new Set(world.graph.parameters.map(({ node }) => counted(node.type.shape, world.sizes)));
  const score = (sizes: SpecSizes): number =>
    open.filter((shape) => isThere.has(sorted(shape.map((dim) => substitute(dim, sizes))))).length +
    parameters.filter(({ node }) => counts.has(counted(node.type.shape, sizes))).length;
  const guessed = (known: SpecSizes): SpecSizes => {
    const proposed = open
      .filter((shape) => symbolsOf(shape.map((dim) => substitute(dim, known))).size > 0)
      .flatMap((shape) => shapes.flatMap((own) => unify(shape, own, known) ?? []));
    const [best] = proposed
      .map((sizes) => ({ sizes, score: score(sizes) }))
      .sort((a, b) => b.score - a.score);
    return best === undefined ? known : guessed(best.sizes);
  };
  return guessed(overlay.sizes);
}

const distinctShapes = <S extends Shape>(shapes: readonly S[]): S[] => [
  ...new Map(shapes.map((shape) => [shapeText(shape), shape])).values(),
];

/** A shape in whatever order, without axes of size 1. */
const sorted = (shape: Shape): string =>
  shape
    .filter((dim) => dim !== 1)
    .map(dimText)
    .sort()
    .join();

const counted = (shape: Shape, sizes: SpecSizes): string =>
  dimText(elementCount(shape.map((dim) => substitute(dim, sizes))));
