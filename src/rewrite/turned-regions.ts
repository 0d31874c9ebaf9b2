/**
 * @file Work between transpositions. A program with channels in the last axis turns images for each convolution and back, and adds
 * biases, normalises and activates in between. Such a region is computed with its axes in the order of the convolutions where that
 * takes fewer transpositions, or moves one that stands behind a window towards the end.
 */
import { at, range } from "../base/assert.ts";
import { bodyGraph, nest } from "../ir/body.ts";
import { equalShapes } from "../ir/dim.ts";
import { type Builder, type Graph, type Node, rebuild, transform, usersOf } from "../ir/graph.ts";
import { remaining } from "../ops/reduction.ts";
import { isElementwise, newBuilder } from "../ops/table.ts";
import { isScan, spatialAxes } from "../ops/traits.ts";

type Permutation = readonly number[];
type Users = ReadonlyMap<Node, readonly Node[]>;

/** The graph with each region turned for which that pays. */
export function regionsTurned(graph: Graph): Graph {
  const turned = permutationsIn(graph).reduce(turnedBy, graph);
  const bodies = turned.nodes.filter(isScan).map(({ attrs }) => bodyGraph(attrs.body));
  if (bodies.every((body) => regionsTurned(body) === body)) return turned;
  const builder = newBuilder();
  return transform(turned, builder, (node, inputs) => {
    if (!isScan(node)) return rebuild(builder, node, inputs);
    const body = nest(regionsTurned(bodyGraph(node.attrs.body)));
    return builder.node("Scan", inputs, { ...node.attrs, body }) as Node;
  }).graph;
}

/** Those of transpositions that move the last axis of at least three. */
function permutationsIn({ nodes }: Graph): Permutation[] {
  const found = nodes.flatMap((node) => (node.op === "Transpose" ? [node.attrs.permutation] : []));
  const moving = found.filter(({ length }, i) => length > 2 && at(found, i)[length - 1] !== length - 1);
  return [...new Map(moving.map((permutation) => [permutation.join(), permutation])).values()];
}

/** The graph where values that are made of transposed ones by this permutation may be transposed behind instead. */
function turnedBy(graph: Graph, permutation: Permutation): Graph {
  const turn = new Turn(permutation);
  const users = usersOf(graph);
  const outputs = new Set(graph.outputs.map(({ node }) => node));
  const inside = new Set(
    regionsOf(graph, users, turn)
      .filter((own) => turn.pays(own, users, outputs))
      .flat(),
  );
  if (inside.size === 0) return graph;
  const builder = newBuilder();
  /** What values of regions are with their axes in the other order. */
  const turned = new Map<Node, Node>();
  return transform(graph, builder, (node, inputs) => {
    const [operand] = node.inputs;
    const own = operand && turned.get(operand);
    if (inside.has(node)) {
      const operands = node.inputs.map(
        (input, i) => turned.get(input) ?? turn.back(builder, input, at(inputs, i), node),
      );
      const made = turn.made(builder, node, operands);
      turned.set(node, made);
      return builder.node("Transpose", [made], { permutation }) as Node;
    }
    if (own === undefined) return rebuild(builder, node, inputs);
    if (node.op === "Transpose" && turn.isInverse(node.attrs.permutation)) return own;
    return turn.reduced(builder, node, own) ?? rebuild(builder, node, inputs);
  }).graph;
}

/** Values of full rank that are made of each other, in sets. */
function regionsOf({ nodes }: Graph, users: Users, turn: Turn): Node[][] {
  const known = new Set<Node>();
  const regions: Node[][] = [];
  for (const start of nodes) {
    if (known.has(start) || !turn.moves(start)) continue;
    const region: Node[] = [];
    const pending = [start];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const node = next;
      if (known.has(node) || !turn.moves(node)) continue;
      known.add(node);
      region.push(node);
      const readers = (users.get(node) ?? []).filter((user) => turn.operands(user).includes(node));
      pending.push(...turn.operands(node), ...readers);
    }
    regions.push(region);
  }
  return regions;
}

/** What a permutation does: the axes of a transposed value are those at `permutation` of the value. */
class Turn {
  readonly #permutation: Permutation;
  readonly #inverse: Permutation;

