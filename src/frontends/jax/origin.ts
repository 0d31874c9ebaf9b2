/** @file Where a value comes from: the user's lines through which it was traced, and the modules that it is in. */
import { at } from "../../base/assert.ts";
import type { Call, Origin } from "../../ir/graph.ts";
import type { Equation, Frame } from "./program.ts";

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

export function originOf({ primitive, scope, frames }: Equation): Origin {
  const modules = modulesOf(scope);
  const [own, caller] = frames;
  const calls = callsOf(frames, modules);
  const isHelper = own !== undefined && !isModuleCall(own);
  return {
    ...(own === undefined ? {} : lineOf(own)),
    ...(caller === undefined || !isHelper ? {} : { caller: lineOf(caller) }),
    ...(calls.length === 0 ? {} : { calls }),
    ...(modules.length === 0 ? {} : { module: modules.join(".") }),
    operator: `jax.${primitive}`,
  };
}

/**
 * The origin of an equation of an inner program. JAX traces a function once and keeps the program, so its lines are those
 * of the first call: only those inside the function itself are right, and they hold for a function of the user's.
 */
export function innerOrigin(outer: Origin, equation: Equation): Origin {
  const { frames, primitive } = equation;
  const within = frames.findIndex(({ line, file }) => line === outer.line && portable(file) === outer.file);
  const operator = `jax.${primitive}`;
  if (within <= 0) return { ...outer, operator };
  const own = at(frames, 0);
  const caller = within === 1 ? outer : lineOf(at(frames, 1));
  const { file, line, code } = caller;
  return {
    ...outer,
    ...lineOf(own),
    ...(file === undefined || line === undefined
      ? {}
      : { caller: { file, line, ...(code === undefined ? {} : { code }) } }),
    operator,
  };
}
