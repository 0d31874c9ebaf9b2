/** @file What each primitive of JAX means in the graph. */
import { Refused, type Rule, type Rules } from "./application.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { products } from "./products.ts";
import { reduction } from "./reduction.ts";
import { scatters } from "./scatter.ts";
import { structure } from "./structure.ts";

/** What the language that the program is written in has, and no equation can say. */
const refused: Rule = (use) => {
  throw new Refused(use.params.text("got"), use.params.text("want"));
};

export const rules: Rules = {
  refused,
  ...elementwise,
  ...structure,
  ...reduction,
  ...products,
  ...indexing,
  ...scatters,
};
