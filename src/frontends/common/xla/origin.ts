/** @file Where a value comes from: the user's lines through which it was traced, and the modules that it is in. */
import type { Call, Origin } from "../../../ir/graph.ts";
import type { Equation, Frame, Program } from "./program.ts";

/** Absolute paths tell about the machine that traced: only the base name is kept. */
const portable = (path: string): string =>
  /^(?:[/\\]|[A-Za-z]:)/.test(path) ? (path.split(/[/\\]/).at(-1) ?? path) : path;

interface Line {
  readonly file: string;
  readonly line: number;
  readonly code?: string;
}
const lineOf = ({ file, line, code }: Frame): Line => ({
  file: portable(file),
  line,
  ...(code === "" ? {} : { code }),
});

/** flax puts the modules' names around what their calls trace, from the model's class on; einsum puts its formula. */
const modulesOf = (scope: readonly string[]): readonly string[] =>
  scope.slice(1).filter((part) => /^[\w.]+$/.test(part));

const isModuleCall = ({ function: name }: Frame): boolean => /(?:^|\.)__call__$/.test(name);

/** The lines that call the modules around a line, from the outermost on, each with the module that it calls. */
function callsOf(frames: readonly Frame[], modules: readonly string[]): Call[] {
  const path = (depth: number): string => modules.slice(0, depth).join(".");
  const outer = frames.slice(1).toReversed().filter(isModuleCall);
  return outer
    .slice(0, modules.length)
    .map((frame, depth) => ({ ...lineOf(frame), module: path(depth), into: path(depth + 1) }));
}

export function originOf(equation: Equation): Origin {
  const { operator, scope, frames } = equation;
  const modules = modulesOf(scope);
  const calls = callsOf(frames, modules);
  return {
    ...placeOf(equation),
    ...(calls.length === 0 ? {} : { calls }),
    ...(modules.length === 0 ? {} : { module: modules.join(".") }),
    operator,
  };
}

/** The innermost line; of a function that several lines call, also which one does. */
function placeOf({ frames: [own], caller }: Equation): Origin {
  if (own === undefined) return {};
  return { ...lineOf(own), ...(caller === undefined || isModuleCall(own) ? {} : { caller: lineOf(caller) }) };
}

/**
 * The origin of an equation of an inner program. JAX traces a function once and keeps the program, so its lines are those
 * of the first call: only those inside the function itself are right, and they hold for a function of the user's.
 */
export function innerOrigin(outer: Origin, equation: Equation): Origin {
  const { frames, operator } = equation;
  const within = frames.findIndex(({ line, file }) => line === outer.line && portable(file) === outer.file);
  const { calls, module } = outer;
  return {
    ...(within <= 0 ? outer : placeOf(equation)),
    ...(calls === undefined ? {} : { calls }),
    ...(module === undefined ? {} : { module }),
    operator,
  };
}

/** The name of the function that a program is the body of, where its equations tell. */
export function functionOf({ equations }: Program): string | undefined {
  const names = equations.flatMap(({ frames: [own] }) => own?.function.split(".").at(-1) ?? []);
  const [name, ...others] = new Set(names);
  return others.length === 0 ? name : undefined;
}
