/** @file What each operation becomes, by its name. */
import { control } from "./operations-control.ts";
import { client, elementwise } from "./operations-elementwise.ts";
import { indexing } from "./operations-index.ts";
import { products } from "./operations-products.ts";
import { reduction } from "./operations-reduction.ts";
import { structure } from "./operations-structure.ts";
import type { Rule } from "./use.ts";

const stable: Readonly<Record<string, Rule>> = {
  ...elementwise,
  ...structure,
  ...products,
  ...reduction,
  ...indexing,
};
const chlo: Readonly<Record<string, Rule>> = { ...client, top_k: reduction["top_k"] ?? unknown };

/** The rule of an operation; one without a rule is a function of which only the name is known. */
export function ruleOf(name: string): Rule {
  const [dialect = "", own = ""] = name.split(/\.(.*)/s);
  const table = { stablehlo: stable, mhlo: stable, chlo }[dialect];
  if (Object.hasOwn(control, name)) return control[name] ?? unknown;
  if (table !== undefined && Object.hasOwn(table, own)) return table[own] ?? unknown;
  return unknown;
}

function unknown(...[use]: Parameters<Rule>): ReturnType<Rule> {
  return use.unknown(use.operator);
}
