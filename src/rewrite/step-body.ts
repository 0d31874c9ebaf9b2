/** @file The graph of one step of a recurrence, as the body of a scan. */
import { get, zip } from "../base/assert.ts";
import { nest } from "../ir/body.ts";
import type { Shape } from "../ir/dim.ts";
import { type Graph, type Node, type NodeOf, rebuild } from "../ir/graph.ts";
import type { Body } from "../ir/operators.ts";
import { newBuilder } from "../ops/table.ts";
import { isClosed } from "../ops/traits.ts";
import { elementOf } from "./correspond.ts";
import { raise } from "./raise.ts";
import type { Recurrence } from "./recurrence.ts";

/** The body, and the template's nodes in the places of its outputs: what is carried, then what else is read. */
export function stepBody(
  graph: Graph,
  recurrence: Recurrence,
  read: ReadonlySet<Node>,
): { readonly body: Body; readonly outputs: readonly Node[] } {
  const { inner, before, after, elements, shared } = recurrence;
  const builder = newBuilder();
  const names = new Names(graph, recurrence);
  const images = new Map<Node, Node>();
  const inputs: NodeOf<"Input">[] = [];
  const give = (name: string, { type }: Node, shape: Shape = type.shape): NodeOf<"Input"> => {
    const made = builder.node("Input", [], { name, shape, dtype: type.dtype });
    inputs.push(made);
    return made;
  };
  const carries = zip(before, after).map(
    ([node, made], place) => [node, names.ofCarry(made, place)] as const,
  );
  for (const [node, name] of carries) images.set(node, give(name, node));
  for (const element of elements) {
    const cut = elementOf(element);
    const own = give(
      names.ofValue(cut?.source ?? element, "x"),
      element,
      element.type.shape.filter((_, axis) => axis !== cut?.axis),
    );
    images.set(element, builder.node("Reshape", [own], { shape: element.type.shape }));
  }
  if (elements.length === 0)
    inputs.push(builder.node("Input", [], { name: names.free("k"), shape: [], dtype: "int64" }));
  for (const node of shared) if (!isClosed(node)) images.set(node, give(names.ofValue(node, "z"), node));
  const copy = (node: Node): Node => {
    const known = images.get(node);
    if (known !== undefined) return known;
    const operands = node.inputs.map(copy);
    const made = builder.at(graph.origins.get(node), () => rebuild(builder, node, operands));
    const label = names.labelOf(node);
    if (label !== undefined) builder.label(made, label);
    images.set(node, made);
    return made;
  };
  for (const node of inner) copy(node);
  const outputs = [...after, ...inner.filter((node) => read.has(node) && !after.includes(node))];
  const named = outputs.map((node, place) => ({
    name: carries[place]?.[1] ?? names.ofValue(node, "y"),
    node: get(images, node),
  }));
  const body = builder.graph({ name: named[0]?.name ?? "", inputs, parameters: [], outputs: named });
  return { body: nest(raise(body)), outputs };
}

/** What the code calls the values of a step, each by a name of its own. */
class Names {
  readonly #graph: Graph;
  readonly #recurrence: Recurrence;
  readonly #taken = new Set<string>();

  constructor(graph: Graph, recurrence: Recurrence) {
    [this.#graph, this.#recurrence] = [graph, recurrence];
  }

  /** A state is called h, as papers do, and a second one c. */
  ofCarry(node: Node, place: number): string {
    return this.free(this.labelOf(node) ?? ["h", "c"][place] ?? "s");
  }

  ofValue(node: Node, otherwise: string): string {
    const own = node.op === "Input" || node.op === "Parameter" ? node.attrs.name : this.labelOf(node);
    return this.free(own ?? otherwise);
  }

  /** The label in the first step that has one. */
  labelOf(node: Node): string | undefined {
    const { labels } = this.#graph;
    for (const step of this.#recurrence.steps) {
      const label = labels.get(step.get(node) ?? node);
      if (label !== undefined) return label;
    }
    return undefined;
  }

  free(wish: string): string {
    let name = wish;
    for (let number = 2; this.#taken.has(name); number++) name = `${wish}_${number}`;
    this.#taken.add(name);
    return name;
  }
}
