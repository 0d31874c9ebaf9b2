/** @file Modules of StableHLO for the tests of their front end. */
import { readdirSync, readFileSync } from "node:fs";
import { readStableHlo } from "../../src/frontends/stablehlo/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { type Numbers, numbersOf, sourceOf } from "../jax/support.ts";

export interface Case {
  readonly name: string;
  readonly text: string;
  readonly parameters: Readonly<Record<string, Numbers>>;
  readonly inputs: readonly Numbers[];
  readonly outputs: readonly Numbers[];
}

const folder = new URL("../fixtures/stablehlo/", import.meta.url);

/** The cases of every file by its name. */
export const groups: ReadonlyMap<string, readonly Case[]> = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => [
      name.replace(".json", ""),
      JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Case[],
    ]),
);

export function caseOf(group: string, name: string): Case {
  const found = groups.get(group)?.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no case ${group}/${name}`);
  return found;
}

/** The text of NAME.mlir. */
export const textOf = (name: string): string => readFileSync(new URL(`${name}.mlir`, folder), "utf8");

export const graphOf = (text: string): Promise<Graph> =>
  readStableHlo(sourceOf("net.mlir", new TextEncoder().encode(text)));

/** The graph of a case, whose parameters have their values. */
export async function graphWithValues({ text, parameters }: Case): Promise<Graph> {
  const graph = await graphOf(text);
  const valued = graph.parameters.map((parameter) => {
    const numbers = parameters[parameter.names[0] ?? ""];
    return numbers === undefined ? parameter : { ...parameter, values: () => numbersOf(numbers) };
  });
  return { ...graph, parameters: valued };
}

/** A function of one input, `%x: tensor<3xf32>`, which returns `%r`, or else the last value of its body. */
export function moduleOf(body: string, result = "tensor<3xf32>", input = "tensor<3xf32>"): string {
  const names = [...body.matchAll(/^\s*(%\w+)(?::\d+)? =/gm)];
  const last = /^\s*%r =/m.test(body) ? "%r" : (names.at(-1)?.[1] ?? "%x");
  return `module @jit_f {
  func.func public @main(%x: ${input} loc("x")) -> (${result} {jax.result_info = "result"}) {
    ${body}
    return ${last} : ${result}
  }
}
`;
}
