/**
 * @file The error bound of deep models. Degrees multiply from layer to layer, until the bound of Schwartz and Zippel says nothing.
 * So models that agreed are compared once more, in stages: where both have one value, both go on with fresh numbers in its
 * place. Models whose stages are equal as functions of such numbers are equal, and of unequal models some stage is unequal,
 * which would have to pass in every run. A stage may need what a value is made of (that a mean is subtracted already); then the
 * values that it reads are not replaced.
 */
import { at, get, range } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { variables } from "../domain/degree.ts";
import type { Lookups } from "../domain/meetings.ts";
import type { PrimeField } from "../domain/prime-field.ts";
import type { Residues } from "../domain/residues.ts";
import type { Restart } from "../eval/evaluate.ts";
import type { Sizes } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { real, type Tensor } from "../ops/tensor.ts";
import { degreeOf, graphDegrees, largestDegree } from "./graph-degrees.ts";
import { identity } from "./match.ts";
import { type Claim, codeCounts, errorBound, evaluateSpec, outputsAgree, type Run } from "./verify.ts";
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
/** A bound below this is small enough. */
export const smallChance = 1e-12;
/** Worlds in which stages are compared, at most. */
const mostRuns = 16;
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

/** In `runs` worlds, or in more where the bound is not small by then. */
function repeated(claim: Claim, cuts: readonly Cut[], random: Random, runs: number): Staged | undefined {
  const { code, codeSizes, spec, specSizes } = claim;
  const degree = 2 * Math.max(1, stageDegree(code, codeSizes, cuts), stageDegree(spec, specSizes, cuts));
  const stages: readonly Run[][] = range(cuts.length + 1).map(() => []);
  let error = 1;
  for (let run = 0; run < runs || (error > smallChance && run < mostRuns); run++) {
    const compared = compareStages(claim, cuts, random);
    if (compared === undefined || compared.failed.size > 0) return undefined;
    for (const [i, meetings] of lookupsByStage(claim, cuts, compared).entries()) {
      at(stages, i).push({ p: compared.field.p, q: compared.field.q, meetings });
    }
    error = Math.max(...stages.map((stage) => errorBound(degree, stage)));
  }
  return { stages: stages.length, error };
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
  return largestDegree(graph, sizes, (node, value) =>
    cutOf.has(node) && value.kind === "real" ? real(value.shape, variables(value.values.length)) : value,
  );
}

/** What a cut's value was computed as, and what stands in its place. */
interface Replaced {
  readonly computed: ArrayLike<number>;
  readonly fresh: Residues;
}

interface Compared {
  readonly field: PrimeField;
  /** The arguments of functions that each node looked up. */
  readonly lookups: ReadonlyMap<Node, Lookups>;
  /** Values on which code and spec, or two of the places that have them, did not agree; "outputs" for the last stage. */
  readonly failed: ReadonlySet<Cut | "outputs">;
}

function compareStages(claim: Claim, cuts: readonly Cut[], random: Random): Compared | undefined {
  const cutOf = cutsByNode(cuts);
  const replaced = new Map<Cut, Replaced>();
  const failed = new Set<Cut | "outputs">();
  const lookups = new Map<Node, Lookups>();
  let before: Lookups = { lookups: 0, doubts: 0 };
  const restartIn =
    (field: PrimeField): Restart<Residues> =>
    (node, value) => {
      const now = { lookups: field.meetings.lookups, doubts: field.meetings.doubts };
      lookups.set(node, { lookups: now.lookups - before.lookups, doubts: now.doubts - before.doubts });
      before = now;
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
    before = { lookups: 0, doubts: 0 };
    return restartIn(field);
  });
  if (world === undefined) return undefined;
  const specValues = evaluateSpec(claim, world, restartIn(world.field));
  if (world.field.undefinedDivision) return undefined;
  if (!outputsAgree(claim, world, specValues)) failed.add("outputs");
  return { field: world.field, lookups, failed };
}

/** For the stage before each cut, and the last one. What other stages look up has nothing to do with a difference in it. */
function lookupsByStage(claim: Claim, cuts: readonly Cut[], { lookups }: Compared): readonly Lookups[] {
  const cutOf = cutsByNode(cuts);
  return cuts.concat(new Set(outputsOf(claim))).map((ends) => {
    const own = stageBefore([...ends], cutOf).nodes.map((node) => lookups.get(node));
    return {
      lookups: own.reduce((sum, made) => sum + (made?.lookups ?? 0), 0),
      doubts: own.reduce((sum, made) => sum + (made?.doubts ?? 0), 0),
    };
  });
}

const outputsOf = ({ pairing }: Claim): readonly Node[] =>
  pairing.outputs.flatMap(([spec, code]) => [spec.node, code.node]);

/** Of the cuts that a failed stage reads the last one, for each: what is nearest to the end is what it may have to look into. */
function blamed(claim: Claim, cuts: readonly Cut[], failed: ReadonlySet<Cut | "outputs">): ReadonlySet<Cut> {
  const cutOf = cutsByNode(cuts);
  const place = new Map(cuts.map((cut, index) => [cut, index]));
  const lasts = [...failed].map((end) => {
    const { read } = stageBefore(end === "outputs" ? outputsOf(claim) : [...end], cutOf);
    return [...read].sort((a, b) => get(place, b) - get(place, a))[0];
  });
  return new Set(lasts.filter((cut) => cut !== undefined));
}

interface Stage {
  readonly nodes: readonly Node[];
  readonly read: ReadonlySet<Cut>;
}

/** The stage that ends with these nodes: what they are made of, back to the cuts that it reads. */
function stageBefore(ends: readonly Node[], cutOf: ReadonlyMap<Node, Cut>): Stage {
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
  return { nodes: [...seen].filter((node) => !cutOf.has(node) || ends.includes(node)), read };
}
