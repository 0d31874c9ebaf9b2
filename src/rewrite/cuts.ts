/** @file One place on an axis of a value, computed from what the value is made of at that place. */
import { type Answering, deeply } from "../base/deeply.ts";
import { applied, type Builder, type Graph, type Node, rebuild, transform } from "../ir/graph.ts";
import { countedLabel, wholeLabel } from "../ops/define.ts";
import { definitionOf, newBuilder } from "../ops/table.ts";
import { isStored, rankedAxis } from "../ops/traits.ts";

/** An axis of an operand. */
interface Source {
  readonly operand: number;
  readonly axis: number;
}

/** The axes of operands that an axis of the result runs along, place by place. */
export function sourcesOf(node: Node, axis: number): Source[] {
  // A rank is one among all places.
  if (rankedAxis(node) === axis) return [];
  const definition = definitionOf(node.op);
  const types = node.inputs.map((input) => input.type);
  const { operands, result } = definition.axes(types, node.attrs, node.type);
  const label = result[axis];
  if (label === undefined || label === wholeLabel || label === countedLabel) return [];
  return operands.flatMap((labels, operand) => {
    const own = labels.indexOf(label);
    return own < 0 ? [] : [{ operand, axis: own }];
  });
}

interface Cut {
  readonly node: Node;
  readonly axis: number;
  readonly place: number;
}

export class Cuts {
  readonly #builder: Builder;
  readonly #made = deeply(
    (cut: Cut) => this.#making(cut),
    ({ node, axis, place }) => `${node.id} ${axis} ${place}`,
  );

  constructor(builder: Builder) {
    this.#builder = builder;
  }

  at(node: Node, axis: number, place: number): Node {
    return this.#made({ node, axis, place });
  }

  *#making({ node, axis, place }: Cut): Answering<Cut, Node> {
    const sources = sourcesOf(node, axis);
    if (sources.length === 0)
      return applied(this.#builder, "Slice", [node], { axis, start: place, stop: place + 1, step: 1 });
    const inputs: Node[] = [];
    for (const [index, input] of node.inputs.entries()) {
      const source = sources.find(({ operand }) => operand === index);
      inputs.push(source === undefined ? input : yield { node: input, axis: source.axis, place });
    }
    const attrs =
      "shape" in node.attrs ? { ...node.attrs, shape: node.attrs.shape.with(axis, 1) } : node.attrs;
    return applied(this.#builder, node.op, inputs, attrs);
  }
}

/**
 * The graph in primitives with what it computes for all places of an axis at once computed for each place that it takes, as a
 * program does that goes from step to step; `undefined` where nothing of that kind is taken.
 */
export function apart(graph: Graph): Graph | undefined {
  const builder = newBuilder();
  const cuts = new Cuts(builder);
  let isChanged = false;
  const { graph: result } = transform(graph, builder, (node, inputs) => {
    const [whole] = inputs;
    if (node.op !== "Slice" || isStored(node)) return rebuild(builder, node, inputs);
    const { axis, start, stop, step } = node.attrs;
    const isPlace = typeof start === "number" && stop === start + 1 && step === 1;
    if (whole === undefined || !isPlace || sourcesOf(whole, axis).length === 0)
      return rebuild(builder, node, inputs);
    isChanged = true;
    return cuts.at(whole, axis, start);
  });
  return isChanged ? result : undefined;
}
