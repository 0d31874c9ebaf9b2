/** @file The two sides of a difference: the spec's equation and the code's, each with its place. */
import { get } from "../base/assert.ts";
import { replaceSymbol } from "../base/layout.ts";
import { Diagnostic } from "../diag/diagnostic.ts";
import { type Graph, type Node, type Origin, reachable, usersOf } from "../ir/graph.ts";
import { equationsOf } from "../notation/equations.ts";
import { toPlainText } from "../notation/plain.ts";
import { isStored } from "../ops/traits.ts";
import type { Difference, VerdictPlace } from "../result/verdict.ts";
import { equationBeside, lineOfBoth } from "./beside.ts";
import type { Applied, Candidate } from "./candidate.ts";
import type { Case } from "./claim.ts";
import { copiesIn } from "./copies.ts";
import { applyEdit } from "./edit.ts";
import { equationOfLeftOut, keptBy, lineOfGiven, lineOfLeftOut, placeOfUse } from "./left-out.ts";
import { codeNode } from "./localise.ts";
import { nameIn } from "./names.ts";

export type Side = Difference["spec"];

export const placeOf = (origin: Origin | undefined): VerdictPlace => ({
  file: origin?.file,
  line: origin?.line,
  code: origin?.code,
  module: origin?.module,
  caller: origin?.caller,
  equation: origin?.equation,
});

/** The spec's equation around a node: its own place, or that of the value it is part of. */
export function specSide(spec: Graph, node: Node): Side {
  const origin = spec.origins.get(node) ?? spec.origins.get(enclosing(spec, node));
  return { text: origin?.code ?? nameIn(spec).value(node), place: placeOf(origin) };
}

/** The named value whose equation a node is part of. */
export function enclosing(spec: Graph, node: Node): Node {
  const users = usersOf(spec);
  let current = node;
  while (!spec.labels.has(current)) {
    const [user] = users.get(current) ?? [];
    if (user === undefined) return node;
    current = user;
  }
  return current;
}

const sideOf = (origin: Origin): Side => ({ text: origin.code ?? "", place: placeOf(origin) });

/** An edited node's equation as the spec has it, and as the edited spec has it, which is what the code computes. */
export function editedSides(facts: Case, best: Candidate, made: Applied): { spec: Side; code: Side } {
  const applied = atItsPlace(made);
  const { edit, spec } = applied;
  const kept = keptBy(applied);
  const leftOut = kept && equationOfLeftOut(applied, kept);
  const joined = equationBeside(spec, edit);
  const equation = leftOut?.origin ?? joined;
  const around = equation === undefined ? enclosing(spec, edit.node) : valueOf(spec, edit.node, equation);
  const own = (best.edits.length === 1 ? inAuthorsSizes(best, made, around) : undefined) ?? {
    graph: best.lowered.spec,
    node: afterEdits(best, applied, around),
  };
  // The first step of another recurrence has another number.
  const label = edit.make === undefined ? own.graph.labels.get(own.node) : spec.labels.get(around);
  const text = label === undefined ? "" : equationText(own.graph, own.node, label);
  const primitive = best.lowered.image.get(inCode(best, applied));
  const value = codeNode(best.overlay, primitive);
  if (joined !== undefined && value !== undefined) {
    const line = lineOfBoth(facts, facts.origin(value), besideInCode(facts, best, applied));
    return { spec: sideOf(joined), code: { text, place: placeOf(line) } };
  }
  if (leftOut === undefined || value === undefined) {
    const isKept = value !== undefined && operandsInCode(best, applied).has(value);
    const isInCode = (value !== undefined && !isKept) || primitive === undefined;
    const found = isInCode
      ? originInCode(facts, best, primitive)
      : originAround(facts, best, primitive, leftOut === undefined && !isKept);
    const place = placeOf(found && givenAt(facts, best, applied, found));
    return { spec: specSide(spec, edit.node), code: { text, place } };
  }
  const { origin } = leftOut;
  return {
    spec: sideOf(origin),
    code: {
      text,
      place: placeOf(lineOfLeftOut(facts, facts.origin(value), leftOut, readersInCode(facts, best, applied))),
    },
  };
}

/** The code's value that an edit speaks of beside the one that it changes. */
function besideInCode(facts: Case, best: Candidate, applied: Applied): Node | undefined {
  const beside = leftAfterEdits(best, applied, applied.edit.beside);
  const value = beside && codeNode(best.overlay, best.lowered.image.get(beside));
  return value && facts.origin(value);
}

