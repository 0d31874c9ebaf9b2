/** @file Writes the equations of one model: decides which values get one, names them, and fills in the forms. */
import { at, get, invariant, range } from "../base/assert.ts";
import { index, type Layout, rationalLayout, symbol, withAxes, withValues } from "../base/layout.ts";
import { bodyGraph } from "../ir/body.ts";
import { addDims, type Dim, elementCount, shapeText } from "../ir/dim.ts";
import { type Graph, type Node, nodeText, type Output, type Parameter, usersOf } from "../ir/graph.ts";
import { callOf, type Use, usesIn } from "../ops/runs.ts";
import { argumentsOf, isCall, isOneOfSeveral } from "../ops/traits.ts";
import { AxisNames } from "./axis-names.ts";
import type { Declared, DeclaredParameter, Equation, Equations, Profile } from "./document.ts";
import { draftWords } from "./draft-words.ts";
import { arrayForm, elementForm, type IsNamed, indexLayout, type Vocabulary } from "./forms.ts";
import { isGenerated } from "./generated.ts";
import type { Laid } from "./laid.ts";
import { lettersOf } from "./letters.ts";
import { type Form, type Lines, linesOf, type Manner, wholes } from "./lines.ts";
import { Loops, type Rounds } from "./loops.ts";
import { asIdentifier, modelName, type Names, parameterNames, resultName, valueNames } from "./names.ts";
import { mostUnused, unusedNote } from "./notes.ts";
import { ownAxes } from "./own-axes.ts";
import { sequencesOf } from "./recurrences.ts";
import type { SizeNames } from "./sizes.ts";
import { isWord, onlyStarts, Steps, shapeOf, varyingIn } from "./steps.ts";

