/** @file What axes hold, in words: how the notation of named axes calls them. */
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { contractionOf, isMerge, isParameter, isSplit, windowingOf } from "../ops/traits.ts";
import type { AxisClass, AxisClasses } from "./axes.ts";
import type { Recurrence } from "./recurrences.ts";
import { type AxisRole, axisRoles } from "./roles.ts";

const roleWords: Readonly<Record<AxisRole, string>> = {
  V: "vocabulary",
  d: "features",
  H: "heads",
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

/** The word for each axis whose role is plain: heads, features, channels, height, … */
export function axisWords(
  graph: Graph,
  classes: AxisClasses,
  recurrences: readonly Recurrence[],
): ReadonlyMap<AxisClass, string> {
  const words = new Map<AxisClass, string>();
  for (const [axis, role] of axisRoles(graph, classes)) words.set(axis, roleWords[role]);
  const give = (node: Node | undefined, axis: number, word: string): void => {
    const own = node && classes.get(node)?.at(axis);
    if (own !== undefined && !words.has(own)) words.set(own, word);
  };
  for (const node of graph.nodes) {
    nameHeads(node, give);
    nameSpace(node, give);
  }
  for (const { members, elements } of recurrences) {
    for (const { whole, place } of members) give(whole, place, "time");
    for (const { source, axis } of elements) give(source, axis, "time");
    for (const { carried } of members) if (carried !== undefined) give(carried.node, -1, hiddenWord);
  }
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
  const count = windowingOf(node)?.strides.length;
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
    const isExample = first !== undefined && (leading.has(first) || typeof first.size !== "number");
    if (isExample && (shape.length > 1 || typeof first.size !== "number")) give(input, 0, "batch");
    if (isSequence) give(input, 1, "time");
    if (isReal(dtype) && shape.length <= 3) give(input, -1, "inputs");
  }
  for (const { node } of outputs) if (isReal(node.type.dtype)) give(node, -1, "outputs");
}

const matricesOf = (graph: Graph): Node[] =>
  graph.nodes
    .filter((node) => contractionOf(node) !== undefined)
    .flatMap(({ inputs }) => inputs.filter((input) => isParameter(input) && input.type.shape.length === 2));
