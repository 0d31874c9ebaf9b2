/**
 * @file The places of what is left out: it has no line of its own, so it is placed where it would have to stand, in the block or
 * module that holds both what it would take and what reads that instead.
 */
import { type Call, type Node, type Origin, reachable } from "../ir/graph.ts";
import type { Applied } from "./candidate.ts";
import type { Case } from "./claim.ts";

/** The value that stands for the edited node after an edit that makes nothing. */
export function keptBy({ edit: { node }, image }: Applied): Node | undefined {
  const made = image.get(node);
  return reachable(node.inputs).findLast((before) => image.get(before) === made);
}

/** Where in the spec something is left out. */
interface LeftOut {
  readonly origin: Origin;
  /** Whether what is kept is of the same equation. */
  readonly isOfKept: boolean;
  /** Whether the equation that has both is one of a block. */
  readonly isInBlock: boolean;
}

/** The equation at which something is left out behind `kept`. */
export function equationOfLeftOut({ edit, spec: { origins } }: Applied, kept: Node): LeftOut | undefined {
  const [own, before] = [origins.get(edit.node), origins.get(kept)];
  if (own === undefined) return undefined;
  const level = before === undefined ? 0 : shared(own, before);
  const origin = placeAt(own, level);
  const isOfKept = before !== undefined && placeAt(before, level).equation === origin.equation;
  const depths = [own, before].map((place) => place?.calls?.length ?? 0);
  return { origin, isOfKept, isInBlock: isOfKept && level > 0 && depths.every((depth) => depth === level) };
}

/**
 * The line of the code that reads a value without what is left out, or that made it. `meant` are values of the code that are known to
 * do so, of several that read it.
 */
export function lineOfLeftOut(
  facts: Case,
  value: Node,
  { isOfKept, isInBlock }: LeftOut,
  meant: ReadonlySet<Node>,
): Origin | undefined {
  const { origins, nodes } = facts.original;
  const made = origins.get(value);
  if (made !== undefined && isInBlock) return made;
  const readers = nodes.filter((user) => user.inputs.includes(value) && origins.has(user));
  const reader = readers.find((user) => meant.has(user)) ?? readers[0];
  const read = reader && origins.get(reader);
  if (made === undefined || read === undefined) return read ?? (made && placeAt(made, 0));
  return placeAt(isOfKept ? made : read, shared(made, read));
}

/** The line at which a reader inside a block or module is given a value from outside, as an input of the model always is. */
export const lineOfGiven = (reader: Origin, value: Origin | undefined): Origin =>
  placeAt(reader, value === undefined ? 0 : shared(reader, value));

/** The place of a use; of two uses of one line of a block or module, from where this one comes to it. */
export function placeOfUse(use: Origin, other: Origin | undefined): Origin {
  const isOneLine = use.line !== undefined && use.line === other?.line && use.file === other.file;
  return isOneLine ? placeAt(use, shared(use, other)) : use;
}

/** How many of the outermost blocks or modules two places are in together. */
export function shared({ calls: a = [] }: Origin, { calls: b = [] }: Origin): number {
  const isSame = (one: Call, other: Call | undefined): boolean =>
    one.into === other?.into && one.line === other.line;
  const parting = a.findIndex((call, level) => !isSame(call, b[level]));
  return parting < 0 ? a.length : parting;
}

/** The place as seen from the block or module at a depth. */
export function placeAt(origin: Origin, level: number): Origin {
  return origin.calls?.[level] ?? origin;
}