const trainableCount = (graph: Graph): Dim =>
  graph.parameters
    .filter((parameter) => parameter.trainable)
    .map((parameter) => elementCount(parameter.node.type.shape))
    .reduce(addDims, 0);

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
  /** What a use of a block is called that nothing reads. */
  readonly #unread: ReadonlyMap<Use, ReadonlyMap<number, string>>;
  readonly #lines: Lines;
  readonly #names: Names;
  readonly #axes: AxisNames;
  readonly #sizes: SizeNames;
  readonly #steps: Steps;
  readonly #nameOf: Map<Node, string>;
  readonly #unsized = new Set<Node>();
  /** What the arguments of a repetition's round are called while it is written. */
  #ofRound: ReadonlyMap<Node, string> = new Map();
  /** What the axes of values are called. */
  #own: ReadonlyMap<Node, readonly string[]> = new Map();

  /** A block's inputs may be called as its steps call them. */
  constructor(laid: Laid, { width, notation }: Manner, sizes: SizeNames, isBlock: boolean) {
    const { graph, recurrences } = laid;
    [this.#laid, this.#graph, this.#sizes] = [laid, graph, sizes];
    this.#notation = notation;
    this.#loops = new Loops(graph, sequencesOf(recurrences));
    const varying = varyingIn(recurrences);
    const needed = [...laid.named, ...this.#loops.kept];
    const manner = { width: Math.floor((2 * width) / 3), notation };
    this.#lines = linesOf(graph, draftWords(laid, notation), manner, { named: needed, varying });
    const names = sizes.names();
    this.#names = names;
    const started = isBlock ? onlyStarts(graph, recurrences) : new Set<Node>();
    const inputs = graph.inputs
      .filter((node) => !started.has(node))
      .map((node) => [node, names.take(asIdentifier(node.attrs.name) ?? "x")] as const);
    const wholes = new Set(recurrences.flatMap(({ members }) => members.map(({ whole }) => whole)));
    const isOfSteps = ({ name, node }: Output): boolean =>
      wholes.has(node) && (isGenerated(name) || !isWord(name));
    const isKept = ({ name, node }: Output): boolean => isGenerated(name) && this.#loops.keeps(node);
    const given = graph.outputs.map((output, i) =>
      isOfSteps(output) || isKept(output) ? undefined : names.take(this.#outputWish(output, i)),
    );
    const called = graph.outputs.map(({ node }, i) => [node, given[i]] as const).reverse();
    const namedOutputs = called.flatMap(([node, name]) =>
      name === undefined ? [] : [[node, name] as const],
    );
    this.#steps = new Steps({
      graph,
      recurrences,
      lines: this.#lines,
      names,
      outputs: new Map(called),
      symbols: sizes.symbols,
      varying,
      started,
    });
    const inherited = new Set<string>();
    const repeated = this.#loops.names(names, new Map([...inputs, ...namedOutputs]));
    const kept = new Map(repeated.filter(([node]) => this.#loops.keeps(node)));
    this.outputNames = graph.outputs.map(({ name, node }, i) => {
      const own = this.#steps.outputName(node) ?? kept.get(node);
      if (given[i] === undefined && own !== undefined && !inherited.has(own)) {
        inherited.add(own);
        return own;
      }
      return given[i] ?? names.take(asIdentifier(name) ?? "y");
    });
    const own = graph.outputs.map(({ node }, i) => [node, at(this.outputNames, i)] as const).reverse();
    const outputs = own.filter(([node]) => this.#lines.has(node) && !this.#loops.has(node));
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
    const several = usesIn(graph).filter(
      (use) => isOneOfSeveral(callOf(use)) && !this.#loops.has(callOf(use)),
    );
    this.#unread = new Map(several.map((use) => [use, this.#unreadOf(use)] as const));
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
    const { given, orders, joined, named } = this.#laid;
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
      const stored = { order: orders.get(node), joined: joined.has(node) };
      return [{ ...this.#declared(node), parameter, ...stored, used: used.has(node) }];
    });
    const unused = declared.filter((item) => !item.used);
    const isMany = unused.length > mostUnused;
    return {
      name: modelName(given.name),
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
    const own = ownAxes({
      lines: this.#lines,
      recurrences,
      declared: new Map(declared),
      isFixed: (node) => kept.has(node) || this.#steps.varies(node),
      lengthName: (recurrence) => this.#steps.lengthName(recurrence),
      letters: () => this.#words.letters(new Set()),
      form: (node, given) => elementForm(node, this.#isNamed, this.#words, { whole: "parts", given }),
    });
    const isOdd = (nodes: readonly Node[]): boolean =>
      new Set(nodes.map((node) => own.get(node)?.join())).size > 1;
    const odd = new Set(this.#loops.alike.filter(isOdd).flat());
    return new Map([...own].filter(([node]) => !odd.has(node)));
  }

  /** Gives names to the sizes that equations ask for. */
  nameSizes(): void {
    for (const [node, form] of this.#lines) if (form === "array") this.#arraySide(node);
  }

  /** What an output is called; one that has no name has the one that its value would have, with a prime if that is an input's. */
  #outputWish({ name }: Output, place: number): string {
    const own = name === "" ? resultName(this.#graph, place) : undefined;
    return own === undefined || this.#names.isFree(own) ? (own ?? asIdentifier(name) ?? "y") : `${own}'`;
  }

  #unreadOf(use: Use): Map<number, string> {
    const body = bodyGraph(callOf(use).attrs.body);
    const places = range(body.outputs.length).filter((output) => !use.has(output));
    const take = (wish: string): string =>
      this.#steps.nameUnread(callOf(use), wish) ?? this.#names.take(wish);
    return new Map(places.map((output) => [output, take(resultName(body, output) ?? "y")] as const));
  }

  #equations(): readonly Equation[] {
    const placeOf = this.#loops.places(this.#graph);
    const several = new Map<Node, { readonly use: Use; readonly unread: ReadonlyMap<number, string> }>(
      [...this.#unread].flatMap(([use, unread]) =>
        [...use.values()].map((node) => [node, { use, unread }] as const),
      ),
    );
    const written = new Set<Rounds | Use>();
    const linesFor = (node: Node, form: Form): Equation[] => {
      const rounds = this.#loops.of(node);
      const use = several.get(node);
      const whole = rounds ?? use?.use;
      if (whole !== undefined && written.has(whole)) return [];
      if (whole !== undefined) written.add(whole);
      if (rounds !== undefined) return this.#repetition(rounds);
      return [use === undefined ? this.#equation(node, form) : this.#ofSeveral(use.use, use.unread)];
    };
    const lines = [...this.#lines].flatMap(([node, form]) =>
      linesFor(node, form).map((line) => ({ place: placeOf(node), line })),
    );
    const aliases = this.#steps.aliases.map(({ behind, name, node }) => ({
      place: behind + 0.5,
      line: this.#line(node, name, this.#left(node, name), this.#nameOrValue(node)),
    }));
    const ordered = [...lines, ...aliases].sort((a, b) => a.place - b.place);
    return [...ordered.map(({ line }) => line), ...this.#aliases()];
  }

  /** What the first round starts from under the names of what is carried, and the round. */
  #repetition({ index, starts, results, given, numbers, round, uses }: Rounds): Equation[] {
    const begun = starts
      .filter(([node, name]) => this.#nameOf.get(node) !== name)
      .map(([node, name]) => this.#line(node, name, this.#left(node, name), this.#nameOrValue(node)));
    const last = new Map(uses.flatMap((use) => [...use]));
    this.#ofRound = given;
    const values = new Map([...numbers].map(([name, value]) => [this.#sizes.symbol(name), value] as const));
    const right = withValues(this.#arraySide(callOf(round)), values);
    this.#ofRound = new Map();
    const line = this.#useLine(callOf(round), last, results, right);
    const isOfOneShape = (output: number): boolean =>
      new Set(uses.flatMap((use) => shapeText(use.get(output)?.type.shape ?? []))).size === 1;
    const shapes = line.shapes.map((shape, output) => (isOfOneShape(output) ? shape : undefined));
    return [...begun, { ...line, shapes, rounds: { index, count: uses.length } }];
  }

  /** A use of a block with several results. */
  #ofSeveral(use: Use, unread: ReadonlyMap<number, string>): Equation {
    const own = [...use].map(([output, node]) => [output, get(this.#nameOf, node)] as const);
    return this.#useLine(callOf(use), use, new Map([...own, ...unread]), this.#arraySide(callOf(use)));
  }

  /** An equation for the results of a use, in their order; `nodes` are those that are read. */
  #useLine(call: Node, nodes: Use, names: ReadonlyMap<number, string>, right: Layout): Equation {
    const ordered = [...names]
      .sort(([a], [b]) => a - b)
      .map(([output, name]) => ({ name, node: nodes.get(output) }));
    const lefts = ordered.map(({ name, node }) =>
      node === undefined ? symbol(name) : this.#left(node, name),
    );
    return {
      left: lefts.length === 1 ? at(lefts, 0) : { kind: "names", items: lefts },
      right,
      names: ordered.map(({ name }) => name),
      shapes: ordered.map(({ node }) => node && this.#axes.shape(node)),
      origin: this.#graph.origins.get(call),
      rounds: undefined,
    };
  }

  #equation(node: Node, form: Form): Equation {
    const name = get(this.#nameOf, node);
    if (form === "array") return this.#line(node, name, this.#left(node, name), this.#arraySide(node));
    const given = this.#own.get(node);
    const whole = wholes[this.#notation];
    const element = elementForm(node, this.#isNamed, this.#words, { whole, given });
    // Axes that have names of their own may leave no index for what only moves numbers.
    if (element === undefined) return this.#line(node, name, this.#left(node, name), this.#arraySide(node));
    if (element.unsized && !this.outputNames.includes(name)) this.#unsized.add(node);
    const left = index(symbol(name), element.indices.map(indexLayout));
    return this.#line(node, name, given === undefined ? left : this.#left(node, name), element.layout);
  }

  #left(node: Node, name: string): Layout {
    return withAxes(symbol(name), this.#own.get(node) ?? []);
  }

  #line(node: Node, name: string, left: Layout, right: Layout): Equation {
    const origin = this.#graph.origins.get(node);
    return { left, right, names: [name], shapes: [this.#axes.shape(node)], origin, rounds: undefined };
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
    name: (node) => this.#ofRound.get(node) ?? get(this.#nameOf, node),
    axis: (node, axis) => this.#axes.name(node, axis),
    joinedAxis: (node, axis) => this.#axes.joinedAxis(node, axis),
    sizeName: (node, axis) => this.#axes.sizeName(node, axis),
    counted: (node) => this.#axes.counted(node),
    bound: (place, node, axis) => this.#axes.bound(place, node, axis),
    shape: (node) => this.#axes.shape(node),
    size: (size) => this.#sizes.layout(size),
    own: (node) => this.#own.get(node),
    isSize: (name) => this.#sizes.has(name),
    letters: (avoided, taken) => lettersOf(this.#notation, this.#names, this.#axes, avoided, taken),
  };
}
