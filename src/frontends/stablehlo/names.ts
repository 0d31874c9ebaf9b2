/** @file What the arguments and results of a module are: parameters and inputs, by the names that JAX writes beside them. */
import type { Argument, Attribute } from "./syntax.ts";

/** Arguments that hold parameters where they are trees, as for functions that the bridge traces. */
const trees: ReadonlySet<string> = new Set([
  "params",
  "parameters",
  "variables",
  "weights",
  "model",
  "state",
]);

/** An argument as a path into a tree: `params['dense']['w']` is `params`, `dense`, `w`. */
export interface Path {
  readonly root: string;
  readonly keys: readonly string[];
}

const part = /\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\.([A-Za-z_]\w*)/y;

/** The path in a name, where it is one. */
export function pathOf(name: string): Path {
  const [root = ""] = /^[A-Za-z_]\w*/.exec(name) ?? [];
  const keys: string[] = [];
  part.lastIndex = root.length;
  while (root !== "" && part.lastIndex < name.length) {
    const found = part.exec(name);
    if (found === null) return { root: name, keys: [] };
    keys.push(found.slice(1).find((text) => text !== undefined) ?? "");
  }
  return root === "" ? { root: name, keys: [] } : { root, keys };
}

/** A parameter is a named leaf of a tree. */
export const isParameter = ({ root, keys }: Path): boolean =>
  trees.has(root) && keys.some((key) => root !== "state" || /\D/.test(key));

/** Whether an argument is only the first, second, … of those that have no names. */
export const isNumbered = ({ root, keys }: Path): boolean =>
  (/^(?:args|inputs)$/.test(root) && keys.length === 1 && /^\d+$/.test(keys.join())) ||
  (keys.length === 0 && /^arg\d+$/.test(root));

/** Statistics that training does not follow a gradient for, as flax keeps them. */
export const isTrained = ({ keys }: Path): boolean => keys[0] !== "batch_stats";

/** A parameter by its path in its tree; flax's variables keep the name of their collection. */
export const parameterName = ({ keys }: Path): string => keys.join(".");
export const inputName = ({ root, keys }: Path): string => [root, ...keys].join(".");

/** The path of a result: `jax.result_info` is `result['logits']`, or in older texts `['logits']`. */
export function resultPath(attributes: ReadonlyMap<string, Attribute>): readonly string[] | undefined {
  const info = attributes.get("jax.result_info");
  if (typeof info !== "string") return undefined;
  return pathOf(info.startsWith("result") ? info : `result${info}`).keys;
}

/** The name that stands for a size in all shapes, `jax.global_constant`. */
export function sizeName({ attributes }: Argument): string | undefined {
  const name = attributes.get("jax.global_constant");
  return typeof name === "string" ? name : undefined;
}
