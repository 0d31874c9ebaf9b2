/**
 * @file The error bound of deep models. Degrees multiply from layer to layer, until the bound of Schwartz and Zippel says nothing.
 * So models that agreed are compared once more, in stages: where both have one value, both go on with fresh numbers in its
 * place. Models whose stages are equal as functions of such numbers are equal, and of unequal models some stage is unequal,
 * which would have to pass in every run. A stage may need what a value is made of (that a mean is subtracted already); then the
 * values that it reads are not replaced.
 */
import { get } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { variables } from "../domain/degree.ts";
import type { PrimeField, Residues } from "../domain/prime-field.ts";
import type { Restart } from "../eval/evaluate.ts";
import type { Sizes } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { real, type Tensor } from "../ops/tensor.ts";
import { degreeOf, graphDegrees } from "./graph-degrees.ts";
import { identity } from "./match.ts";
import { type Claim, codeCounts, errorBound, evaluateSpec, outputsAgree } from "./verify.ts";
import { drawWorld, type Exact } from "./world.ts";

/** One value of both models: the nodes that have it, in the order of its numbers. */
type Cut = ReadonlySet<Node>;

export interface Staged {
  /** How many stages were compared. */
  readonly stages: number;
  /** Bound on the chance that unequal stages agreed in every run. */
  readonly error: number;
}

/** A value that is made in steps of more than this degree from where the last ones were replaced is replaced. */
const steepest = 1000;
/** Tries, each without the cuts at which a stage of the last one failed. */
const attempts = 16;

/** The bound of a claim that holds; `undefined` when it can't be shown in stages. */
export function inStages(claim: Claim, random: Random, runs: number): Staged | undefined {
  let shared = sharedValues(claim, random);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const cuts = steepCuts(claim, shared);
    const first = compareStages(claim, cuts, random);
    if (first === undefined) return undefined;
    if (first.failed.size === 0) return repeated(claim, cuts, random, runs);
    const guilty = blamed(claim, cuts, first.failed);
    // Values that are no longer equal though nothing that they read was replaced were equal by accident.
    const left = shared.filter((cut) => !(guilty.size > 0 ? guilty : first.failed).has(cut));
    if (left.length === shared.length) return undefined;
    shared = left;
  }
  return undefined;
}

function repeated(claim: Claim, cuts: readonly Cut[], random: Random, runs: number): Staged | undefined {
  const primes: number[] = [];
  for (let run = 0; run < runs; run++) {
    const compared = compareStages(claim, cuts, random);
    if (compared === undefined || compared.failed.size > 0) return undefined;
    primes.push(compared.prime);
  }
  const degree =
    stageDegree(claim.code, claim.codeSizes, cuts) + stageDegree(claim.spec, claim.specSizes, cuts);
  return { stages: cuts.length + 1, error: errorBound(degree, primes) };
}

/** Values of the spec that the code computes too, with their numbers in the same order. */
function sharedValues(claim: Claim, random: Random): readonly Cut[] {
  const world = drawWorld(claim.code, claim.codeSizes, random, codeCounts(claim));
  if (world === undefined) return [];
  const groups = new Map<string, { readonly value: Exact; readonly nodes: Set<Node> }>();
  const key = (value: Exact): string => `${value.kind} ${identity(value).length} ${firstOf(value)}`;
  const isSame = (x: Exact, y: Exact): boolean => {
    const [a, b] = [identity(x), identity(y)];
    return a.length === b.length && Array.from(a).every((number, i) => number === b[i]);
  };
  const specValues = evaluateSpec(claim, world);
  for (const value of specValues.values()) {
    if (value.kind === "real") groups.set(key(value), { value, nodes: new Set() });
  }
  const inCode = new Set<string>();
  for (const [values, shared] of [
    [world.values, (at: string) => inCode.add(at)],
    [specValues, () => undefined],
  ] as const) {
    for (const [node, value] of values) {
      const group = groups.get(key(value));
      if (group === undefined || !isSame(group.value, value)) continue;
      group.nodes.add(node);
      shared(key(value));
    }
  }
  return [...groups].filter(([at]) => inCode.has(at)).map(([, { nodes }]) => nodes);
}

const firstOf = (value: Exact): string => Array.from(identity(value)).slice(0, 8).join(" ");

