/** @file Functions of which a spec says nothing but their names: those of the code that are printed under these. */
import { type Graph, type Node, rebuild } from "../ir/graph.ts";
import { namesOfUnknowns, withoutUnknowns } from "../rewrite/unknown-functions.ts";

/** The spec with the code's unknown functions in the place of those with their names, and what was put where. */
export function withCodeFunctions(
  spec: Graph,
  code: Graph,
): { readonly spec: Graph; readonly notes: string[] } {
  const functions = new Map([...namesOfUnknowns(code).values()].map((own) => [own.name, own.function]));
  const notes = new Set<string>();
  const graph = withoutUnknowns(spec, (builder, use, inputs) => {
    const own = use.attrs.attributes === "" ? functions.get(use.attrs.name) : undefined;
    if (own === undefined) return rebuild(builder, use, inputs);
    const { name, attributes } = own;
    notes.add(
      `${use.attrs.name} is taken for the code's ${name}${attributes === "" ? "" : `(${attributes})`}`,
    );
    return builder.node("Opaque", inputs, { ...use.attrs, name, attributes }) as Node;
  });
  return { spec: graph, notes: [...notes] };
}
