/** @file The table of Keras's layers and operations that have a meaning in Assay, one row each. */
import { activate, activationNamed } from "./activations.ts";
import { attentionLayers } from "./attention.ts";
import { convolutionLayers } from "./convolutions.ts";
import { denseLayers } from "./dense.ts";
import type { Layer, Rows } from "./layer.ts";
import { mergingLayers } from "./merging.ts";
import { normalisationLayers } from "./normalisations.ts";
import { elementwiseOperations } from "./operations.ts";
import { productOperations } from "./operations-products.ts";
import { structureOperations } from "./operations-structure.ts";
import { paddingLayers } from "./padding.ts";
import { poolingLayers } from "./pooling.ts";
import { preprocessingLayers } from "./preprocessing.ts";
import { NotCovered } from "./problem.ts";
import { recurrentLayers } from "./recurrent.ts";
import { reshapingLayers } from "./reshaping.ts";
import { isNode, type Value } from "./values.ts";

const layers: ReadonlyMap<string, Rows[string]> = new Map(
  Object.entries({
    ...denseLayers,
    ...convolutionLayers,
    ...paddingLayers,
    ...poolingLayers,
    ...normalisationLayers,
    ...attentionLayers,
    ...mergingLayers,
    ...preprocessingLayers,
    ...reshapingLayers,
    ...recurrentLayers((c) => lowerLayer(c, false)),
  }),
);
const operations: ReadonlyMap<string, Rows[string]> = new Map(
  Object.entries({ ...elementwiseOperations, ...productOperations, ...structureOperations }),
);

/** Layers whose output has the mask of their input. */
const passing = new Set(
  (
    "Activation ELU LeakyReLU PReLU ReLU Dense Identity BatchNormalization GroupNormalization LayerNormalization " +
    "UnitNormalization Normalization Rescaling ActivityRegularization AlphaDropout Dropout GaussianDropout GaussianNoise " +
    "TimeDistributed"
  ).split(" "),
);

export const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();

/** Whether a class has a meaning here. */
export const isKnown = (className: string, isOperation: boolean): boolean =>
  (isOperation ? operations : layers).has(className) ||
  (isOperation && activationNamed(className) !== undefined);

/** The meaning of one call. Throws NotCovered where there is none. */
export function lowerLayer(c: Layer, isOperation: boolean): Value {
  if (c.className === "Lambda")
    throw new NotCovered(
      "a function of Python code, which is not executed",
      undefined,
      "write it with keras.ops instead of Lambda",
    );
  const lower = (isOperation ? operations : layers).get(c.className);
  if (lower !== undefined) return lower(c);
  if (isOperation && activationNamed(c.className) !== undefined)
    return activate(c, c.input, c.className, c.config);
  throw new NotCovered(isOperation ? `the operation ${c.className}` : `a layer of class ${c.className}`);
}

/** Carries the mask of the input over, where Keras does. */
export function masksOf(c: Layer, { className }: { readonly className: string }, result: Value): void {
  const first = c.args[0];
  if (first === undefined || !isNode(first) || !isNode(result) || c.knownMask(result) !== undefined) return;
  const mask = c.knownMask(first);
  if (c.reading.unclear.has(first) && passing.has(className)) c.reading.unclear.add(result);
  if (mask !== undefined && passing.has(className)) c.reading.masks.set(result, mask);
}
