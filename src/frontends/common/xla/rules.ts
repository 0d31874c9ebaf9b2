/** @file What each primitive of JAX means in the graph. */
import type { Rules } from "./application.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { products } from "./products.ts";
import { reduction } from "./reduction.ts";
import { scatters } from "./scatter.ts";
import { structure } from "./structure.ts";

export const rules: Rules = {
  ...elementwise,
  ...structure,
  ...reduction,
  ...products,
  ...indexing,
  ...scatters,
};
