/** @file Names with steps, `h_t` and `h_{t-1}`, and the order in which equations between them are computed. */
import { at } from "../base/assert.ts";
import type { Token } from "./tokens.ts";

/** `h_t` is `h` at shift 0, `h_{t-1}` at shift −1. */
export interface StepName {
  readonly base: string;
  readonly index: string;
  readonly shift: -1 | 0 | 1;
}

/** The name as it is written. */
export const textOf = ({ base, index, shift }: StepName): string =>
  shift === 0 ? `${base}_${index}` : `${base}_{${index}${shift < 0 ? "-" : "+"}1}`;

const form = /^(.+)_(?:([A-Za-z0-9]+)|\{([A-Za-z0-9]+)([-+])1\})$/;

/** The step in a name; `undefined` for a name without. */
export function stepName(text: string, isStep: (index: string) => boolean): StepName | undefined {
  const [, base = "", here, beside, sign] = form.exec(text) ?? [];
  const index = here ?? beside;
  if (index === undefined || !isStep(index)) return undefined;
  return { base, index, shift: sign === undefined ? 0 : sign === "-" ? -1 : 1 };
}

interface OfStep {
  readonly target: { readonly name: string; readonly step?: string };
}

/** The names that an equation defines: of `h_t = …` the sequence and its step. */
export const definedBy = ({ target: { name, step } }: OfStep): string[] =>
  step === undefined ? [name] : [name, `${name}_${step}`];

/** Equations in a row with the same index of steps belong together. */
export function groups<E extends OfStep>(equations: readonly E[]): E[][] {
  const result: E[][] = [];
  for (const equation of equations) {
    const { step } = equation.target;
    const last = result.at(-1);
    if (step !== undefined && last?.[0]?.target.step === step) last.push(equation);
    else result.push([equation]);
  }
  return result;
}

/** What an equation says of steps; those that give the outputs of one use of a model have one `joint`. */
export interface Stepped {
  readonly base: string;
  readonly references: readonly StepName[];
  readonly joint?: object;
}

export const referencesIn = (tokens: readonly Token[], isStep: (index: string) => boolean): StepName[] =>
  tokens
    .filter(({ kind }) => kind === "name")
    .map(({ text }) => stepName(text, isStep))
    .filter((name) => name !== undefined);

/** Whether the equations of a component go from step to step. */
export const isRecurrent = (equations: readonly Stepped[]): boolean =>
  equations.some(({ references }) =>
    references.some(({ base }) => equations.some((other) => other.base === base)),
  );

/**
 * Splits equations into components whose members need each other, in an order in which they can be computed; what needs
 * nothing else stays as it stands. What reads another step belongs to what gives it.
 */
export function components<E extends Stepped>(
  equations: readonly E[],
  canJoin: (equation: E) => boolean = () => true,
): E[][] {
  const position = new Map(equations.map((equation, index) => [equation.base, index]));
  const needed = equations.map(({ references }) =>
    references.map(({ base }) => position.get(base)).filter((index) => index !== undefined),
  );
  for (const [index, { references }] of equations.entries()) {
    for (const { base, shift } of references) {
      const other = shift === 0 ? undefined : position.get(base);
      if (other !== undefined) at(needed, other).push(index);
    }
  }
  for (const [index, { joint }] of equations.entries()) {
    const next =
      joint === undefined ? -1 : equations.findIndex((other, i) => i > index && other.joint === joint);
    if (next < 0) continue;
    at(needed, index).push(next);
    at(needed, next).push(index);
  }
  const reach = equations.map((_, index) => reachableFrom(index, needed));
  const together = (a: number, b: number): boolean => a === b || (at(reach, a).has(b) && at(reach, b).has(a));
  const done = new Set<number>();
  const result: E[][] = [];
  const visit = (index: number): void => {
    if (done.has(index)) return;
    const members = equations.map((_, other) => other).filter((other) => together(index, other));
    for (const member of members) done.add(member);
    for (const member of members) for (const other of at(needed, member)) visit(other);
    result.push(members.map((member) => at(equations, member)));
  };
  for (const index of equations.keys()) visit(index);
  return withHelpers(result, canJoin);
}

/** What a single recurrence alone reads is computed in its steps, as code computes it. */
function withHelpers<E extends Stepped>(parts: readonly E[][], canJoin: (equation: E) => boolean): E[][] {
  const joined = new Map<E[], E[]>();
  for (const part of parts.toReversed()) {
    const own = new Set(part.map(({ base }) => base));
    const readers = parts.filter(
      (other) =>
        other !== part && other.some(({ references }) => references.some(({ base }) => own.has(base))),
    );
    const [into, ...more] = new Set(readers.map((reader) => joined.get(reader)));
    if (isRecurrent(part)) joined.set(part, part);
    else if (into !== undefined && more.length === 0 && part.every(canJoin)) joined.set(part, into);
  }
  return parts.flatMap((part) => {
    const into = joined.get(part);
    if (into === undefined) return [part];
    return into === part ? [parts.filter((other) => joined.get(other) === part).flat()] : [];
  });
}

function reachableFrom(start: number, edges: readonly (readonly number[])[]): Set<number> {
  const seen = new Set<number>();
  const pending = [...at(edges, start)];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...at(edges, next));
  }
  return seen;
}
