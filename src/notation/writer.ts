/** @file Writes the equations of one model: decides which values get one, names them, and fills in the forms. */
import { at, get, invariant } from "../base/assert.ts";
import { index, type Layout, rationalLayout, symbol, withAxes } from "../base/layout.ts";
import { bodyGraph } from "../ir/body.ts";
import { addDims, type Dim, dimText, elementCount, shapeText } from "../ir/dim.ts";
import { type Graph, type Node, nodeText, type Output, type Parameter, usersOf } from "../ir/graph.ts";
import { argumentsOf, isCall } from "../ops/traits.ts";
import type { Declared, DeclaredParameter, Equation, Equations, Profile } from "./document.ts";
import {
  arrayForm,
  elementForm,
  type IsNamed,
  indexLayout,
  type LetterSource,
  type Vocabulary,
} from "./forms.ts";
import type { Laid } from "./laid.ts";
import { lettersOf } from "./letters.ts";
import { type Form, type Lines, linesOf, type Manner, wholes } from "./lines.ts";
import { type Loop, Loops } from "./loops.ts";
import { asIdentifier, Names, parameterNames, valueNames } from "./names.ts";
import { ownAxes } from "./own-axes.ts";
import { AxisNames, SizeNames } from "./sizes.ts";
import { isGenerated, isWord, Steps, shapeOf, varyingIn } from "./steps.ts";

/** Names of the usual length, for deciding what fits into a line before names are given. */
function draftWords(laid: Laid, notation: Profile): Vocabulary {
  const { graph } = laid;
  const sizes = new SizeNames([laid], notation);
  const names = sizes.names();
  const axes = new AxisNames(laid, sizes);
  const letters = (avoided: ReadonlySet<string>, taken: readonly string[] = []): LetterSource =>
    lettersOf(notation, names, axes, avoided, taken);
  const inputs = graph.inputs.map((node) => [node as Node, asIdentifier(node.attrs.name)] as const);
  const parameters = parameterNames(graph.parameters, usersOf(graph), new Names(), new Set());
  const known = new Map<Node, string | undefined>([...inputs, ...parameters]);
  return {
    name: (node) => known.get(node) ?? "x_1",
    axis: (node, axis) => (axes.isNameable(node, axis) ? "n" : undefined),
    joinedAxis: (node, axis) => axes.joinedAxis(node, axis),
    sizeName: (node, axis) => axes.sizeName(node, axis),
    bound: (place) => symbol(dimText(place)),
    shape: (node) => symbol(shapeText(node.type.shape)),
    size: (size) => symbol(dimText(size)),
    isSize: () => false,
    own: (node) => {
      const letter = letters(new Set());
      return notation === "named" ? node.type.shape.map((_, axis) => letter(node, axis)) : undefined;
    },
    letters: (avoided, taken) => {
      if (notation === "named") return letters(avoided, taken);
      let count = 0;
      return () => `i${count++}`;
    },
  };
}

const trainableCount = (graph: Graph): Dim =>
  graph.parameters
    .filter((parameter) => parameter.trainable)
    .map((parameter) => elementCount(parameter.node.type.shape))
    .reduce(addDims, 0);

/** More tensors that nothing reads, such as counters of batches, are one note. */
const mostUnused = 3;

const unusedNote = (unused: readonly DeclaredParameter[]): string => {
  const [first, last] = [unused[0], unused.at(-1)].map((item) => item?.parameter.names.join(" and "));
  return `no output reads ${unused.length} stored tensors: ${first} … ${last}`;
};

/** The sizes of a shape, if all are names. */
function namesIn(shape: Layout): readonly string[] | undefined {
  const items = shape.kind === "list" ? shape.items : [];
  const names = items.flatMap((item) => (item.kind === "symbol" ? [item.name] : []));
  return names.length === items.length ? names : undefined;
}

/** Writes one model: the graph itself, or a block of it. */
export class Writer {
  readonly outputNames: readonly string[];
  readonly #laid: Laid;
  readonly #notation: Profile;
  readonly #graph: Graph;
  readonly #loops: Loops;
  readonly #round: string;
  readonly #lines: Lines;
  readonly #names: Names;
  readonly #axes: AxisNames;
  readonly #sizes: SizeNames;
  readonly #steps: Steps;
  readonly #nameOf: Map<Node, string>;
  readonly #unsized = new Set<Node>();
  /** What the axes of values are called. */
  #own: ReadonlyMap<Node, readonly string[]> = new Map();

