/**
 * @file The graph that every front end and the spec language end in: typed SSA in which a node is its one value.
 * Nodes are made only by the builder, which infers types and makes equal nodes one object; so a graph that exists is
 * well formed. Places in the user's source, names and module paths live in side tables and never influence meaning.
 */
import { invariant } from "../base/assert.ts";
import type { OpAttrs, OpName } from "./operators.ts";
import { type TensorType, typeText } from "./type.ts";

export interface NodeOf<N extends OpName> {
  /** Position in the builder: operands have smaller ids. */
  readonly id: number;
  readonly op: N;
  readonly attrs: OpAttrs[N];
  readonly inputs: readonly Node[];
  readonly type: TensorType;
}
export type Node = { readonly [N in OpName]: NodeOf<N> }[OpName];

/** Where a value comes from, in the user's terms. */
export interface Origin {
  readonly file?: string;
  readonly line?: number;
  /** The source line's text. */
  readonly code?: string;
  /** The line that called the function which `line` is in, when both are the model's own. */
  readonly caller?: { readonly file: string; readonly line: number; readonly code?: string };
  /** The uses of blocks and modules that this is inside of, the outermost first. */
  readonly calls?: readonly Call[];
  /** Path of the module instance, such as `encoder.layers.0.linear1`. */
  readonly module?: string;
  /** The class of the module at each path around, such as `Block` at `h.0`. */
  readonly classes?: ReadonlyMap<string, string>;
  /** The framework's own operator, such as `aten.linear`. */
  readonly operator?: string;
  /** Number of the equation in a spec. */
  readonly equation?: string;
}

/** A line or equation that uses a block, and which instance of it. */
export interface Call {
  readonly into: string;
  readonly file?: string;
  readonly line?: number;
  readonly code?: string;
  readonly module?: string;
  readonly equation?: string;
}

/** A repetition that a node stands in: a loop, or the one use of a block that is meant. */
export interface Turn {
  readonly scope: string;
  /** Which step or round of a loop; 0 for a use. */
  readonly round: number;
}

/** One of several nodes that may stand for the same place of a program: a step of a loop, a block that is used again. */
export interface Copy {
  /** The place; copies of one place have equal texts. */
  readonly place: string;
  /** The repetitions around it, from the outermost on. */
  readonly turns: readonly Turn[];
}

export interface Parameter {
  readonly node: NodeOf<"Parameter">;
  /** All names under which the model stores this one tensor; more than one means it is tied. */
  readonly names: readonly string[];
  readonly trainable: boolean;
  /** The format keeps values only: an exporter may have computed these from parameters of the model. */
  readonly mayBeComputed?: true;
  /** Reads the stored values, row-major; absent when the model has none. */
  readonly values?: () => Float64Array;
}

export interface Output {
  readonly name: string;
  readonly node: Node;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly NodeOf<"Input">[];
  readonly parameters: readonly Parameter[];
  readonly outputs: readonly Output[];
  /** Every node that an output needs, and every input and parameter, operands first. */
  readonly nodes: readonly Node[];
  readonly origins: ReadonlyMap<Node, Origin>;
  /** Names that the user's code or spec gives to values. */
  readonly labels: ReadonlyMap<Node, string>;
  readonly copies: ReadonlyMap<Node, Copy>;
  /** What the front end could not carry over, one sentence each: fixed sizes, dropout that is off, unused parameters. */
  readonly notes: readonly string[];
  /** The modules right below it are models that were given together, and the graph says how they feed each other. */
  readonly isSetUp: boolean;
}

/** The type rule of one application; throws a Diagnostic on operands that do not fit. */
export type Infer = <N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]) => TensorType;

export interface GraphParts {
  readonly name: string;
  readonly inputs: readonly NodeOf<"Input">[];
  readonly parameters: readonly Parameter[];
  readonly outputs: readonly Output[];
  readonly notes?: readonly string[];
  readonly isSetUp?: boolean;
}

/** Makes nodes. Equal applications give the same node, whose origin and label are those of its first use. */
export class Builder {
  readonly #infer: Infer;
  readonly #known = new Map<string, Node>();
  readonly #nodes: Node[] = [];
  readonly #origins = new Map<Node, Origin>();
  readonly #labels = new Map<Node, string>();
  readonly #copies = new Map<Node, Copy>();
  #origin: Origin | undefined;
  #place: { readonly copy: Copy; count: number } | undefined;

  constructor(infer: Infer) {
    this.#infer = infer;
  }