/** The edit as one of a node that it has changed: it may be worded for a copy that it leaves alone. */
function atItsPlace(applied: Applied): Applied {
  const { edit, spec } = applied;
  const { node, near = node, extent } = edit;
  return copiesIn(spec)(near, extent).has(node) ? applied : { ...applied, edit: { ...edit, node: near } };
}

/** The named value that a node leads to and whose equation this is. */
function valueOf(spec: Graph, node: Node, { equation, line }: Origin): Node {
  const isIts = (value: Node): boolean => {
    const origin = spec.origins.get(value);
    return spec.labels.has(value) && origin?.equation === equation && origin?.line === line;
  };
  const users = usersOf(spec);
  let front = [node];
  while (front.length > 0) {
    const found = front.find(isIts);
    if (found !== undefined) return found;
    front = [...new Set(front.flatMap((value) => users.get(value) ?? []))];
  }
  return enclosing(spec, node);
}

/** The node of the edited spec that the code has instead. */
function inCode(best: Candidate, applied: Applied): Node {
  const { edits } = best;
  const later = edits.slice(placeAmong(edits, applied) + 1);
  return applied.instead === undefined
    ? afterEdits(best, applied, applied.edit.node)
    : later.reduce((node, { image }) => get(image, node), applied.instead);
}

const placeAmong = (edits: readonly Applied[], { image }: Applied): number =>
  edits.findIndex((other) => other.image === image);

/** What stands for a node once an edit and all later ones are made. */
const afterEdits = (best: Candidate, applied: Applied, node: Node): Node =>
  editsFrom(best, applied).reduce(
    // What a later edit does away with is in what that makes.
    (current, { edit, image }) => image.get(current) ?? get(image, edit.node),
    node,
  );

/** The same; `undefined` for what an edit left unused. */
const leftAfterEdits = (best: Candidate, applied: Applied, node: Node | undefined): Node | undefined =>
  editsFrom(best, applied).reduce((current, { image }) => current && image.get(current), node);

const editsFrom = ({ edits }: Candidate, applied: Applied): readonly Applied[] =>
  edits.slice(placeAmong(edits, applied));

interface Equated {
  readonly graph: Graph;
  readonly node: Node;
}

/** The written spec with the edit, if that is well typed while sizes are symbols. */
function inAuthorsSizes(best: Candidate, { edit, spec, original }: Applied, node: Node): Equated | undefined {
  const { make } = edit;
  if (make === undefined) return undefined;
  try {
    const { graph, image } = applyEdit(best.written, { ...edit, make }, { graph: spec, own: original });
    const own = original(node);
    return own && { graph, node: get(image, own) };
  } catch (error) {
    if (error instanceof Diagnostic) return undefined;
    throw error;
  }
}

/** Wide enough that equations are not broken up. */
const oneLine = 200;

/** The equation of one value, as if it were the spec's output. */
function equationText(spec: Graph, node: Node, label: string): string {
  const nodes = reachable([...spec.inputs, ...spec.parameters.map((parameter) => parameter.node), node]);
  const upTo = { ...spec, nodes, outputs: [{ name: label, node }] };
  const { equations, outputs } = equationsOf(upTo, { width: oneLine });
  const equation = equations.find(({ names }) => names[0] === outputs[0]?.name);
  if (equation === undefined) return "";
  // Values that the spec does not name belong into the equation that uses them.
  const named = new Set([...nodes.flatMap((part) => spec.labels.get(part) ?? []), label]);
  const right = equations.reduceRight(
    (whole, { left, right }) =>
      left.kind === "symbol" && !named.has(left.name) ? replaceSymbol(whole, left.name, right) : whole,
    equation.right,
  );
  return `${toPlainText(equation.left)} = ${toPlainText(right)}`;
}

/** What the code has for the readers of an edited node. */
function readersInCode(facts: Case, best: Candidate, applied: Applied): ReadonlySet<Node> {
  const readers = usersOf(applied.spec).get(applied.edit.node) ?? [];
  return new Set(
    readers.flatMap((reader) => {
      const primitive = best.lowered.image.get(afterEdits(best, applied, reader));
      const places = (primitive && best.overlay.matches.get(primitive)) ?? [];
      return places.map(({ node }) => facts.origin(node));
    }),
  );
}

