/**
 * @file The places of edits of how steps are joined: which value a block is given, which block comes first. The mistake is in the
 * block that holds both values concerned, wherever these are computed.
 */
import type { Graph, Node, Origin } from "../ir/graph.ts";
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

/** The equation of the block that holds a node and a value beside it. */
export function equationOfBoth(spec: Graph, node: Node, beside: Node): Origin | undefined {
  const own = spec.origins.get(node);
  return own && placeAt(own, depthOfBoth(spec, node, beside));
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
