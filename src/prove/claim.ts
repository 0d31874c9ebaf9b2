/** @file What one comparison knows about the code, and the claim that a spec laid over it makes. */
import type { Random } from "../base/random.ts";
import type { Sizes } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import type { Arena } from "./arena.ts";
import type { Binding } from "./binding.ts";
import type { Candidate } from "./candidate.ts";
import type { Scale } from "./reduce.ts";
import type { Claim } from "./verify.ts";

/** Everything that a decision looks at. */
export interface Case {
  readonly code: Graph;
  readonly codeSizes: Sizes;
  /** From nodes of the code in primitives to its own. */
  readonly origin: (primitive: Node) => Node;
  readonly original: Graph;
  readonly arena: Arena;
  readonly random: Random;
  readonly notes: string[];
  /** How the sizes of `code` relate to those of `original`. */
  readonly scale: Scale;
}

/** That code and spec are equal, under the bindings found or under others. */
export function claimOf(
  facts: Case,
  { lowered, pairing, overlay }: Candidate,
  bindings: ReadonlyMap<Node, Binding> = overlay.bindings,
): Claim {
  return {
    code: facts.code,
    codeSizes: facts.codeSizes,
    spec: lowered.primitive,
    specSizes: overlay.sizes,
    pairing,
    bindings,
    layouts: overlay.found,
    scale: facts.scale,
  };
}
