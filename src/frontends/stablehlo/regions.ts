/** @file What the small programs mean that reductions, sorts and scatters hold. */
import { bodyText, logAddExp } from "../common/xla/known.ts";
import type { Atom, Equation, Program } from "../common/xla/program.ts";

/** How two numbers become one. */
export type Reducer = "add" | "mul" | "max" | "min" | "and" | "or" | "logaddexp";

const single: ReadonlySet<string> = new Set<Reducer>(["add", "mul", "max", "min", "and", "or"]);
const isReducer = (name: string): name is Reducer => single.has(name);

/** The one operation that a program applies to its two inputs, in any order. */
export function reducerOf(program: Program): Reducer | undefined {
  const text = bodyText(program);
  if (text === logAddExp) return "logaddexp";
  const [, name = ""] = /^(\w+)\((?:0,1|1,0)\)->2$/.exec(text) ?? [];
  // A square of x · y would be one of equal operands, which 0,1 are not.
  return isReducer(name) ? name : undefined;
}

/** Programs that keep the larger or the smaller of two numbers with its place, of equal ones the first; NaN is the largest. */
const places: ReadonlyMap<string, "argmax" | "argmin"> = new Map(
  (["gt", "lt"] as const).flatMap((order) => {
    const meaning = order === "gt" ? "argmax" : "argmin";
    return [
      `${order}(0,2);ne(0,0);or(4,5);eq(0,2);lt(1,3);and(7,8);or(6,9);select_n(6,2,0);select_n(10,3,1)->11,12`,
      `${order}(0,2);eq(0,2);lt(1,3);and(5,6);or(4,7);select_n(4,2,0);select_n(8,3,1)->9,10`,
    ].map((text) => [text, meaning] as const);
  }),
);

export const placeReducerOf = (program: Program): "argmax" | "argmin" | undefined =>
  places.get(bodyText(program));

/** The operand that a sort is ordered by, and whether the largest comes first. */
export interface Order {
  readonly key: number;
  readonly isDescending: boolean;
}

/** Of a program that says whether one element, with those of further operands, stands before another. */
export function orderOf({ inputs, equations, outputs }: Program): Order | undefined {
  const definitions = new Map(
    equations.flatMap((equation) => equation.outputs.map(({ id }) => [id, equation])),
  );
  const definition = (atom: Atom | undefined): Equation | undefined =>
    atom?.kind === "variable" ? definitions.get(atom.id) : undefined;
  const comparison = definition(outputs[0]);
  if (comparison === undefined || !/^[lg]t$/.test(comparison.primitive)) return undefined;
  const [left = -1, right = -1] = comparison.inputs.map((atom) => {
    const plain = plainly(atom);
    return plain.kind === "variable" ? inputs.findIndex(({ id }) => id === plain.id) : -1;
  });
  const key = Math.floor(left / 2);
  if (left < 0 || right < 0 || left === right || key !== Math.floor(right / 2)) return undefined;
  return { key, isDescending: (comparison.primitive === "gt") === left < right };

  /** JAX makes one number of both zeros, and one of all that are NaN: of real numbers that changes nothing. */
  function plainly(atom: Atom): Atom {
    let own = atom;
    for (;;) {
      const choice = definition(own);
      const [which, no, yes] = choice?.inputs ?? [];
      const question = definition(which);
      const [asked, other] = question?.inputs ?? [];
      if (choice?.primitive !== "select_n" || no === undefined || yes === undefined) return own;
      const isZero =
        question?.primitive === "eq" && isNumber(other, 0) && isNumber(yes, 0) && same(asked, no);
      const isNever = question?.primitive === "ne" && same(asked, other) && isNumber(yes, Number.NaN);
      if (!(isZero || isNever)) return own;
      own = no;
    }
  }
}

const isNumber = (atom: Atom | undefined, value: number): boolean =>
  atom?.kind === "number" && (atom.value === value || Number.isNaN(atom.value + value));
const same = (a: Atom | undefined, b: Atom | undefined): boolean =>
  a?.kind === "variable" && b?.kind === "variable" && a.id === b.id;
