/** @file The table of ATen operators that have a meaning in Assay, one row each. */
import type { Lower } from "./call.ts";
import { elementwise } from "./operators-elementwise.ts";
import { linearAlgebra } from "./operators-linear.ts";
import { reduction } from "./operators-reduction.ts";
import { structure } from "./operators-structure.ts";

export const rows: ReadonlyMap<string, Lower> = new Map(
  Object.entries({ ...elementwise, ...linearAlgebra, ...reduction, ...structure }).map(([name, lower]) => [
    `torch.ops.${name}`,
    lower,
  ]),
);
