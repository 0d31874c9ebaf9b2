/** @file What an equality rests on: runs, primes, the error bound, and the assumptions, in words. */
import type { Random } from "../base/random.ts";
import { dimText } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import type { Evidence } from "../result/verdict.ts";
import { largestDegree } from "./graph-degrees.ts";
import { inStages, smallChance } from "./stages.ts";
import { type Claim, decisionsIn, doubtsByLaw, errorBound, type Verification } from "./verify.ts";

/** The evidence of a verification in which every run agreed. */
export function evidenceOf(
  claim: Claim,
  verification: Verification,
  floatGap: number | undefined,
  random: Random,
): Evidence {
  const degree =
    2 * Math.max(1, largestDegree(claim.code, claim.codeSizes), largestDegree(claim.spec, claim.specSizes));
  const whole = { stages: 1, error: errorBound(degree, verification.fields) };
  const staged = whole.error < smallChance ? undefined : inStages(claim, random, verification.runs);
  const { stages, error } = staged !== undefined && staged.error < whole.error ? staged : whole;
  return {
    runs: verification.runs,
    primes: verification.fields.map(({ p }) => p),
    elements: verification.elements,
    stages,
    error: Math.min(1, error + chanceOfDecisions(claim, verification)),
    assumptions: assumptionsOf(claim, verification),
    floatGap,
  };
}

/** Chance that decisions which have nothing to do with each other agreed in every run. */
const chanceOfDecisions = (claim: Claim, { runs }: Verification): number => 2 ** (-runs * decisionsIn(claim));

function assumptionsOf(claim: Claim, verification: Verification): string[] {
  const assumptions = ["arithmetic on real numbers: rounding is not compared"];
  const sizes = [...claim.codeSizes].map(([name, size]) => `${specName(claim, name)} = ${size}`);
  if (sizes.length > 0) assumptions.push(`what holds at ${sizes.join(", ")} holds at every size`);
  const reduced = [
    ["axis sizes were reduced", claim.scale.changed],
    ["sizes of what windows lie over were reduced", claim.scale.images],
  ] as const;
  for (const [what, changed] of reduced) {
    const words = [...changed].sort(([a], [b]) => a - b).map(([size, small]) => `${size} -> ${small}`);
    if (words.length > 0)
      assumptions.push(`${what}, ${words.join(", ")}: what holds there holds at the models' sizes`);
  }
  const meanings = [claim.code, claim.spec].flatMap((graph) => graph.nodes.map(meaningOf));
  if (meanings.includes("structured")) {
    assumptions.push("exp, signs, roots and rotations are tested by their laws, at random points otherwise");
  }
  if (doubtsByLaw(verification.fields) > 0) {
    assumptions.push(
      "arguments of exp and its like that agree in one residue alone in every run are equal by a law",
    );
  }
  if (verification.hashed.length > 0) {
    assumptions.push(
      `nothing is assumed of ${verification.hashed.join(", ")} but symmetry: equal arguments give equal results`,
    );
  }
  return assumptions;
}

/** What the spec calls a size of the code, where an input of both has it. */
function specName({ pairing }: Claim, symbol: string): string {
  for (const [spec, code] of pairing.inputs) {
    const axis = code.type.shape.findIndex((dim) => dimText(dim) === symbol);
    const dim = spec.type.shape[axis];
    if (dim !== undefined && typeof dim !== "number") return dimText(dim);
  }
  return symbol;
}

function meaningOf(node: Node): string {
  const definition = definitionOf(node.op);
  return definition.kind === "primitive" ? definition.field : "exact";
}
