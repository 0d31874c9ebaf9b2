/** @file Differences that the prover can show, each put into words with its two sides. */
import { at } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import type { Difference } from "../result/verdict.ts";
import { affineOutputs } from "./affine.ts";
import type { Applied, Candidate } from "./candidate.ts";
import { type Case, claimOf } from "./claim.ts";
import { copiesIn } from "./copies.ts";
import { placesOf } from "./edit.ts";
import { familyFaults } from "./faults.ts";
import { describe } from "./layout-words.ts";
import { codeNode, frontier, wrongOutputs } from "./localise.ts";
import { codeParameters, nameIn } from "./names.ts";
import type { Clash } from "./pairing.ts";
import { countsBefore } from "./reduce.ts";
import { editedSides, placeInCode, placeOf, placeOfUseInCode, specSide } from "./sides.ts";
import { groupedTies } from "./tied.ts";
import { drawWorld } from "./world.ts";

/** The two can't be laid side by side: that alone is a difference. */
export function clashDifference(clash: Clash): Difference {
  return {
    kind: "interface",
    words: `${clash.what} differ${clash.what.endsWith("s") ? "" : "s"}`,
    spec: { text: clash.spec, place: {} },
    code: { text: clash.code, place: {} },
    consequences: [],
    alternatives: [],
  };
}

/** Outputs with the right numbers in another layout, such as [B] for [B, 1]. */
export function layoutDifferences(facts: Case, { overlay, pairing, lowered }: Candidate): Difference[] {
  return pairing.outputs.flatMap(([spec, code]) => {
    const found = overlay.found.get(spec.name);
    if (found === undefined || found.sameLayout) return [];
    const shape = (values: ReadonlyMap<Node, { readonly shape: readonly number[] }>, node: Node): string =>
      `[${(values.get(node)?.shape ?? []).map(facts.scale.before).join(", ")}]`;
    return [
      {
        kind: "output-layout",
        words: `output ${spec.name} has the right numbers in another layout`,
        spec: {
          ...specSide(lowered.primitive, spec.node),
          text: `${spec.name} : ${shape(overlay.values, spec.node)}`,
        },
        code: {
          text: `${code.name} : ${shape(facts.arena.world.values, code.node)}`,
          place: placeOf(facts.original.origins.get(facts.origin(code.node))),
        },
        consequences: [
          "a loss that broadcasts this output against a target of the other shape computes something else",
        ],
        alternatives: [],
      },
    ];
  });
}

/** Equal at every point under the binding, but not the same family of functions. */
export function faultDifferences(facts: Case, candidate: Candidate): Difference[] {
  const { overlay, lowered } = candidate;
  const nameOf = nameIn(lowered.primitive).value;
  const code = codeParameters(facts.code, facts.codeSizes, facts.scale);
  return groupedTies(familyFaults(claimOf(facts, candidate)), lowered.primitive).map((fault) => {
    const rows = fault.parameters.flatMap((parameter) => {
      const binding = overlay.bindings.get(parameter);
      return binding === undefined ? [] : [`${nameOf(parameter)} is ${describe(binding, code)}`];
    });
    const userOf = (one: Node): Node | undefined =>
      lowered.primitive.nodes.find((node) => node.inputs.includes(one));
    const user = userOf(fault.at);
    const other = fault.parameters.find((parameter) => parameter !== fault.at);
    return {
      kind: fault.kind,
      words: fault.words,
      spec: specSide(lowered.primitive, user ?? fault.at),
      code: {
        text: [...new Set(rows)].join(", "),
        place: placeOfUseInCode(facts, candidate, user, other && userOf(other)),
      },
      consequences: [fault.consequence],
      alternatives: [],
    };
  });
}

/** What an edit that explains the code says. */
export function editDifference(facts: Case, best: Candidate, applied: Applied): Difference {
  return {
    kind: applied.edit.kind,
    words: applied.edit.words + whereWords(applied),
    ...editedSides(facts, best, applied),
    consequences: [],
    alternatives: [],
  };
}

/** Of what stands in several places, in how many of them the edit was made, if not in all; and where it was made in others like it. */
function whereWords({ edit, spec }: Applied): string {
  const copies = copiesIn(spec);
  const made = copies(edit.near ?? edit.node, edit.extent).size;
  const all = copies(edit.node, placesOf(edit)).size;
  if (made > all) return ` (in all ${made} places)`;
  return made < all ? ` (in ${made} of its ${all} places)` : "";
}

/** The first values that the code does not have, when nothing explains why. */
export function unnamedDifferences(facts: Case, candidate: Candidate): Difference[] {
  const { lowered, overlay } = candidate;
  const parting = [frontier(lowered, overlay), wrongOutputs(lowered.spec, overlay)];
  // Where the search saw no difference, and other points show one, it is somewhere before the outputs.
  const outputs = lowered.spec.outputs.map((output) => output.node);
  return (parting.find((nodes) => nodes.length > 0) ?? outputs).map((node) => {
    const operand = node.inputs
      .map((input) => lowered.image.get(input))
      .find((primitive) => codeNode(overlay, primitive) !== undefined);
    return {
      kind: "unnamed",
      words: `${nameIn(lowered.spec).value(node)} is not in the code, though what it is computed from is`,
      spec: specSide(lowered.spec, node),
      code: { text: "", place: placeInCode(facts, candidate, operand) },
      consequences: [],
      alternatives: [],
    };
  });
}

/** A lost nonlinearity leaves one affine map: proved on both sides, or not said. */
export function affineConsequence(facts: Case, start: Candidate): string[] {
  const { code } = facts;
  const inCode = affineOutputs(facts.arena.world);
  const inSpec = inCode.length === 0 ? undefined : affineInSpec(facts, start);
  if (inSpec === undefined) return [];
  const lost = inCode.filter((index) => !inSpec.includes(index)).map((index) => at(code.outputs, index).name);
  if (lost.length === 0) return [];
  const subject =
    lost.length === code.outputs.length
      ? "the whole model is"
      : `${lost.join(" and ")} ${lost.length === 1 ? "is" : "are"}`;
  return [`${subject} now one affine map of the input: its layers compose to a single linear layer`];
}

/** `undefined` when the spec can't be evaluated: a size that no binding gave, or a division by zero everywhere. */
function affineInSpec(facts: Case, { lowered, overlay }: Candidate): number[] | undefined {
  try {
    const sizes = new Map([...facts.codeSizes, ...overlay.sizes]);
    const counts = countsBefore(lowered.primitive, sizes, facts.scale);
    const world = drawWorld(lowered.primitive, sizes, facts.random.fork("affine"), counts);
    return world && affineOutputs(world);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
