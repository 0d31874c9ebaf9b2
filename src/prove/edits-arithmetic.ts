/** @file Edits of sums, products and reductions: terms left out, other operations, other axes, constant factors. */
import { at } from "../base/assert.ts";
import { equal, multiply, parseDecimal, type Rational, rational, toText } from "../base/rational.ts";
import { equalShapes } from "../ir/dim.ts";
import { applied, type Graph, type Node, reachable, rebuild } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { definitionOf } from "../ops/table.ts";
import {
  integerOf,
  isAdditive,
  isKept,
  isParameterLike,
  isPositional,
  isStored,
  numberOf,
  positionsOf,
  sliceOf,
} from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import { operationWords, opWords } from "./edit-variants.ts";
import type { Namer } from "./names.ts";

const binaryOperators: readonly OpName[] = ["Add", "Sub", "Mul", "Div"];

/** Leaves out a term or factor, or combines the two by another operation. */
export function arithmeticEdits(node: Node, names: Namer): Edit[] {
  const { algebra } = definitionOf(node.op);
  if (algebra === undefined) return [];
  const removals = algebra.removable
    .filter((index) => equalShapes(at(node.inputs, 1 - index).type.shape, node.type.shape))
    .flatMap((index) => removalEdits(node, index, names));
  const replacements = binaryOperators
    .filter((op) => op !== node.op)
    .map((op): Edit => {
      const [x, y] = [names.value(at(node.inputs, 0)), names.value(at(node.inputs, 1))];
      const words = `${x} and ${y} are ${operationWords(op)}, not ${operationWords(node.op)}`;
      return {
        kind: "wrong-operation",
        node,
        words,
        make: (b, inputs) => applied(b, op, inputs, {}),
      };
    });
  return [...removals, ...replacements];
}

function removalEdits(node: Node, index: number, names: Namer): Edit[] {
  const [gone, kept] = [at(node.inputs, index), at(node.inputs, 1 - index)];
  const drop: Edit["make"] = (_, inputs) => at(inputs, 1 - index);
  if (isParameterLike(gone) && isKept(gone) && !isStored(kept)) {
    const name = names.value(gone);
    return [
      { kind: "missing-bias", node, words: `${name} is missing`, make: drop },
      twice(node, index, names),
    ];
  }
  const isSum = isAdditive(node) && definitionOf(node.op).commutative === true && !isStored(gone);
  const beginning = isSum ? beginningOfSkip(gone, kept) : undefined;
  if (beginning !== undefined) {
    return [
      {
        kind: "missing-skip-connection",
        node,
        words: `the skip connection from ${names.value(beginning)} is missing`,
        make: drop,
      },
    ];
  }
  const missing: Edit = {
    kind: "missing-term",
    node,
    words: `${names.value(gone)} is not ${operationWords(node.op)}`,
    make: drop,
  };
  // A table, such as that of positions, is easily added once more.
  const isTable = isStored(gone) && gone.type.shape.length > 0 && !isStored(kept);
  return isTable ? [missing, twice(node, index, names)] : [missing];
}

/**
 * Where a skip connection to a sum with `other` begins: at the term itself, or at the one value that it is a projection of, such as
 * a convolution, with nothing bent on the way and nothing else read.
 */
function beginningOfSkip(term: Node, other: Node): Node | undefined {
  const way = new Set(reachable([other]));
  if (way.has(term)) return term;
  const own = reachable([term]).filter((node) => !way.has(node) && !isStored(node));
  const families = own.map(({ op }) => definitionOf(op).family);
  // A step of a sequence is no way around what other steps go through.
  const isSlice = own.some((node) => sliceOf(node) !== undefined);
  const readsInput = own.some(({ inputs }) => inputs.length === 0);
  const isProjection = families.includes("contraction") && !isSlice && !readsInput;
  const [beginning, ...more] = new Set(
    own.flatMap(({ inputs }) => inputs.filter((input) => way.has(input) && !isStored(input))),
  );
  return isProjection && !families.includes("activation") && more.length === 0 ? beginning : undefined;
}

const twice = (node: Node, index: number, names: Namer): Edit => ({
  kind: "bias-added-twice",
  node,
  words: `${names.value(at(node.inputs, index))} is ${operationWords(node.op)} twice`,
  make: (builder, inputs) => {
    const once = rebuild(builder, node, inputs);
    return rebuild(builder, node, index === 1 ? [once, at(inputs, 1)] : [at(inputs, 0), once]);
  },
});

/** Values of ε and slopes that people use. */
const usualConstants = ["0", "1e-12", "1e-8", "1e-7", "1e-6", "1e-5", "1e-3", "0.01", "0.1", "0.2"];

/** Another ε or slope among the attributes of an operator. */
export function attributeEdits(node: Node): Edit[] {
  const attrs = node.attrs as Readonly<Record<string, unknown>>;
  return ["epsilon", "slope"].flatMap((name) => {
    const own = attrs[name] as Rational | undefined;
    if (own === undefined) return [];
    return usualConstants
      .map((text) => parseDecimal(text) ?? own)
      .filter((value) => !equal(value, own))
      .map(
        (value): Edit => ({
          kind: "wrong-constant",
          node,
          widest: "alike",
          words: `the ${name} of ${opWords(node)} is ${toText(value)} instead of ${toText(own)}`,
          make: (builder, inputs) => applied(builder, node.op, inputs, { ...attrs, [name]: value }),
        }),
      );
  });
}

