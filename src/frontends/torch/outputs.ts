/** @file Names of a program's outputs, from the structure that its forward returns. */
import { z } from "zod";
import { parseJson } from "./json.ts";
import type { ModuleCall } from "./schema.ts";

interface Tree {
  readonly type: string | null;
  readonly context: string | null;
  readonly children_spec: readonly Tree[];
}
const tree: z.ZodType<Tree> = z.object({
  type: z.string().nullable(),
  context: z.string().nullable(),
  get children_spec() {
    return z.array(tree);
  },
});
/** A version of the tree format, and the tree. */
const treeSpec = z.tuple([z.int(), tree]);

/** Paths of the leaves: keys of dicts, positions in tuples and lists. */
function leaves(
  file: string,
  { type, context, children_spec: children }: Tree,
  path: readonly string[],
): string[] {
  if (type === null) return [path.join(".")];
  const keys = dictKeys(file, context);
  return children.flatMap((child, index) => leaves(file, child, [...path, keys[index] ?? String(index)]));
}
/** Dicts have their keys as their context. */
function dictKeys(file: string, context: string | null): readonly string[] {
  const value = parseJson(file, "out_spec", new TextEncoder().encode(context ?? "null"));
  const keys = z.array(z.string()).safeParse(value);
  return keys.success ? keys.data : [];
}

/**
 * One name for each of `count` outputs: the keys when forward returns a dict, else `output`, or `output_0`, `output_1`, …
 * A structure of another kind or count, such as a class of the user, falls back to the latter.
 */
export function outputNames(file: string, calls: readonly ModuleCall[], count: number): string[] {
  const numbered = Array.from({ length: count }, (_, index) => (count === 1 ? "output" : `output_${index}`));
  const text = calls.find((call) => call.fqn === "")?.signature?.out_spec;
  if (text === undefined) return numbered;
  const spec = treeSpec.safeParse(parseJson(file, "out_spec", new TextEncoder().encode(text)));
  if (!spec.success) return numbered;
  const names = leaves(file, spec.data[1], []).map((path) =>
    /^\d*$|^\d+\./.test(path) ? `output_${path}` : path,
  );
  return names.length !== count || (count === 1 && names[0] === "output_") ? numbered : names;
}
