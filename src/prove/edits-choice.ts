/** @file Edits of choices between two values, such as masks: without a condition, with another one, with other fillings. */
import { at, range } from "../base/assert.ts";
import { equal, rational, toText } from "../base/rational.ts";
import { equalDims, equalShapes } from "../ir/dim.ts";
import { applied, type Builder, type Node, rebuild } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { isCausal, isSoftmax, isStored, numberOf } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import { opWords } from "./edit-variants.ts";

const isChoice = (node: Node): boolean =>
  node.inputs.length === 3 && at(node.inputs, 0).type.dtype === "bool";

export const choiceEdits = (node: Node): Edit[] =>
  isChoice(node) ? [...unconditional(node), ...otherConditions(node), ...otherFillings(node)] : [];

/** One of two values everywhere, whatever the condition between them says. */
function unconditional(node: Node): Edit[] {
  const values = node.inputs.slice(1);
  const isWhole = (value: Node): boolean =>
    equalShapes(node.type.shape, value.type.shape) && !isStored(value);
  return values.filter(isWhole).map((value) => ({
    kind: "missing-operation",
    node,
    words: `${opWords(node)} is missing: its condition, such as a mask, has no effect`,
    make: (_, inputs) => at(inputs, node.inputs.indexOf(value)),
  }));
}

/** The condition the other way round, or along the other of the last two axes. */
function otherConditions(node: Node): Edit[] {
  const rank = at(node.inputs, 0).type.shape.length;
  const turned: Edit = {
    kind: "wrong-operand",
    node,
    words: "the condition is turned around",
    make: (builder, [condition, ...values]) =>
      rebuild(builder, node, condition === undefined ? [] : [condition, ...values.reverse()]),
  };
  if (rank < 2) return [turned];
  const exchanged = [...range(rank - 2), rank - 1, rank - 2];
  const across: Edit = {
    kind: "wrong-operand",
    node,
    words: "the condition is that of the other axis",
    make: (builder, inputs) =>
      rebuild(builder, node, [
        builder.node("Transpose", [at(inputs, 0)], { permutation: exchanged }),
        ...inputs.slice(1),
      ]),
  };
  return [turned, across];
}

/** What programs fill hidden places with. */
const fillings = [0, -1e4, -1e9].map((value) => rational(value));

function otherFillings(node: Node): Edit[] {
  return [1, 2].flatMap((place) => {
    const own = at<Node>(node.inputs, place);
    if (!isStored(own)) return [];
    const value = numberOf(own);
    const edit = (text: string, fill: (builder: Builder) => Node): Edit => ({
      kind: "wrong-constant",
      node,
      words: `what the condition hides is ${text}`,
      make: (builder, inputs) => rebuild(builder, node, inputs.with(place, fill(builder))),
    });
    const { dtype } = own.type;
    const numbers = fillings
      .filter((other) => value === undefined || !equal(other, value))
      .map((other) =>
        edit(toText(other), (builder) => applied(builder, "Constant", [], { value: other, dtype })),
      );
    const infinity = edit("-inf", (builder) =>
      applied(builder, "NamedConstant", [], { name: "negative infinity", dtype }),
    );
    return value === undefined ? numbers : [...numbers, infinity];
  });
}

/** A mask that the spec does not have, which hides later positions from earlier ones. */
export function hidingEdits(node: Node): Edit[] {
  const [scores] = node.inputs;
  const [queries, keys] = node.type.shape.slice(-2);
  const isSquare = queries !== undefined && keys !== undefined && equalDims(queries, keys);
  if (!isSoftmax(node) || scores === undefined || isChoice(scores) || isCausal(scores) || !isSquare)
    return [];
  return [
    {
      kind: "wrong-operation",
      node,
      widest: "alike",
      words: `what ${opWords(node)} takes is masked: no position sees a later one`,
      make: (builder, inputs) => rebuild(builder, node, [applied(builder, "Causal", inputs, {})]),
    },
  ];
}

/** A mask that is applied to what a normalisation gives, instead of to what it takes. */
export function maskEdits(node: Node): Edit[] {
  const [masked] = node.inputs;
  if (definitionOf(node.op).family !== "normalisation" || masked === undefined || !isChoice(masked))
    return [];
  const place = masked.inputs.findIndex((input, index) => index > 0 && isStored(input));
  if (place < 0) return [];
  return [
    {
      kind: "wrong-order",
      node,
      words: `the mask comes after ${opWords(node)}`,
      make: (builder, _, imageOf) => {
        const [condition, ...values] = masked.inputs.map(imageOf);
        const zero = applied(builder, "Constant", [], { value: rational(0), dtype: node.type.dtype });
        const normal = rebuild(builder, node, [at(values, 2 - place)]);
        const filled = place === 2 ? [normal, zero] : [zero, normal];
        return rebuild(builder, masked, condition === undefined ? [] : [condition, ...filled]);
      },
    },
  ];
}
