/** @file The equations of models as `read` prints them, and what they are when they are read back. */
import { get, zip } from "../../src/base/assert.ts";
import { bodyGraph } from "../../src/ir/body.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import type { Equations, Profile } from "../../src/notation/document.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { textOf } from "../../src/notation/text.ts";
import { type Call, callOf, usesIn } from "../../src/ops/runs.ts";
import { argumentsOf } from "../../src/ops/traits.ts";
import { check } from "../../src/prove/check.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { reroll } from "../../src/rewrite/reroll.ts";
import { readSpec } from "../../src/spec/read.ts";
import { type Agreement, agreement, isOneGraph, type Pair } from "../arbitrary/agreement.ts";

const width = 100;

/** A model as it is printed. */
export interface Printed {
  /** The model before repetitions were folded, and after. */
  readonly whole: Graph;
  readonly folded: Graph;
  readonly equations: Equations;
  readonly text: string;
  readonly latex: string;
}

export function printed(model: Graph, notation: Profile = "matrix"): Printed {
  const whole = reroll(raise(model));
  const folded = fold(whole);
  const equations = equationsOf(folded, { width, notation });
  const text = textOf(equations, { width, color: false });
  return { whole, folded, equations, text, latex: latexOf(equations) };
}

/** What `assay check` says of a model and the equations that were printed of it. */
export const proofOf = (model: Graph, text: string): Verdict =>
  check({ code: model, spec: (batch) => readSpec(text, "printed.txt", { batch }), seed: 1 });

/** The text, and the LaTeX where it is read as something else: a proof of one is a proof of the other where both are the same. */
export const formsToProve = ({ text, latex }: Pick<Printed, "text" | "latex">): readonly string[] =>
  areOne(text, latex) ? [text] : [text, latex];

/** Whether two texts are one specification: the same nodes, under the same names and in the same order. */
function areOne(text: string, other: string): boolean {
  const [one, two] = [text, other].map((form) => readSpec(form, "printed.txt")) as [Graph, Graph];
  const namesIn = ({ inputs, parameters, outputs }: Graph): string =>
    [
      inputs.map(({ attrs }) => attrs.name),
      parameters.map(({ names, trainable }) => `${names.join(" ")} ${trainable}`),
      outputs.map(({ name }) => name),
    ].join("; ");
  return namesIn(one) === namesIn(two) && isOneGraph(one, two);
}

/** The first result of each use of a block. */
const usesOf = (graph: Graph): Call[] => usesIn(graph).map(callOf);

/** The leaves of a graph and those of the specification that was read from its equations. */
export function printedPairs(
  graph: Graph,
  equations: Equations,
  spec: Graph,
  calls: readonly Call[] = usesOf(graph),
): Pair[] {
  const leaves: readonly Node[] = [...spec.inputs, ...spec.parameters.map(({ node }) => node)];
  const byName = new Map(leaves.map((node) => [nameOf(node), node] as const));
  const own = new Map(graph.parameters.map(({ node }) => [node.attrs.name, node as Node] as const));
  const pairs = [
    ...zip(graph.inputs, equations.inputs).map(
      ([left, { name }]): Pair => ({ left, right: get(byName, name) }),
    ),
    ...parametersOf(calls, equations, equations.definitions, own, "").map(
      ({ node, path, order, joined }): Pair => ({
        left: node,
        right: get(byName, path),
        order,
        joined,
      }),
    ),
  ];
  const known = new Set(pairs.map(({ right }) => right));
  return [
    ...pairs,
    ...leaves.filter((leaf) => !known.has(leaf)).flatMap((leaf) => ofInner(leaf, equations, own)),
  ];
}

/** A parameter of a block that printing makes of a recurrence inside a recurrence: it is used at one place. */
function ofInner(leaf: Node, { definitions }: Equations, own: ReadonlyMap<string, Node>): Pair[] {
  const [block, name] = nameOf(leaf).split(".").slice(-2);
  const found = definitions
    .find((definition) => definition.name === block)
    ?.parameters.find((parameter) => parameter.name === name);
  const left = [...own].find(([stored]) => found?.parameter.names.includes(stored))?.[1];
  return found === undefined || left === undefined
    ? []
    : [{ left, right: leaf, order: found.order, joined: found.joined }];
}

/**
 * Whether a specification computes what a graph does. Uses of a block without numbers have parameters of their own, in the
 * order of the text, in which uses may stand otherwise than in the graph.
 */
export function printedAgreement(graph: Graph, equations: Equations, spec: Graph): Agreement {
  for (const calls of orders(usesOf(graph))) {
    const found = agreement(graph, spec, printedPairs(graph, equations, spec, calls), 1);
    if (found !== "different") return found;
  }
  return "different";
}

/** Every order of a few things. */
function* orders<T>(items: readonly T[]): Generator<T[]> {
  if (items.length < 2) yield [...items];
  else
    for (const [place, first] of items.entries())
      for (const rest of orders(items.toSpliced(place, 1))) yield [first, ...rest];
}

interface Stored {
  readonly node: Node;
  readonly path: string;
  readonly order: readonly number[] | undefined;
  readonly joined: boolean;
}

/** The parameters of a model and of the blocks it uses, under the names that the specification gives them. */
function parametersOf(
  calls: readonly Call[],
  { parameters }: Equations,
  definitions: readonly Equations[],
  own: ReadonlyMap<string, Node>,
  prefix: string,
): Stored[] {
  const counts = new Map<string, number>();
  return [
    ...parameters.map(({ parameter, name, order, joined }): Stored => {
      return { node: get(own, parameter.node.attrs.name), path: prefix + name, order, joined };
    }),
    ...calls.flatMap((call) => {
      const { body, instance } = call.attrs;
      const block = bodyGraph(body);
      const { name } = block;
      const count = instance === 0 ? (counts.get(name) ?? 0) + 1 : instance;
      counts.set(name, count);
      const isSole =
        instance === 0 && calls.filter((other) => other.attrs.body.key === body.key).length === 1;
      const given = call.inputs.slice(argumentsOf(call).length).map((node) => get(own, nameOf(node)));
      const definition = definitions.find((other) => other.name === name);
      if (definition === undefined) throw new Error(`${name} has a definition`);
      const images = new Map(
        zip(block.parameters, given).map(([{ node }, image]) => [node.attrs.name, image] as const),
      );
      const path = `${prefix}${isSole ? name : `${name}_${count}`}.`;
      return parametersOf(usesOf(block), definition, definitions, images, path);
    }),
  ].filter((item, place, all) => all.findIndex(({ path }) => path === item.path) === place);
}

function nameOf(node: Node): string {
  if (node.op !== "Input" && node.op !== "Parameter") throw new Error(`${node.op} has no name`);
  return node.attrs.name;
}
