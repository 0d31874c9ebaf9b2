/** @file The table of ATen operators that have a meaning in Assay, one row each. */
import type { Lower } from "./call.ts";
import { attentions } from "./operators-attention.ts";
import { gradients } from "./operators-backward.ts";
import { convolutions } from "./operators-convolution.ts";
import { creation } from "./operators-creation.ts";
import { elementwise } from "./operators-elementwise.ts";
import { functions } from "./operators-functions.ts";
import { indexes } from "./operators-index.ts";
import { linearAlgebra } from "./operators-linear.ts";
import { loss } from "./operators-loss.ts";
import { marginLoss } from "./operators-margin.ts";
import { normalisation } from "./operators-normalisation.ts";
import { order } from "./operators-order.ts";
import { parts } from "./operators-parts.ts";
import { pixels } from "./operators-pixels.ts";
import { pooling } from "./operators-pooling.ts";
import { rearrangement } from "./operators-rearrange.ts";
import { recurrent } from "./operators-recurrent.ts";
import { reduction } from "./operators-reduction.ts";
import { resampling } from "./operators-resample.ts";
import { scatters } from "./operators-scatter.ts";
import { structure } from "./operators-structure.ts";

export const rows: ReadonlyMap<string, Lower> = new Map(
  Object.entries({
    ...attentions,
    ...convolutions,
    ...creation,
    ...elementwise,
    ...functions,
    ...gradients,
    ...indexes,
    ...linearAlgebra,
    ...loss,
    ...marginLoss,
    ...normalisation,
    ...order,
    ...parts,
    ...pixels,
    ...scatters,
    ...pooling,
    ...rearrangement,
    ...recurrent,
    ...reduction,
    ...resampling,
    ...structure,
  }).map(([name, lower]) => [`torch.ops.${name}`, lower]),
);
