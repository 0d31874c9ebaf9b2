/** @file What of a program its wanted outputs need. What nothing needs may be anything, such as keys of random numbers. */
import { range } from "../../../base/assert.ts";
import type { Atom, Equation, Program } from "./program.ts";

type Places = ReadonlySet<number>;

export interface Live {
  /** In order, each with the places of its results that are needed. */
  readonly equations: readonly { readonly equation: Equation; readonly wanted: Places }[];
  /** Places of the inputs that are needed. */
  readonly inputs: Places;
}

/** Primitives that run one program on their operands. */
const calls: Readonly<Record<string, readonly string[]>> = {
  jit: ["jaxpr"],
  pjit: ["jaxpr"],
  closed_call: ["call_jaxpr"],
  core_call: ["call_jaxpr"],
  composite: ["jaxpr"],
  remat: ["jaxpr"],
  remat2: ["jaxpr"],
  checkpoint: ["jaxpr"],
  custom_jvp_call: ["call_jaxpr"],
  custom_vjp_call: ["call_jaxpr", "fun_jaxpr"],
  custom_vjp_call_jaxpr: ["fun_jaxpr"],
};

/** The program that an equation runs on its operands, where it does nothing else. */
export function calledProgram({ primitive, params }: Equation): Program | undefined {
  const names = Object.hasOwn(calls, primitive) ? (calls[primitive] ?? []) : [];
  const name = names.find((candidate) => params.has(candidate)) ?? names[0];
  return name === undefined ? undefined : params.program(name);
}

const known = new WeakMap<Program, Map<string, Live>>();

/** What the outputs at these places need. */
export function liveParts(program: Program, wanted: Places): Live {
  const key = [...wanted].toSorted((a, b) => a - b).join();
  const answers = known.get(program) ?? new Map<string, Live>();
  known.set(program, answers);
  const answer = answers.get(key) ?? found(program, wanted);
  answers.set(key, answer);
  return answer;
}

function found(program: Program, wanted: Places): Live {
  const needed = new Set<number>();
  const need = (atom: Atom | undefined): void => {
    if (atom?.kind === "variable") needed.add(atom.id);
  };
  for (const place of wanted) need(program.outputs[place]);
  const equations: { equation: Equation; wanted: Places }[] = [];
  for (const equation of program.equations.toReversed()) {
    const results = placesWhere(equation.outputs, ({ id }) => needed.has(id));
    if (results.size === 0) continue;
    equations.push({ equation, wanted: results });
    for (const place of operandsOf(equation, results)) need(equation.inputs[place]);
  }
  return {
    equations: equations.toReversed(),
    inputs: placesWhere(program.inputs, ({ id }) => needed.has(id)),
  };
}

const placesWhere = <T>(items: readonly T[], holds: (item: T) => boolean): Places =>
  new Set(items.flatMap((item, place) => (holds(item) ? [place] : [])));

const allOperands = ({ inputs }: Equation): Places => new Set(range(inputs.length));

/** Places of the operands that an equation's results need. */
function operandsOf(equation: Equation, results: Places): Places {
  const called = calledProgram(equation);
  if (called !== undefined) return operandsOfProgram(called, results);
  if (equation.primitive === "scan") return operandsOfScan(equation, results);
  if (equation.primitive === "cond") {
    const branches = equation.params.programs("branches");
    const needed = branches.flatMap((branch) => [...operandsOfProgram(branch, results)]);
    return new Set([0, ...needed.map((place) => place + 1)]);
  }
  return allOperands(equation);
}

/** Inputs behind the constants that a program holds itself. */
export function operandsOfProgram(program: Program, results: Places): Places {
  const own = program.constants.length;
  return new Set(
    [...liveParts(program, results).inputs].filter((place) => place >= own).map((place) => place - own),
  );
}

/** A needed carry needs its start even where no step reads it: of no steps it would be the result. */
function operandsOfScan({ params }: Equation, results: Places): Places {
  const body = params.program("jaxpr");
  const [consts, carries] = [params.int("num_consts"), params.int("num_carry")];
  const needed = neededResults(body, consts, carries, results);
  const starts = [...needed].filter((place) => place < carries).map((place) => consts + place);
  return new Set([...operandsOfProgram(body, needed), ...starts]);
}

/**
 * The results of a loop's body that its wanted results need: a carry needs all that it is computed from. The body's inputs
 * are `consts` values that stay the same, the carries, and elements.
 */
export function neededResults(body: Program, consts: number, carries: number, results: Places): Places {
  let needed = results;
  for (;;) {
    const read = [...operandsOfProgram(body, needed)].map((place) => place - consts);
    const next = new Set([...needed, ...read.filter((place) => place >= 0 && place < carries)]);
    if (next.size === needed.size) return needed;
    needed = next;
  }
}
