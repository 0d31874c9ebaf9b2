/**
 * @file The edit catalogue: small changes of a spec, each of which is a bug that people make. A bug is named by finding
 * the edit that turns the spec into the code. Edits are made from traits of operators (activations, reductions,
 * normalisations, what may be left out of a sum), not from a list of operators.
 */

import type { Rational } from "../base/rational.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { definitionOf } from "../ops/table.ts";
import { isParameter, isParameterLike, isStored } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import {
  arithmeticEdits,
  attributeEdits,
  epsilonEdits,
  numberEdits,
  positionEdits,
  thresholdEdits,
} from "./edits-arithmetic.ts";
import { alongEdits, transposeEdits } from "./edits-axes.ts";
import { choiceEdits, hidingEdits, maskEdits } from "./edits-choice.ts";
import { innerEdits } from "./edits-composite.ts";
import {
  groupEdits,
  orderEdits,
  poolEdits,
  skipEdits,
  sumOrderEdits,
  windowEdits,
} from "./edits-convolution.ts";
import { exchangeEdits } from "./edits-exchange.ts";
import { bypassEdits, dropEdits, functionEdits, insertEdits, normalisationEdits } from "./edits-function.ts";
import { layoutEdits } from "./edits-layout.ts";
import { extraBiasEdits, separateEdits, shareEdits } from "./edits-parameter.ts";
import { projectionEdits } from "./edits-projection.ts";
import { axisEdits, reductionEdits } from "./edits-reduction.ts";
import { inverseEdits, rankEdits, seriesEdits } from "./edits-reverse.ts";
import { scopeEdits } from "./edits-scope.ts";
import { swapEdits } from "./edits-swap.ts";
import { normalisedEdits, operandEdits } from "./edits-value.ts";
import type { Namer } from "./names.ts";

/** Edits at one node, the likeliest first. `numbers` are those that the code has and the spec has not. */
export function editsAt(spec: Graph, node: Node, names: Namer, numbers: readonly Rational[] = []): Edit[] {
  if (isParameter(node)) return shareEdits(spec, node, names);
  if (node.type.dtype === "bool") return thresholdEdits(node);
  if (isStored(node) && !isParameterLike(node)) return storedEdits(node, names, numbers);
  if (!isReal(node.type.dtype)) return rankEdits(node, names);
  if (definitionOf(node.op).family === "leaf") return [];
  return [
    ...dropEdits(node),
    ...choiceEdits(node),
    ...maskEdits(node),
    ...hidingEdits(node),
    ...arithmeticEdits(node, names),
    ...scopeEdits(node, names),
    ...axisEdits(node, names),
    ...alongEdits(node, names),
    ...transposeEdits(spec, node, names),
    ...reductionEdits(node, names),
    ...attributeEdits(node),
    ...epsilonEdits(node),
    ...numberEdits(node, numbers),
    ...poolEdits(node),
    ...orderEdits(node),
    ...exchangeEdits(node, names),
    ...sumOrderEdits(node, names),
    ...skipEdits(node, names),
    ...windowEdits(node),
    ...groupEdits(node, names),
    ...layoutEdits(node, names),
    ...separateEdits(spec, node, names),
    ...extraBiasEdits(node, names),
    ...projectionEdits(node, names),
    ...functionEdits(node),
    ...normalisationEdits(node),
    ...innerEdits(node),
    ...inverseEdits(node, names),
    ...seriesEdits(node),
    ...bypassEdits(node, names),
    ...operandEdits(spec, node, names),
    ...swapEdits(spec, node, names),
    ...normalisedEdits(node, names),
    ...insertEdits(spec, node, names),
  ];
}

/** Edits of what is computed from numbers and positions alone, such as a table of angles. */
function storedEdits(node: Node, names: Namer, numbers: readonly Rational[]): Edit[] {
  const other = [...numberEdits(node, numbers), ...positionEdits(node, names)];
  // Another operator inside a constant is an obscure way to say another constant.
  if (node.type.shape.length === 0 || !isReal(node.type.dtype)) return other;
  return [
    ...dropEdits(node),
    ...arithmeticEdits(node, names),
    ...functionEdits(node),
    ...layoutEdits(node, names),
    ...other,
  ];
}
