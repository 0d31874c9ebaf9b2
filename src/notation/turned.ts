/** @file Axes of steps where the result has them, so that few equations turn anything. */
import { at, get, range } from "../base/assert.ts";
import { type Answering, deeply } from "../base/deeply.ts";
import { type Graph, type Node, type NodeOf, rebuild, transform, usersOf } from "../ir/graph.ts";
import { canonicalEquation } from "../ops/reduction.ts";
import { isElementwise, newBuilder } from "../ops/table.ts";
import { isScan } from "../ops/traits.ts";

/**
 * Turns recurrences before anything is computed of them, where that puts their steps where the result has them: of
 * (h V + b)^T and of products that turn their operands.
 */
export function turned(graph: Graph): Graph {
  const users = usersOf(graph);
  const builder = newBuilder();
  const turn = (node: Node, permutation: readonly number[]): Node =>
    permutation.every((axis, i) => axis === i)
      ? node
      : (builder.node("Transpose", [node], { permutation }) as Node);
  const multiplied = (node: NodeOf<"Contract">, inputs: readonly Node[], result: string): Node => {
    const terms = at(node.attrs.equation.split("->"), 0).split(",");
    const turns = terms.map((letters, i) => {
      const place = isScan(at(node.inputs, i)) ? placeIn(letters, result) : 0;
      return [...range(letters.length).slice(1, place + 1), 0, ...range(letters.length).slice(place + 1)];
    });
    const given = inputs.map((input, i) => turn(input, at(turns, i)));
    const left = terms.map((letters, i) =>
      at(turns, i)
        .map((axis) => letters[axis])
        .join(""),
    );
    const equation = canonicalEquation(`${left.join()}->${result}`);
    return builder.node("Contract", given, { equation }) as Node;
  };
  /** What a node is with its axes in another order, if recurrences alone can be turned for that. */
  function* inside(
    node: Node,
    permutation: readonly number[],
    image: (node: Node) => Node,
  ): Answering<Node, Node | undefined> {
    if (isScan(node)) return turn(image(node), permutation);
    if (users.get(node)?.length !== 1 || graph.labels.has(node)) return undefined;
    if (node.op === "Contract") {
      if (!node.inputs.some(isScan)) return undefined;
      const result = at(node.attrs.equation.split("->"), 1);
      return multiplied(node, node.inputs.map(image), permutation.map((axis) => result[axis]).join(""));
    }
    const rank = permutation.length;
    const operands: (Node | undefined)[] = [];
    for (const operand of node.inputs) {
      const own = operand.type.shape.length;
      const isKept = permutation.every((axis, i) => i < rank - own || axis === i);
      operands.push(own === rank ? yield operand : isKept ? image(operand) : undefined);
    }
    const given = operands.filter((operand) => operand !== undefined);
    if (given.length < operands.length || !operands.some((operand) => operand?.type.shape.length === rank))
      return undefined;
    if (node.op === "Concat")
      return builder.node("Concat", given, { axis: permutation.indexOf(node.attrs.axis) }) as Node;
    return isElementwise(node) ? rebuild(builder, node, given) : undefined;
  }
  const images = new Map<Node, Node>();
  return transform(graph, builder, (node, inputs) => {
    const image = (): Node => {
      if (node.op === "Contract") return multiplied(node, inputs, at(node.attrs.equation.split("->"), 1));
      if (node.op !== "Transpose") return rebuild(builder, node, inputs);
      const { permutation } = node.attrs;
      const found = deeply((part: Node) => inside(part, permutation, (own) => get(images, own)));
      return found(at(node.inputs, 0)) ?? rebuild(builder, node, inputs);
    };
    const made = image();
    images.set(node, made);
    return made;
  }).graph;
}

/** Where the first letter of an operand stands among its others in the result. */
function placeIn(letters: string, result: string): number {
  const place = result.indexOf(letters.charAt(0));
  return Array.from(letters.slice(1)).filter((letter) => {
    const other = result.indexOf(letter);
    return other >= 0 && other < place;
  }).length;
}
