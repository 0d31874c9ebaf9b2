/**
 * @file For every rewrite rule graphs to which it applies, and for every condition of it a graph that only lacks this
 * condition, with what the rule would wrongly make of it.
 */
import { activationCases } from "./activation-cases.ts";
import { arithmeticCases } from "./arithmetic-cases.ts";
import { channelsCases } from "./channels-cases.ts";
import { entropyCases } from "./entropy-cases.ts";
import { formulasCases } from "./formulas-cases.ts";
import { groupsCases } from "./groups-cases.ts";
import { headsCases } from "./heads-cases.ts";
import { jointsCases } from "./joints-cases.ts";
import { kernelsCases } from "./kernels-cases.ts";
import { lossesCases } from "./losses-cases.ts";
import { normalisationCases } from "./normalisation-cases.ts";
import { orderCases } from "./order-cases.ts";
import { placesCases } from "./places-cases.ts";
import { positionsCases } from "./positions-cases.ts";
import { rearrangementCases } from "./rearrangement-cases.ts";
import { reversalCases } from "./reversal-cases.ts";
import { rotaryCases } from "./rotary-cases.ts";
import { rowsCases } from "./rows-cases.ts";
import { scoresCases } from "./scores-cases.ts";
import { stacksCases } from "./stacks-cases.ts";
import { stepsCases } from "./steps-cases.ts";
import { truthsCases } from "./truths-cases.ts";
import { unitsCases } from "./units-cases.ts";
import type { Cases } from "./values.ts";

export const cases: Cases = {
  ...rearrangementCases,
  ...unitsCases,
  ...stepsCases,
  ...reversalCases,
  ...positionsCases,
  ...truthsCases,
  ...arithmeticCases,
  ...activationCases,
  ...normalisationCases,
  ...groupsCases,
  ...lossesCases,
  ...headsCases,
  ...jointsCases,
  ...kernelsCases,
  ...rowsCases,
  ...orderCases,
  ...scoresCases,
  ...stacksCases,
  ...rotaryCases,
  ...formulasCases,
  ...entropyCases,
  ...placesCases,
  ...channelsCases,
};
