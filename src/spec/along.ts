/** @file Functions along axes and indices: sums, means, maxima, softmax, normalisations. */
import { at, range } from "../base/assert.ts";
import { quoted } from "../diag/diagnostic.ts";
import { addDims, type Dim, equalDims, symbol } from "../ir/dim.ts";
import type { Along } from "./functions.ts";
import type { Meaning } from "./meaning.ts";
import { innerProduct, juxtaposed, sumOfProduct, times } from "./products.ts";
import { sizeFrom, sizeText } from "./sizes.ts";
import { type Position, suggestion } from "./source.ts";
import { type Bounds, type Call, containsLetter, type Expression } from "./syntax.ts";
import { positional, type Tensor, type Tensors } from "./tensors.ts";
import { isFromLast } from "./tokens.ts";

export function calledAlong(meaning: Meaning, call: Call, rule: Along): Tensor {
  const { position, subscript, bounds } = call;
  const { tensors } = meaning;
  checkCount(meaning, call);
  if (call.name === "sum" && call.args.length === 1) {
    const contracted = contractedSum(meaning, call);
    if (contracted !== undefined) return contracted;
  }
  const { tensors: args, constants } = meaning.args(call, 1, rule.constants);
  const x = inOrder(tensors, at(args, 0), subscript);
  const places = placesOf(meaning, call, rule, x);
  if (bounds !== undefined) checkBounds(meaning, position, bounds, at(x.node.type.shape, at(places, 0)));
  return tensors.along(x, places, rule.keepsAxes, (axes) =>
    rule.make(tensors.build, x.node, axes, constants),
  );
}

/** The axes that a function acts along, by their places in the node. */
export const placesOf = (
  meaning: Meaning,
  call: Call,
  rule: Pick<Along, "unnamed" | "severalAxes">,
  x: Tensor,
): number[] =>
  call.subscript.length === 0 ? allPlaces(meaning, call, rule, x) : namedPlaces(meaning, call, rule, x);

/** Indices as the subscript has them: the field's maximum of several axes knows their order. */
function inOrder(tensors: Tensors, x: Tensor, subscript: readonly string[]): Tensor {
  const isOfIndices = subscript.length > 1 && subscript.every((name) => x.labels.includes(name));
  const others = x.labels.filter((name) => !subscript.includes(name));
  return isOfIndices && new Set(subscript).size === subscript.length
    ? tensors.ordered(x, [...others, ...subscript])
    : x;
}

/** Without a subscript: all positional axes of a reduction, the only one of a softmax. */
function allPlaces({ tensors }: Meaning, call: Call, rule: Pick<Along, "unnamed">, x: Tensor): number[] {
  const places = tensors.places(x);
  if (places.length === 1 || (places.length > 0 && rule.unnamed === "all")) return places;
  const got = `${call.name} of ${tensors.shapeText(x)} without an axis`;
  const name = x.axes.at(-1);
  const action = name === undefined ? undefined : `write ${call.name}_${name}(…) for the last axis`;
  throw tensors.source.wrong("A3015", call.position, got, `the axis as a subscript`, action);
}

export function namedPlaces(
  meaning: Meaning,
  call: Call,
  rule: Pick<Along, "severalAxes">,
  x: Tensor,
): number[] {
  const { subscript, position } = call;
  if (new Set(subscript).size !== subscript.length || (subscript.length > 1 && !rule.severalAxes)) {
    const got = `${call.name} along ${quoted(subscript.join(", "))}`;
    const want = rule.severalAxes ? "each axis once" : "one axis";
    throw meaning.tensors.source.wrong("A3020", position, got, want);
  }
  return subscript.map((name) => placeOf(meaning, position, x, name));
}

/** The axis that a subscript such as -1 counts from the last; `undefined` for a name, and where there is no such axis. */
export function placeFromLast(subscript: string, rank: number): number | undefined {
  const place = isFromLast(subscript) ? rank + Number(subscript) : -1;
  return place < 0 ? undefined : place;
}

