/** @file Phrases a raised graph as a person writes it: rules for equations that are read, not for graphs that are compared. */
import type { Graph } from "../ir/graph.ts";
import { channelRules } from "./channels.ts";
import { entropyRules } from "./entropy.ts";
import { formulaRules } from "./formulas.ts";
import { headRules } from "./heads.ts";
import { jointRules } from "./joints.ts";
import { kernelRules } from "./kernels.ts";
import { orderRules } from "./order.ts";
import { placeRules } from "./places.ts";
import { type RuleUse, simplified } from "./raise.ts";
import { rotaryRules } from "./rotary.ts";
import { rowRules } from "./rows.ts";
import type { Rule } from "./rule.ts";
import { scoreRules } from "./scores.ts";
import { stackRules } from "./stacks.ts";

/** Every rule, in the order in which they are tried. */
export const phrasingRules: readonly Rule[] = [
  ...jointRules,
  ...rowRules,
  ...kernelRules,
  ...headRules,
  ...scoreRules,
  ...formulaRules,
  ...entropyRules,
  ...placeRules,
  ...rotaryRules,
  ...channelRules,
  ...stackRules,
  ...orderRules,
];

/** An equal graph in the words of papers. */
export const phrase = (graph: Graph, told?: RuleUse): Graph => simplified(graph, phrasingRules, told);
