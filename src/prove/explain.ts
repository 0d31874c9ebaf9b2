/** @file Verdicts when spec and code are not equal. */
import { at, invariant } from "../base/assert.ts";
import { type Dim, substitute } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { isStored } from "../ops/traits.ts";
import type { FindingKind } from "../result/findings.ts";
import type { BindingRow, Verdict } from "../result/verdict.ts";
import { parametersOf } from "./binding.ts";
import { type Applied, type Candidate, neededBindings } from "./candidate.ts";
import { type Case, claimOf } from "./claim.ts";
import { copiesIn } from "./copies.ts";
import {
  affineConsequence,
  clashDifference,
  editDifference,
  layoutDifferences,
  unnamedDifferences,
} from "./differences.ts";
import { familyFaults } from "./faults.ts";
import { describe } from "./layout-words.ts";
import { keptBy } from "./left-out.ts";
import { frontier } from "./localise.ts";
import { codeParameters, nameIn } from "./names.ts";
import type { Clash } from "./pairing.ts";
import { specSide } from "./sides.ts";
import type { Claim } from "./verify.ts";
import { compareFloats, roundingGap } from "./witness.ts";

/** The binding table: what each parameter of the spec is in the code. */
export function bindingRows(facts: Case, candidate: Candidate): BindingRow[] {
  const nameOf = nameIn(candidate.lowered.primitive).value;
  const code = codeParameters(facts.code, facts.codeSizes, facts.scale);
  return [...neededBindings(candidate)].map(([parameter, binding]) => ({
    parameter: nameOf(parameter),
    shape: binding.shape.map(facts.scale.before),
    is: describe(binding, code),
  }));
}

/** Trained parameters of the code that the spec does not have, though the two agree without them. */
export function extraParameters(facts: Case, { overlay }: Candidate): string[] {
  const bound = new Set<Node>(
    [...overlay.bindings.values()].flatMap((binding) => [...parametersOf(binding)]),
  );
  return facts.code.parameters
    .filter(({ node, trainable }) => trainable && !bound.has(node))
    .map(({ names }) => `${names.join(" = ")} is a parameter of the code that the spec does not have`);
}

export function clashVerdict(clash: Clash, notes: string[]): Verdict {
  return { kind: "different", differences: [clashDifference(clash)], bindings: [], notes };
}

/** What a reader wants to hear first, when several edits explain the code. */
const preference: readonly FindingKind[] = [
  "missing-activation",
  "missing-normalisation",
  "missing-skip-connection",
  "missing-bias",
  "extra-bias",
  "bias-added-twice",
  "shared-parameter",
  "separate-parameters",
  "wrong-reduction",
  "wrong-axis",
  "wrong-order",
  "wrong-direction",
  "wrong-start",
  "wrong-step",
  "wrong-skip-connection",
  "wrong-layout",
  "wrong-window",
  "wrong-groups",
  "wrong-constant",
  "wrong-activation",
  "extra-activation",
  "missing-term",
  "wrong-operand",
  "wrong-operation",
  "wrong-scale",
  "missing-operation",
];
/** What is wrong with an operator as a whole is simpler than what is wrong inside of it. */
const firstInside = preference.indexOf("wrong-operation") + 0.5;
const rank = ({ edits }: Candidate): number =>
  Math.max(
    ...edits.map((made) => {
      const { kind, isInside = false } = made.edit;
      const own = preference.indexOf(isOneStep(made) ? oneStep : kind);
      return Math.max(own, isInside ? firstInside : 0);
    }),
  );
/** One step left out is a simpler story than another step in its place or behind it; more than one is the last that is told. */
const isOneStep = (made: Applied): boolean => {
  const kept = made.edit.kind === "missing-operation" ? keptBy(made) : undefined;
  return kept !== undefined && made.edit.node.inputs.includes(kept);
};
const oneStep: FindingKind = "missing-term";
/** How many values of the edited spec the code does not have: the edit may have made them up. */
const strangers = ({ lowered: { primitive }, overlay: { matches } }: Candidate): number =>
  primitive.nodes.filter((node) => !isStored(node) && (matches.get(node) ?? []).length === 0).length;
const wordsOf = ({ edits }: Candidate): string => edits.map(({ edit }) => edit.words).join(" and ");

/** Edits as the places that they are made at follow each other. */
const inReadingOrder = (edits: readonly Applied[]): Applied[] => {
  // Of the copies that an edit changes, such as the steps of a recurrence, one may be meant that is not the first.
  const place = ({ edit: { node, near = node, extent }, spec, original }: Applied): number =>
    Math.min(
      ...[...copiesIn(spec)(near, extent).keys()].map(
        (copy) => original(copy)?.id ?? Number.MAX_SAFE_INTEGER,
      ),
    );
  return [...edits].sort((a, b) => place(a) - place(b));
};

/**
 * The verdict when edits of the spec explain the code. When float64 shows no gap, the edits left out parameters that make no
 * difference, or spec and code differ by an identity that the field does not have, and not by the edits.
 */