/** The place in the node of an index letter, of an axis counted from the last, or of the axis with this name. */
function placeOf(meaning: Meaning, position: Position, x: Tensor, name: string): number {
  const { tensors, scope } = meaning;
  const label = x.labels.indexOf(name);
  if (label >= 0) return label;
  const place = placeFromLast(name, x.axes.length);
  if (place !== undefined) return x.labels.length + place;
  const size = scope.dim(sizeFrom(symbol(name)));
  const named = range(x.axes.length).filter((axis) => x.axes[axis] === name);
  const sized = range(x.axes.length).filter((axis) => equalDims(at(positional(x), axis), size));
  const found = named.length > 0 ? named : sized;
  const [axis] = found;
  if (axis !== undefined && found.length === 1) return x.labels.length + axis;
  const got = `the axis ${quoted(name)} of ${tensors.shapeText(x)}`;
  if (found.length > 1) {
    const action = "use index notation, as in softmax_j(s[i,j])";
    throw tensors.source.wrong("A3015", position, got, "one axis of that name", action);
  }
  const letters = x.labels.filter((own) => !tensors.hidden.has(own));
  const action = suggestion(name, [...x.axes, ...letters]);
  throw tensors.source.wrong(
    "A3014",
    position,
    got,
    "an index letter or the name of one of its sizes",
    action,
  );
}

/** Indices count from 0; of one that is written from 1 it is not clear what it is as a number. */
function checkCount({ tensors }: Meaning, { bounds, subscript, args, position }: Call): void {
  const [letter = ""] = subscript;
  if (bounds?.lower !== "1" || !args.some((arg) => containsLetter(arg, letter))) return;
  const got = `the index ${quoted(letter)}, which counts from 1, as a number`;
  throw tensors.source.wrong("A3028", position, got, "indices that count from 0 where they are numbers");
}

/** A sum must run over the whole of its index: 1 to K, or 0 to K - 1. */
function checkBounds(meaning: Meaning, position: Position, { lower, upper }: Bounds, size: Dim): void {
  const { tensors, scope } = meaning;
  const last = scope.dim(upper);
  if (lower === "1" && equalDims(last, size)) return;
  if (lower === "0" && equalDims(addDims(last, 1), size)) return;
  const got = `a sum from ${quoted(lower)} to ${sizeText(last)} over an index of size ${sizeText(size)}`;
  const want = `the whole range: 1 to ${sizeText(size)}, or 0 to ${sizeText(addDims(size, -1))}`;
  throw tensors.source.wrong("A3021", position, got, want);
}

/** A sum over index letters of a product is a contraction; `undefined` for every other sum. */
function contractedSum(meaning: Meaning, call: Call): Tensor | undefined {
  const { tensors } = meaning;
  const { subscript, position, bounds } = call;
  const body = at(call.args, 0);
  if (subscript.length === 0 || body.kind !== "infix") return undefined;
  if (body.operator === "/") return sumOfQuotient(meaning, call, body);
  const factors = factorsOf(meaning, body);
  const owner = (label: string): Tensor | undefined =>
    factors.find((factor) => factor.labels.includes(label));
  if (factors.length === 1 || !subscript.every((label) => owner(label) !== undefined)) return undefined;
  if (bounds !== undefined) {
    const label = at(subscript, 0);
    const sizes = tensors.labelSizes(position, factors);
    checkBounds(meaning, position, bounds, sizes.get(label) ?? 1);
  }
  return sumOfProduct(tensors, position, factors, subscript);
}

/** A divisor without the index stays outside the sum. */
function sumOfQuotient(
  meaning: Meaning,
  call: Call,
  body: Expression & { kind: "infix" },
): Tensor | undefined {
  const [above, below] = [meaning.evaluate(body.left), meaning.evaluate(body.right)];
  const outside = call.subscript.every(
    (label) => above.labels.includes(label) && !below.labels.includes(label),
  );
  if (!outside || below.axes.length > 0) return undefined;
  const sum = meaning.evaluate({ ...call, args: [body.left] });
  const { tensors } = meaning;
  return tensors.elementwise(body.position, [sum, below], (nodes) => tensors.node("Div", nodes, {}));
}

/** The factors of an elementwise product; a matrix product in between is one factor. */
function factorsOf(meaning: Meaning, expression: Expression): Tensor[] {
  if (expression.kind !== "infix" || meaning.constants.of(expression) !== undefined) {
    return [meaning.evaluate(expression)];
  }
  const { operator, left, right, position } = expression;
  const { tensors } = meaning;
  if (operator === "*") return [...factorsOf(meaning, left), ...factorsOf(meaning, right)];
  const hasRow = left.kind === "transpose" || right.kind === "transpose";
  if ((operator !== "juxtaposed" && operator !== ".") || hasRow) return [meaning.evaluate(expression)];
  const [before, after] = [factorsOf(meaning, left), factorsOf(meaning, right)];
  const isScaling = [before, after].some((factors) => factors.every((factor) => factor.axes.length === 0));
  if (isScaling) return [...before, ...after];
  const product = (factors: readonly Tensor[]): Tensor =>
    factors.reduce((x, y) => times(tensors, position, x, y));
  const combine = operator === "." ? innerProduct : juxtaposed;
  return [combine(tensors, position, product(before), product(after))];
}
