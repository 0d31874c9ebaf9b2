/** @file Parts of a comparison, made as the prover makes them. */
import { random } from "../../src/base/random.ts";
import { Diagnostic } from "../../src/diag/diagnostic.ts";
import { lower } from "../../src/eval/lower.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { toPlainText } from "../../src/notation/plain.ts";
import { type Arena, arena } from "../../src/prove/arena.ts";
import { type Overlay, overlay } from "../../src/prove/bind.ts";
import type { Binding } from "../../src/prove/binding.ts";
import { lowerSpec } from "../../src/prove/candidate.ts";
import { applyEdit, type Edit } from "../../src/prove/edit.ts";
import { type Fault, familyFaults } from "../../src/prove/faults.ts";
import { describe as bindingWords } from "../../src/prove/layout-words.ts";
import { thorough } from "../../src/prove/limits.ts";
import type { Lowered } from "../../src/prove/localise.ts";
import { isClash, type Pairing, pair } from "../../src/prove/pairing.ts";
import { withPieces } from "../../src/prove/pieces.ts";
import { actualScale } from "../../src/prove/reduce.ts";
import type { Claim } from "../../src/prove/verify.ts";
import { chooseSizes, drawWorld, type World } from "../../src/prove/world.ts";
import { readSpec } from "../../src/spec/read.ts";

const scale = actualScale;

/** A world for a graph of primitives. */
export function worldOf(graph: Graph, seed = 1): World {
  const world = drawWorld(graph, chooseSizes(graph), random(seed), new Map());
  if (world === undefined) throw new Error("nothing is divided by zero everywhere");
  return world;
}

/** A spec laid over code. */
export interface Laid {
  readonly arena: Arena;
  readonly world: World;
  readonly lowered: Lowered;
  readonly pairing: Pairing;
  readonly overlay: Overlay;
  readonly claim: Claim;
}

/** Lays one text over another; both must be written without composites that `raise` would have to find. */
export function laidOver(code: string | Graph, spec: string, scaled = false): Laid {
  const lowered = lowerSpec(readSpec(spec, "spec.txt"), scale);
  if (lowered === undefined) throw new Error("a spec can always be compared at its own sizes");
  const whole = lower(typeof code === "string" ? readSpec(code, "code.txt") : code).graph;
  const { graph } = withPieces(whole, lowered.primitive);
  const world = worldOf(graph);
  const made = arena(world);
  const pairing = pair(lowered.primitive, graph);
  if (isClash(pairing)) throw new Error(`${pairing.what} clash`);
  const found = overlay({ spec: lowered.primitive, pairing, arena: made, scale, scaled, limits: thorough });
  const claim: Claim = {
    code: graph,
    codeSizes: world.sizes,
    spec: lowered.primitive,
    specSizes: found.sizes,
    pairing,
    bindings: found.bindings,
    layouts: found.found,
    scale,
  };
  return { arena: made, world, lowered, pairing, overlay: found, claim };
}

/** A binding in words. */
export const wordsOf = (binding: Binding, name: (node: Node) => string): string =>
  bindingWords(binding, {
    name,
    shape: (node) => node.type.shape.map(Number),
    placeBefore: (_, place) => place,
  });

/** Faults of a binding between two graphs of primitives. */
export const faultsOf = (
  spec: Graph,
  code: Graph,
  codeSizes: ReadonlyMap<string, number>,
  bindings: ReadonlyMap<Node, Binding>,
): Fault[] => familyFaults({ bindings, spec, code, codeSizes, scale });

/** The equations of the edited spec; `undefined` when it is not well typed. */
export function editedText(graph: Graph, edit: Edit): string | undefined {
  try {
    const { equations } = equationsOf(applyEdit(graph, edit).graph, { width: 200 });
    return equations.map(({ left, right }) => `${toPlainText(left)} = ${toPlainText(right)}`).join("; ");
  } catch (error) {
    if (error instanceof Diagnostic) return undefined;
    throw error;
  }
}