  constructor(permutation: Permutation) {
    this.#permutation = permutation;
    this.#inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  }

  isInverse(permutation: Permutation): boolean {
    return permutation.join() === this.#inverse.join();
  }

  /** Whether a node is the same of values with their axes in another order. */
  moves(node: Node): boolean {
    if (node.type.shape.length !== this.#permutation.length || this.#isLight(node, node)) return false;
    const isAlongAxes =
      node.op === "Concat" || node.op === "Slice" || node.op === "Pad" || this.#isNormalised(node);
    return isAlongAxes || (isElementwise(node) && node.inputs.length > 0);
  }

  /** Of a normalisation along the last axis alone there is no word with another axis. */
  #isNormalised(node: Node): boolean {
    return node.op === "Normalize" && !node.attrs.axes.includes(this.#permutation.length - 1);
  }

  /** Operands that must be turned, too. */
  operands(node: Node): Node[] {
    if (node.type.shape.length !== this.#permutation.length) return [];
    return node.inputs.filter((input) => !this.#isLight(input, node));
  }

  /** Whether a reshape turns an operand: a scalar, or a value for each element of the last axis whose others have size 1. */
  #isLight(operand: Node, user: Node): boolean {
    const { shape } = operand.type;
    if (shape.every((size) => size === 1)) return true;
    if (!isElementwise(user) || shape.at(-1) === 1) return false;
    const axes = this.#inverse.map((axis) => axis - (this.#permutation.length - shape.length));
    const moved = axes.filter((axis) => axis >= 0 && shape[axis] !== 1);
    return moved.every((axis, i) => i === 0 || axis > at(moved, i - 1));
  }

  /** Whether turning a region leaves fewer transpositions, or as many, of which one is moved from a convolution or pool towards the end. */
  pays(region: readonly Node[], users: Users, outputs: ReadonlySet<Node>): boolean {
    const inside = new Set(region);
    const given = new Set(region.flatMap((node) => this.operands(node)).filter((node) => !inside.has(node)));
    const turned = [...given].filter((node) => this.#isTurned(node));
    const isGone = (node: Node): boolean =>
      !outputs.has(node) && (users.get(node) ?? []).every((user) => inside.has(user) || this.#undoes(user));
    const results = region.filter(
      (node) => outputs.has(node) || (users.get(node) ?? []).some((user) => !inside.has(user)),
    );
    const back = results.flatMap((node) => (users.get(node) ?? []).filter((user) => this.#undoes(user)));
    const left = results.filter(
      (node) =>
        outputs.has(node) ||
        (users.get(node) ?? []).some(
          (user) => !inside.has(user) && !this.#undoes(user) && !this.#reduces(user),
        ),
    );
    const [before, after] = [
      turned.filter(isGone).length + back.length,
      given.size - turned.length + left.length,
    ];
    const isBehindWindow = turned.some((node) =>
      node.inputs.some((input) => spatialAxes(input) !== undefined),
    );
    return turned.length > 0 && (after < before || (after === before && isBehindWindow));
  }

  #isTurned(node: Node): boolean {
    return node.op === "Transpose" && node.attrs.permutation.join() === this.#permutation.join();
  }

  #undoes(node: Node): boolean {
    return node.op === "Transpose" && this.isInverse(node.attrs.permutation);
  }

  /** Whether a node is a reduction whose result has its axes in one order, whether its operand is turned or not. */
  #reduces(node: Node): boolean {
    if (node.op !== "Mean" && node.op !== "Sum" && node.op !== "Max") return false;
    const { axes } = node.attrs;
    const rank = this.#permutation.length;
    const rest = remaining(rank, axes).map((axis) => at(this.#permutation, axis));
    const isInOrder = rest.every((axis, i) => i === 0 || axis > at(rest, i - 1));
    return at(node.inputs, 0).type.shape.length === rank && isInOrder && !axes.includes(rank - 1);
  }

  /** The reduction of a turned operand, if that is the same. */
  reduced(builder: Builder, node: Node, operand: Node): Node | undefined {
    if (!this.#reduces(node) || (node.op !== "Mean" && node.op !== "Sum" && node.op !== "Max"))
      return undefined;
    return builder.node(node.op, [operand], { axes: this.#moved(node.attrs.axes) });
  }

  #moved(axes: readonly number[]): number[] {
    return axes.map((axis) => at(this.#permutation, axis)).sort((a, b) => a - b);
  }

  /** An operand of a region from outside, with its axes in the other order; `image` is what it is in the copy. */
  back(builder: Builder, operand: Node, image: Node, user: Node): Node {
    if (this.#isLight(operand, user)) return this.#relaid(builder, image);
    if (this.#isTurned(operand)) return at(image.inputs, 0);
    return builder.node("Transpose", [image], { permutation: this.#inverse }) as Node;
  }

  #relaid(builder: Builder, operand: Node): Node {
    const { shape } = operand.type;
    if (shape.every((size) => size === 1)) return operand;
    const full = [...range(this.#permutation.length - shape.length).map(() => 1), ...shape];
    const turned = this.#inverse.map((axis) => at(full, axis));
    if (equalShapes(turned, shape)) return operand;
    return builder.node("Reshape", [operand], { shape: turned }) as Node;
  }

  /** The node of operands whose axes are in the other order. */
  made(builder: Builder, node: Node, operands: readonly Node[]): Node {
    if (node.op === "Normalize")
      return builder.node("Normalize", operands, { ...node.attrs, axes: this.#moved(node.attrs.axes) });
    if (node.op !== "Concat" && node.op !== "Slice" && node.op !== "Pad")
      return rebuild(builder, node, operands);
    const attrs = { ...node.attrs, axis: at(this.#permutation, node.attrs.axis) };
    return rebuild(builder, { ...node, attrs } as Node, operands);
  }
}
