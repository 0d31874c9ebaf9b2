/** @file Cross-entropy with integer labels: `cross_entropy_V(logits, label)`. */
import { at } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { isReal } from "../ir/type.ts";
import { crossEntropy } from "../ops/entropy.ts";
import { placesOf } from "./along.ts";
import type { Meaning } from "./meaning.ts";
import { asIntegers } from "./picking.ts";
import type { Call } from "./syntax.ts";
import { positional, type Tensor } from "./tensors.ts";

/** −log_softmax along an axis, at the places that integers say. */
export function entropyOfLabels(meaning: Meaning, call: Call): Tensor {
  const { tensors } = meaning;
  const { tensors: args } = meaning.args(call, 2, 0);
  const [scores, said] = [at(args, 0), at(args, 1)];
  // Whole numbers that are chosen or counted are as good as declared integers.
  const label = { ...said, node: asIntegers(tensors, said.node) ?? said.node };
  const place = at(placesOf(meaning, call, { unnamed: "only", severalAxes: false }, scores), 0);
  const letter = scores.labels[place];
  const x = letter === undefined ? scores : tensors.withPositional(scores, letter);
  const axis = letter === undefined ? place - scores.labels.length : 0;
  const shape = positional(x).toSpliced(axis, 1);
  const { dtype } = label.node.type;
  const isOfIntegers = !isReal(dtype) && dtype !== "bool";
  const isAlong = letter !== undefined && label.labels.includes(letter);
  if (!isOfIntegers || isAlong || !equalShapes(positional(label), shape)) {
    const got = `${call.name} of ${tensors.shapeText(scores)} and ${tensors.shapeText(label)}`;
    throw tensors.source.wrong("A3013", call.position, got, "scores, and integers for all axes but one");
  }
  const sizes = tensors.labelSizes(call.position, [x, label]);
  const nodes = [tensors.broadcast(x, sizes, positional(x)), tensors.broadcast(label, sizes, shape)];
  const node = crossEntropy.expand(tensors.build, nodes, { axis: sizes.size + axis });
  return { node, labels: [...sizes.keys()], axes: x.axes.toSpliced(axis, 1) };
}
