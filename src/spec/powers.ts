/** @file Powers: of e, of a number, and to a number. */
import { at } from "../base/assert.ts";
import { isInteger, type Rational } from "../base/rational.ts";
import type { Node } from "../ir/graph.ts";
import { applied } from "./infix.ts";
import type { Meaning } from "./meaning.ts";
import { times } from "./products.ts";
import type { Expression } from "./syntax.ts";
import type { Tensor, Tensors } from "./tensors.ts";

type Power = Expression & { readonly kind: "power" };

export function powered(meaning: Meaning, power: Power): Tensor {
  const { base, exponent, position } = power;
  const { tensors, constants } = meaning;
  if (base.kind === "name" && base.name === "e" && !meaning.isDefined("e")) {
    return applied(tensors, "Exp", position, meaning.evaluate(exponent));
  }
  const [number, root] = [constants.of(exponent), constants.of(base)];
  if (number === undefined && root !== undefined && root.numerator > 0n) {
    const log = applied(tensors, "Log", position, tensors.constant(root));
    return applied(tensors, "Exp", position, times(tensors, position, meaning.evaluate(exponent), log));
  }
  if (number === undefined) {
    const want = "a number as exponent, or e or a positive number as base";
    throw tensors.source.wrong("A3023", exponent.position, "an exponent that is not a constant", want);
  }
  const x = meaning.evaluate(base);
  if (isInteger(number) && number.numerator === 1n) return x;
  const make = isInteger(number) && number.numerator === 2n ? square : raised(number);
  return tensors.elementwise(position, [x], (nodes) => make(tensors, at(nodes, 0)));
}

type Make = (tensors: Tensors, x: Node) => Node;
const square: Make = (tensors, x) => tensors.node("Square", [x], {});
const raised =
  (exponent: Rational): Make =>
  (tensors, x) =>
    tensors.node("Power", [x], { exponent });
