/** @file What values and axes are called in messages. */
import { at, get } from "../base/assert.ts";
import { symbol } from "../base/layout.ts";
import { dimText, type Sizes, shapeText, sizesOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { arrayForm, type Vocabulary } from "../notation/forms.ts";
import { toPlainText } from "../notation/plain.ts";
import { definitionOf } from "../ops/table.ts";
import type { CodeParameters } from "./layout-words.ts";
import type { Scale } from "./reduce.ts";

/** Names for values and axes. */
export interface Namer {
  value(node: Node): string;
  axis(node: Node, axis: number): string;
}

/** Expressions up to this length stand for themselves in a sentence. */
const longestExpression = 32;

/**
 * Names the values of a spec as it calls them, else by their expression, and axes by their sizes' names. `original` leads to
 * the spec as written, where sizes still have names.
 */
export function nameIn(graph: Graph, original: (node: Node) => Node | undefined = (node) => node): Namer {
  const given = (node: Node): string | undefined =>
    graph.labels.get(node) ??
    ("name" in node.attrs && typeof node.attrs.name === "string" ? node.attrs.name : undefined);
  const sizeName = (node: Node, axis: number): string | undefined => {
    const size = original(node)?.type.shape[axis];
    return size === undefined || typeof size === "number" ? undefined : dimText(size);
  };
  const words: Vocabulary = {
    name: (node) => given(node) ?? node.op.toLowerCase(),
    axis: sizeName,
    joinedAxis: () => undefined,
    isSize: () => false,
    own: () => undefined,
    sizeName: (node, axis) => sizeName(node, axis) ?? dimText(at(node.type.shape, axis)),
    shape: (node) => symbol(shapeText(node.type.shape)),
    size: (size) => symbol(dimText(size)),
    counted: () => undefined,
    bound: (place) => symbol(dimText(place)),
    letters: () => (_, axis) => `i${axis}`,
  };
  const value = (node: Node): string => {
    const name = given(node);
    if (name !== undefined) return name;
    const form = arrayForm(node, (inner) => given(inner) !== undefined, words);
    // In another layout a value is still the same one.
    const same = isRearranged(node) ? node.inputs[0] : undefined;
    const text = form === undefined || (form.clumsy && same !== undefined) ? "" : toPlainText(form.layout);
    if (text !== "" && text.length <= longestExpression) return text;
    return same === undefined ? node.op.toLowerCase() : value(same);
  };
  return {
    value,
    axis: (node, axis) => `axis ${sizeName(node, axis) ?? axis}`,
  };
}

const isRearranged = (node: Node): boolean =>
  node.inputs.length === 1 && definitionOf(node.op).rearranges === true;

/** The parameters of the code by their names there, with their sizes in this comparison and in the model. */
export function codeParameters(code: Graph, sizes: Sizes, scale: Scale): CodeParameters {
  const names = new Map<Node, string>(
    code.parameters.map((parameter) => [parameter.node as Node, parameter.names.join(" = ")]),
  );
  return {
    name: (parameter) => get(names, parameter),
    shape: (parameter) => sizesOf(parameter.type.shape, sizes),
    placeBefore: (extent, place) => scale.placeBefore(scale.before(extent), place),
  };
}