  constructor(laid: Laid, { width, notation }: Manner, sizes: SizeNames) {
    const { graph, recurrences } = laid;
    [this.#laid, this.#graph, this.#sizes] = [laid, graph, sizes];
    this.#notation = notation;
    this.#loops = new Loops(graph);
    const varying = varyingIn(recurrences);
    const needed = [...laid.named, ...this.#loops.kept];
    const manner = { width: Math.floor((2 * width) / 3), notation };
    this.#lines = linesOf(graph, draftWords(laid, notation), manner, { named: needed, varying });
    const names = sizes.names();
    this.#names = names;
    const inputs = graph.inputs.map(
      (node) => [node, names.take(asIdentifier(node.attrs.name) ?? "x")] as const,
    );
    const wholes = new Set(recurrences.flatMap(({ members }) => members.map(({ whole }) => whole)));
    const isOfSteps = ({ name, node }: Output): boolean =>
      wholes.has(node) && (isGenerated(name) || !isWord(name));
    const given = graph.outputs.map((output) =>
      isOfSteps(output) ? undefined : names.take(asIdentifier(output.name) ?? "y"),
    );
    const called = graph.outputs.map(({ node }, i) => [node, given[i]] as const).reverse();
    this.#steps = new Steps({
      graph,
      recurrences,
      lines: this.#lines,
      names,
      outputs: new Map(called),
      symbols: sizes.symbols,
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
    const outputs = own.filter(([node]) => this.#lines.has(node) && this.#loops.of(node) === undefined);
    const repeated = this.#loops.names(names);
    this.#round = this.#loops.isEmpty ? "" : names.take("l");
    const carried = new Set(
      recurrences.flatMap(({ members }) => members.flatMap((member) => member.carried?.node ?? [])),
    );
    const users = usersOf(graph);
    // Those that only blocks read are named there.
    const isInside = ({ node }: Parameter): boolean => {
      const readers = get(users, node);
      const isOwn = (call: Node): boolean => isCall(call) && !argumentsOf(call).includes(node);
      return (
        readers.length > 0 && readers.every(isOwn) && !graph.outputs.some((output) => output.node === node)
      );
    };
    const inside = graph.parameters.filter(isInside).map(({ node }) => [node as Node, ""] as const);
    const outside = graph.parameters.filter((parameter) => !isInside(parameter));
    const parameters = [...inside, ...parameterNames(outside, users, names, carried)];
    const taken = new Set([...[...outputs, ...repeated].map(([node]) => node), ...this.#steps.names.keys()]);
    const others = [...this.#lines.keys()].filter((node) => !taken.has(node));
    const isUnlikeOthers = (node: Node): boolean =>
      notation === "matrix" && this.#lines.get(node) === "index";
    const values = valueNames(graph, others, isUnlikeOthers, names);
    this.#nameOf = new Map<Node, string>([
      ...inputs,
      ...outputs,
      ...repeated,
      ...parameters,
      ...values,
      ...this.#steps.names,
    ]);
    this.#axes = new AxisNames(laid, sizes);
    for (const { size, length } of this.#steps.indices) if (size !== undefined) sizes.adopt(size, length);
    this.#steps.finish((node) => this.#nameOf.get(node), this.#axes);
    for (const [node, name] of this.#steps.names) this.#nameOf.set(node, name);
  }

  /** The model's equations and declarations. */
  document(): Equations {
    const { given, transposed, joined, named } = this.#laid;
    if (this.#notation === "named") this.#own = this.#ownAxes();
    const equations = this.#equations();
    const { nodes, outputs, inputs, parameters } = this.#graph;
    const used = new Set([...nodes.flatMap((node) => node.inputs), ...named]);
    // What only a block reads is declared there.
    const outside = new Set([
      ...nodes.flatMap((node) => (isCall(node) ? argumentsOf(node) : node.inputs)),
      ...named,
    ]);
    for (const { node } of outputs) for (const set of [used, outside]) set.add(node);
    const declared = parameters.flatMap(({ node }, i): DeclaredParameter[] => {
      if (used.has(node) && !outside.has(node)) return [];
      const parameter = at(given.parameters, i);
      const stored = { transposed: transposed.has(node), joined: joined.has(node) };
      return [{ ...this.#declared(node), parameter, ...stored, used: used.has(node) }];
    });
    const unused = declared.filter((item) => !item.used);
    const isMany = unused.length > mostUnused;
    return {
      name: asIdentifier(given.name) ?? "Model",
      inputs: inputs.map((node) => this.#declared(node)),
      outputs: outputs.map(({ node }, i) => this.#declared(node, at(this.outputNames, i))),
      equations,
      steps: this.#stepIndices(),
      starts: this.#steps.starts.map(({ name, value }) => ({ name, value: rationalLayout(value) })),
      values: this.#values(),
      parameters: declared.filter((item) => item.used || !isMany),
      numbers: [],
      sizes: [],
      count: trainableCount(given),
      notes: [...given.notes, ...(isMany ? [unusedNote(unused)] : [])],
      uses: [...new Set(nodes.filter(isCall).map(({ attrs }) => bodyGraph(attrs.body).name))],
      definitions: [],
    };
  }

  /** What needs a declaration beside the equations. */
  #values(): readonly Declared[] {
    const shapes = this.#steps.shapes.map((shape) => ({
      ...this.#declared(shape.node, shape.name),
      shape: this.#withOwn(shape.node, shapeOf(shape, this.#axes)),
    }));
    const known = new Set(shapes.map(({ name }) => name));
    const unsized = [...this.#unsized].map((node) => this.#declared(node));
    return [...shapes, ...unsized.filter(({ name }) => !known.has(name))];
  }

  #stepIndices(): Equations["steps"] {
    return this.#steps.indices.map(({ name, length, size }) => ({
      name,
      length: size === undefined ? this.#sizes.layout(length) : symbol(size),
    }));
  }

  #declared(node: Node, name = get(this.#nameOf, node)): Declared {
    return { name, shape: this.#withOwn(node, this.#axes.shape(node)), dtype: node.type.dtype };
  }

  /** In braces where the sizes are called as the axes are. */
  #withOwn(node: Node, shape: Layout): Layout {
    const own = this.#own.get(node);
    const isSaid = shape.kind === "list" && own !== undefined && namesIn(shape)?.join() === own.join();
    return isSaid ? { ...shape, named: true } : shape;
  }

  #ownAxes(): ReadonlyMap<Node, readonly string[]> {
    const { inputs, parameters, outputs } = this.#graph;
    const { recurrences } = this.#laid;
    const stored = [...inputs, ...parameters.map(({ node }) => node as Node)].map(
      (node) => [node, this.#axes.shape(node)] as const,
    );
    const wholes = this.#steps.shapes.map((shape) => [shape.node, shapeOf(shape, this.#axes)] as const);
    const ends = outputs.map(({ node }) => [node, this.#axes.shape(node)] as const);
    const declared = [...stored, ...wholes, ...ends].flatMap(([node, shape]) => {
      const letter = this.#words.letters(new Set());
      const names = node.type.shape.map((_, axis) => letter(node, axis));
      return names.length > 0 && namesIn(shape)?.join() === names.join() ? [[node, names] as const] : [];
    });
    const kept = new Set([...outputs.map(({ node }) => node), ...this.#loops.kept]);
    return ownAxes({
      lines: this.#lines,
      recurrences,
      declared: new Map(declared),
      isFixed: (node) => kept.has(node) || this.#steps.varies(node),
      lengthName: (recurrence) => this.#steps.lengthName(recurrence),
      letters: () => this.#words.letters(new Set()),
      form: (node, given) => elementForm(node, this.#isNamed, this.#words, { whole: "parts", given }),
    });
  }

  /** Gives names to the sizes that equations ask for. */
  nameSizes(): void {
    for (const [node, form] of this.#lines) if (form === "array") this.#arraySide(node);
  }

  #equations(): readonly Equation[] {
    const lines = [...this.#lines].flatMap(([node, form]) => {
      const loop = this.#loops.of(node);
      if (loop === undefined) return [{ place: node.id, line: this.#equation(node, form) }];
      if (loop.calls[0] !== node) return [];
      return this.#repetition(loop).map((line) => ({ place: node.id, line }));
    });
    const aliases = this.#steps.aliases.map(({ behind, name, node }) => ({
      place: behind + 0.5,
      line: this.#line(node, name, this.#left(node, name), this.#nameOrValue(node)),
    }));
    const ordered = [...lines, ...aliases].sort((a, b) => a.place - b.place);
    return [...ordered.map(({ line }) => line), ...this.#aliases()];
  }

  /** What the first round starts from under the name of what is carried, and the round. */
  #repetition({ start, calls }: Loop): Equation[] {
    // The second round stands for all: what it starts from has the name of what is carried.
    const call = at(calls, 1);
    const name = get(this.#nameOf, call);
    const rounds = { index: this.#round, count: calls.length };
    const left = this.#left(at(calls, calls.length - 1), name);
    const round = { ...this.#equation(call, "array"), left, rounds };
    return this.#nameOf.get(start) === name
      ? [round]
      : [this.#line(start, name, this.#left(start, name), this.#nameOrValue(start)), round];
  }

  #equation(node: Node, form: Form): Equation {
    const name = get(this.#nameOf, node);
    if (form === "array") return this.#line(node, name, this.#left(node, name), this.#arraySide(node));
    const given = this.#own.get(node);
    const whole = wholes[this.#notation];
    const element = elementForm(node, this.#isNamed, this.#words, { whole, given });
    invariant(element !== undefined, `${nodeText(node)} has an index notation`);
    if (element.unsized && !this.outputNames.includes(name)) this.#unsized.add(node);
    const left = index(symbol(name), element.indices.map(indexLayout));
    return this.#line(node, name, given === undefined ? left : this.#left(node, name), element.layout);
  }

  #left(node: Node, name: string): Layout {
    return withAxes(symbol(name), this.#own.get(node) ?? []);
  }

  #line(node: Node, name: string, left: Layout, right: Layout): Equation {
    const origin = this.#graph.origins.get(node);
    const shape = this.#axes.shape(node);
    return { left, right, name, type: node.type, shape, origin, rounds: undefined };
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
      return [this.#line(node, name, this.#left(node, name), this.#nameOrValue(node))];
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
    sizeName: (node, axis) => this.#axes.sizeName(node, axis),
    bound: (place, node, axis) => this.#axes.bound(place, node, axis),
    shape: (node) => this.#axes.shape(node),
    size: (size) => this.#sizes.layout(size),
    own: (node) => this.#own.get(node),
    isSize: (name) => this.#sizes.has(name),
    letters: (avoided, taken) => lettersOf(this.#notation, this.#names, this.#axes, avoided, taken),
  };
}
