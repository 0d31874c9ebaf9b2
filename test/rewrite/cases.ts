/**
 * @file For every rewrite rule graphs to which it applies, and for every condition of it a graph that only lacks this
 * condition, with what the rule would wrongly make of it.
 */
import { activationCases } from "./activation-cases.ts";
import { arithmeticCases } from "./arithmetic-cases.ts";
import { channelsCases } from "./channels-cases.ts";
import { formulasCases } from "./formulas-cases.ts";
import { headsCases } from "./heads-cases.ts";
import { kernelsCases } from "./kernels-cases.ts";
import { normalisationCases } from "./normalisation-cases.ts";
import { positionsCases } from "./positions-cases.ts";
import { rearrangementCases } from "./rearrangement-cases.ts";
import { rotaryCases } from "./rotary-cases.ts";
import { rowsCases } from "./rows-cases.ts";
import { scoresCases } from "./scores-cases.ts";
import { stepsCases } from "./steps-cases.ts";
import { truthsCases } from "./truths-cases.ts";
import type { Cases } from "./values.ts";

export const cases: Cases = {
  ...rearrangementCases,
  ...stepsCases,
  ...positionsCases,
  ...truthsCases,
  ...arithmeticCases,
  ...activationCases,
  ...normalisationCases,
  ...headsCases,
  ...kernelsCases,
  ...rowsCases,
  ...scoresCases,
  ...rotaryCases,
  ...formulasCases,
  ...channelsCases,
};
