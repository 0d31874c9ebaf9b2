/**
 * @file The second, independent opinion: both graphs in float64 on the same points. It confirms an equality up to rounding,
 * and gives a difference its witness.
 */
import { at, get, range } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { float64 } from "../domain/float64.ts";
import { evaluate } from "../eval/evaluate.ts";
import { sizesOf } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { count, discrete, real, type Tensor } from "../ops/tensor.ts";
import type { Witness } from "../result/verdict.ts";
import { applyBinding } from "./binding.ts";
import { elementsOf, isReduced } from "./reduce.ts";
import { type Claim, codeCounts, specCounts } from "./verify.ts";
import { chooseSizes, drawIntegers, scalar } from "./world.ts";

type Reals = Tensor<Float64Array>;

export interface FloatComparison {
  /** Largest |spec − code| over the largest |output|, all outputs and points. */
  readonly gap: number;
  readonly witness: Witness | undefined;
}

/** Points tried for a witness: fewer where values have more elements together than `manyElements` over all points. */
const points = 8;
const fewestPoints = 2;
const manyElements = 1_000_000;
/** A gap that a reader sees at once. */
const plainGap = 0.05;
/** Gaps below this come from rounding in float64 (2⁻⁵² ≈ 2·10⁻¹⁶ a step, some thousand steps). */
export const roundingGap = 1e-9;

/**
 * Compares in float64, with the code's own weights where it has them. Parameters of the spec that are bound to nothing are
 * random, and sizes that nothing gives are small. `undefined` when a function has no value in float64.
 */
export function compareFloats(made: Claim, random: Random): FloatComparison | undefined {
  const claim = { ...made, specSizes: new Map([...chooseSizes(made.spec), ...made.specSizes]) };
  let best: FloatComparison = { gap: 0, witness: undefined };
  const parameters = codeParameters(claim, random);
  const free = freeParameters(claim, random);
  const elements = elementsOf(claim.code, claim.codeSizes) + elementsOf(claim.spec, claim.specSizes);
  const tried = Math.max(fewestPoints, Math.min(points, Math.floor(manyElements / elements)));
  for (const point of range(tried)) {
    const inputs = drawInputs(claim, random, point);
    const comparison = compareAt(claim, inputs, parameters, free);
    if (comparison === undefined) return undefined;
    if (comparison.gap > best.gap) best = comparison;
    // The first points are the simplest: one that shows the difference plainly is taken.
    if (best.gap > plainGap) return best;
  }
  return best;
}

/** Simple numbers, so that a reader can follow the point by hand; the first points are the simplest. */
function simpleNumbers(random: Random, length: number, point: number): Float64Array {
  const choices = point < points / 2 ? [-1, 1, 0.5] : [-2, -1, -0.5, 0.25, 0.5, 1, 2, 3];
  return Float64Array.from({ length }, () => at(choices, random.below(choices.length)));
}

function drawInputs(claim: Claim, random: Random, point: number): Map<Node, Reals> {
  const inputs = new Map<Node, Reals>();
  for (const input of claim.code.inputs) {
    const node = input;
    const shape = sizesOf(node.type.shape, claim.codeSizes);
    const value: Reals = isReal(node.type.dtype)
      ? real(shape, simpleNumbers(random, count(shape), point))
      : discrete(shape, drawIntegers(claim.code, node, claim.codeSizes, random, count(shape)));
    inputs.set(node, value);
  }
  return inputs;
}

function codeParameters(claim: Claim, random: Random): Map<Node, Reals> {
  return new Map(
    claim.code.parameters.map((parameter) => {
      const node = parameter.node;
      const shape = sizesOf(node.type.shape, claim.codeSizes);
      const values = parameter.values?.() ?? randomWeights(random, count(shape), parameter.trainable);
      return [node, isReal(node.type.dtype) ? real(shape, values) : discrete(shape, values)] as const;
    }),
  );
}

/** Statistics may be variances, of which there are no negative ones. */
function randomWeights(random: Random, length: number, trainable: boolean): Float64Array {
  const drawn = Float64Array.from({ length }, () => Math.round(random.normal() * 64) / 64);
  return trainable ? drawn : drawn.map(Math.abs);
}

/** Parameters of the spec that the code has no place for. */
function freeParameters(claim: Claim, random: Random): Map<Node, Reals> {
  const free = new Map<Node, Reals>();
  for (const { node, trainable } of claim.spec.parameters) {
    const parameter = node;
    if (claim.bindings.has(parameter)) continue;
    const shape = sizesOf(parameter.type.shape, claim.specSizes);
    const isNumber = isReal(parameter.type.dtype);
    const weights = isNumber
      ? randomWeights(random, count(shape), trainable)
      : new Float64Array(count(shape));
    free.set(parameter, isNumber ? real(shape, weights) : discrete(shape, weights));
  }
  return free;
}

