/** @file Reads a graph out as equations that a person would write, and that the specification language reads back. */
import { at, get, invariant } from "../base/assert.ts";
import { index, type Layout, rationalLayout, symbol } from "../base/layout.ts";
import { addDims, type Dim, dimText, elementCount, shapeText, symbolsOf } from "../ir/dim.ts";
import {
  type Graph,
  type Node,
  nodeText,
  type Origin,
  type Output,
  type Parameter,
  usersOf,
} from "../ir/graph.ts";
import type { Dtype, TensorType } from "../ir/type.ts";
import { axisClasses, isNameable, soleSymbol } from "./axes.ts";
import {
  arrayForm,
  elementForm,
  type IsNamed,
  indexLayout,
  type LetterSource,
  type Vocabulary,
} from "./forms.ts";
import { layOpen } from "./lay-open.ts";
import { type Form, type Lines, linesOf } from "./lines.ts";
import { asIdentifier, Names, parameterNames, valueNames } from "./names.ts";
import { orient } from "./orient.ts";
import { axesOfSteps, copied, type Recurrence } from "./recurrences.ts";
import { AxisNames, symbolNames } from "./sizes.ts";
import { isGenerated, isWord, Steps, shapeOf, varyingIn } from "./steps.ts";

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
  /** Indices of steps, and how many these are. */
  readonly steps: readonly { readonly name: string; readonly length: Layout }[];
  /** Numbers that recurrences start from. */
  readonly starts: readonly { readonly name: string; readonly value: Layout }[];
  /** Values of which the equations don't say the shape, or how far an index runs. */
  readonly values: readonly Declared[];
  readonly parameters: readonly DeclaredParameter[];
  /** Names that stand for integer sizes. */
  readonly sizes: readonly { readonly name: string; readonly value: Layout }[];
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
  const open = layOpen(graph);
  const { graph: turned, transposed, image } = orient(open.graph);
  const outputs = turned.outputs.slice(0, graph.outputs.length);
  const named = turned.outputs.slice(graph.outputs.length).map(({ node }) => node);
  const oriented = { ...turned, outputs };
  const writer = new Writer(
    { graph: oriented, named, recurrences: copied(open.recurrences, image) },
    options.width,
  );
  const equations = writer.equations();
  const used = new Set([...oriented.nodes.flatMap((node) => node.inputs), ...named]);
  for (const output of outputs) used.add(output.node);
  return {
    name: asIdentifier(graph.name) ?? "Model",
    inputs: oriented.inputs.map((node) => writer.declared(node)),
    outputs: outputs.map(({ node }, i) => writer.declared(node, at(writer.outputNames, i))),
    equations,
    steps: writer.steps,
    starts: writer.starts,
    values: writer.values,
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

const trainableCount = (graph: Graph): Dim =>
  graph.parameters
    .filter((parameter) => parameter.trainable)
    .map((parameter) => elementCount(parameter.node.type.shape))
    .reduce(addDims, 0);

/** A graph without scans, and what stands for these in it. */
interface Laid {
  readonly graph: Graph;
  /** What must have a name. */
  readonly named: readonly Node[];
  readonly recurrences: readonly Recurrence[];
}

/** Names of the usual length, for deciding what fits into a line before names are given. */
function draftWords({ graph, recurrences }: Laid): Vocabulary {
  const classes = axisClasses(graph, axesOfSteps(recurrences));
  const names = new Names();
  const axes = new AxisNames(classes, symbolNames(graph, names), names);
  return {
    name: () => "x_1",
    axis: (node, axis) => (isNameable(classes, node, axis) ? "n" : undefined),
    joinedAxis: (node, axis) => axes.joinedAxis(node, axis),
    shape: (node) => symbol(shapeText(node.type.shape)),
    size: (size) => symbol(dimText(size)),
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
  readonly #steps: Steps;
  readonly #nameOf: Map<Node, string>;
  readonly #unsized = new Set<Node>();

  constructor(laid: Laid, width: number) {
    const { graph, named, recurrences } = laid;
    this.#graph = graph;
    const varying = varyingIn(recurrences);
    this.#lines = linesOf(graph, draftWords(laid), Math.floor((2 * width) / 3), { named, varying });
    const names = this.#names;
    const inputs = graph.inputs.map(
      (node) => [node, names.take(asIdentifier(node.attrs.name) ?? "x")] as const,
    );
    const wholes = new Set(recurrences.flatMap(({ members }) => members.map(({ whole }) => whole)));
    const isOfSteps = ({ name, node }: Output): boolean =>
      wholes.has(node) && (isGenerated(name) || !isWord(name));
    const given = graph.outputs.map((output) =>
      isOfSteps(output) ? undefined : names.take(asIdentifier(output.name) ?? "y"),
    );
    this.#symbols = symbolNames(graph, names, symbolsOf(recurrences.map(({ length }) => length)));
    const called = graph.outputs.map(({ node }, i) => [node, given[i]] as const).reverse();
    this.#steps = new Steps({
      graph,
      recurrences,
      lines: this.#lines,
      names,
      outputs: new Map(called),
      symbols: this.#symbols,
      varying,
    });
    const inherited = new Set<string>();
    this.outputNames = graph.outputs.map(({ name, node }, i) => {
      const own = this.#steps.outputName(node);
      if (given[i] === undefined && own !== undefined && !inherited.has(own)) {
        inherited.add(own);
        return own;
      }
      return given[i] ?? names.take(asIdentifier(name) ?? "y");
    });
    const own = graph.outputs.map(({ node }, i) => [node, at(this.outputNames, i)] as const).reverse();
    const outputs = own.filter(([node]) => this.#lines.has(node));
    const carried = new Set(
      recurrences.flatMap(({ members }) => members.flatMap((member) => member.carried?.node ?? [])),
    );
    const parameters = parameterNames(graph.parameters, usersOf(graph), names, carried);
    const taken = new Set([...outputs.map(([node]) => node), ...this.#steps.names.keys()]);
    const others = [...this.#lines.keys()].filter((node) => !taken.has(node));
    const values = valueNames(graph, others, (node) => this.#lines.get(node) === "index", names);
    this.#nameOf = new Map<Node, string>([
      ...inputs,
      ...outputs,
      ...parameters,
      ...values,
      ...this.#steps.names,
    ]);
    this.#axes = new AxisNames(axisClasses(graph, axesOfSteps(recurrences)), this.#symbols, names);
    this.#steps.finish((node) => this.#nameOf.get(node), this.#axes);
    for (const [node, name] of this.#steps.names) this.#nameOf.set(node, name);
  }

  /** What needs a declaration beside the equations. */
  get values(): readonly Declared[] {
    const shapes = this.#steps.shapes.map((shape) => ({
      ...this.declared(shape.node, shape.name),
      shape: shapeOf(shape, this.#axes),
    }));
    const known = new Set(shapes.map(({ name }) => name));
    const unsized = [...this.#unsized].map((node) => this.declared(node));
    return [...shapes, ...unsized.filter(({ name }) => !known.has(name))];
  }

  get steps(): Equations["steps"] {
    return this.#steps.indices.map(({ name, length, size }) => ({
      name,
      length: size === undefined ? this.#axes.size(length) : symbol(size),
    }));
  }

  get starts(): Equations["starts"] {
    return this.#steps.starts.map(({ name, value }) => ({ name, value: rationalLayout(value) }));
  }

  get sizes(): Equations["sizes"] {
    const own = this.#steps.indices.flatMap(({ length, size }) =>
      size === undefined ? [] : [{ name: size, value: this.#axes.size(length) }],
    );
    const known = new Set(own.map(({ name }) => name));
    const given = this.#axes.sizes.filter(({ name }) => !known.has(name));
    return [...own, ...given.map(({ name, value }) => ({ name, value: this.#axes.size(value) }))];
  }

  declared(node: Node, name = get(this.#nameOf, node)): Declared {
    return { name, shape: this.#axes.shape(node), dtype: node.type.dtype };
  }

  equations(): readonly Equation[] {
    // Once to learn which sizes need names, and again with all of them known.
    for (const [node, form] of this.#lines) if (form === "array") this.#arraySide(node);
    const lines = [...this.#lines].map(([node, form]) => ({
      place: node.id,
      line: this.#equation(node, form),
    }));
    const aliases = this.#steps.aliases.map(({ behind, name, node }) => ({
      place: behind + 0.5,
      line: this.#line(node, name, symbol(name), this.#nameOrValue(node)),
    }));
    const ordered = [...lines, ...aliases].sort((a, b) => a.place - b.place);
    return [...ordered.map(({ line }) => line), ...this.#aliases()];
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
      const isDefined = this.#lines.has(node) || this.#steps.outputName(node) !== undefined;
      if (this.#nameOf.get(node) === name && isDefined) return [];
      return [this.#line(node, name, symbol(name), this.#nameOrValue(node))];
    });
  }

  #nameOrValue(node: Node): Layout {
    const known = this.#nameOf.get(node);
    return known === undefined ? this.#arraySide(node) : symbol(known);
  }

  readonly #isNamed: IsNamed = (node) => this.#lines.has(node);

  readonly #words: Vocabulary = {
    name: (node) => get(this.#nameOf, node),
    axis: (node, axis) => this.#axes.name(node, axis),
    joinedAxis: (node, axis) => this.#axes.joinedAxis(node, axis),
    shape: (node) => this.#axes.shape(node),
    size: (size) => this.#axes.size(size),
    letters: () => this.#letters(),
  };

  /** b for an axis of size B, if b is free; else i, j, k … */
  #letters(): LetterSource {
    const used = new Set<string>();
    const isFree = (letter: string): boolean => this.#names.isFree(letter) && !used.has(letter);
    return (node, axis) => {
      const size = soleSymbol(at(node.type.shape, axis));
      const name = size === undefined ? "" : get(this.#symbols, size);
      const own = /^[BH]$/.test(name) ? [name.toLowerCase()] : [];
      const letter = [...own, ...letterOrder].find(isFree) ?? `i_${used.size}`;
      used.add(letter);
      return letter;
    };
  }
}
