/** @file The body of a loop, with the functions in it that only its steps call. */
import { calledProgram } from "../common/xla/live.ts";
import { type Atom, type Equation, Program, type Variable, type XlaType } from "../common/xla/program.ts";

/** JAX makes functions of a loop's body, and of what reads and writes rows: no others need to be seen through. */
const nameOfBody = /^closed_call/;
const rows = new Set(["dynamic_slice", "dynamic_update_slice"]);
const longestOfRows = 24;

function isPartOfLoop(equation: Equation, called: Program): boolean {
  const name = equation.params.has("name") ? equation.params.text("name") : "";
  const writes = called.equations.some(
    ({ primitive, sizes }) => rows.has(primitive) || (primitive === "slice" && sizes !== undefined),
  );
  return nameOfBody.test(name) || (writes && called.equations.length <= longestOfRows);
}

export type Fresh = (type: XlaType) => Variable;

/** The program with such functions written out. */
export function inlined(program: Program, fresh: Fresh): Program {
  const equations: Equation[] = [];
  const outputs = written(program, (atom) => atom, fresh, equations, 0);
  return new Program(program.constants, program.inputs, equations, outputs);
}

/** Bodies call functions that call functions, but no deeper than JAX's own. */
const depthLimit = 8;

function written(
  program: Program,
  rename: (atom: Atom) => Atom,
  fresh: Fresh,
  equations: Equation[],
  depth: number,
): readonly Atom[] {
  const names = new Map<number, Atom>();
  const renamed = (atom: Atom): Atom =>
    atom.kind === "variable" ? (names.get(atom.id) ?? rename(atom)) : atom;
  for (const equation of program.equations) {
    const inputs = equation.inputs.map(renamed);
    const called = equation.primitive === "jit" ? calledProgram(equation) : undefined;
    if (called !== undefined && depth < depthLimit && isPartOfLoop(equation, called)) {
      const places = new Map(called.inputs.map(({ id }, place) => [id, inputs[place]]));
      const results = written(
        called,
        (atom) => (atom.kind === "variable" ? (places.get(atom.id) ?? atom) : atom),
        fresh,
        equations,
        depth + 1,
      );
      for (const [i, { id }] of equation.outputs.entries()) {
        const result = results[i];
        if (result !== undefined) names.set(id, result);
      }
      continue;
    }
    const outputs = depth === 0 ? equation.outputs : equation.outputs.map(({ type }) => fresh(type));
    for (const [i, { id }] of equation.outputs.entries()) {
      const output = outputs[i];
      if (output !== undefined && depth > 0) names.set(id, { kind: "variable", id: output.id });
    }
    equations.push({ ...equation, inputs, outputs });
  }
  return program.outputs.map(renamed);
}
