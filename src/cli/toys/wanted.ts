/** @file Which problems a command asks for, and which of them an entry can be tried on. */
import { Diagnostic, quoted } from "../../diag/diagnostic.ts";
import { suggestion } from "../../spec/source.ts";
import { catalogue } from "../../toys/catalogue.ts";
import { functionProblems } from "../../toys/functions/catalogue.ts";
import type { FunctionProblem } from "../../toys/functions/problem.ts";
import type { Problem } from "../../toys/problem.ts";
import type { Found } from "./fit.ts";

export interface Wanted {
  readonly trainings: readonly Problem[];
  readonly functions: readonly FunctionProblem[];
}

/** Problems by their names; all where there are none. Throws a Diagnostic where a name is not known. */
export function wantedBy(only: readonly string[]): Wanted {
  if (only.length === 0) return { trainings: catalogue, functions: functionProblems };
  const names = [...catalogue, ...functionProblems].map(({ name }) => name);
  for (const name of only) if (!names.includes(name)) throw unknownProblem(name, names);
  return {
    trainings: only.flatMap((name) => catalogue.find((problem) => problem.name === name) ?? []),
    functions: functionProblems.filter(({ name }) => only.includes(name)),
  };
}

function unknownProblem(name: string, names: readonly string[]): Diagnostic {
  const action = suggestion(name, names);
  return new Diagnostic({
    code: "A1300",
    place: { part: "command line" },
    got: quoted(name),
    want: `one of ${names.join(", ")}`,
    ...(action !== undefined && { action }),
  });
}

/** A function that is wanted and brought, and what the entry says that it means. */
export interface Call {
  readonly problem: FunctionProblem;
  readonly claim: unknown;
}

/** What an entry can be tried on. Throws a Diagnostic where that is nothing. */
export function triable(
  entry: string,
  wanted: Wanted,
  { fits, functions }: Found,
): { readonly trainings: readonly Problem[]; readonly calls: readonly Call[] } {
  const trainings = fits.filter(({ why }) => why === undefined).map(({ problem }) => problem);
  const calls = wanted.functions.flatMap((problem) => {
    const brought = functions.find(({ slot }) => slot === problem.slot);
    return brought === undefined ? [] : [{ problem, claim: brought.claim }];
  });
  if (trainings.length + calls.length > 0) return { trainings, calls };
  const [first] = fits;
  if (first !== undefined) {
    throw new Diagnostic({
      code: "A1301",
      place: { file: quoted(entry) },
      got: `on ${first.problem.name}: ${quoted(first.why ?? "")}`,
      want: "a model for at least one problem",
      action: "let the entry be a function of the problem, which says what goes in and out",
    });
  }
  throw new Diagnostic({
    code: "A1301",
    place: { file: quoted(entry) },
    got: `no function of the name ${wanted.functions.map(({ slot }) => slot).join(", ")}`,
    want: "the function that the problem calls",
    action: `bring it under its name, as in { ${wanted.functions[0]?.slot ?? ""} }`,
  });
}
