/** @file The heads of attention: `split_H(x)` makes of the last axis two, `merge_H(x)` one of them again, `rotate_half(x)` turns. */
import { at } from "../base/assert.ts";
import { toNumber } from "../base/rational.ts";
import { quoted } from "../diag/diagnostic.ts";
import { type Dim, dimText, equalDims, exactQuotient, multiplyDims, symbol } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { headShape, headsFirst } from "../ops/heads.ts";
import type { Heads } from "./functions.ts";
import type { Meaning } from "./meaning.ts";
import { sizeFrom } from "./sizes.ts";
import type { Call } from "./syntax.ts";
import { positional, type Tensor } from "./tensors.ts";

export function inHeads(meaning: Meaning, call: Call, name: Heads["name"]): Tensor {
  meaning.checkCount(name, call.position, call.args.length, 1);
  const x = meaning.evaluate(at(call.args, 0));
  if (name === "rotate_half") return rotated(meaning, call, x);
  if (name === "split") return split(meaning, call, x, headsOf(meaning, call));
  return merged(meaning, call, x, call.subscript.length === 0 ? undefined : headsOf(meaning, call));
}

/** The subscript: a whole number, or the name of a size. */
function headsOf({ tensors, scope }: Meaning, { name, subscript, position }: Call): Dim {
  const [word = "", ...more] = subscript;
  const size = scope.sizeNames.has(word) ? scope.dim(sizeFrom(symbol(word))) : undefined;
  const constant = scope.constant(word);
  const number = /^\d{1,9}$/.test(word) ? Number(word) : constant && toNumber(constant);
  const written = size ?? number ?? 0;
  const isCount = typeof written !== "number" || (Number.isSafeInteger(written) && written > 0);
  if (isCount && more.length === 0) return written;
  const got =
    word === ""
      ? `${name} without a subscript`
      : `${name} with the subscript ${quoted(subscript.join(", "))}`;
  const want = "the number of heads as the subscript: a whole number, or a size";
  throw tensors.source.wrong("A3020", position, got, want);
}

function split({ tensors }: Meaning, { position }: Call, x: Tensor, heads: Dim): Tensor {
  const shape = headShape(positional(x), heads);
  if (shape === undefined) {
    const got = `${tensors.shapeText(x)} in ${dimText(heads)} heads`;
    const want = "two axes or more, the last of which the number of heads divides";
    throw tensors.source.wrong("A3013", position, got, want);
  }
  const node = tensors.reshaped(x.node, [...x.node.type.shape.slice(0, x.labels.length), ...shape]);
  const axes = [...x.axes.slice(0, -1), ...shape.slice(-2).map(dimText)];
  return tensors.reordered({ ...x, node, axes }, headsFirst(axes.length));
}

/** The number of heads is known without being said. */
function merged({ tensors }: Meaning, { position }: Call, x: Tensor, said: Dim | undefined): Tensor {
  const shape = positional(x);
  const heads = shape.at(-3);
  if (heads === undefined || !equalDims(heads, said ?? heads)) {
    const got = `merge of ${tensors.shapeText(x)}${said === undefined ? "" : ` with ${dimText(said)} heads`}`;
    throw tensors.source.wrong("A3013", position, got, "[…, H, T, k]: the heads on the last axis but two");
  }
  const turned = tensors.reordered(x, headsFirst(shape.length));
  const width = multiplyDims(heads, at(shape, shape.length - 1));
  const axes = [...turned.axes.slice(0, -2), dimText(width)];
  const sizes = [...turned.node.type.shape.slice(0, -2), width];
  return { ...turned, node: tensors.reshaped(turned.node, sizes), axes };
}

/** (−x₂, x₁) of the halves of the last axis. */
function rotated({ tensors }: Meaning, { name, position, subscript }: Call, x: Tensor): Tensor {
  const axis = x.node.type.shape.length - 1;
  const size = positional(x).at(-1);
  const half = size === undefined ? undefined : exactQuotient(size, 2);
  if (subscript.length > 0)
    throw tensors.source.wrong(
      "A3020",
      position,
      `${name} with a subscript`,
      "none: it acts on the last axis",
    );
  if (size === undefined || half === undefined)
    throw tensors.source.wrong("A3013", position, `${name} of ${tensors.shapeText(x)}`, "an even last axis");
  const part = (start: Dim, stop: Dim): Node =>
    tensors.node("Slice", [x.node], { axis, start, stop, step: 1 });
  const negated = tensors.node("Neg", [part(half, size)], {});
  return { ...x, node: tensors.node("Concat", [negated, part(0, half)], { axis }) };
}
