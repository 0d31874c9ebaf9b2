/**
 * @file Edits of how numbers lie: a value that is viewed in another shape where its axes should be exchanged, so that numbers
 * of one head, token or channel get under those of another.
 */
import { at, range } from "../base/assert.ts";
import { dimText, elementCount, type Shape } from "../ir/dim.ts";
import { applied, type Builder, type Node, rebuild } from "../ir/graph.ts";
import { canonicalEquation, parseContraction } from "../ops/reduction.ts";
import { contractionOf, isAdditive, isKept, isParameterLike, isStored, reshapeOf } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import type { Namer } from "./names.ts";

/** A layer's result that is split, or an operand that is joined, by a view where an axis should move. */
export function layoutEdits(node: Node, names: Namer): Edit[] {
  const isJoin = contractionOf(node) !== undefined || reshapeOf(node) !== undefined;
  return [
    ...splits(node, names),
    ...otherJoins(node, names),
    ...node.inputs.flatMap((operand, index) => (isJoin && !isKept(operand) ? joins(node, index, names) : [])),
  ];
}

/** The layer gives its own axes last and joined, such as heads; a view then puts them where they are meant to stand. */
function splits(node: Node, names: Namer): Edit[] {
  const layer = layerOf(node);
  const { shape } = node.type;
  const own = range(shape.length);
  if (layer === undefined || layer.order.join() === own.join()) return [];
  const { product, bias, order, columns } = layer;
  return [
    {
      kind: "wrong-layout",
      node,
      words: words(node, order, own, names),
      make: (builder, _, imageOf) => {
        const joined = product(builder, imageOf);
        const shifted =
          bias === undefined
            ? joined
            : rebuild(
                builder,
                node,
                node.inputs.map((input) =>
                  input === bias ? rows(builder, imageOf(bias), order, columns) : joined,
                ),
              );
        return viewed(builder, shifted, shape);
      },
    },
  ];
}

interface Layer {
  /** The product with the layer's own axes joined into the last one. */
  readonly product: (builder: Builder, imageOf: (node: Node) => Node) => Node;
  readonly bias: Node | undefined;
  /** The axes in the order in which the layer gives them, of which the last `columns` are its own. */
  readonly order: readonly number[];
  readonly columns: number;
}

/** A product with a parameter, and the bias that may be added to it. */
function layerOf(node: Node): Layer | undefined {
  const product = isAdditive(node) ? node.inputs.find((input) => !isStored(input)) : node;
  const equation = product && contractionOf(product);
  const bias = product === node ? undefined : node.inputs.find(isParameterLike);
  const weight = product?.inputs.findIndex(isParameterLike);
  if (product === undefined || equation === undefined || weight === undefined || weight < 0) return undefined;
  if (product.type.shape.length !== node.type.shape.length) return undefined;
  if (product !== node && bias === undefined) return undefined;
  const { left, right, out, batch } = parseContraction(equation);
  const [own, data] = weight === 0 ? [left, right] : [right, left];
  const columns = own.filter((letter) => out.includes(letter));
  const summed = own.filter((letter) => !out.includes(letter));
  if (batch.length > 0 || columns.length < 2) return undefined;
  const lettered = [...out.filter((letter) => !columns.includes(letter)), ...columns];
  const joined = at(columns, 0);
  const rowLetters = lettered.slice(0, -columns.length);
  return {
    bias,
    order: lettered.map((letter) => out.indexOf(letter)),
    columns: columns.length,
    product: (builder, imageOf) => {
      const matrix = imageOf(at(product.inputs, weight));
      const turned = transposed(
        builder,
        matrix,
        [...summed, ...columns].map((letter) => own.indexOf(letter)),
      );
      const flat = flattened(builder, turned, columns.length);
      const x = imageOf(at(product.inputs, 1 - weight));
      const form = `${data.join("")},${[...summed, joined].join("")}->${[...rowLetters, joined].join("")}`;
      return applied(builder, product.op, [x, flat], { equation: canonicalEquation(form) });
    },
  };
}

/** A bias over the axes of a layer's result, laid over what the layer gives. */
function rows(builder: Builder, bias: Node, order: readonly number[], columns: number): Node {
  const missing = range(order.length - bias.type.shape.length).map(() => 1);
  const whole = viewed(builder, bias, [...missing, ...bias.type.shape]);
  return flattened(builder, transposed(builder, whole, order), columns);
}

/** The last axes joined into one. */
function flattened(builder: Builder, node: Node, columns: number): Node {
  const { shape } = node.type;
  return viewed(builder, node, [...shape.slice(0, -columns), elementCount(shape.slice(-columns))]);
}

function joins(node: Node, index: number, names: Namer): Edit[] {
  const operand = at(node.inputs, index);
  const { shape } = operand.type;
  const own = range(shape.length);
  return movesOf(shape).map((order) => {
    const back = own.map((axis) => order.indexOf(axis));
    return {
      kind: "wrong-layout",
      node,
      words: words(operand, own, order, names),
      make: (builder, inputs) => {
        const mixed = transposed(builder, viewed(builder, at(inputs, index), permuted(shape, order)), back);
        return rebuild(builder, node, inputs.with(index, mixed));
      },
    };
  });
}

/** Axes that are joined in another order, as of what is put side by side instead of in turns. */
function otherJoins(node: Node, names: Namer): Edit[] {
  const shape = reshapeOf(node);
  const operand = at([...node.inputs, node], 0);
  if (shape === undefined || shape.length >= operand.type.shape.length) return [];
  return movesOf(operand.type.shape).map((order) => ({
    kind: "wrong-order",
    node,
    words: `axes of ${names.value(operand)} are joined in the order ${axesText(operand, order, names)} in ${names.value(node)}`,
    make: (builder, inputs) => viewed(builder, transposed(builder, at(inputs, 0), order), shape),
  }));
}

/** Axes by their names; those that have none by their sizes. */
function axesText(value: Node, order: readonly number[], names: Namer): string {
  const axes = order.map((axis) => {
    const name = names.axis(value, axis).replace(/^axis /, "");
    return name === `${axis}` ? dimText(at(value.type.shape, axis)) : name;
  });
  return `[${axes.join(", ")}]`;
}

function words(value: Node, from: readonly number[], to: readonly number[], names: Namer): string {
  const [stored, read] = [axesText(value, from, names), axesText(value, to, names)];
  return `numbers of ${names.value(value)} in the order ${stored} are viewed as ${read} instead of transposed`;
}

const permuted = <T>(shape: readonly T[], order: readonly number[]): T[] =>
  order.map((axis) => at(shape, axis));

const transposed = (builder: Builder, node: Node, permutation: readonly number[]): Node =>
  applied(builder, "Transpose", [node], { permutation });

const viewed = (builder: Builder, node: Node, shape: Shape): Node =>
  applied(builder, "Reshape", [node], { shape });

/** Orders of the axes of a shape in which one stands at another place. */
function movesOf(shape: Shape): number[][] {
  const own = range(shape.length);
  const orders = own.flatMap((axis) => {
    const others = own.filter((other) => other !== axis);
    return own.map((place) => others.toSpliced(place, 0, axis));
  });
  const distinct = new Map(orders.map((order) => [order.join(), order]));
  return [...distinct.values()].filter((order) => order.join() !== own.join());
}
