/** @file Which equations a reader takes in together: one formula of one thing with other parameters, and what a repetition starts from. */
import { call, type Layout, partsOf } from "../base/layout.ts";
import type { Equation, Equations } from "./document.ts";
import { symbolsIn } from "./forms.ts";

/** How many equations may stand between two that are alike for the second to be moved to the first. */
const farthest = 3;

/**
 * The equations with those that are alike side by side, where nothing between them is needed. Outputs and what holds at each
 * step stay where they are.
 */
export function gathered({ equations, steps, outputs }: Equations): Equation[] {
  const results = new Set(outputs.map(({ name }) => name));
  const counts = Map.groupBy(
    equations.flatMap(({ names }) => names),
    (name) => name,
  );
  const isOfSteps = ({ names }: Equation): boolean =>
    steps.some((index) => names.some((name) => name.endsWith(`_${index.name}`)));
  const mayCross = (moved: Equation, other: Equation): boolean =>
    other.rounds === undefined &&
    other.names.every((name) => counts.get(name)?.length === 1) &&
    !isOfSteps(moved) &&
    !isOfSteps(other) &&
    !needs(moved, other);
  const result: Equation[] = [];
  for (const equation of equations) {
    const nearest = result.slice(-farthest - 1);
    const crossed = nearest.toReversed().findIndex((other) => !mayCross(equation, other));
    const free = crossed < 0 ? nearest : nearest.slice(nearest.length - crossed);
    const isLike = (other: Equation): boolean =>
      areAlike(other, equation) &&
      areOfOneModule(other, equation) &&
      !equation.names.some((name) => results.has(name));
    let place = free.findLastIndex(isLike) + 1;
    if (place === 0) place = free.length;
    // Of these the one of W_1 comes before that of W_2, and q before k and v, whichever the code computes first.
    for (let before = free[place - 1]; before !== undefined && isLike(before); before = free[place - 1]) {
      if ((compareRoles(before, equation) ?? compareNumbers(before.right, equation.right)) <= 0) break;
      place--;
    }
    result.splice(result.length - free.length + place, 0, equation);
  }
  return result;
}

/** Queries before keys, keys before values; `undefined` for what is neither. */
function compareRoles(first: Equation, second: Equation): number | undefined {
  const [one = -1, other = -1] = [first, second].map(({ names: [name = ""] }) =>
    ["q", "k", "v"].indexOf(name.split("_", 1)[0] ?? ""),
  );
  return one < 0 || other < 0 ? undefined : one - other;
}

/** Which formula has the names with the lower numbers: W_1 before W_2. */
function compareNumbers(first: Layout, second: Layout): number {
  const numbersOf = (layout: Layout): number[] =>
    symbolsIn(layout).map((name) => Number(/_(\d+)$/.exec(name)?.[1] ?? 0));
  const others = numbersOf(second);
  return (
    numbersOf(first)
      .map((number, place) => number - (others[place] ?? 0))
      .find((gap) => gap !== 0) ?? 0
  );
}

/** Equations that may share a line, in order. */
export function sharedLines(equations: readonly Equation[]): Equation[][] {
  const lines: Equation[][] = [];
  for (const equation of equations) {
    const line = lines.at(-1);
    const goesOn = (on: Equation[]): boolean =>
      on.every((other) => areAlike(other, equation)) || startsRounds(on, equation);
    if (line !== undefined && goesOn(line)) line.push(equation);
    else lines.push([equation]);
  }
  return lines;
}

/** Whether one equation gives the value that the first round of a repetition has. */
const startsRounds = (starts: readonly Equation[], { rounds, names }: Equation): boolean =>
  rounds !== undefined &&
  starts.every((start) => start.rounds === undefined && start.names.every((name) => names.includes(name)));

/** Whether both are the same formula, of something that they share, and neither needs the other. */
function areAlike(first: Equation, second: Equation): boolean {
  if (first.rounds !== undefined || second.rounds !== undefined) return false;
  const formulas = [first, second].map(({ left, right }) => `${left.kind}=${patternOf(argumentOf(right))}`);
  if (formulas[0] !== formulas[1]) return false;
  const own = new Set(symbolsIn(first.right));
  const isApart = !needs(second, first) && !needs(first, second);
  return isApart && symbolsIn(second.right).some((name) => own.has(name));
}

/** Whether an equation reads what another defines. */
function needs({ right }: Equation, { names }: Equation): boolean {
  const read = namesIn(right);
  return names.some((name) => read.includes(name));
}

const areOfOneModule = ({ origin: first }: Equation, { origin: second }: Equation): boolean =>
  first?.file === second?.file && first?.module === second?.module;

/** What a function is applied to, as in the gates of a cell. */
const argumentOf = (layout: Layout): Layout => {
  const [only, ...others] = layout.kind === "call" && layout.subscript.length === 0 ? layout.args : [];
  return only === undefined || others.length > 0 ? layout : call("", [only]);
};

/** A formula without the names of what it is about, and without its indices. */
function patternOf(layout: Layout): string {
  if (layout.kind === "symbol") return "_";
  if (layout.kind === "number") return layout.text;
  const own = layout.kind === "call" ? layout.name : "operator" in layout ? layout.operator : layout.kind;
  return `${own}(${partsOf(layout).map(patternOf).join()})`;
}

/** All names, those in indices and in their ends among them. */
function namesIn(layout: Layout): string[] {
  if (layout.kind === "symbol") return [layout.name];
  if (layout.kind === "index") return [layout.tensor, ...layout.indices].flatMap(namesIn);
  if (layout.kind === "range") return [layout.start, layout.stop].flatMap((end) => (end ? namesIn(end) : []));
  return partsOf(layout).flatMap(namesIn);
}

/** The lines of a group in as few as `fits` allows. */
export function packed<T>(items: readonly T[], fits: (line: readonly T[]) => boolean): T[][] {
  const lines: T[][] = [];
  for (const item of items) {
    const line = lines.at(-1);
    if (line !== undefined && fits([...line, item])) line.push(item);
    else lines.push([item]);
  }
  return lines;
}
