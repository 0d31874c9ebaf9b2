/** @file Replaces recurrences by their steps, one after the other. */
import { at, get, invariant, range } from "../base/assert.ts";
import { bodyGraph } from "../ir/body.ts";
import { type Dim, symbolsOf } from "../ir/dim.ts";
import {
  type Builder,
  type Copy,
  type Graph,
  type Node,
  type NodeOf,
  rebuild,
  transform,
} from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import { isScan } from "../ops/traits.ts";

type Scan = NodeOf<"Scan">;

const sequenceOf = (scan: Scan): Node => at(scan.inputs, scan.attrs.carries);
const steps = (scan: Scan): Dim => at(sequenceOf(scan).type.shape, 0);

/** Symbols that say how many steps the recurrences of a graph have, and those in their steps. */
export function lengthSymbols(graph: Graph): ReadonlySet<string> {
  return new Set(
    graph.nodes
      .filter(isScan)
      .flatMap((scan) => [...symbolsOf([steps(scan)]), ...lengthSymbols(bodyGraph(scan.attrs.body))]),
  );
}

/**
 * The graph without recurrences, whose lengths must be numbers. The copies of a node of a body, one for each step, are marked
 * as such.
 */
export function unroll(graph: Graph): { readonly graph: Graph; readonly image: ReadonlyMap<Node, Node> } {
  const builder = newBuilder();
  const steps = new Steps(builder);
  return transform(graph, builder, (node, inputs) =>
    isScan(node) ? steps.stack(node, inputs, graph.copies.get(node)) : rebuild(builder, node, inputs),
  );
}

/** The steps of recurrences in a builder. */
class Steps {
  readonly #builder: Builder;
  /** Scans that differ only in which output they stack share their steps. */
  readonly #known = new Map<string, readonly (readonly Node[])[]>();

  constructor(builder: Builder) {
    this.#builder = builder;
  }

  /** The stack that a scan is. */
  stack(scan: Scan, inputs: readonly Node[], own: Copy | undefined): Node {
    const { body, carries, reverse, output } = scan.attrs;
    const key = `${body.key} ${inputs.map(({ id }) => id).join()} ${carries} ${reverse}`;
    const copy = own ?? { place: `scan${this.#known.size}`, turns: [] };
    const outputs = this.#known.get(key) ?? this.#stepsOf(scan, inputs, copy);
    this.#known.set(key, outputs);
    return stacked(
      this.#builder,
      outputs.map((ofStep) => at(ofStep, output)),
    );
  }

  /** The body's outputs at each step, in the order of the sequences. */
  #stepsOf(scan: Scan, inputs: readonly Node[], { place: name, turns }: Copy): Node[][] {
    const builder = this.#builder;
    const { body, carries, sequences, reverse } = scan.attrs;
    const [graph, count] = [bodyGraph(body), steps(scan)];
    invariant(typeof count === "number", "a recurrence is unrolled when its length is known");
    const result = new Array<Node[]>(count);
    let carried = inputs.slice(0, carries);
    for (const round of range(count)) {
      const place = reverse ? count - 1 - round : round;
      const elements = inputs
        .slice(carries, carries + sequences)
        .map((node) => element(builder, node, place));
      const inside = [...turns, { scope: name, round }];
      for (const [index, node] of elements.entries()) {
        builder.label(node, stepName(at(graph.inputs, carries + index).attrs.name, place));
        builder.copied(node, { place: `${name} element ${index}`, turns: inside });
      }
      const given = [...carried, ...elements, ...inputs.slice(carries + sequences)];
      const outputs = this.#embed(graph, given, { copy: { place: name, turns: inside }, place });
      result[place] = outputs;
      carried = outputs.slice(0, carries);
    }
    return result;
  }

  /** The nodes of a body, made with other inputs; gives what stands for its outputs. */
  #embed(
    body: Graph,
    given: readonly Node[],
    { copy, place }: { readonly copy: Copy; readonly place: number },
  ): Node[] {
    const builder = this.#builder;
    const image = new Map<Node, Node>(body.inputs.map((input, index) => [input, at(given, index)]));
    for (const node of body.nodes) {
      if (image.has(node)) continue;
      const inputs = node.inputs.map((input) => get(image, input));
      const own = { ...copy, place: `${copy.place}.${node.id}` };
      const make = (): Node =>
        isScan(node) ? this.stack(node, inputs, own) : rebuild(builder, node, inputs);
      const origin = body.origins.get(node);
      // Without an origin of its own it has the scan's.
      const made = origin === undefined ? make() : builder.at(origin, make);
      const label = body.labels.get(node);
      if (label !== undefined) builder.label(made, stepName(label, place));
      builder.copied(made, own);
      image.set(node, made);
    }
    return body.outputs.map((output) => {
      const made = get(image, output.node);
      builder.label(made, stepName(output.name, place));
      return made;
    });
  }
}

/** The value of a step, counted from 1 as papers do. */
const stepName = (name: string, place: number): string => `${name}_${place + 1}`;

function element(builder: Builder, sequence: Node, place: number): Node {
  const slice = builder.node("Slice", [sequence], { axis: 0, start: place, stop: place + 1, step: 1 });
  return builder.node("Reshape", [slice], { shape: sequence.type.shape.slice(1) });
}

function stacked(builder: Builder, items: readonly Node[]): Node {
  const rows = items.map((item) => builder.node("Reshape", [item], { shape: [1, ...item.type.shape] }));
  return builder.node("Concat", rows, { axis: 0 });
}
