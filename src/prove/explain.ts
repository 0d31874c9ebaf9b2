/** @file Puts what the prover found into a verdict that a person can act on. */
import { at } from "../base/assert.ts";
import type { Graph, Node, Origin } from "../ir/graph.ts";
import { usersOf } from "../ir/graph.ts";
import { equationsOf } from "../notation/equations.ts";
import { toPlainText } from "../notation/plain.ts";
import type { FindingKind } from "../result/findings.ts";
import type { BindingRow, Difference, Verdict, VerdictPlace } from "../result/verdict.ts";
import { affineOutputs } from "./affine.ts";
import { describe } from "./binding.ts";
import { type Case, claimOf } from "./claim.ts";
import type { Candidate } from "./diagnose.ts";
import type { Fault } from "./faults.ts";
import { codeNode, frontier } from "./localise.ts";
import { codeNamer, nameIn } from "./names.ts";
import type { Clash } from "./pairing.ts";
import { compareFloats, roundingGap } from "./witness.ts";
import { drawWorld } from "./world.ts";

type Side = Difference["spec"];

const placeOf = (origin: Origin | undefined): VerdictPlace => ({
  file: origin?.file,
  line: origin?.line,
  code: origin?.code,
  module: origin?.module,
  equation: origin?.equation,
});

/** The binding table: what each parameter of the spec is in the code. */
export function bindingRows(facts: Case, { overlay, lowered }: Candidate): BindingRow[] {
  const nameOf = nameIn(lowered.primitive);
  const codeName = codeNamer(facts.code);
  return [...overlay.bindings].map(([parameter, binding]) => ({
    parameter: nameOf(parameter),
    shape: [...binding.shape],
    is: describe(binding, codeName),
  }));
}

/** Trained parameters of the code that the spec does not have, though the two agree without them. */
export function extraParameters(facts: Case, { overlay }: Candidate): string[] {
  const bound = new Set<Node>(
    [...overlay.bindings.values()].flatMap(({ entries }) => entries.flat().map((part) => part.parameter)),
  );
  return facts.code.parameters
    .filter(({ node, trainable }) => trainable && !bound.has(node as unknown as Node))
    .map(({ names }) => `${names.join(" = ")} is a parameter of the code that the spec does not have`);
}

/** The two can't be laid side by side: that alone is a difference. */
export function clashVerdict(clash: Clash, notes: string[]): Verdict {
  const side = (text: string): Side => ({ text, place: {} });
  const difference: Difference = {
    kind: "interface",
    words: `${clash.what} differ`,
    spec: side(clash.spec),
    code: side(clash.code),
    consequences: [],
    alternatives: [],
  };
  return { kind: "different", differences: [difference], bindings: [], notes };
}

/** Equal at every point under the binding, but not the same family of functions. */
export function faultVerdict(facts: Case, candidate: Candidate, faults: readonly Fault[]): Verdict {
  const { overlay, lowered } = candidate;
  const nameOf = nameIn(lowered.primitive);
  const codeName = codeNamer(facts.code);
  const differences = faults.map((fault): Difference => {
    const rows = fault.parameters.flatMap((parameter) => {
      const binding = overlay.bindings.get(parameter);
      return binding === undefined ? [] : [`${nameOf(parameter)} is ${describe(binding, codeName)}`];
    });
    const last = at(fault.parameters, fault.parameters.length - 1);
    const user = lowered.primitive.nodes.find((node) => node.inputs.includes(last));
    return {
      kind: fault.kind,
      words: fault.words,
      spec: specSide(lowered.primitive, user ?? last),
      code: { text: [...new Set(rows)].join(", "), place: placeInCode(facts, candidate, user) },
      consequences: [
        "some functions of the spec can't be reached by the code, or their gradients differ, however it is trained",
      ],
      alternatives: [],
    };
  });
  return { kind: "different", differences, bindings: bindingRows(facts, candidate), notes: facts.notes };
}