export function differentBy(facts: Case, start: Candidate, found: readonly Candidate[]): Verdict {
  const sorted = [...found].sort((a, b) => rank(a) - rank(b) || strangers(a) - strangers(b));
  const best = at(sorted, 0);
  const original = originalClaim(facts, start, best);
  if (lacksStatistics(original, best)) return undecidedAt(facts, start, foldedStatistics);
  const floats = compareFloats(original, facts.random.fork("witness"));
  const isHidden = floats !== undefined && floats.gap <= roundingGap;
  // Of several edits another may be of no effect.
  const idle = isHidden && best.edits.length === 1 ? leftOutParameters(original, best) : [];
  if (isHidden && idle.length === 0) return undecidedAt(facts, start, unknownIdentity);
  const alternatives = [...new Set(sorted.map(wordsOf))].filter((words) => words !== wordsOf(best));
  const edits = inReadingOrder(best.edits).map((applied) => editDifference(facts, best, applied));
  const first = { ...at(edits, 0), consequences: affineConsequence(facts, start), alternatives };
  const notes = [
    ...(floats === undefined ? ["no witness: a function of the model has no value in float64"] : []),
    ...(isHidden ? [`no witness: in float64 the outputs are the same whatever ${listed(idle)} is`] : []),
  ];
  return {
    kind: "different",
    differences: [first, ...edits.slice(1), ...layoutDifferences(facts, best)],
    bindings: bindingRows(facts, best),
    witness: isHidden ? undefined : floats?.witness,
    notes: [...facts.notes, ...notes],
  };
}

/**
 * Whether the spec has statistics, which nobody trains, and the code nothing but weights: exporters fold a normalisation in
 * evaluation mode into the layer before it, and what is left may be the same function.
 */
function lacksStatistics({ code, spec }: Claim, best: Candidate): boolean {
  if (!code.parameters.some(({ mayBeComputed }) => mayBeComputed)) return false;
  const bound = new Set([...neededBindings(best).keys()].map(nameIn(best.lowered.primitive).value));
  return spec.parameters.some(
    ({ node, trainable }) => !trainable && isReal(node.type.dtype) && !bound.has(node.attrs.name),
  );
}
const foldedStatistics =
  "the code has no statistics of a normalisation: they may be folded into its weights, as exporters do, or be missing";

/** Parameters of the unedited spec that the edited one and the code do without. */
function leftOutParameters({ code, spec, bindings }: Claim, best: Candidate): string[] {
  const used = new Set([...neededBindings(best).values()].flatMap((binding) => [...parametersOf(binding)]));
  if (code.parameters.some(({ node }) => !used.has(node))) return [];
  const kept = new Set([...neededBindings(best).keys()].map(nameIn(best.lowered.primitive).value));
  const free = spec.parameters.filter(({ node }) => !bindings.has(node) && !kept.has(node.attrs.name));
  return free.map(({ node }) => node.attrs.name);
}

/** The unedited spec, with the sizes that the edited one was found to have, and those of its parameters that fit it. */
function originalClaim(facts: Case, start: Candidate, best: Candidate): Claim {
  const nameOf = nameIn(best.lowered.primitive).value;
  const byName = new Map([...best.overlay.bindings].map(([node, binding]) => [nameOf(node), binding]));
  const fits = (dim: Dim, size: number | undefined): boolean => {
    const known = substitute(dim, best.overlay.sizes);
    return typeof known !== "number" || known === size;
  };
  const bindings = start.lowered.primitive.parameters.flatMap(({ node }) => {
    const binding = byName.get(node.attrs.name);
    if (binding === undefined) return [];
    return node.type.shape.every((dim, axis) => fits(dim, binding.shape[axis]))
      ? [[node, binding] as const]
      : [];
  });
  const claim = claimOf(facts, start, new Map(bindings));
  return { ...claim, specSizes: new Map([...best.overlay.sizes, ...claim.specSizes]) };
}

/** What is known when no edit explains the code. */
export function unnamed(facts: Case, start: Candidate): Verdict {
  const { lowered, overlay, pairing } = start;
  const isUnbound = ({ node }: Graph["parameters"][number]): boolean => !overlay.bindings.has(node);
  const unbound = lowered.primitive.parameters.filter(isUnbound).map(({ node }) => node.attrs.name);
  const explained = "no small change of the spec explains the code";
  const missing = pairing.outputs.flatMap(([spec]) => (overlay.values.has(spec.node) ? [] : [spec.name]));
  if (unbound.length + missing.length > 0) {
    const names = listed(unbound.length > 0 ? unbound : missing);
    return undecidedAt(facts, start, `nothing in the code was found for ${names}, and ${explained}`);
  }
  const claim = claimOf(facts, start);
  const floats = compareFloats(claim, facts.random.fork("witness"));
  if (floats === undefined || floats.gap <= roundingGap) return undecidedAt(facts, start, unknownIdentity);
  // Under another binding the two might be equal.
  if (!overlay.isCertain || familyFaults(claim).length > 0)
    return undecidedAt(facts, start, `${explained}, and its parameters could be bound in other ways`);
  const [first, ...rest] = unnamedDifferences(facts, start);
  invariant(first !== undefined, "what differs differs somewhere");
  return {
    kind: "different",
    differences: [{ ...first, consequences: affineConsequence(facts, start) }, ...rest],
    bindings: bindingRows(facts, start),
    witness: floats.witness,
    notes: facts.notes,
  };
}

/** Names in a sentence are those of the first few. */
const mostListed = 6;

const listed = (names: readonly string[]): string =>
  names.length <= mostListed
    ? names.join(", ")
    : `${names.slice(0, mostListed).join(", ")} and ${names.length - mostListed} more`;

const unknownIdentity =
  "the two differ over the prime field, but not in float64: an identity that Assay does not know";

/** Nothing could be concluded. */
function undecidedAt(facts: Case, start: Candidate, reason: string): Verdict {
  const { lowered, overlay } = start;
  const [first] = frontier(lowered, overlay);
  return {
    kind: "undecided",
    reason,
    at: first === undefined ? undefined : specSide(lowered.spec, first),
    bindings: bindingRows(facts, start),
    notes: facts.notes,
  };
}
