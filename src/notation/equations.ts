/** @file Reads a graph out as equations that a person would write, and that the specification language reads back. */
import { at, get, invariant } from "../base/assert.ts";
import { index, type Layout, symbol } from "../base/layout.ts";
import { Unsupported } from "../diag/diagnostic.ts";
import { addDims, type Dim, dimText, elementCount, shapeText } from "../ir/dim.ts";
import { type Graph, type Node, nodeText, type Origin, type Parameter, usersOf } from "../ir/graph.ts";
import type { Dtype, TensorType } from "../ir/type.ts";
import { isScan } from "../ops/traits.ts";
import { phrase } from "../rewrite/phrase.ts";
import { axisClasses, isNameable } from "./axes.ts";
import {
  arrayForm,
  elementForm,
  type IsNamed,
  indexLayout,
  type LetterSource,
  type Vocabulary,
} from "./forms.ts";
import { type Form, type Lines, linesOf } from "./lines.ts";
import { asIdentifier, Names, parameterNames, valueNames } from "./names.ts";
import { orient } from "./orient.ts";
import { AxisNames, symbolNames } from "./sizes.ts";

/** A name and its shape, as a signature or a where list writes it. */
export interface Declared {
  readonly name: string;
  readonly shape: Layout;
  readonly dtype: Dtype;
}

interface Equation {
  /** The name, with its indices in index notation. */
  readonly left: Layout;
  readonly right: Layout;
  readonly name: string;
  readonly type: TensorType;
  readonly origin: Origin | undefined;
}

export interface DeclaredParameter extends Declared {
  readonly parameter: Parameter;
  /** The model stores the transpose of what the equations mean. */
  readonly transposed: boolean;
  readonly used: boolean;
}

export interface Equations {
  readonly name: string;
  readonly inputs: readonly Declared[];
  readonly outputs: readonly Declared[];
  readonly equations: readonly Equation[];
  /** Values of which the equations don't say how far an index runs. */
  readonly values: readonly Declared[];
  readonly parameters: readonly DeclaredParameter[];
  /** Names that stand for integer sizes. */
  readonly sizes: readonly { readonly name: string; readonly value: Dim }[];
  /** Number of trainable numbers. */
  readonly count: Dim;
  readonly notes: readonly string[];
}

export interface EquationOptions {
  /** Columns of the page; what an equation says in one piece takes at most two thirds of them. */
  readonly width: number;
}

/** The graph's equations. Raise the graph first, or softmax and the like appear as their formulas. */
export function equationsOf(graph: Graph, options: EquationOptions): Equations {
  refuseRecurrences(graph);
  const { graph: oriented, transposed } = orient(phrase(graph));
  const writer = new Writer(oriented, options.width);
  const equations = writer.equations();
  const used = new Set(oriented.nodes.flatMap((node) => node.inputs));
  for (const output of oriented.outputs) used.add(output.node);
  return {
    name: asIdentifier(graph.name) ?? "Model",
    inputs: oriented.inputs.map((node) => writer.declared(node)),
    outputs: oriented.outputs.map(({ node }, i) => writer.declared(node, at(writer.outputNames, i))),
    equations,
    values: writer.unsized.map((node) => writer.declared(node)),
    parameters: oriented.parameters.map(({ node }, i) => ({
      ...writer.declared(node),
      parameter: at(graph.parameters, i),
      transposed: transposed.has(node),
      used: used.has(node),
    })),
    sizes: writer.sizes,
    count: trainableCount(graph),
    notes: graph.notes,
  };
}

function refuseRecurrences({ nodes, origins }: Graph): void {
  const scan = nodes.find(isScan);
  if (scan === undefined) return;
  const { file, line, module } = origins.get(scan) ?? {};
  throw new Unsupported({
    code: "A5005",
    place: {
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
      ...(module === undefined ? {} : { part: module }),
    },
    got: "a recurrence",
    want: "a model without steps, to write it out",
    action: "compare it with equations of yours: `assay check MODEL --spec SPEC`, as in specs/lstm.md",
  });
}

const trainableCount = (graph: Graph): Dim =>
  graph.parameters
    .filter((parameter) => parameter.trainable)
    .map((parameter) => elementCount(parameter.node.type.shape))
    .reduce(addDims, 0);

/** Names of the usual length, for deciding what fits into a line before names are given. */
function draftWords(graph: Graph): Vocabulary {
  const classes = axisClasses(graph);
  const names = new Names();
  const axes = new AxisNames(graph, classes, symbolNames(graph, names), names);
  return {
    name: () => "x_1",
    axis: (node, axis) => (isNameable(classes, node, axis) ? "n" : undefined),
    joinedAxis: (node, axis) => axes.joinedAxis(node, axis),
    sizeName: (node, axis) => axes.sizeName(node, axis),
    shape: (node) => symbol(shapeText(node.type.shape)),
    size: (size) => symbol(dimText(size)),
    bound: (place) => symbol(dimText(place)),
    letters: () => {
      let count = 0;
      return () => `i${count++}`;
    },
  };
}