/** What the code has for the operands of an edited node: an edit after which one of them comes out again has no value of its own. */
function operandsInCode(best: Candidate, applied: Applied): ReadonlySet<Node> {
  return new Set(
    applied.edit.node.inputs.flatMap((operand) => {
      const left = leftAfterEdits(best, applied, operand);
      return (left && codeNode(best.overlay, best.lowered.image.get(left))) ?? [];
    }),
  );
}

/** How far from a value that the code does not have one is looked for that it has. */
const longestWayBack = 4;

/**
 * The source line of a value that the code computes only together with others: where what it is made of is read, if that is near, or else
 * where something is made of it. What is left out is told where the rest goes on without it.
 */
function originAround(facts: Case, best: Candidate, primitive: Node, isMade: boolean): Origin | undefined {
  const { overlay, lowered } = best;
  const users = usersOf(lowered.primitive);
  const varying = ({ inputs }: Node): Node[] => inputs.filter((input) => !isStored(input));
  const isFound = (node: Node): boolean => codeNode(overlay, node) !== undefined;
  const before = nearest(primitive, varying, longestWayBack, isFound);
  const behind = nearest(primitive, (node) => users.get(node) ?? [], lowered.primitive.nodes.length, isFound);
  const value = codeNode(overlay, before);
  const readers = value === undefined ? [] : readersOf(facts, facts.origin(value));
  // Of what is read in several lines nobody knows which one is meant.
  const read =
    new Set(readers.map(({ file, line }) => `${file} ${line}`)).size === 1 ? readers[0] : undefined;
  const made = originInCode(facts, best, behind);
  return isMade ? (read ?? made) : (made ?? read);
}

/** The first node that is found some steps away. */
function nearest(
  from: Node,
  next: (node: Node) => readonly Node[],
  steps: number,
  isFound: (node: Node) => boolean,
): Node | undefined {
  const seen = new Set<Node>([from]);
  let front: readonly Node[] = [from];
  for (let step = 0; step < steps && front.length > 0; step++) {
    front = [...new Set(front.flatMap(next))].filter((node) => !seen.has(node));
    for (const node of front) seen.add(node);
    const found = front.find(isFound);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where a value of the code is read. */
const readersOf = ({ original: { origins, nodes } }: Case, value: Node): Origin[] =>
  nodes.flatMap((user) => (user.inputs.includes(value) ? (origins.get(user) ?? []) : []));

/** Where another operand is given to what reads it, if the edit has put it there. */
function givenAt(facts: Case, best: Candidate, applied: Applied, found: Origin): Origin {
  const [operand] = otherOperands(applied);
  if (applied.edit.kind !== "wrong-operand" || operand === undefined) return found;
  const value = codeNode(best.overlay, best.lowered.image.get(afterEdits(best, applied, operand)));
  const origin = value && facts.original.origins.get(facts.origin(value));
  return value === undefined ? found : lineOfGiven(found, origin);
}

/** Values of the spec that the edited node reads where the node read others. */
function otherOperands({ edit, image }: Applied): Node[] {
  const back = new Map([...image].map(([from, to]) => [to, from]));
  const compare = (node: Node, made: Node): Node[] =>
    made.inputs.flatMap((operand, index) => {
      const own = node.inputs[index];
      if (own === undefined || image.get(own) === operand) return [];
      const other = back.get(operand);
      if (other !== undefined) return [other];
      return own.op === operand.op ? compare(own, operand) : [];
    });
  return compare(edit.node, get(image, edit.node));
}

/** The source line of the code's value that a node of the spec was found as. */
export const placeInCode = (facts: Case, best: Candidate, primitive: Node | undefined): VerdictPlace =>
  placeOf(originInCode(facts, best, primitive));

/** The source line of a use, where another use may be of the same line. */
export function placeOfUseInCode(
  facts: Case,
  best: Candidate,
  use: Node | undefined,
  other: Node | undefined,
): VerdictPlace {
  const origin = originInCode(facts, best, use);
  return placeOf(origin && placeOfUse(origin, originInCode(facts, best, other)));
}

function originInCode(facts: Case, { overlay }: Candidate, primitive: Node | undefined): Origin | undefined {
  const found = codeNode(overlay, primitive);
  if (found === undefined) return undefined;
  const node = facts.origin(found);
  // What was cut out of the code's values for the comparison comes from where it was cut out. An input has no line of its own:
  // the first line that reads it is where something should have been done to it.
  return facts.original.origins.get(node) ?? facts.code.origins.get(found) ?? readersOf(facts, node)[0];
}
