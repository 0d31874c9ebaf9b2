/** @file What an equality rests on: runs, primes, the error bound, and the assumptions, in words. */
import { get } from "../base/assert.ts";
import { type Degrees, degrees, variables } from "../domain/degree.ts";
import { evaluate } from "../eval/evaluate.ts";
import { dimText, type Sizes, sizesOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { definitionOf } from "../ops/table.ts";
import { count, discrete, real, type Tensor } from "../ops/tensor.ts";
import type { Evidence } from "../result/verdict.ts";
import { type Claim, decisionsIn, errorBound, type Verification } from "./verify.ts";

/** The evidence of a verification in which every run agreed. */
export function evidenceOf(claim: Claim, verification: Verification, floatGap: number | undefined): Evidence {
  const degree = Math.max(
    1,
    outputDegree(claim.code, claim.codeSizes) + outputDegree(claim.spec, claim.specSizes),
  );
  return {
    runs: verification.runs,
    primes: [...verification.primes],
    elements: verification.elements,
    error: Math.min(1, errorBound(degree, verification) + chanceOfDecisions(claim, verification)),
    assumptions: assumptionsOf(claim, verification),
    floatGap,
  };
}

/** Chance that decisions which have nothing to do with each other agreed in every run. */
const chanceOfDecisions = (claim: Claim, { runs }: Verification): number => 2 ** (-runs * decisionsIn(claim));

/** The largest degree of a numerator plus that of a denominator among the outputs. */
function outputDegree(graph: Graph, sizes: Sizes): number {
  const leaves = [...graph.inputs, ...graph.parameters.map((parameter) => parameter.node)];
  const given = new Map(
    leaves.map((leaf): readonly [Node, Tensor<Degrees>] => {
      const node = leaf;
      const shape = sizesOf(node.type.shape, sizes);
      const size = count(shape);
      return [
        node,
        isReal(node.type.dtype) ? real(shape, variables(size)) : discrete(shape, new Float64Array(size)),
      ];
    }),
  );
  const values = evaluate(graph, degrees, given, sizes);
  const ofOutput = (node: Node): number => {
    const tensor = get(values, node);
    return tensor.kind === "real" ? tensor.values.over + tensor.values.under : 0;
  };
  return Math.max(0, ...graph.outputs.map((output) => ofOutput(output.node)));
}

function assumptionsOf(claim: Claim, verification: Verification): string[] {
  const assumptions = ["arithmetic on real numbers: rounding is not compared"];
  const sizes = [...claim.codeSizes].map(([name, size]) => `${specName(claim, name)} = ${size}`);
  if (sizes.length > 0) assumptions.push(`what holds at ${sizes.join(", ")} holds at every size`);
  if (claim.scale.changed.size > 0) {
    const changed = [...claim.scale.changed].sort(([a], [b]) => a - b);
    const words = changed.map(([size, small]) => `${size} -> ${small}`).join(", ");
    assumptions.push(`axis sizes were reduced, ${words}: what holds there holds at the models' sizes`);
  }
  const meanings = [claim.code, claim.spec].flatMap((graph) => graph.nodes.map(meaningOf));
  if (meanings.includes("structured")) {
    assumptions.push("exp, signs and roots are tested by their laws, at random points otherwise");
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