/** What a reader wants to hear first, when several edits explain the code. */
const preference: readonly FindingKind[] = [
  "missing-activation",
  "missing-normalisation",
  "missing-skip-connection",
  "missing-bias",
  "bias-added-twice",
  "shared-parameter",
  "separate-parameters",
  "wrong-reduction",
  "wrong-axis",
  "wrong-activation",
  "extra-activation",
  "missing-term",
  "wrong-operation",
  "wrong-scale",
  "missing-operation",
];
const rank = (candidate: Candidate): number =>
  Math.max(...candidate.edits.map((edit) => preference.indexOf(edit.kind)));

/** The verdict when edits of the spec explain the code. */
export function differentBy(facts: Case, start: Candidate, found: readonly Candidate[]): Verdict {
  const sorted = [...found].sort((a, b) => rank(a) - rank(b));
  const best = at(sorted, 0);
  const others = sorted.slice(1).map((candidate) => candidate.edits.map((edit) => edit.words).join(" and "));
  const alternatives = [...new Set(others)].filter(
    (words) => words !== best.edits.map((e) => e.words).join(" and "),
  );
  const consequences = affineConsequence(facts, start);
  const differences = best.edits.map(
    (edit, index): Difference => ({
      kind: edit.kind,
      words: edit.words,
      spec: specSide(start.lowered.spec, edit.node),
      code: {
        text: editedText(start.lowered.spec, best.lowered.spec, edit.node),
        place: placeInCode(facts, best, best.lowered.image.get(best.image(edit.node))),
      },
      consequences: index === 0 ? consequences : [],
      alternatives: index === 0 ? alternatives : [],
    }),
  );
  // The spec's own parameters under the binding that the edited spec has.
  const claim = claimOf(facts, start, bindingsThrough(start, best));
  const floats = compareFloats(claim, facts.random.fork("witness"));
  return {
    kind: "different",
    differences,
    bindings: bindingRows(facts, best),
    witness: floats !== undefined && floats.gap > roundingGap ? floats.witness : undefined,
    notes: facts.notes,
  };
}

/** Bindings of the edited spec's parameters, by name, as bindings of the original's. */
function bindingsThrough(start: Candidate, best: Candidate): Candidate["overlay"]["bindings"] {
  const byName = new Map(
    [...best.overlay.bindings].map(([node, binding]) => [nameIn(best.lowered.primitive)(node), binding]),
  );
  return new Map(
    start.lowered.primitive.parameters.flatMap(({ node }) => {
      const binding = byName.get(node.attrs.name);
      return binding === undefined ? [] : [[node as unknown as Node, binding] as const];
    }),
  );
}

/** Everything of the spec was bound, yet an output differs and no edit explains it. */
export function unnamed(facts: Case, start: Candidate): Verdict | undefined {
  const { lowered, overlay, pairing } = start;
  if (pairing.outputs.some(([spec]) => !overlay.values.has(spec.node))) return undefined;
  const floats = compareFloats(claimOf(facts, start), facts.random.fork("witness"));
  if (floats === undefined || floats.gap <= roundingGap) return undefined;
  const places = frontier(lowered, overlay);
  const differences = places.map((node): Difference => {
    const operand = node.inputs
      .map((input) => lowered.image.get(input))
      .find((n) => codeNode(overlay, n) !== undefined);
    return {
      kind: "unnamed",
      words: `${nameIn(lowered.spec)(node)} is not in the code, though what it is computed from is`,
      spec: specSide(lowered.spec, node),
      code: { text: "", place: placeInCode(facts, start, operand) },
      consequences: affineConsequence(facts, start),
      alternatives: [],
    };
  });
  return {
    kind: "different",
    differences,
    bindings: bindingRows(facts, start),
    witness: floats.witness,
    notes: facts.notes,
  };
}

/** The verdict when every output has the right numbers, but one or more in another layout, such as [B] for [B, 1]. */
export function layoutVerdict(facts: Case, candidate: Candidate): Verdict | undefined {
  const differences = layoutDifferences(facts, candidate);
  const { overlay, pairing } = candidate;
  if (differences.length === 0 || differences.length + overlay.equalOutputs.length < pairing.outputs.length)
    return undefined;
  return { kind: "different", differences, bindings: bindingRows(facts, candidate), notes: facts.notes };
}

