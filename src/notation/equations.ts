/** @file Reads a graph out as equations that a person would write, and that the specification language reads back. */
import { at, get, invariant } from "../base/assert.ts";
import { index, type Layout, symbol } from "../base/layout.ts";
import { Unsupported } from "../diag/diagnostic.ts";
import { bodyGraph } from "../ir/body.ts";
import { addDims, type Dim, dimText, elementCount, shapeText } from "../ir/dim.ts";
import { type Graph, type Node, nodeText, type Origin, type Parameter, usersOf } from "../ir/graph.ts";
import type { Dtype, TensorType } from "../ir/type.ts";
import { argumentsOf, isCall, isScan } from "../ops/traits.ts";
import { axisClasses, isNameable, soleSymbol } from "./axes.ts";
import {
  arrayForm,
  elementForm,
  type IsNamed,
  indexLayout,
  type LetterSource,
  type Vocabulary,
} from "./forms.ts";
import { type Form, type Lines, linesOf } from "./lines.ts";
import { type Loop, Loops } from "./loops.ts";
import { asIdentifier, type Names, parameterNames, valueNames } from "./names.ts";
import { orient } from "./orient.ts";
import { AxisNames, SizeNames } from "./sizes.ts";

/** A name and its shape, as a signature or a where list writes it. */
export interface Declared {
  readonly name: string;
  readonly shape: Layout;
  readonly dtype: Dtype;
}

/** `for l = 1..L`: what stands in it holds once for each round. */
export interface Rounds {
  readonly index: string;
  readonly count: number;
}

export interface Equation {
  /** The name, with its indices in index notation. */
  readonly left: Layout;
  readonly right: Layout;
  readonly name: string;
  readonly type: TensorType;
  readonly origin: Origin | undefined;
  /** The repetition that it stands in. */
  readonly rounds: Rounds | undefined;
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
  /** Number of trainable numbers, of a block those of one use. */
  readonly count: Dim;
  readonly notes: readonly string[];
  /** The blocks that are used, in the order of use; none has definitions of its own, and sizes hold for all. */
  readonly definitions: readonly Equations[];
}

export interface EquationOptions {
  /** Columns of the page; what an equation says in one piece takes at most two thirds of them. */
  readonly width: number;
}

/** The graph's equations. Raise the graph first, or softmax and the like appear as their formulas; fold it for blocks. */
export function equationsOf(graph: Graph, { width }: EquationOptions): Equations {
  const blocks = blocksOf(graph);
  for (const part of [graph, ...blocks]) refuseRecurrences(part);
  const sizes = new SizeNames(graph, blocks);
  // A size has one name in all of them: names of values are given before those of sizes, and letters of indices last.
  const writers = [graph, ...blocks].map((part) => new Writer(part, width, sizes));
  for (const writer of writers) writer.nameSizes();
  const [model, ...definitions] = writers.map((writer) => writer.document());
  invariant(model !== undefined, "a model has equations");
  return { ...model, sizes: sizes.given, definitions };
}

