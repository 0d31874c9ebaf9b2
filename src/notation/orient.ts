/** @file Weights that a model stores transposed, with the sizes of kernels first or with an axis for heads, as formulas use them. */
import { at, only } from "../base/assert.ts";
import { symbol } from "../base/layout.ts";
import { equalShapes, type Shape } from "../ir/dim.ts";
import { type Graph, type Node, rebuild, transform, usersOf } from "../ir/graph.ts";
import { canonicalEquation, matrixNotation } from "../ops/reduction.ts";
import { newBuilder } from "../ops/table.ts";
import { isKernelOf, reshapeOf } from "../ops/traits.ts";

/** Whether a user of a matrix reads it transposed: W^T itself, or x W^T. */
function readsTransposed(user: Node, matrix: Node): boolean {
  if (user.op === "Transpose") return user.attrs.permutation[0] === 1;
  if (user.op !== "Contract" || user.inputs[0] === matrix) return false;
  const notation = matrixNotation(user.attrs.equation, symbol("x"), symbol("W"));
  return notation?.kind === "infix" && notation.right.kind === "transpose";
}

const swapRight = (equation: string): string =>
  canonicalEquation(equation.replace(/,(\w)(\w)->/, (_, a: string, b: string) => `,${b}${a}->`));

/** Parameters of which every use is a transposed matrix. */
function storedTransposed(graph: Graph): ReadonlySet<Node> {
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs.map((output) => output.node));
  const found = graph.parameters
    .map((parameter): Node => parameter.node)
    .filter((node) => {
      const uses = users.get(node) ?? [];
      const isMatrix = node.type.shape.length === 2 && !outputs.has(node);
      return isMatrix && uses.length > 0 && uses.every((user) => readsTransposed(user, node));
    });
  return new Set(found);
}

/** The axes of kernels that formulas have elsewhere than the model: those of which every use is a kernel with its axes in this order. */
function turnedKernels(graph: Graph): ReadonlyMap<Node, readonly number[]> {
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs.map((output) => output.node));
  const found = graph.parameters.flatMap(({ node }): [Node, readonly number[]][] => {
    const [use, ...others] = users.get(node) ?? [];
    if (use?.op !== "Transpose" || others.length > 0 || outputs.has(node) || outputs.has(use)) return [];
    const { permutation } = use.attrs;
    // Sizes that are exchanged would turn the kernel.
    const sizes = permutation.slice(2);
    const areTogether = sizes.length > 0 && sizes.every((axis, i) => axis === at(sizes, 0) + i);
    const isKernel = (users.get(use) ?? []).every((user) => isKernelOf(user, use));
    return areTogether && isKernel ? [[node, permutation]] : [];
  });
  return new Map(found);
}

/** Parameters of which every use joins axes in one way, as those that are kept with an axis for heads, and the shape that results. */
function keptInParts(graph: Graph): ReadonlyMap<Node, Shape> {
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs.map((output) => output.node));
  const found = graph.parameters.flatMap(({ node }): [Node, Shape][] => {
    const [shape, ...more] = (users.get(node) ?? []).map(reshapeOf);
    const isOne =
      shape !== undefined && more.every((other) => other !== undefined && equalShapes(other, shape));
    const longer = (sizes: Shape): number => sizes.filter((size) => size !== 1).length;
    const isJoined = isOne && longer(shape) < longer(node.type.shape) && !outputs.has(node);
    return isJoined ? [[node, shape]] : [];
  });
  return new Map(found);
}

interface Oriented {
  readonly graph: Graph;
  /** The stored axes of those that the equations have with their axes in another order. */
  readonly orders: ReadonlyMap<Node, readonly number[]>;
  /** Parameters with fewer axes than the model stores. */
  readonly joined: ReadonlySet<Node>;
  /** What stands for each node. */
  readonly image: ReadonlyMap<Node, Node>;
}

/** The graph over weights in natural orientation, and which of its parameters are stored otherwise. */
export function orient(graph: Graph): Oriented {
  const swapped = storedTransposed(graph);
  const orders = new Map([...turnedKernels(graph), ...[...swapped].map((node) => [node, [1, 0]] as const)]);
  const parts = keptInParts(graph);
  const builder = newBuilder();
  const { graph: result, image } = transform(graph, builder, (node, inputs) => {
    const order = orders.get(node);
    const shape = order?.map((axis) => at(node.type.shape, axis)) ?? parts.get(node);
    if (node.op === "Parameter" && shape !== undefined)
      return builder.node("Parameter", [], { ...node.attrs, shape });
    if (node.op === "Reshape" && parts.has(only(node.inputs))) return only(inputs);
    if (node.op === "Transpose" && orders.has(only(node.inputs))) return only(inputs);
    if (node.op === "Contract" && swapped.has(at(node.inputs, 1))) {
      return builder.node("Contract", inputs, {
        equation: swapRight(node.attrs.equation),
      });
    }
    return rebuild(builder, node, inputs);
  });
  const imageOf = (node: Node): Node => image.get(node) ?? node;
  return {
    graph: result,
    orders: new Map([...orders].map(([node, order]) => [imageOf(node), order] as const)),
    joined: new Set([...parts.keys()].map(imageOf)),
    image,
  };
}
