/** @file Solves for a constant: where a value of the spec is a fixed multiple of one of the code's, by which factor? */
import { at } from "../base/assert.ts";
import { equal, one, type Rational, rational } from "../base/rational.ts";
import { legendre, mulmod } from "../domain/modular.ts";
import type { Residues } from "../domain/residues.ts";
import { elementCount } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { parseContraction } from "../ops/reduction.ts";
import { contractionOf, isParameterLike, isStored } from "../ops/traits.ts";
import type { Overlay } from "./bind.ts";
import type { Edit } from "./edit.ts";
import { type Factor, factorText, scaleEdit } from "./edits-arithmetic.ts";
import type { Lowered } from "./localise.ts";
import type { Namer } from "./names.ts";
import type { Exact, World } from "./world.ts";

/** Numerators and denominators up to this are recognised. */
const largestTerm = 1000;

/** One edit for each factor by which the node's value becomes a value of the code. */
export function scaleEditsAt(
  world: World,
  found: Overlay,
  lowered: Lowered,
  node: Node,
  names: Namer,
): Edit[] {
  const primitive = lowered.image.get(node);
  const value = primitive === undefined ? undefined : found.values.get(primitive);
  // A factor on an input or a parameter is a factor on what is made of it.
  const isConstant = isStored(node) && !isParameterLike(node);
  if (value?.kind !== "real" || (node.inputs.length === 0 && !isConstant)) return [];
  const operands = (primitive?.inputs ?? []).flatMap((input) => found.values.get(input) ?? []);
  const factors = new Map<string, Factor>();
  for (const [, candidate] of world.values) {
    if (candidate.kind !== "real" || candidate.shape.join() !== value.shape.join()) continue;
    // What is left out is no multiple.
    if (operands.some((operand) => sameResidues(operand, candidate))) continue;
    // A factor that became 1 was left out.
    if (isConstant && candidate.values.p.every((residue) => residue === 1)) continue;
    const factor = commonRatio(candidate.values, value.values, world);
    if (factor !== undefined) factors.set(factorText(factor), factor);
  }
  return [...factors.values()].map((factor) => asMean(node, factor, names) ?? scaleEdit(node, factor, names));
}

const sameResidues = (a: Exact, b: Exact): boolean =>
  a.kind === "real" && b.kind === "real" && a.values.p.join() === b.values.p.join();

/** A contraction that is divided by the number of terms it sums is a mean. */
function asMean(node: Node, factor: Factor, names: Namer): Edit | undefined {
  const equation = contractionOf(node);
  if (equation === undefined) return undefined;
  const { left, summed } = parseContraction(equation);
  const { shape } = at(node.inputs, 0).type;
  const terms = elementCount(summed.map((letter) => at(shape, left.indexOf(letter))));
  if (typeof terms !== "number" || factor.root || !equal(factor.value, rational(1, terms))) return undefined;
  const words = `the sum in ${names.value(node)} is divided by its ${terms} terms: a mean instead of a sum`;
  return { ...scaleEdit(node, factor, names), kind: "wrong-reduction", words };
}

/** The constant c ≠ 1 with x = c · y in every element: a fraction of small terms, or the root of one. */
function commonRatio(x: Residues, y: Residues, world: World): Factor | undefined {
  const { field } = world;
  const isNothing = (values: Residues, place: number): boolean => values.p[place] === 0;
  const places = [...y.p.keys()].filter((place) => !isNothing(x, place) || !isNothing(y, place));
  // Zeros are multiples of zeros by any factor.
  if (places.length === 0 || places.some((place) => isNothing(x, place) || isNothing(y, place)))
    return undefined;
  const some = Int32Array.from(places);
  const ratio = field.unheeded(() => field.div(field.gather(x, some), field.gather(y, some)));
  const first = at(ratio.p, 0);
  if (!ratio.p.every((value) => value === first)) return undefined;
  const value = reconstruct(first, field.p);
  if (value !== undefined) return equal(value, one) ? undefined : { value, root: false };
  const square = reconstruct(mulmod(first, first, field.p), field.p);
  // The root that is meant is the one that is a square itself.
  return square !== undefined && legendre(first, field.p) === 1 ? { value: square, root: true } : undefined;
}

/** The fraction of small terms with this residue (rational reconstruction, Wang 1981): the half-way point of Euclid. */
function reconstruct(residue: number, modulus: number): Rational | undefined {
  let [r0, r1, t0, t1] = [modulus, residue, 0, 1];
  while (r1 > largestTerm) {
    const quotient = Math.floor(r0 / r1);
    [r0, r1, t0, t1] = [r1, r0 - quotient * r1, t1, t0 - quotient * t1];
  }
  if (r1 === 0 || Math.abs(t1) > largestTerm || t1 === 0) return undefined;
  return rational(r1, t1);
}