/** Of these cuts the ones without which degrees grow, in the order of the spec. */
function steepCuts({ spec, specSizes }: Claim, shared: readonly Cut[]): readonly Cut[] {
  const cutOf = cutsByNode(shared);
  const chosen = new Set<Cut>();
  graphDegrees(spec, specSizes, (node, value) => {
    const cut = cutOf.get(node);
    if (cut === undefined || value.kind !== "real") return value;
    if (degreeOf(value) > steepest) chosen.add(cut);
    return chosen.has(cut) ? real(value.shape, variables(value.values.length)) : value;
  });
  return [...chosen];
}

const cutsByNode = (cuts: readonly Cut[]): ReadonlyMap<Node, Cut> =>
  new Map(cuts.flatMap((cut) => [...cut].map((node) => [node, cut] as const)));

/** The largest degree of a stage's values. */
function stageDegree(graph: Graph, sizes: Sizes, cuts: readonly Cut[]): number {
  const cutOf = cutsByNode(cuts);
  let most = 1;
  const values = graphDegrees(graph, sizes, (node, value) => {
    if (!cutOf.has(node) || value.kind !== "real") return value;
    most = Math.max(most, degreeOf(value));
    return real(value.shape, variables(value.values.length));
  });
  return Math.max(most, ...graph.outputs.map(({ node }) => degreeOf(get(values, node))));
}

/** What a cut's value was computed as, and what stands in its place. */
interface Replaced {
  readonly computed: ArrayLike<number>;
  readonly fresh: Residues;
}

interface Compared {
  readonly prime: number;
  /** Values on which code and spec, or two of the places that have them, did not agree; "outputs" for the last stage. */
  readonly failed: ReadonlySet<Cut | "outputs">;
}

function compareStages(claim: Claim, cuts: readonly Cut[], random: Random): Compared | undefined {
  const cutOf = cutsByNode(cuts);
  const replaced = new Map<Cut, Replaced>();
  const failed = new Set<Cut | "outputs">();
  const restartIn =
    (field: PrimeField): Restart<Residues> =>
    (node, value) => {
      const cut = cutOf.get(node);
      return cut === undefined || value.kind !== "real" ? value : restarted(cut, value, field);
    };
  function restarted(
    cut: Cut,
    value: Tensor<Residues> & { readonly kind: "real" },
    field: PrimeField,
  ): Tensor<Residues> {
    const known = replaced.get(cut);
    const fresh = known?.fresh ?? field.draw(random, value.values.p.length);
    const agrees = (wanted: ArrayLike<number>): boolean =>
      value.values.p.every((number, i) => number === wanted[i]);
    if (known === undefined) replaced.set(cut, { computed: value.values.p, fresh });
    // A second place may compute the value as the first did, or hand on what stands in its place.
    else if (!agrees(known.computed) && !agrees(known.fresh.p)) failed.add(cut);
    return real(value.shape, fresh);
  }
  const world = drawWorld(claim.code, claim.codeSizes, random, codeCounts(claim), (field) => {
    // Each attempt at a world begins anew.
    replaced.clear();
    failed.clear();
    return restartIn(field);
  });
  if (world === undefined) return undefined;
  const specValues = evaluateSpec(claim, world, restartIn(world.field));
  if (world.field.undefinedDivision) return undefined;
  if (!outputsAgree(claim, world, specValues)) failed.add("outputs");
  return { prime: world.field.p, failed };
}

/** Of the cuts that a failed stage reads the last one, for each: what is nearest to the end is what it may have to look into. */
function blamed(claim: Claim, cuts: readonly Cut[], failed: ReadonlySet<Cut | "outputs">): ReadonlySet<Cut> {
  const cutOf = cutsByNode(cuts);
  const place = new Map(cuts.map((cut, index) => [cut, index]));
  const outputs = claim.pairing.outputs.flatMap(([spec, code]) => [spec.node, code.node]);
  const lasts = [...failed].map((end) => {
    const read = readBy(end === "outputs" ? outputs : [...end], cutOf);
    return read.toSorted((a, b) => get(place, b) - get(place, a))[0];
  });
  return new Set(lasts.filter((cut) => cut !== undefined));
}

/** The cuts between these nodes and what they are made of. */
function readBy(ends: readonly Node[], cutOf: ReadonlyMap<Node, Cut>): readonly Cut[] {
  const read = new Set<Cut>();
  const seen = new Set<Node>(ends);
  const pending = ends.flatMap((node) => [...node.inputs]);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const cut = cutOf.get(node);
    if (cut === undefined) pending.push(...node.inputs);
    else read.add(cut);
  }
  return [...read];
}