function layoutDifferences(facts: Case, { overlay, pairing, lowered }: Candidate): Difference[] {
  return pairing.outputs.flatMap(([spec, code], index) => {
    const value = overlay.values.get(spec.node);
    const matches = overlay.matches.get(spec.node) ?? [];
    const found = matches.find((match) => match.node === code.node);
    if (overlay.equalOutputs.includes(index) || found === undefined || value === undefined) return [];
    const shape = facts.arena.world.values.get(code.node)?.shape ?? [];
    return [
      {
        kind: "output-layout",
        words: `output ${spec.name} has the right numbers in another layout`,
        spec: { ...specSide(lowered.spec, spec.node), text: `${spec.name} : [${value.shape.join(", ")}]` },
        code: {
          text: `[${shape.join(", ")}]`,
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

/** Nothing could be concluded. */
export function undecidedAt(facts: Case, start: Candidate): Verdict {
  const { lowered, overlay } = start;
  const bindings = bindingRows(facts, start);
  const [first] = frontier(lowered, overlay);
  const unbound = lowered.primitive.parameters
    .filter(({ node }) => !overlay.bindings.has(node as unknown as Node))
    .map(({ node }) => node.attrs.name);
  const reason =
    unbound.length > 0
      ? `nothing in the code could be found for ${unbound.join(", ")}, and no small change of the spec explains the code`
      : "the two differ over the prime field, but not in float64: an identity that Assay does not know";
  return {
    kind: "undecided",
    reason,
    at: first === undefined ? undefined : specSide(lowered.spec, first),
    bindings,
    notes: facts.notes,
  };
}

/** The spec's equation around a node: its own place, or that of the value it is part of. */
function specSide(spec: Graph, node: Node): Side {
  const origin = spec.origins.get(node) ?? spec.origins.get(enclosing(spec, node));
  return { text: origin?.code ?? nameIn(spec)(node), place: placeOf(origin) };
}

/** The named value whose equation a node is part of. */
function enclosing(spec: Graph, node: Node): Node {
  const users = usersOf(spec);
  let current = node;
  while (!spec.labels.has(current)) {
    const [user] = users.get(current) ?? [];
    if (user === undefined) return node;
    current = user;
  }
  return current;
}

/** Wide enough that equations are not broken up. */
const oneLine = 200;

/** The equation around an edited node as the edited spec has it, which is what the code computes. */
function editedText(spec: Graph, edited: Graph, node: Node): string {
  const label = spec.labels.get(enclosing(spec, node));
  const { equations } = equationsOf(edited, { width: oneLine });
  const equation = equations.find(({ name }) => name === label);
  return equation === undefined ? "" : `${toPlainText(equation.left)} = ${toPlainText(equation.right)}`;
}

/** The source line of the code's value that a node of the spec was found as. */
function placeInCode(facts: Case, { overlay }: Candidate, primitive: Node | undefined): VerdictPlace {
  const found = codeNode(overlay, primitive);
  if (found === undefined) return {};
  const node = facts.origin(found);
  const { origins } = facts.original;
  // An input has no line of its own: the first line that reads it is where something should have been done to it.
  const reader = facts.original.nodes.find((user) => user.inputs.includes(node) && origins.has(user));
  return placeOf(origins.get(node) ?? (reader && origins.get(reader)));
}

/** A lost nonlinearity leaves one affine map: proved on both sides, or not said. */
function affineConsequence(facts: Case, start: Candidate): string[] {
  const { code } = facts;
  const inCode = affineOutputs(facts.arena.world);
  if (inCode.length === 0) return [];
  let inSpec: number[];
  try {
    const world = drawWorld(
      start.lowered.primitive,
      new Map([...facts.codeSizes, ...start.overlay.sizes]),
      facts.random,
    );
    if (world === undefined) return [];
    inSpec = affineOutputs(world);
  } catch (error) {
    // A size that no binding gave: nothing can be said of the spec.
    if (error instanceof RangeError) return [];
    throw error;
  }
  const lost = inCode.filter((index) => !inSpec.includes(index)).map((index) => at(code.outputs, index).name);
  if (lost.length === 0) return [];
  const outputs =
    lost.length === code.outputs.length
      ? "the whole code is"
      : `${lost.join(" and ")} ${lost.length === 1 ? "is" : "are"}`;
  return [`${outputs} now one affine map of the input: its layers compose to a single linear layer`];
}