  node<N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]): NodeOf<N> {
    const place = this.#place;
    const number = place?.count ?? 0;
    if (place !== undefined) place.count++;
    const own = inputs.every((input) => this.#nodes[input.id] === input);
    invariant(own, "operands are nodes of this builder");
    const key = `${op}(${inputs.map((input) => input.id).join(",")})${attributeText(attrs)}`;
    const known = this.#known.get(key);
    // The key holds the operator's name, so the node found under it is of that operator.
    if (known !== undefined) return known as unknown as NodeOf<N>;
    const type = this.#infer(op, inputs, attrs);
    // Attributes of another node are frozen already.
    const kept: OpAttrs[N] = Object.isFrozen(attrs) ? attrs : { ...attrs };
    Object.freeze(kept);
    const made: NodeOf<N> = Object.freeze({
      id: this.#nodes.length,
      op,
      attrs: kept,
      inputs: Object.freeze([...inputs]),
      type: Object.freeze(type),
    });
    const node = made as unknown as Node;
    this.#nodes.push(node);
    this.#known.set(key, node);
    if (this.#origin !== undefined) this.#origins.set(node, this.#origin);
    if (place !== undefined) this.copied(node, { ...place.copy, place: `${place.copy.place}.${number}` });
    return made;
  }

  /** Nodes made for the first time inside `make` get this origin. */
  at<T>(origin: Origin | undefined, make: () => T): T {
    const before = this.#origin;
    this.#origin = origin;
    try {
      return make();
    } finally {
      this.#origin = before;
    }
  }

  /** Nodes made for the first time inside `make` get the origin of a node that has one. */
  like<T>(node: Node, make: () => T): T {
    return this.at(this.#origins.get(node) ?? this.#origin, make);
  }

  /**
   * Nodes made for the first time inside `make` stand at this place, and are told apart by when they are asked for: what is
   * made in the same way elsewhere has copies there.
   */
  placed<T>(copy: Copy, make: () => T): T {
    const before = this.#place;
    this.#place = { copy, count: 0 };
    try {
      return make();
    } finally {
      this.#place = before;
    }
  }

  label(node: Node, name: string): void {
    if (!this.#labels.has(node)) this.#labels.set(node, name);
  }

  /** Says that a node is a copy; the first word on it stands. */
  copied(node: Node, copy: Copy): void {
    if (!this.#copies.has(node)) this.#copies.set(node, copy);
  }

  graph(parts: GraphParts): Graph {
    const roots: Node[] = [
      ...parts.inputs,
      ...parts.parameters.map((parameter) => parameter.node),
      ...parts.outputs.map((output) => output.node),
    ];
    const nodes = reachable(roots);
    return Object.freeze({
      ...parts,
      notes: parts.notes ?? [],
      isSetUp: parts.isSetUp ?? false,
      nodes,
      origins: restricted(this.#origins, nodes),
      labels: restricted(this.#labels, nodes),
      copies: restricted(this.#copies, nodes),
    });
  }
}

/** Everything that the roots need, operands before their users. */
export function reachable(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const pending = [...roots];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

function restricted<V>(table: ReadonlyMap<Node, V>, nodes: readonly Node[]): ReadonlyMap<Node, V> {
  return new Map(
    nodes.flatMap((node) => {
      const value = table.get(node);
      return value === undefined ? [] : [[node, value] as const];
    }),
  );
}

const attributeTexts = new WeakMap<object, string>();

/** Canonical text of attributes: the same attributes give the same text, in whatever order they are written. */
export function attributeText(attrs: object): string {
  const known = attributeTexts.get(attrs) ?? canonical(attrs);
  if (Object.isFrozen(attrs)) attributeTexts.set(attrs, known);
  return known;
}

function canonical(attrs: object): string {
  if (Object.keys(attrs).length === 0) return "{}";
  return JSON.stringify(attrs, (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** The nodes that read each node, in order. */
export function usersOf(graph: Graph): ReadonlyMap<Node, readonly Node[]> {
  const users = new Map<Node, Node[]>(graph.nodes.map((node) => [node, []]));
  for (const node of graph.nodes) for (const input of new Set(node.inputs)) users.get(input)?.push(node);
  return users;
}

/** A line for people who debug Assay: `%7 = Add(%3, %6) : float32[B, 8]`. */
export function nodeText(node: Node): string {
  const attrs = Object.keys(node.attrs).length === 0 ? "" : ` ${attributeText(node.attrs)}`;
  return `%${node.id} = ${node.op}(${node.inputs.map((n) => `%${n.id}`).join(", ")})${attrs} : ${typeText(node.type)}`;
}

/**
 * Copies a graph into a builder. `make` is called for each node with its copied operands and returns what stands for it;
 * origins and labels follow. Parameters and inputs must map to nodes of their own kind.
 */
export function transform(
  graph: Graph,
  builder: Builder,
  make: (node: Node, inputs: readonly Node[]) => Node,
): { readonly graph: Graph; readonly image: ReadonlyMap<Node, Node> } {
  const image = new Map<Node, Node>();
  const imageOf = (node: Node): Node => {
    const found = image.get(node);
    invariant(found !== undefined, "a node is copied before it is used");
    return found;
  };
  for (const node of graph.nodes) {
    const copied = builder.at(graph.origins.get(node), () => make(node, node.inputs.map(imageOf)));
    const label = graph.labels.get(node);
    if (label !== undefined) builder.label(copied, label);
    const copy = graph.copies.get(node);
    if (copy !== undefined) builder.copied(copied, copy);
    image.set(node, copied);
  }
  const copyOf = <N extends "Input" | "Parameter">(node: NodeOf<N>): NodeOf<N> => {
    const copied = imageOf(node as unknown as Node);
    invariant(copied.op === node.op, `${node.op} is copied to ${nodeText(copied)}`);
    return copied as unknown as NodeOf<N>;
  };
  const copy = builder.graph({
    name: graph.name,
    inputs: graph.inputs.map(copyOf),
    parameters: graph.parameters.map((parameter) => ({ ...parameter, node: copyOf(parameter.node) })),
    outputs: graph.outputs.map((output) => ({ ...output, node: imageOf(output.node) })),
    notes: graph.notes,
    isSetUp: graph.isSetUp,
  });
  return { graph: copy, image };
}

/** An application of an operator that is not known statically; the attributes must be the operator's. */
export function applied(builder: Builder, op: OpName, inputs: readonly Node[], attrs: OpAttrs[OpName]): Node {
  return builder.node(op, inputs, attrs) as unknown as Node;
}

/** The same application on other operands. */
export const rebuild = (builder: Builder, node: Node, inputs: readonly Node[]): Node =>
  applied(builder, node.op, inputs, node.attrs);