/** The bodies of the blocks that a graph uses, and that these use, in the order of use. */
function blocksOf(graph: Graph): Graph[] {
  const found = new Map<string, Graph>();
  const visit = ({ nodes }: Graph): void => {
    for (const node of nodes) {
      if (!isCall(node) || found.has(node.attrs.body.key)) continue;
      const body = bodyGraph(node.attrs.body);
      found.set(node.attrs.body.key, body);
      visit(body);
    }
  };
  visit(graph);
  return [...found.values()];
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
  const axes = new AxisNames(classes, new SizeNames(graph));
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

/** Writes one model: the graph itself, or a block of it. */
class Writer {
  readonly outputNames: readonly string[];
  readonly #given: Graph;
  readonly #graph: Graph;
  readonly #transposed: ReadonlySet<Node>;
  readonly #loops: Loops;
  readonly #round: string;
  readonly #lines: Lines;
  readonly #names: Names;
  readonly #axes: AxisNames;
  readonly #sizes: SizeNames;
  readonly #nameOf: ReadonlyMap<Node, string>;
  readonly #unsized = new Set<Node>();

  constructor(given: Graph, width: number, sizes: SizeNames) {
    const { graph, transposed } = orient(given);
    [this.#given, this.#graph, this.#transposed, this.#sizes] = [given, graph, transposed, sizes];
    this.#loops = new Loops(graph);
    this.#lines = linesOf(graph, draftWords(graph), Math.floor((2 * width) / 3), this.#loops.kept);
    const names = sizes.names();
    this.#names = names;
    const inputs = graph.inputs.map(
      (node) => [node, names.take(asIdentifier(node.attrs.name) ?? "x")] as const,
    );
    this.outputNames = graph.outputs.map((output) => names.take(asIdentifier(output.name) ?? "y"));
    const own = graph.outputs.map(({ node }, i) => [node, at(this.outputNames, i)] as const).reverse();
    const outputs = own.filter(([node]) => this.#lines.has(node) && this.#loops.of(node) === undefined);
    const parameters = parameterNames(graph.parameters, usersOf(graph), names);
    const carried = this.#loops.names(names);
    this.#round = this.#loops.isEmpty ? "" : names.take("l");
    const named = new Set([...outputs, ...carried].map(([node]) => node));
    const others = [...this.#lines.keys()].filter((node) => !named.has(node));
    const values = valueNames(graph, others, (node) => this.#lines.get(node) === "index", names);
    this.#nameOf = new Map<Node, string>([...inputs, ...outputs, ...carried, ...parameters, ...values]);
    this.#axes = new AxisNames(axisClasses(graph), sizes);
  }

  /** The model's equations and declarations. */
  document(): Equations {
    const { name, parameters, notes } = this.#given;
    const equations = this.equations();
    const used = new Set(this.#graph.nodes.flatMap((node) => node.inputs));
    // What only a block reads is declared there.
    const outside = new Set(
      this.#graph.nodes.flatMap((node) => (isCall(node) ? argumentsOf(node) : node.inputs)),
    );
    for (const { node } of this.#graph.outputs) for (const set of [used, outside]) set.add(node);
    return {
      name: asIdentifier(name) ?? "Model",
      inputs: this.#graph.inputs.map((node) => this.declared(node)),
      outputs: this.#graph.outputs.map(({ node }, i) => this.declared(node, at(this.outputNames, i))),
      equations,
      values: [...this.#unsized].map((node) => this.declared(node)),
      parameters: this.#graph.parameters.flatMap(({ node }, i) => {
        if (used.has(node) && !outside.has(node)) return [];
        const parameter = at(parameters, i);
        const transposed = this.#transposed.has(node);
        return [{ ...this.declared(node), parameter, transposed, used: used.has(node) }];
      }),
      sizes: [],
      count: trainableCount(this.#given),
      notes,
      definitions: [],
    };
  }

  declared(node: Node, name = get(this.#nameOf, node)): Declared {
    return { name, shape: this.#axes.shape(node), dtype: node.type.dtype };
  }

  /** Gives names to the sizes that equations ask for. */
  nameSizes(): void {
    for (const [node, form] of this.#lines) if (form === "array") this.#arraySide(node);
  }

  equations(): readonly Equation[] {
    const lines = [...this.#lines].flatMap(([node, form]) => {
      const loop = this.#loops.of(node);
      if (loop === undefined) return [this.#equation(node, form)];
      return loop.calls[0] === node ? this.#repetition(loop) : [];
    });
    return [...lines, ...this.#aliases()];
  }

  /** What the first round starts from under the name of what is carried, and the round. */
  #repetition({ start, calls }: Loop): Equation[] {
    // The second round stands for all: what it starts from has the name of what is carried.
    const call = at(calls, 1);
    const name = get(this.#nameOf, call);
    const round = { ...this.#equation(call, "array"), rounds: { index: this.#round, count: calls.length } };
    const from = this.#nameOf.get(start);
    if (from === name) return [round];
    const right = from === undefined ? this.#arraySide(start) : symbol(from);
    return [this.#line(start, name, symbol(name), right), round];
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
    const origin = this.#graph.origins.get(node);
    return { left, right, name, type: node.type, origin, rounds: undefined };
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
    shape: (node) => this.#axes.shape(node),
    size: (size) => this.#sizes.layout(size),
    letters: () => this.#letters(),
  };

  /** b for an axis of size B, if b is free; else i, j, k … */
  #letters(): LetterSource {
    const used = new Set<string>();
    const isFree = (letter: string): boolean => this.#names.isFree(letter) && !used.has(letter);
    return (node, axis) => {
      const size = soleSymbol(at(node.type.shape, axis));
      const name = size === undefined ? "" : this.#sizes.symbol(size);
      const own = /^[BH]$/.test(name) ? [name.toLowerCase()] : [];
      const letter = [...own, ...letterOrder].find(isFree) ?? `i_${used.size}`;
      used.add(letter);
      return letter;
    };
  }
}
