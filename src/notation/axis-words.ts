/** @file What axes hold, in words: how the notation of named axes calls them. */
import { get } from "../base/assert.ts";
import { bodyGraph } from "../ir/body.ts";
import { equalDims } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { callOf, usesIn } from "../ops/runs.ts";
import { contractionOf, isMerge, isParameter, isSplit, spatialAxes } from "../ops/traits.ts";
import { type AxisClass, type AxisClasses, axesOfUses, axisClasses } from "./axes.ts";
import type { Laid } from "./laid.ts";
import { axesOfSteps, type Recurrence } from "./recurrences.ts";
import { type AxisRole, axisRoles } from "./roles.ts";

const roleWords: Readonly<Record<AxisRole, string>> = {
  V: "vocabulary",
  d: "features",
  H: "heads",
  d_k: "head_width",
  C: "channels",
};

/** Words of the axes over which windows run, by how many these are. */
const spaces: readonly (readonly string[])[] = [
  [],
  ["position"],
  ["height", "width"],
  ["depth", "height", "width"],
];

export const spaceWords: ReadonlySet<string> = new Set(spaces.flat());

/** The axis of something between two layers, which is called so unless it is a multiple of another width. */
const hiddenWord = "hidden";

export type AxisWords = ReadonlyMap<AxisClass, string>;

export interface WordedAxes {
  readonly classes: AxisClasses;
  readonly words: AxisWords;
}

/** The words of what a use gives a block, and of what comes out, where that is read. */
interface Inherited {
  readonly inputs: readonly (readonly (string | undefined)[])[];
  readonly outputs: ReadonlyMap<number, readonly (string | undefined)[]>;
}

/** The axes of a model and of its blocks, each behind one that uses it. */
export function wordedAxes(parts: readonly Laid[]): ReadonlyMap<Laid, WordedAxes> {
  const inherited = new Map<string, Inherited>();
  return new Map(
    parts.map((part) => {
      const { graph, recurrences } = part;
      const classes = axisClasses(graph, [...axesOfSteps(recurrences), ...axesOfUses(graph)]);
      const words = axisWords(graph, classes, recurrences, inherited.get(part.given.name));
      for (const use of usesIn(graph)) {
        const call = callOf(use);
        const { name } = bodyGraph(call.attrs.body);
        const wordsOf = (node: Node): (string | undefined)[] =>
          get(classes, node).map((axis) => words.get(axis));
        if (!inherited.has(name))
          inherited.set(name, {
            inputs: call.inputs.map(wordsOf),
            outputs: new Map([...use].map(([output, node]) => [output, wordsOf(node)])),
          });
      }
      return [part, { classes, words }];
    }),
  );
}

/** The word for each axis whose role is plain: heads, features, channels, height, … A block may inherit those of its arguments. */
function axisWords(
  graph: Graph,
  classes: AxisClasses,
  recurrences: readonly Recurrence[],
  inherited: Inherited = { inputs: [], outputs: new Map() },
): AxisWords {
  const words = new Map<AxisClass, string>();
  for (const [axis, role] of axisRoles(graph, classes)) words.set(axis, roleWords[role]);
  const give = (node: Node | undefined, axis: number, word: string): void => {
    const own = node && classes.get(node)?.at(axis);
    if (own !== undefined && !words.has(own)) words.set(own, word);
  };
  const giveAll = (node: Node | undefined, names: readonly (string | undefined)[] = []): void => {
    for (const [axis, word] of names.entries()) if (word !== undefined) give(node, axis, word);
  };
  for (const [place, input] of graph.inputs.entries()) giveAll(input, inherited.inputs[place]);
  for (const node of graph.nodes) {
    nameHeads(node, give);
    nameSpace(node, give);
  }
  for (const { members, elements } of recurrences) {
    for (const { whole, place } of members) give(whole, place, "time");
    for (const { source, axis } of elements) give(source, axis, "time");
    for (const { carried } of members) if (carried !== undefined) give(carried.node, -1, hiddenWord);
  }
  for (const [output, names] of inherited.outputs) giveAll(graph.outputs[output]?.node, names);
  nameEnds(graph, classes, give);
  for (const matrix of matricesOf(graph)) for (const axis of [0, 1]) give(matrix, axis, hiddenWord);
  return words;
}

type Give = (node: Node | undefined, axis: number, word: string) => void;

function nameHeads(node: Node, give: Give): void {
  if (isMerge(node)) give(node, -1, "merged");
  const apart = isSplit(node) ? node : isMerge(node) ? node.inputs[0] : undefined;
  for (const [i, word] of ["heads", "time", "head_width"].entries()) give(apart, i - 3, word);
}

/** Height and width of images, and the channels in front of them. */
function nameSpace(node: Node, give: Give): void {
  const count = spatialAxes(node);
  const words = count === undefined ? undefined : spaces[count];
  if (count === undefined || words === undefined) return;
  for (const image of [node, node.inputs[0]]) {
    for (const [i, word] of words.entries()) give(image, i - count, word);
    give(image, -count - 1, roleWords.C);
  }
}

/** Examples in front, the times behind them, what comes in and what goes out. */
function nameEnds({ inputs, outputs }: Graph, classes: AxisClasses, give: Give): void {
  const leading = new Set(outputs.map(({ node }) => classes.get(node)?.[0]));
  for (const input of inputs) {
    const { shape, dtype } = input.type;
    const [first] = classes.get(input) ?? [];
    const isSequence = isReal(dtype) ? shape.length === 3 : shape.length === 2;
    const isTwice = inputs.some(
      ({ type }) =>
        first !== undefined && type.shape.filter((size) => equalDims(size, first.size)).length > 1,
    );
    const isExample =
      first !== undefined && !isTwice && (leading.has(first) || typeof first.size !== "number");
    if (isExample && (shape.length > 1 || typeof first.size !== "number")) give(input, 0, "batch");
    if (isSequence) give(input, 1, "time");
    if (isReal(dtype) && shape.length <= 3 && typeof shape.at(-1) === "number") give(input, -1, "inputs");
  }
  for (const { node } of outputs)
    if (isReal(node.type.dtype) && node.type.shape.length <= 3) give(node, -1, "outputs");
}

const matricesOf = (graph: Graph): Node[] =>
  graph.nodes
    .filter((node) => contractionOf(node) !== undefined)
    .flatMap(({ inputs }) => inputs.filter((input) => isParameter(input) && input.type.shape.length === 2));