/** Another ε added to a value, such as a variance. */
export function epsilonEdits(node: Node): Edit[] {
  const place = node.inputs.findIndex((input) => numberOf(input) !== undefined);
  const own = place < 0 ? undefined : numberOf(at(node.inputs, place));
  if (own === undefined || !isAdditive(node)) return [];
  return usualConstants
    .map((text) => parseDecimal(text) ?? own)
    .filter((value) => !equal(value, own))
    .map((value) => constantEdit(node, place, own, value));
}

const constantEdit = (node: Node, place: number, own: Rational, value: Rational): Edit => ({
  kind: "wrong-constant",
  node,
  words: `the constant is ${toText(value)} instead of ${toText(own)}`,
  make: (builder, inputs) => {
    const constant = builder.node("Constant", [], { value, dtype: at(inputs, place).type.dtype });
    return rebuild(builder, node, inputs.with(place, constant));
  },
});

/** Another number of the code in the place of a number of the spec, or as a further factor of it. */
export function numberEdits(node: Node, others: readonly Rational[]): Edit[] {
  return node.inputs.flatMap((input, place) => {
    const own = numberOf(input) ?? wholeNumber(integerOf(input));
    if (own === undefined) return [];
    const factors = isAdditive(node) ? [] : others.map((value) => multiply(own, value));
    return [...others, ...factors].map((value) => constantEdit(node, place, own, value));
  });
}

/** The numbers of a graph that another does not have. */
export function numbersOnlyOf(graph: Graph, other: Graph): Rational[] {
  const numbersOf = ({ nodes }: Graph): Rational[] =>
    nodes.flatMap((node) => numberOf(node) ?? wholeNumber(integerOf(node)) ?? []);
  const known = new Set(numbersOf(other).map(toText));
  const own = new Map(numbersOf(graph).map((number) => [toText(number), number]));
  return [...own].flatMap(([text, number]) => (known.has(text) ? [] : [number]));
}

/** Positions that count from 1. */
export function positionEdits(node: Node, names: Namer): Edit[] {
  if (positionsOf(node) === undefined) return [];
  return [
    {
      kind: "wrong-operand",
      node,
      words: `places along ${names.axis(node, 0)} count from 1 instead of 0`,
      make: (builder, inputs) => {
        const one = builder.node("Constant", [], { value: rational(1), dtype: node.type.dtype });
        return builder.node("Add", [rebuild(builder, node, inputs), one], {});
      },
    },
  ];
}

/**
 * The next whole number below or above one that something is compared with, such as a number of chosen elements; or, where
 * places are compared, one place more or less, as in a mask.
 */
export function thresholdEdits(node: Node): Edit[] {
  if (definitionOf(node.op).family !== "comparison") return [];
  const [first, second] = node.inputs;
  if (first !== undefined && second !== undefined && isPositional(first) && isPositional(second))
    return [...shiftEdits(node), exchanged(node)];
  return node.inputs.flatMap((input, place) => {
    const own = numberOf(input) ?? wholeNumber(integerOf(input));
    if (own?.denominator !== 1n) return [];
    return [1n, -1n].map((step): Edit => {
      const value = { numerator: own.numerator + step, denominator: 1n };
      return {
        kind: "wrong-constant",
        node,
        words: `the constant is ${toText(value)} instead of ${toText(own)}`,
        make: (builder, inputs) => {
          const constant = builder.node("Constant", [], { value, dtype: at(inputs, place).type.dtype });
          return rebuild(builder, node, inputs.with(place, constant));
        },
      };
    });
  });
}
function shiftEdits(node: Node): Edit[] {
  return [1, -1].map((step) => ({
    kind: "wrong-constant",
    node,
    words: `${opWords(node)} holds for one place ${step > 0 ? "more" : "less"}`,
    make: (builder, inputs) => {
      const { dtype } = at(inputs, 1).type;
      const constant = builder.node("Constant", [], { value: rational(step), dtype });
      return rebuild(builder, node, inputs.with(1, builder.node("Add", [at(inputs, 1), constant], {})));
    },
  }));
}

const exchanged = (node: Node): Edit => ({
  kind: "wrong-operand",
  node,
  words: `${opWords(node)} has its operands in the other order`,
  make: (builder, inputs) => rebuild(builder, node, inputs.toReversed()),
});

const wholeNumber = (value: number | undefined): Rational | undefined =>
  value === undefined ? undefined : rational(value);

/** A constant that was solved for: a fraction, or its square root. */
export interface Factor {
  readonly value: Rational;
  readonly root: boolean;
}

export const factorText = ({ value, root }: Factor): string =>
  root ? `sqrt(${toText(value)})` : toText(value);

/** The node times a constant; a constant that is scaled is another constant. */
export function scaleEdit(node: Node, factor: Factor, names: Namer): Edit {
  const constant = isStored(node) && !isParameterLike(node);
  const name = names.value(node);
  return {
    kind: constant ? "wrong-constant" : "wrong-scale",
    node,
    widest: "alike",
    words: constant
      ? `the constant ${name} is ${name} * ${factorText(factor)} in the code`
      : `${name} is multiplied by ${factorText(factor)}`,
    make: (builder, inputs) => {
      const scaled = rebuild(builder, node, inputs);
      const constant = builder.node("Constant", [], { value: factor.value, dtype: node.type.dtype });
      return builder.node("Mul", [factor.root ? builder.node("Sqrt", [constant], {}) : constant, scaled], {});
    },
  };
}
