/** @file Code and spec without recurrences: both are unrolled over the same number of steps. */

import { specialise } from "../eval/specialise.ts";
import { lengthSymbols, unroll } from "../eval/unroll.ts";
import { type Sizes, sizesOf } from "../ir/dim.ts";
import type { Graph } from "../ir/graph.ts";
import { type Clash, inputSizes, isClash, type Pairing, pair } from "./pairing.ts";
import { chooseSizes } from "./world.ts";

export interface Sides {
  readonly code: Graph;
  readonly spec: Graph;
  /** The spec with its recurrences, whose lengths are numbers. */
  readonly recurrent: Graph;
  readonly pairing: Pairing;
  /** The lengths of the code's recurrences that were symbols. */
  readonly lengths: Sizes;
}

/** Lays the two side by side and unrolls both, or says why they don't fit. */
export function unrolled(code: Graph, spec: Graph): Sides | Clash {
  const pairing = pair(spec, code);
  if (isClash(pairing)) return pairing;
  const [codeLengths, specLengths] = [lengthSymbols(code), lengthSymbols(spec)];
  if (!hasSteps(code) && !hasSteps(spec)) {
    return { code, spec, recurrent: spec, pairing, lengths: new Map() };
  }
  const sizes = chooseSizes(code);
  const specSizes = inputSizes(pairing, (node) => sizesOf(node.type.shape, sizes));
  if (isClash(specSizes)) return specSizes;
  const lengths = only(sizes, codeLengths);
  const recurrent = specialise(spec, only(specSizes, specLengths)).graph;
  const sides = {
    code: unroll(specialise(code, lengths).graph).graph,
    spec: unroll(recurrent).graph,
    recurrent,
    lengths,
  };
  const paired = pair(sides.spec, sides.code);
  return isClash(paired) ? paired : { ...sides, pairing: paired };
}

const hasSteps = (graph: Graph): boolean => graph.nodes.some((node) => "body" in node.attrs);

const only = (sizes: Sizes, names: ReadonlySet<string>): Sizes =>
  new Map([...sizes].filter(([name]) => names.has(name)));
