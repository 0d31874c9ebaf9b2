/** @file The table of ONNX operators that have a meaning in Assay, one row each. */
import type { Lower } from "./call.ts";
import { attentions } from "./operators-attention.ts";
import { control } from "./operators-control.ts";
import { convolutions } from "./operators-convolution.ts";
import { elementwise } from "./operators-elementwise.ts";
import { indexing } from "./operators-index.ts";
import { linear } from "./operators-linear.ts";
import { linearAttentions } from "./operators-linear-attention.ts";
import { losses } from "./operators-loss.ts";
import { paddings } from "./operators-padding.ts";
import { quantisation } from "./operators-quantised.ts";
import { recurrent } from "./operators-recurrent.ts";
import { reductions } from "./operators-reduction.ts";
import { resampling } from "./operators-resample.ts";
import { sequences } from "./operators-sequence.ts";
import { signals } from "./operators-signal.ts";
import { structure } from "./operators-structure.ts";

export const rows: ReadonlyMap<string, Lower> = new Map(
  Object.entries({
    ...attentions,
    ...control,
    ...convolutions,
    ...elementwise,
    ...indexing,
    ...linear,
    ...linearAttentions,
    ...losses,
    ...paddings,
    ...quantisation,
    ...recurrent,
    ...reductions,
    ...resampling,
    ...sequences,
    ...signals,
    ...structure,
  }),
);
