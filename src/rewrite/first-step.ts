/**
 * @file A first step that rules have simplified, since it starts at zero: 0 f + i g is i g. It is recognised by simplifying the
 * step that all others are, in the same way.
 */
import { get, zip } from "../base/assert.ts";
import { equal, zero } from "../base/rational.ts";
import { equalShapes } from "../ir/dim.ts";
import { type Builder, type Graph, type Node, type NodeOf, reachable, rebuild } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import { isClosed, isStored } from "../ops/traits.ts";
import { correspond, isParting } from "./correspond.ts";
import { raise } from "./raise.ts";
import type { Step, Template } from "./recurrence.ts";

/** The step that gives these results when it has these elements, and starts at zero where the results do not say at what. */
export function firstStep(
  graph: Graph,
  template: Template,
  results: readonly Node[],
  elements: Step,
): Step | undefined {
  if (results.every((node) => isStored(node) || node.inputs.length === 0)) return undefined;
  const starts = startsOf(graph, template, results, new Set(elements.values()));
  if (starts === undefined) return undefined;
  const leaves = new Set([...starts.values(), ...elements.values(), ...template.shared]);
  const cone = coneOf(results, leaves, template.inner.length * 2);
  if (cone === undefined) return undefined;
  const small = new SmallGraph(leaves);
  const given = [
    ...template.before.map((node) => [node, small.stretched(get(starts, node), node)] as const),
    ...[...elements].map(([node, own]) => [node, small.copy(own)] as const),
  ];
  const made = small.copies(template.inner, new Map(given));
  const own = cone.map((node) => small.copy(node));
  const raised = small.raised([...made, ...own]);
  const [simple, found] = [raised.slice(0, made.length), new Map(zip(raised.slice(made.length), cone))];
  const entries = zip(template.inner, simple).flatMap(([node, image]) => {
    const counterpart = found.get(image);
    return counterpart === undefined ? [] : [[node, counterpart] as const];
  });
  const step = new Map<Node, Node>([...starts, ...elements, ...entries]);
  return zip(template.after, results).every(([node, result]) => step.get(node) === result) ? step : undefined;
}

/** What the results say of the starts; the others are zero, which the graph has if a start was. */
function startsOf(
  graph: Graph,
  { before, after }: Template,
  results: readonly Node[],
  elements: ReadonlySet<Node>,
): Map<Node, Node> | undefined {
  const terms = { ends: new Set(before), sharesParameters: true, tolerance: Number.POSITIVE_INFINITY };
  const link = correspond(zip(after, results), terms);
  const known = isParting(link) ? new Map<Node, Node>() : link.carried;
  const starts = before.flatMap((node) => {
    const own = known.get(node);
    // Where the step was simplified, what stands in the place of a start may be a value of the step.
    const isOfStep = own !== undefined && reachable([own]).some((part) => elements.has(part));
    const start =
      own === undefined || isOfStep
        ? graph.nodes.find((other) => isZero(other) && other.type.dtype === node.type.dtype)
        : own;
    return start === undefined ? [] : [[node, start] as const];
  });
  return starts.length < before.length ? undefined : new Map(starts);
}

const isZero = (node: Node): boolean => node.op === "Constant" && equal(node.attrs.value, zero);

/** What the results are made of down to the leaves, operands first; `undefined` when that is more than a step. */
function coneOf(results: readonly Node[], leaves: ReadonlySet<Node>, most: number): Node[] | undefined {
  const seen = new Set<Node>();
  const pending = [...results];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node) || leaves.has(node) || isClosed(node)) continue;
    if (seen.size >= most) return undefined;
    seen.add(node);
    pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** A graph in which what steps read are inputs. */
class SmallGraph {
  readonly #builder: Builder = newBuilder();
  readonly #inputs: NodeOf<"Input">[] = [];
  readonly #images = new Map<Node, Node>();
  readonly #leaves: ReadonlySet<Node>;

  constructor(leaves: ReadonlySet<Node>) {
    this.#leaves = leaves;
  }

  copy(node: Node): Node {
    const known = this.#images.get(node);
    if (known !== undefined) return known;
    const isLeaf =
      (this.#leaves.has(node) && !isClosed(node)) || node.op === "Input" || node.op === "Parameter";
    const made = isLeaf
      ? this.#input(node)
      : rebuild(
          this.#builder,
          node,
          node.inputs.map((input) => this.copy(input)),
        );
    this.#images.set(node, made);
    return made;
  }

  /** The nodes on the given values. */
  copies(nodes: readonly Node[], given: ReadonlyMap<Node, Node>): Node[] {
    const images = new Map(given);
    for (const node of nodes) {
      const operands = node.inputs.map((input) => images.get(input) ?? this.copy(input));
      images.set(node, rebuild(this.#builder, node, operands));
    }
    return nodes.map((node) => get(images, node));
  }

  /** A start in the shape of what is carried. */
  stretched(start: Node, { type: { shape } }: Node): Node {
    const made = this.copy(start);
    return equalShapes(made.type.shape, shape) ? made : this.#builder.node("Broadcast", [made], { shape });
  }

  /** What the nodes are in their simplest form. */
  raised(nodes: readonly Node[]): readonly Node[] {
    const outputs = nodes.map((node, place) => ({ name: `${place}`, node }));
    const graph = raise(this.#builder.graph({ name: "step", inputs: this.#inputs, parameters: [], outputs }));
    return graph.outputs.map(({ node }) => node);
  }

  #input({ id, type: { shape, dtype } }: Node): NodeOf<"Input"> {
    const made = this.#builder.node("Input", [], { name: `${id}`, shape, dtype });
    this.#inputs.push(made);
    return made;
  }
}