const letterOrder = [..."ijklmnpqruvwstabcdfgho"];

class Writer {
  readonly outputNames: readonly string[];
  readonly #graph: Graph;
  readonly #lines: Lines;
  readonly #names = new Names();
  readonly #axes: AxisNames;
  readonly #symbols: ReadonlyMap<string, string>;
  readonly #nameOf: ReadonlyMap<Node, string>;
  readonly #unsized = new Set<Node>();

  constructor(graph: Graph, width: number) {
    this.#graph = graph;
    this.#lines = linesOf(graph, draftWords(graph), Math.floor((2 * width) / 3));
    const names = this.#names;
    const inputs = graph.inputs.map(
      (node) => [node, names.take(asIdentifier(node.attrs.name) ?? "x")] as const,
    );
    this.outputNames = graph.outputs.map((output) => names.take(asIdentifier(output.name) ?? "y"));
    const own = graph.outputs.map(({ node }, i) => [node, at(this.outputNames, i)] as const).reverse();
    const outputs = own.filter(([node]) => this.#lines.has(node));
    this.#symbols = symbolNames(graph, names);
    const parameters = parameterNames(graph.parameters, usersOf(graph), names);
    this.#axes = new AxisNames(graph, axisClasses(graph), this.#symbols, names);
    const named = new Set(outputs.map(([node]) => node));
    const others = [...this.#lines.keys()].filter((node) => !named.has(node));
    const values = valueNames(graph, others, (node) => this.#lines.get(node) === "index", names);
    this.#nameOf = new Map<Node, string>([...inputs, ...outputs, ...parameters, ...values]);
  }

  /** Nodes whose equation needs a declaration beside it. */
  get unsized(): readonly Node[] {
    return [...this.#unsized];
  }

  get sizes(): Equations["sizes"] {
    return this.#axes.sizes;
  }

  declared(node: Node, name = get(this.#nameOf, node)): Declared {
    return { name, shape: this.#axes.shape(node), dtype: node.type.dtype };
  }

  equations(): readonly Equation[] {
    // Once to learn which sizes need names, and again with all of them known.
    for (const [node, form] of this.#lines) if (form === "array") this.#arraySide(node);
    const lines = [...this.#lines].map(([node, form]) => this.#equation(node, form));
    return [...lines, ...this.#aliases()];
  }

  #equation(node: Node, form: Form): Equation {
    const name = get(this.#nameOf, node);
    if (form === "array") return this.#line(node, name, symbol(name), this.#arraySide(node));
    const element = elementForm(node, this.#isNamed, this.#words);
    invariant(element !== undefined, `${nodeText(node)} has an index notation`);
    if (element.unsized && !this.outputNames.includes(name)) this.#unsized.add(node);
    return this.#line(node, name, index(symbol(name), element.indices.map(indexLayout)), element.layout);
  }

  #line(node: Node, name: string, left: Layout, right: Layout): Equation {
    return { left, right, name, type: node.type, origin: this.#graph.origins.get(node) };
  }

  #arraySide(node: Node): Layout {
    const form = arrayForm(node, this.#isNamed, this.#words);
    invariant(form !== undefined, `${nodeText(node)} has an array notation`);
    return form.layout;
  }

  /** Outputs that are an input, a parameter, a constant, or the same value as another output. */
  #aliases(): Equation[] {
    return this.#graph.outputs.flatMap(({ node }, i) => {
      const name = at(this.outputNames, i);
      if (this.#nameOf.get(node) === name && this.#lines.has(node)) return [];
      const known = this.#nameOf.get(node);
      return [
        this.#line(node, name, symbol(name), known === undefined ? this.#arraySide(node) : symbol(known)),
      ];
    });
  }

  readonly #isNamed: IsNamed = (node) => this.#lines.has(node);

  readonly #words: Vocabulary = {
    name: (node) => get(this.#nameOf, node),
    axis: (node, axis) => this.#axes.name(node, axis),
    joinedAxis: (node, axis) => this.#axes.joinedAxis(node, axis),
    sizeName: (node, axis) => this.#axes.sizeName(node, axis),
    shape: (node) => this.#axes.shape(node),
    size: (size) => this.#axes.size(size),
    bound: (place, node, axis) => this.#axes.bound(place, node, axis),
    letters: () => this.#letters(),
  };

  /** b for an axis of size B, if b is free; else i, j, k … */
  #letters(): LetterSource {
    const used = new Set<string>();
    const isFree = (letter: string): boolean => this.#names.isFree(letter) && !used.has(letter);
    return (node, axis) => {
      const name = this.#axes.sizeName(node, axis) ?? "";
      const own = /^[BH]$/.test(name) ? [name.toLowerCase()] : [];
      const letter = [...own, ...letterOrder].find(isFree) ?? `i_${used.size}`;
      used.add(letter);
      return letter;
    };
  }
}
