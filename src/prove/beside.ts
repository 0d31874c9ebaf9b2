/**
 * @file The places of edits of how steps are joined: which value a block is given, which block comes first. The mistake is in the
 * block that holds both values concerned, wherever these are computed.
 */
import type { Graph, Node, Origin } from "../ir/graph.ts";
import type { Told } from "./candidate.ts";
import type { Case } from "./claim.ts";
import type { Edit } from "./edit.ts";
import { placeAt, shared } from "./left-out.ts";

/** How many of the outermost blocks two values of a graph are in together. */
export function depthOfBoth({ origins }: Graph, one: Node, other: Node): number {
  const [a, b] = [origins.get(one), origins.get(other)];
  return a === undefined || b === undefined ? 0 : shared(a, b);
}

/** What an edit of a node says of a value beside it: a mistake around the use of a block is not one in the block. */
export function besides(spec: Graph, node: Node, beside: Node): Pick<Edit, "beside" | "widest"> {
  const calls = spec.origins.get(node)?.calls ?? [];
  const isAround = depthOfBoth(spec, node, beside) < calls.length;
  return isAround ? { beside, widest: "in this use" } : { beside };
}

/**
 * What an edit of a node that reads another value in the place of one from outside its block says: where nothing else in the block
 * reads that, the block was given another value.
 */
export function besidesOperand(spec: Graph, node: Node, operand: Node): Pick<Edit, "beside" | "widest"> {
  const depth = depthOfBoth(spec, node, operand);
  if (depth >= (spec.origins.get(node)?.calls ?? []).length) return {};
  const isReadBesides = spec.nodes.some(
    (user) => user !== node && user.inputs.includes(operand) && depthOfBoth(spec, node, user) > depth,
  );
  return isReadBesides ? { beside: operand } : besides(spec, node, operand);
}

/** The equation of an edit that speaks of a value beside its node: if it is around the use of a block, that which uses it. */
export function equationBeside(spec: Graph, { node, beside, widest }: Told): Origin | undefined {
  const own = spec.origins.get(node);
  if (beside === undefined || own === undefined) return undefined;
  return widest === undefined ? own : placeAt(own, depthOfBoth(spec, node, beside));
}

/** The line of the code in the function that holds what made one value and what made another of it. */
export function lineOfBoth(
  { original: { origins } }: Case,
  node: Node,
  beside: Node | undefined,
): Origin | undefined {
  const [own, other] = [origins.get(node), beside && origins.get(beside)];
  return own === undefined || other === undefined ? own : placeAt(own, shared(own, other));
}
