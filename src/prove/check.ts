/**
 * @file Is this code the model of this spec? The order of things: lay the two side by side, bind the parameters, decide
 * equality in fresh worlds, ask float64 for a second opinion; and where they differ, find out where and name the bug.
 */
import { at, get, invariant } from "../base/assert.ts";
import { random } from "../base/random.ts";
import { lower } from "../eval/lower.ts";
import { specialise } from "../eval/specialise.ts";
import { dimText, sizesOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { truncatesData } from "../ops/traits.ts";
import type { Verdict } from "../result/verdict.ts";
import { type Absorbed, absorb } from "../rewrite/absorb.ts";
import { apart } from "../rewrite/cuts.ts";
import { fold, staysWhole } from "../rewrite/folding.ts";
import { raise } from "../rewrite/raise.ts";
import { arena } from "./arena.ts";
import { overlay } from "./bind.ts";
import { type Candidate, isComplete, lowerSpec, type Search } from "./candidate.ts";
import { type Case, claimOf } from "./claim.ts";
import { diagnoses } from "./diagnose.ts";
import { faultDifferences, layoutDifferences } from "./differences.ts";
import { evidenceOf } from "./evidence.ts";
import { bindingRows, clashVerdict, differentBy, extraParameters, unnamed } from "./explain.ts";
import { ofOneKind } from "./kinds.ts";
import { likelySizes } from "./likely-sizes.ts";
import { thorough } from "./limits.ts";
import { asWritten } from "./one-expression.ts";
import { type Clash, inputSizes, isClash, type Pairing, pair, type SpecSizes } from "./pairing.ts";
import { withPieces } from "./pieces.ts";
import { actualScale, countsBefore, elementsOf, reducedScale, type Scale } from "./reduce.ts";
import { type Sides, unrolled } from "./steps.ts";
import { withCodeFunctions } from "./unknowns.ts";
import { withSizesOfUnread } from "./unused-inputs.ts";
import { type Claim, runsFor, verify } from "./verify.ts";
import { compareFloats, roundingGap } from "./witness.ts";
import { chooseSizes, drawWorld } from "./world.ts";

export interface Question {
  readonly code: Graph;
  /** Reads the spec; `batched` gives its inputs a leading axis that rides along, for specs written for one example. */
  readonly spec: (batched: boolean) => Graph;
  readonly seed: number;
  readonly onProgress?: (message: string) => void;
  /** Axes get smaller sizes where the code's values have more elements together than this. */
  readonly reduceAbove?: number;
  /** Is handed what an equality claims, so that something other than the prover can check it again. */
  readonly onEqual?: (claim: Claim) => void;
}

export function check(asked: Question): Verdict {
  const question = {
    ...asked,
    code: raise(asked.code),
    spec: (batched: boolean) => raise(asked.spec(batched)),
  };
  const { graph: written, notes } = suitableSpec(question);
  const { spec, notes: functions } = withCodeFunctions(written, question.code);
  const sides = ofOneKind(withSizesOfUnread(question.code, spec), spec);
  const said = [...sides.code.notes, ...sides.spec.notes, ...functions, ...notes];
  return decide({ ...question, code: sides.code }, sides.spec, said);
}

const noIntegers =
  "integers are made of real numbers that depend on data (trunc), which an exact comparison can't follow: floor and round it can";

/** The spec, over a batch when the code has one more axis than it in every input. */
function suitableSpec({ code, spec }: Question): { readonly graph: Graph; readonly notes: string[] } {
  const plain = spec(false);
  const ranks = (graph: Graph): number[] => graph.inputs.map((input) => input.type.shape.length);
  const [s, c] = [ranks(plain), ranks(code)];
  const oneMore = s.length > 0 && s.length === c.length && s.every((rank, i) => c[i] === rank + 1);
  return oneMore
    ? {
        graph: spec(true),
        notes: ["the spec is written for one example; the code maps it over the first axis"],
      }
    : { graph: plain, notes: [] };
}

function decide(asked: Question, written: Graph, notes: string[]): Verdict {
  const sides = unrolled(asked.code, written);
  if (isClash(sides)) return clashVerdict(sides, notes);
  const verdict = compared({ ...asked, code: sides.code }, sides, notes);
  return (verdict.kind === "undecided" ? asWritten(sides, notes) : undefined) ?? verdict;
}

/** The verdict of an exact comparison. */
function compared(question: Question, sides: Sides, notes: string[]): Verdict {
  const facing = opposite(question, sides, notes);
  if ("kind" in facing) return facing;
  const { facts, first } = facing;
  return (
    settle(question, facts, first) ??
    settleInForm(question, facts, first, fold) ??
    settleInForm(question, facts, first, apart) ??
    decideAbsorbed(question, sides, facing) ??
    explain(question, facts, first, sides.recurrent)
  );
}

/** Code, and a spec laid over it. */
interface Facing {
  readonly facts: Case;
  readonly first: Candidate;
}

/** The two without recurrences, laid side by side; a verdict where they can't be. */
function opposite(question: Question, { spec, pairing, lengths }: Sides, notes: string[]): Facing | Verdict {
  const lowered = lower(question.code);
  const scale = scaleOf(question, lowered.graph, spec, pairing);
  if (isClash(scale)) return clashVerdict(scale, notes);
  const reduced = scale.code(lowered.graph);
  const atScale = lowerSpec(spec, scale);
  invariant(atScale !== undefined, "sizes were chosen for this spec");
  const undecided = (reason: string): Verdict => ({ kind: "undecided", reason, bindings: [], notes });
  if ([lowered.graph, atScale.primitive].some(truncatesData)) return undecided(noIntegers);
  const small = withPieces(reduced.graph, atScale.primitive);
  const codeSizes = new Map([...lengths, ...chooseSizes(lowered.graph, small.graph)]);
  const counts = countsBefore(small.graph, codeSizes, scale);
  const source = random(question.seed);
  const world = drawWorld(small.graph, codeSizes, source.fork("search"), counts);
  if (world === undefined) return undecided("the code divides by zero at every point tried");
  const back = new Map(
    [...lowered.image].map(([node, primitive]) => [get(small.image, get(reduced.image, primitive)), node]),
  );
  const facts: Case = {
    code: small.graph,
    codeSizes,
    origin: (primitive) => back.get(primitive) ?? primitive,
    original: question.code,
    arena: arena(world),
    random: source,
    notes,
    scale,
  };
  const first = lay(facts, spec, false);
  invariant(first !== undefined, "sizes were chosen for this spec");
  return { facts, first };
}

/** Graphs whose values have fewer elements together than this are compared at their own sizes. */
const manyElements = 200_000;

function scaleOf(
  { reduceAbove = manyElements }: Question,
  code: Graph,
  spec: Graph,
  pairing: Pairing,
): Scale | Clash {
  const sizes = chooseSizes(code);
  const follow = inputSizes(pairing, (node) => sizesOf(node.type.shape, sizes));
  if (isClash(follow)) return follow;
  if (elementsOf(code, sizes) <= reduceAbove) return actualScale;
  // Sizes of the code's symbols are no sizes of anything else.
  const symbols = new Set(sizes.values());
  const known = [...follow].map(([name, size]) => [name, symbols.has(size) ? undefined : size] as const);
  return reducedScale(code, lower(spec).graph, new Map(known));
}

/** A spec laid over the code; `undefined` when it can't be brought to the sizes of the comparison. */
function lay(facts: Case, spec: Graph, scaled: boolean): Candidate | undefined {
  const lowered = lowerSpec(spec, facts.scale);
  if (lowered === undefined) return undefined;
  const pairing = pair(lowered.primitive, facts.code);
  invariant(!isClash(pairing), "a spec that was paired stays paired when it is lowered");
  const { arena, scale } = facts;
  const found = overlay({ spec: lowered.primitive, pairing, arena, scale, scaled, limits: thorough });
  return {
    edits: [],
    lowered,
    pairing,
    overlay: found,
    written: spec,
    original: (node) => node,
  };
}

/**
 * The verdict when the outputs are found under bindings that the spec has in another form: with its parameters folded into its
 * products, or with steps apart.
 */
function settleInForm(
  question: Question,
  facts: Case,
  first: Candidate,
  form: (spec: Graph) => Graph | undefined,
): Verdict | undefined {
  const { lowered, pairing } = first;
  const other = isComplete(first) ? undefined : form(lowered.primitive);
  const laid = other && lay(facts, other, false);
  if (laid === undefined || !isComplete(laid)) return undefined;
  const byName = new Map(
    laid.lowered.primitive.parameters.map(({ node }) => [node.attrs.name, laid.overlay.bindings.get(node)]),
  );
  const bindings = lowered.primitive.parameters.flatMap(({ node }) => {
    const binding = byName.get(node.attrs.name);
    return binding === undefined ? [] : [[node, binding] as const];
  });
  const known = { values: [], matches: [], bindings };
  const { arena, scale } = facts;
  const request = { spec: lowered.primitive, pairing, arena, scale, scaled: false, limits: thorough };
  return settle(question, facts, { ...first, overlay: overlay({ ...request, known }) });
}

/**
 * The verdict on the two families with values of their parameters alone as parameters themselves, as exporters store them. In
 * code that says what it trains, a normalisation that is not there is missing.
 */
function decideAbsorbed(question: Question, sides: Sides, { facts, first }: Facing): Verdict | undefined {
  if (isComplete(first) || !question.code.parameters.some(({ mayBeComputed }) => mayBeComputed))
    return undefined;
  const [spec, code] = [absorbed(sides.spec, sides.code), absorbed(sides.code, sides.spec)];
  if (spec === undefined && code === undefined) return undefined;
  const again = {
    ...sides,
    spec: spec?.graph ?? sides.spec,
    code: code?.graph ?? sides.code,
    recurrent: spec?.graph ?? sides.recurrent,
  };
  const pairing = pair(again.spec, again.code);
  invariant(!isClash(pairing), "sides that were paired stay paired");
  const told = [
    ...made("the code stores what the spec computes from parameters", spec),
    ...made("taken together, as the spec may have it", code),
  ];
  const inner = { ...question, code: again.code };
  const facing = opposite(inner, { ...again, pairing }, [...facts.notes, ...told]);
  if ("kind" in facing) return facing;
  return (
    settle(inner, facing.facts, facing.first) ?? explain(inner, facing.facts, facing.first, again.recurrent)
  );
}

function absorbed(graph: Graph, other: Graph): Absorbed | undefined {
  const lowered = lower(graph, staysWhole).graph;
  const shapes = new Set(other.parameters.map(({ node }) => sizesInOrder(node)));
  return absorb(fold(lowered) ?? lowered, (parameter) => shapes.has(sizesInOrder(parameter)));
}

const sizesInOrder = ({ type }: Node): string => type.shape.map(dimText).sort().join();

/** What the new parameters of a graph are made of. */
function made(words: string, graph: Absorbed | undefined): string[] {
  const parts = [...(graph?.parts ?? [])].map(([name, of]) => `${name} is made of ${of.join(", ")}`);
  return parts.length === 0 ? [] : [`${words}: ${parts.join("; ")}`];
}

/** The verdict when every output was found under a binding; `undefined` when the search has to go on. */
function settle(question: Question, facts: Case, candidate: Candidate): Verdict | undefined {
  if (!isComplete(candidate)) return undefined;
  const claim = claimOf(facts, candidate);
  const verification = verify(claim, facts.random.fork("verify"), runsFor(claim));
  const bindings = bindingRows(facts, candidate);
  if (verification.agreed === undefined) {
    return {
      kind: "undecided",
      reason: "a denominator is 0 at every point tried",
      bindings,
      notes: facts.notes,
    };
  }
  if (!verification.agreed) return undefined;
  const differences = [...layoutDifferences(facts, candidate), ...faultDifferences(facts, candidate)];
  if (differences.length > 0) return { kind: "different", differences, bindings, notes: facts.notes };
  const floats = compareFloats(claim, facts.random.fork("floats"));
  if (floats !== undefined && floats.gap > roundingGap) {
    const gap = floats.gap.toExponential(1);
    const reason = `equal over the prime field, but float64 shows a relative gap of ${gap}: undefined there, overflow, or a fault of Assay`;
    return { kind: "undecided", reason, bindings, notes: facts.notes };
  }
  question.onEqual?.(claim);
  return {
    kind: "equal",
    bindings,
    evidence: evidenceOf(claim, verification, floats?.gap, facts.random.fork("stages")),
    notes: [...facts.notes, ...extraParameters(facts, candidate)],
  };
}

/** The spec with the sizes that the first try found, and then with likelier ones: more edits of it are well typed. */
function starts(facts: Case, first: Candidate): Candidate[] {
  const { world } = facts.arena;
  const { overlay, lowered, pairing } = first;
  const given = inputSizes(pairing, (node) => get(world.values, node).shape);
  const likely = likelySizes(lowered, overlay, isClash(given) ? new Map() : given, world);
  const isKnown = [...likely].every(([name, size]) => overlay.sizes.get(name) === size);
  return (isKnown ? [overlay.sizes] : [overlay.sizes, likely]).map((sizes) =>
    specialised(facts, first, sizes),
  );
}

function specialised(facts: Case, first: Candidate, sizes: SpecSizes): Candidate {
  const written = first.lowered.spec;
  const before = new Map([...sizes].map(([name, size]) => [name, facts.scale.before(size)]));
  const { graph, image } = specialise(written, before);
  const laid = lay(facts, graph, false);
  const back = new Map([...image].map(([from, to]) => [to, from]));
  return laid === undefined ? first : { ...laid, written, original: (node) => back.get(node) };
}

function explain(question: Question, facts: Case, first: Candidate, recurrent: Graph): Verdict {
  const open = starts(facts, first);
  for (const start of open) {
    const verdict = explained(question, facts, start, recurrent);
    if (verdict !== undefined) return verdict;
  }
  return unnamed(facts, at(open, 0));
}

/** The verdict when edits or multiples of parameters explain the code. */
function explained(question: Question, facts: Case, start: Candidate, recurrent: Graph): Verdict | undefined {
  const search: Search = {
    recurrent,
    code: facts.code,
    codeSizes: facts.codeSizes,
    arena: facts.arena,
    random: facts.random,
    scale: facts.scale,
    ...(question.onProgress === undefined
      ? {}
      : { onProgress: (tried: number) => question.onProgress?.(`${tried} edits tried`) }),
  };
  let isFirst = true;
  for (const found of diagnoses(search, start)) {
    if (found.length > 0) return differentBy(facts, start, found);
    // Multiples of parameters are a simpler story than two edits.
    const scaled = isFirst ? lay(facts, start.lowered.spec, true) : undefined;
    isFirst = false;
    const verdict = scaled && settle(question, facts, scaled);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}
