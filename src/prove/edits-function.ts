/** @file Edits of functions: one left out, one too many, or another one. */
import { at } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { applied, type Graph, type Node, rebuild } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { isStored } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import { activations, functions, normalisations, opWords } from "./edit-variants.ts";
import type { Namer } from "./names.ts";

/** Leaves out a function of one operand: an activation, a normalisation. */
export function dropEdits(node: Node): Edit[] {
  const { family, arity } = definitionOf(node.op);
  if (arity !== 1 || !equalShapes(node.type.shape, at(node.inputs, 0).type.shape)) return [];
  const make: Edit["make"] = (_, inputs) => at(inputs, 0);
  const without = { node, widest: "alike", words: `${opWords(node)} is missing`, make } as const;
  if (family === "activation")
    return [{ ...without, kind: "missing-activation", words: `the activation ${opWords(node)} is missing` }];
  if (family === "normalisation") return [{ ...without, kind: "missing-normalisation" }];
  return family === "function" || family === "arithmetic" ? [{ ...without, kind: "missing-operation" }] : [];
}

/** Another function in the place of a function of one operand. */
export function functionEdits(node: Node): Edit[] {
  const { family, arity } = definitionOf(node.op);
  if (arity !== 1 || (family !== "activation" && family !== "function")) return [];
  const own = opWords(node);
  return [...activations, ...functions]
    .filter(({ words }) => words !== own)
    .map((other) => ({
      kind: family === "activation" ? "wrong-activation" : "wrong-operation",
      node,
      widest: "alike",
      words: `the ${family} is ${other.words} instead of ${own}`,
      make: (builder, inputs) => other.apply(builder, at(inputs, 0)),
    }));
}

/** Another normalisation in the place of one. */
export function normalisationEdits(node: Node): Edit[] {
  const family = normalisations.find((all) => all.some(({ op }) => op === node.op)) ?? [];
  return family
    .filter(({ op }) => op !== node.op)
    .map(({ op, words }) => ({
      kind: "wrong-operation",
      node,
      widest: "alike",
      words: `${op.toLowerCase()} stands in the place of ${opWords(node)}: ${words}`,
      make: (builder, inputs) => applied(builder, op, inputs, node.attrs),
    }));
}

/** A function where the spec has none. */
export function insertEdits(spec: Graph, node: Node, names: Namer): Edit[] {
  const output = spec.outputs.find((o) => o.node === node);
  const place = output === undefined ? names.value(node) : `the output ${output.name}`;
  return [...activations, ...functions].map((extra) => ({
    kind: activations.includes(extra) ? "extra-activation" : "wrong-operation",
    node,
    words: `${place} goes through ${extra.words}`,
    make: (builder, inputs) => extra.apply(builder, rebuild(builder, node, inputs)),
  }));
}

/** How far back a computation may be skipped. */
const longestBypass = 5;

/** A value some steps back, of the same type, in the place of this one. */
export function bypassEdits(node: Node, names: Namer): Edit[] {
  return bypassable(node).map((ancestor) => {
    const normalisation = onlyNormalisation(ancestor, node);
    const [from, to] = [names.value(ancestor), names.value(node)];
    return {
      kind: normalisation === undefined ? "missing-operation" : "missing-normalisation",
      node,
      words:
        normalisation === undefined
          ? `what leads from ${from} to ${to} is missing`
          : `${opWords(normalisation)} of ${from} is missing`,
      make: (_, __, imageOf) => imageOf(ancestor),
    };
  });
}

/** Values a few steps back that could stand in the place of a node. */
export function bypassable(node: Node): Node[] {
  // What the operands themselves could stand for is covered by other edits, but for contractions.
  const direct = new Set(definitionOf(node.op).family === "contraction" ? [] : node.inputs);
  let front = new Set<Node>([node]);
  const found = new Set<Node>();
  for (let step = 0; step <= longestBypass; step++) {
    front = new Set([...front].flatMap((n) => n.inputs));
    for (const ancestor of front) if (!direct.has(ancestor)) found.add(ancestor);
  }
  return [...found].filter(
    (ancestor) => equalShapes(ancestor.type.shape, node.type.shape) && !isStored(ancestor),
  );
}

/** The normalisation between two values where nothing else is but what parameters make of it, such as a gain and a bias. */
function onlyNormalisation(from: Node, to: Node): Node | undefined {
  let found: Node | undefined;
  for (let node = to; node !== from; ) {
    const [way, ...more] = node.inputs.filter((input) => !isStored(input));
    if (way === undefined || more.length > 0 || definitionOf(node.op).family === "contraction")
      return undefined;
    if (definitionOf(node.op).family === "normalisation") {
      if (found !== undefined) return undefined;
      found = node;
    }
    node = way;
  }
  return found;
}
