/**
 * @file Sizes that nothing gives where spec and code part, such as the number of heads where no head was found: those under which the
 * most values of the spec have the shape of one of the code's. A guess, which only makes it easier to look for what is wrong.
 */
import { dimText, elementCount, type Shape, shapeText, substitute, symbolsOf } from "../ir/dim.ts";
import { isStored } from "../ops/traits.ts";
import type { Overlay } from "./bind.ts";
import { frontier, type Lowered } from "./localise.ts";
import { type SpecSizes, unify } from "./pairing.ts";
import type { World } from "./world.ts";

/**
 * Likely sizes for what is open at an overlay's frontier, beside those that it found. `given` are certain; what was found apart from
 * these gives way where others are likelier.
 */
export function likelySizes(lowered: Lowered, overlay: Overlay, given: SpecSizes, world: World): SpecSizes {
  const parting = frontier(lowered, overlay).flatMap((node) => lowered.image.get(node)?.type.shape ?? []);
  const wanted = new Set([...symbolsOf(parting)].filter((name) => !given.has(name)));
  const known = new Map([...overlay.sizes].filter(([name]) => !wanted.has(name)));
  const { nodes, parameters } = lowered.primitive;
  const withKnown = (shape: Shape, sizes: SpecSizes): Shape => shape.map((dim) => substitute(dim, sizes));
  // Tables of a few numbers have shapes that are met everywhere.
  const data = nodes.filter((node) => !isStored(node));
  const open = distinctShapes(data.map(({ type }) => withKnown(type.shape, known))).filter((shape) => {
    const symbols = symbolsOf(shape);
    return symbols.size > 0 && [...symbols].every((name) => wanted.has(name));
  });
  const shapes = distinctShapes([...world.values.values()].map(({ shape }) => shape));
  const isThere = new Set(shapes.map(shapeText));
  const counts = world.graph.parameters.map(({ node }) => counted(node.type.shape, world.sizes));
  const score = (sizes: SpecSizes): number =>
    open.filter((shape) => isThere.has(shapeText(withKnown(shape, sizes)))).length +
    inCommon(
      parameters.map(({ node }) => counted(node.type.shape, sizes)),
      counts,
    );

  const guessed = (from: SpecSizes): SpecSizes => {
    const [best] = open
      .filter((shape) => symbolsOf(withKnown(shape, from)).size > 0)
      .flatMap((shape) => shapes.flatMap((own) => unify(shape, own, from) ?? []))
      .map((sizes) => ({ sizes, score: score(sizes) }))
      .sort((a, b) => b.score - a.score);
    return best === undefined ? from : guessed(best.sizes);
  };
  const afresh = guessed(known);
  return score(afresh) > score(overlay.sizes) ? afresh : guessed(overlay.sizes);
}

/** How many of some texts are among others, each of which counts once. */
function inCommon(some: readonly string[], others: readonly string[]): number {
  const left = [...others];
  return some.filter((text) => {
    const place = left.indexOf(text);
    if (place >= 0) left.splice(place, 1);
    return place >= 0;
  }).length;
}

const distinctShapes = <S extends Shape>(shapes: readonly S[]): S[] => [
  ...new Map(shapes.map((shape) => [shapeText(shape), shape])).values(),
];

const counted = (shape: Shape, sizes: SpecSizes): string =>
  dimText(elementCount(shape.map((dim) => substitute(dim, sizes))));
