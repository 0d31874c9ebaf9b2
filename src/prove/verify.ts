/**
 * @file Decides equality under a given binding: both graphs are evaluated at fresh random points in fresh fields, and every
 * output must agree in every element.
 */
import { get } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import type { Lookups } from "../domain/meetings.ts";
import type { PrimeField } from "../domain/prime-field.ts";
import type { Residues } from "../domain/residues.ts";
import { evaluate, type Restart, type Values } from "../eval/evaluate.ts";
import { type Shape, type Sizes, sizesOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { count, type Tensor } from "../ops/tensor.ts";
import { rankedAxis } from "../ops/traits.ts";
import type { Binding } from "./binding.ts";
import { identity, type Match } from "./match.ts";
import type { Pairing, SpecSizes } from "./pairing.ts";
import { countsBefore, type Scale } from "./reduce.ts";
import { boundValue } from "./values.ts";
import { drawWorld, scalar, type World } from "./world.ts";

export interface Claim {
  readonly code: Graph;
  readonly codeSizes: Sizes;
  readonly spec: Graph;
  readonly specSizes: SpecSizes;
  readonly pairing: Pairing;
  readonly bindings: ReadonlyMap<Node, Binding>;
  /** How the code's outputs are laid out over the spec's, by the names of the spec's. */
  readonly layouts: ReadonlyMap<string, Match>;
  readonly scale: Scale;
}

/** What was seen; the claim holds when every run agreed. */
export interface Verification {
  /** `undefined`: every run divided by zero, so nothing was compared. */
  readonly agreed: boolean | undefined;
  readonly runs: number;
  readonly fields: readonly PrimeField[];
  readonly elements: number;
  /** Functions replaced by keyed hashes. */
  readonly hashed: readonly string[];
}

/** So many decisions on real numbers leave less than one chance in 10^12 that others agree with all of them. */
const manyDecisions = 40;
/** Worlds in which every output must agree, at least. */
const fewestRuns = 4;

/** How many worlds it takes that agreement is no accident. */
export const runsFor = (claim: Claim): number =>
  Math.max(fewestRuns, Math.ceil(manyDecisions / decisionsIn(claim)));

/**
 * The fewest decisions that one comparison or ranking of real numbers makes in one world; infinite where there is none. In the
 * field each comes out by chance, so two that have nothing to do with each other agree with one in two at most.
 */
export function decisionsIn({
  code,
  codeSizes,
  spec,
  specSizes,
}: Pick<Claim, "code" | "codeSizes" | "spec" | "specSizes">): number {
  const decided = (graph: Graph, sizes: Sizes): number[] =>
    graph.nodes
      .filter((node) => !isReal(node.type.dtype) && node.inputs.some((input) => isReal(input.type.dtype)))
      .map((node) => count(sizesOf(rowsOf(node), sizes)))
      .filter((decisions) => decisions > 0);
  return Math.min(...decided(code, codeSizes), ...decided(spec, specSizes));
}

/** Of a ranking each row is one decision. */
function rowsOf(node: Node): Shape {
  const axis = rankedAxis(node);
  return axis === undefined ? node.type.shape : node.type.shape.toSpliced(axis, 1);
}

/** Compares the outputs in `runs` worlds. Both graphs must be in primitives. */
export function verify(claim: Claim, random: Random, runs: number): Verification {
  const fields: PrimeField[] = [];
  const hashed = new Set<string>();
  let elements = 0;
  for (let run = 0; run < runs; run++) {
    const outcome = compareOnce(claim, random);
    if (outcome === undefined) return { agreed: undefined, runs: run, fields, elements, hashed: [...hashed] };
    fields.push(outcome.world.field);
    for (const name of outcome.world.field.hashed) hashed.add(name);
    elements += outcome.elements;
    if (!outcome.agreed) return { agreed: false, runs: run + 1, fields, elements, hashed: [...hashed] };
  }
  return { agreed: true, runs, fields, elements, hashed: [...hashed] };
}

const attempts = 8;

function compareOnce(
  claim: Claim,
  random: Random,
): { readonly world: World; readonly agreed: boolean; readonly elements: number } | undefined {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const world = drawWorld(claim.code, claim.codeSizes, random, codeCounts(claim));
    if (world === undefined) return undefined;
    const specValues = evaluateSpec(claim, world);
    if (world.field.undefinedDivision) continue;
    const numbers = claim.pairing.outputs.map(([, code]) => identity(get(world.values, code.node)).length);
    return {
      world,
      agreed: outputsAgree(claim, world, specValues),
      elements: numbers.reduce((sum, count) => sum + count, 0),
    };
  }
  return undefined;
}

export const outputsAgree = (
  { pairing, layouts }: Claim,
  { values }: World,
  specValues: Values<Residues>,
): boolean =>
  pairing.outputs.every(([spec, code]) => {
    const [wanted, found] = [identity(get(specValues, spec.node)), identity(get(values, code.node))];
    return get(layouts, spec.name).positions.every((position, i) => wanted[position] === found[i]);
  });

export const codeCounts = ({ code, codeSizes, scale }: Claim): ReadonlyMap<Node, number> =>
  countsBefore(code, codeSizes, scale);
export const specCounts = ({ spec, specSizes, scale }: Claim): ReadonlyMap<Node, number> =>
  countsBefore(spec, specSizes, scale);

/** The spec's values in a world, on the code's inputs and with the parameters that it has in the code. */
export function evaluateSpec(claim: Claim, world: World, restart?: Restart<Residues>): Values<Residues> {
  const given = new Map<Node, Tensor<Residues>>();
  for (const [spec, code] of claim.pairing.inputs) {
    given.set(spec, get(world.values, code));
  }
  for (const [parameter, binding] of claim.bindings)
    given.set(parameter, boundValue(parameter.type, binding, world));
  for (const [node, counted] of specCounts(claim)) given.set(node, scalar(world.field, node, counted));
  return evaluate(withoutUnbound(claim), world.field, given, claim.specSizes, restart);
}

/** A parameter that no output needs has no binding and no value. */
function withoutUnbound({ spec, bindings }: Claim): Graph {
  const idle = new Set<Node>(
    spec.parameters.map((parameter) => parameter.node).filter((node) => !bindings.has(node)),
  );
  return idle.size === 0 ? spec : { ...spec, nodes: spec.nodes.filter((node) => !idle.has(node)) };
}

/** What the error bound has to know of a run. */
export interface Run extends Pick<PrimeField, "p" | "q"> {
  readonly meetings: Lookups;
}

/**
 * Chance that unequal functions agreed in every run: that their difference was 0 (Schwartz and Zippel), or that two different
 * arguments of exp or its like met: in both residues, or in one alone where a run has met more such arguments than another.
 * `degree` bounds differences of any two values.
 */
export function errorBound(degree: number, runs: readonly Run[]): number {
  const byLaw = doubtsByLaw(runs);
  return runs.reduce((chance, { p, q, meetings: { lookups, doubts } }) => {
    const meeting = (degree / p) * (doubts > byLaw ? 1 : degree / q);
    return chance * Math.min(1, degree / p + lookups ** 2 * meeting);
  }, 1);
}

/** How many arguments meet in one residue alone in every run, as laws of exp make them; an accident is in one run. */
export const doubtsByLaw = (runs: readonly Run[]): number =>
  Math.min(...runs.map(({ meetings }) => meetings.doubts));
