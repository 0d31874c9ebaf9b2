/** @file The table of ATen operators that have a meaning in Assay, one row each. */
import type { Lower } from "./call.ts";
import { convolutions } from "./operators-convolution.ts";
import { creation } from "./operators-creation.ts";
import { elementwise } from "./operators-elementwise.ts";
import { linearAlgebra } from "./operators-linear.ts";
import { loss } from "./operators-loss.ts";
import { order } from "./operators-order.ts";
import { recurrent } from "./operators-recurrent.ts";
import { reduction } from "./operators-reduction.ts";
import { structure } from "./operators-structure.ts";

export const rows: ReadonlyMap<string, Lower> = new Map(
  Object.entries({
    ...convolutions,
    ...creation,
    ...elementwise,
    ...linearAlgebra,
    ...loss,
    ...order,
    ...recurrent,
    ...reduction,
    ...structure,
  }).map(([name, lower]) => [`torch.ops.${name}`, lower]),
);