function compareAt(
  claim: Claim,
  inputs: ReadonlyMap<Node, Reals>,
  parameters: ReadonlyMap<Node, Reals>,
  free: ReadonlyMap<Node, Reals>,
): FloatComparison | undefined {
  const codeGiven = new Map<Node, Reals>([...inputs, ...parameters]);
  for (const [node, counted] of codeCounts(claim)) codeGiven.set(node, scalar(float64, node, counted));
  const given = new Map<Node, Reals>(free);
  for (const [spec, code] of claim.pairing.inputs) {
    given.set(spec, get(inputs, code));
  }
  for (const [node, counted] of specCounts(claim)) given.set(node, scalar(float64, node, counted));
  for (const [parameter, binding] of claim.bindings) {
    const plain = applyBinding(parameter.type.dtype, binding, float64, parameters);
    const isScaled = plain.kind === "real";
    given.set(
      parameter,
      isScaled
        ? real(
            plain.shape,
            plain.values.map((value) => value * binding.factor),
          )
        : plain,
    );
  }
  try {
    const codeValues = evaluate(claim.code, float64, codeGiven, claim.codeSizes);
    const specValues = evaluate(claim.spec, float64, given, claim.specSizes);
    return largestGap(
      claim,
      inputs,
      (node) => get(specValues, node),
      (node) => get(codeValues, node),
    );
  } catch (error) {
    // An opaque function.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function largestGap(
  claim: Claim,
  inputs: ReadonlyMap<Node, Reals>,
  specValue: (node: Node) => Reals,
  codeValue: (node: Node) => Reals,
): FloatComparison {
  let best: FloatComparison = { gap: 0, witness: undefined };
  for (const [spec, code] of claim.pairing.outputs) {
    const [s, c] = [specValue(spec.node), codeValue(code.node)];
    if (s.values.length !== c.values.length) continue;
    const place = claim.layouts.get(spec.name)?.positions;
    const scale = Math.max(1e-300, ...[...s.values, ...c.values].map(Math.abs).filter(Number.isFinite));
    for (const i of range(s.values.length)) {
      const [x, y] = [at(s.values, place === undefined ? i : at(place, i)), at(c.values, i)];
      const gap =
        Number.isFinite(x) && Number.isFinite(y) ? Math.abs(x - y) / scale : Object.is(x, y) ? 0 : 1;
      if (gap <= best.gap) continue;
      best = { gap, witness: witnessAt(claim, inputs, code.name, c.shape, i, x, y) };
    }
  }
  return best;
}

function witnessAt(
  claim: Claim,
  inputs: ReadonlyMap<Node, Reals>,
  output: string,
  shape: readonly number[],
  flat: number,
  spec: number,
  code: number,
): Witness {
  const own = claim.code.parameters.every((parameter) => parameter.values !== undefined);
  const unbound = claim.spec.parameters.filter(({ node }) => !claim.bindings.has(node));
  const free = unbound.map(({ node }) => node.attrs.name).join(", ");
  const small = isReduced(claim.scale) ? ", at reduced sizes" : "";
  return {
    inputs: claim.code.inputs.map((input) => ({
      name: input.attrs.name,
      value: rowText(get(inputs, input), claim, shape, flat),
    })),
    output: shape.length > 1 ? `${output}[${flat % at(shape, shape.length - 1)}]` : output,
    spec,
    code,
    parameters: `${own ? "the code's own weights" : "random weights"}${free === "" ? "" : `, random ${free}`}${small}`,
  };
}

/** The example of a batch that the witness is about, or the whole tensor when nothing is batched. */
function rowText(tensor: Reals, claim: Claim, shape: readonly number[], flat: number): string {
  const batch = claim.code.inputs.every((input) => typeof input.type.shape[0] === "object");
  const rows = at(shape.length > 0 ? shape : [1], 0);
  const length = tensor.values.length;
  const sameRows = batch && tensor.shape[0] === rows;
  const row = sameRows ? Math.floor(flat / (count(shape) / rows)) : 0;
  const width = sameRows ? length / rows : length;
  const values = [...tensor.values].slice(row * width, (row + 1) * width);
  const shown = values.slice(0, 8).map(String);
  return `(${[...shown, ...(values.length > 8 ? ["…"] : [])].join(", ")})`;
}
