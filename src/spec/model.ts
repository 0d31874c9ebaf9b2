/** @file Reads one model of a document: its inputs and parameters, its equations in order, its outputs. */
import { at, get, zip } from "../base/assert.ts";
import { quoted } from "../diag/diagnostic.ts";
import type { Builder, Call, Node, NodeOf, Origin, Output, Parameter, Turn } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import type { Declaration } from "./declarations.ts";
import type { Statement } from "./document.ts";
import { Elaborator } from "./elaborate.ts";
import { equated } from "./equate.ts";
import { lettersIn } from "./indices.ts";
import { circular, type Library, type ModelText, modelUsed } from "./library.ts";
import { NamedAxes } from "./named.ts";
import { type Names, parseExpression } from "./parse.ts";
import { type Read, Recurrence } from "./recurrence.ts";
import { type Round, roundText } from "./repetition.ts";
import { Scope } from "./scope.ts";
import type { StepEquation } from "./sequences.ts";
import type { Source } from "./source.ts";
import { components, definedBy, groups, referencesIn } from "./steps.ts";
import type { Use } from "./syntax.ts";
import { type LeftSide, parseTargets, type Target } from "./target.ts";
import { positional, type Tensor, type Tensors } from "./tensors.ts";
import { bindSizes, giveNumbers, lifted } from "./uses.ts";

/** Names that have a meaning without a declaration, until they get another. */
const builtins = ["pi", "e", "inf"];

/** What all models of a document share while it is read. */
export interface Context {
  readonly tensors: Tensors;
  /** The builder of the main model, which has the parameters of all. */
  readonly build: Builder;
  /** What a parameter is where the model is used: in a step of a recurrence, something that it is given. */
  readonly inside?: (parameter: Node) => Node;
  readonly library: Library;
  readonly parameters: Parameter[];
  readonly notes: Set<string>;
  /** The models that are being read, from the main one inwards. */
  readonly open: string[];
}

/** Where a model is used: its names, as in `Block_1.Attention` (none for the main model), and the repetitions around it. */
export interface Place {
  readonly path: string;
  readonly turns: readonly Turn[];
  /** The equations that use it, the outermost first. */
  readonly calls: readonly Call[];
}

/** The names of a model, to which values such as `h_T` are added. */
type KnownNames = Names & { readonly values: Set<string> };

/** An equation of which the left-hand side is read; where it has several names, one for each. */
interface Opened extends Round, Pick<LeftSide, "rest"> {
  readonly target: Target;
  readonly number: string;
  /** The names that the outputs of a model are given to, and these when they are known. */
  readonly joint?: { readonly targets: readonly Target[]; outputs?: readonly Tensor[] };
}

export class Model {
  readonly #context: Context;
  readonly #text: ModelText;
  readonly #scope: Scope;
  readonly #path: string;
  readonly #turns: readonly Turn[];
  readonly #calls: readonly Call[];
  /** The equation that is read. */
  #opened: Opened | undefined;
  readonly #equations: readonly Opened[];
  /** What the equations define. */
  readonly #defined: ReadonlySet<string>;
  readonly #elaborator: Elaborator;
  readonly #axes: NamedAxes;
  readonly #recurrences: Recurrence[] = [];
  /** Uses without a number so far, by model. */
  readonly #unnumbered = new Map<string, number>();

  constructor(text: ModelText, scope: Scope, context: Context, { path, turns, calls }: Place) {
    [this.#text, this.#scope, this.#context] = [text, scope, context];
    [this.#path, this.#turns, this.#calls] = [path, turns, calls];
    const { source } = context.tensors;
    this.#equations = text.equations.flatMap(({ statement, rounds }): Opened[] => {
      const number = statement.number ?? "";
      source.part = this.#part(number, rounds);
      const isDeclared = (name: string): boolean => scope.declaration(name) !== undefined;
      const { targets, rest } = parseTargets(source, statement, isDeclared, scope.isStep);
      const joint = targets.length === 1 ? {} : { joint: { targets } };
      return targets.map((target) => ({ target, rest, statement, rounds, number, ...joint }));
    });
    source.part = undefined;
    this.#defined = new Set(this.#equations.flatMap(definedBy));
    this.#elaborator = new Elaborator(context.tensors, scope, (use, args) => this.#use(use, args, context));
    this.#axes = new NamedAxes(scope, this.#elaborator.values);
    this.#checkTargets();
  }

  /** Makes the inputs of the main model. */
  inputs(): NodeOf<"Input">[] {
    return this.#text.signature.inputs.map((input) => this.#input(input));
  }

  /** Reads the equations. A used model is given its inputs. */
  define(given: ReadonlyMap<string, Tensor> = new Map()): void {
    const { values } = this.#elaborator;
    const { signature, declarations } = this.#scope;
    const { open } = this.#context;
    open.push(signature.name);
    for (const [name, value] of given) values.set(name, value);
    const named = new Set([...signature.inputs, ...signature.outputs].map(({ name }) => name));
    for (const item of declarations) {
      if (!this.#defined.has(item.name) && !named.has(item.name)) this.#parameter(item);
    }
    const names = this.#names();
    for (const group of groups(this.#equations)) this.#defineAll(group, names);
    this.#defineEnds(signature.outputs.map(({ name }) => name));
    for (const note of this.#notes()) this.#context.notes.add(note);
    open.pop();
  }

  outputs(): Output[] {
    const { tensors } = this.#context;
    return this.#text.signature.outputs.map((output) => {
      const value = this.#value(output);
      // An output that doesn't depend on the examples is the same for all of them.
      return { name: output.name, node: tensors.broadcast(value, tensors.hidden, positional(value)) };
    });
  }

  #value({ name, position }: Declaration): Tensor {
    const value = this.#elaborator.values.get(name);
    if (value !== undefined) return value;
    const got = `no equation defines the output \`${quoted(name)}\``;
    throw this.#source.wrong("A3012", position, got, `an equation \`${quoted(name)} = …\``);
  }

  get #source(): Source {
    return this.#context.tensors.source;
  }

  /** Which equation, in which use and round, a message is about. */
  #part(number: string, rounds: readonly Turn[]): string {
    const path = this.#path === "" ? "" : ` of ${this.#path}`;
    return [`equation (${number})${path}`, ...rounds.map(roundText)].join(", ");
  }

  /** The outputs of another model of the document. */
  #use(use: Use, args: readonly Tensor[], context: Context): Tensor[] {
    const { library, tensors, open } = context;
    const text = get(library.models, use.model);
    if (open.includes(use.model)) throw circular(this.#source, text);
    const { inputs, outputs } = text.signature;
    this.#elaborator.checkCount(use.written, use.position, args.length, inputs.length);
    const scope = new Scope(this.#source, text.signature, text.items);
    giveNumbers(this.#elaborator, use, scope);
    const inside = lifted(tensors, use, inputs, scope, args);
    bindSizes(this.#source, use, inputs, scope, inside.args);
    const { hidden, order } = tensors;
    const { part } = this.#source;
    tensors.hidden = inside.hidden;
    const { line, column } = use.position;
    const turns = [...this.#turns, ...(this.#opened?.rounds ?? []), { scope: `${line}:${column}`, round: 0 }];
    const path = this.#instance(use);
    const calls = [...this.#calls, { ...(this.#opened && this.#place(this.#opened)), into: path }];
    const model = new Model(text, scope, context, { path, turns, calls });
    model.define(
      new Map(
        zip(
          inputs.map(({ name }) => name),
          inside.args,
        ),
      ),
    );
    const results = outputs.map((output) => model.#value(output));
    [tensors.hidden, tensors.order, this.#source.part] = [hidden, order, part];
    return results.map((result) => inside.back(result));
  }

  /** A use with a number is the one of this number; the others are numbered as they come, where there are several. */
  #instance({ model, written }: Use): string {
    const within = (name: string): string => (this.#path === "" ? name : `${this.#path}.${name}`);
    if (written !== model) return within(written);
    const names = this.#text.equations.flatMap(({ statement: { tokens } }) =>
      tokens.flatMap((token, i) =>
        modelUsed(this.#context.library.models, token, tokens[i + 1]) === model ? [token.text] : [],
      ),
    );
    if (names.length === 1) return within(model);
    let count = this.#unnumbered.get(model) ?? 0;
    do count++;
    while (names.includes(`${model}_${count}`));
    this.#unnumbered.set(model, count);
    return within(`${model}_${count}`);
  }

  #names(): KnownNames {
    const declared = this.#scope.declarations.map(({ name }) => name);
    const defined = this.#equations.map(({ target }) => target.name);
    const values = [...declared, ...defined, ...this.#scope.constantNames, ...builtins];
    const models = new Set(this.#context.library.models.keys());
    return {
      values: new Set(values),
      sizes: this.#scope.sizeNames,
      models,
      letters: new Set(),
      axes: this.#axes.of,
    };
  }

  #checkTargets(): void {
    const taken = new Map<string, string>(this.#scope.signature.inputs.map(({ name }) => [name, "an input"]));
    for (const name of this.#scope.sizeNames) taken.set(name, "a size");
    for (const name of this.#scope.constantNames) taken.set(name, "a number");
    for (const { target, number, rounds } of this.#equations) {
      const found = taken.get(target.name);
      const isFree = found === undefined || this.#mayChange(target.name, rounds);
      const before = isFree ? undefined : found;
      if (before !== undefined) {
        const got = `\`${quoted(target.name)}\` is ${before} already`;
        throw this.#source.wrong("A3010", target.position, got, "one declaration or equation for each name");
      }
      taken.set(target.name, `defined by equation (${number})`);
    }
  }

  /** In a repetition a value may be given a new one. */
  #mayChange(name: string, rounds: readonly Turn[]): boolean {
    const { sizeNames, constantNames } = this.#scope;
    return rounds.length > 0 && !sizeNames.has(name) && !constantNames.includes(name);
  }

  #input(input: Declaration): NodeOf<"Input"> {
    const { tensors } = this.#context;
    const { name, dtype, shape } = input;
    const declared = this.#scope.declaration(name);
    const sizes = this.#scope.shapeOf(input);
    const dims = [...tensors.hidden.values(), ...sizes.map((size) => this.#scope.dim(size))];
    const attrs = { name, shape: dims, dtype: shape === undefined ? (declared?.dtype ?? dtype) : dtype };
    const node = tensors.build.node("Input", [], attrs);
    const labels = [...tensors.hidden.keys()];
    this.#elaborator.values.set(name, { node, labels, axes: sizes.map((size) => size.name) });
    return node;
  }

  /** One parameter for each path, so that a use of the same name twice shares it. */
  #parameter({ name, shape = [], dtype, fixed = false }: Declaration): void {
    const { build, parameters, inside } = this.#context;
    const path = this.#path === "" ? name : `${this.#path}.${name}`;
    const attrs = { name: path, shape: shape.map((size) => this.#scope.dim(size)), dtype };
    const node = build.node("Parameter", [], attrs);
    build.copied(node, { place: `${this.#scope.signature.name}.${name}`, turns: this.#turns });
    if (!parameters.some((parameter) => parameter.node === node))
      parameters.push({ node, names: [path], trainable: isReal(dtype) && !fixed });
    const own = inside?.(node) ?? node;
    this.#elaborator.values.set(name, { node: own, labels: [], axes: shape.map((size) => size.name) });
  }

  /** Equations that go from step to step together, or a single one of another kind. */
  #defineAll(group: readonly Opened[], names: KnownNames): void {
    const { step } = at(group, 0).target;
    if (step !== undefined) for (const { target } of group) this.#axes.define(target);
    const { isStep } = this.#scope;
    if (step === undefined) return this.#define(at(group, 0), names);
    const read: Read = ({ rest, statement }, extra) =>
      parseExpression(
        rest,
        this.#withLetters(statement, { ...names, values: new Set([...names.values, ...extra]) }, []),
      );
    const recurrence = new Recurrence(this.#elaborator, step, read, (tensors, given) => {
      const { inside } = this.#context;
      const context = { ...this.#context, tensors, inside: (node: Node) => given(inside?.(node) ?? node) };
      return (use, args) => this.#use(use, args, context);
    });
    const equations = group.map((equation): StepEquation => {
      const { tokens } = equation.statement;
      const right = tokens.slice(tokens.findIndex(({ text }) => text === "=") + 1);
      const references = referencesIn(right, isStep);
      return { ...equation, base: equation.target.name, references, origin: this.#origin(equation) };
    });
    this.#recurrences.push(recurrence);
    // Two recurrences in one group are two places.
    const usesNoModel = ({ statement: { tokens } }: StepEquation): boolean =>
      tokens.every((token, i) => modelUsed(this.#context.library.models, token, tokens[i + 1]) === undefined);
    for (const component of components(equations, usesNoModel)) {
      const texts = component.flatMap(({ statement }) => statement.tokens.map(({ text }) => text));
      for (const name of this.#defineEnds(texts)) names.values.add(name);
      this.#placed({ ...at(group, 0), target: at(component, 0).target }, () => {
        recurrence.define(component);
      });
    }
    this.#source.part = undefined;
  }

  #withLetters(statement: Statement, names: Names, own: readonly string[]): Names {
    const isKnown = (name: string): boolean => names.values.has(name);
    const named = statement.tokens.flatMap(({ text }) => this.#axes.of(text) ?? []);
    return { ...names, letters: new Set([...own, ...named, ...lettersIn(statement.tokens, isKnown)]) };
  }

  #origin(opened: Opened): Origin {
    return { ...this.#place(opened), ...(this.#calls.length > 0 && { calls: this.#calls }) };
  }

  #place({ target, statement, number, rounds }: Opened): Origin {
    const where = [this.#path, ...rounds.map(roundText)].filter((text) => text !== "").join(", ");
    return {
      file: this.#source.file,
      line: target.position.line,
      code: statement.code,
      equation: number,
      ...(where === "" ? {} : { module: where }),
    };
  }

  /** Values such as `h_T`, where a name in an equation or an output stands for one; those that are new. */
  #defineEnds(texts: readonly string[]): string[] {
    const { values } = this.#elaborator;
    if (this.#recurrences.length === 0) return [];
    return texts.filter((text) => {
      if (values.has(text) || this.#defined.has(text) || this.#scope.sizeNames.has(text)) return false;
      const end = this.#recurrences
        .map((recurrence) => recurrence.end(text))
        .find((value) => value !== undefined);
      if (end !== undefined) values.set(text, end);
      return end !== undefined;
    });
  }

  #define(opened: Opened, names: KnownNames): void {
    const { target, rest, statement, number, rounds } = opened;
    const { tensors, values } = this.#elaborator;
    this.#source.part = this.#part(number, rounds);
    for (const name of this.#defineEnds(statement.tokens.map(({ text }) => text))) names.values.add(name);
    const withLetters = this.#withLetters(statement, names, target.indices ?? []);
    tensors.order = (target.indices ?? []).filter((index) => index !== ":");
    const right = (): Tensor => {
      const { joint } = opened;
      if (joint === undefined) return this.#elaborator.right(target, parseExpression(rest, withLetters));
      joint.outputs ??= this.#elaborator.outputs(joint.targets, parseExpression(rest, withLetters));
      return at(joint.outputs, joint.targets.indexOf(target));
    };
    const make = (): Tensor => equated(tensors, this.#scope, target, right());
    const value = tensors.build.at(this.#origin(opened), () => this.#placed(opened, make));
    if (value.node.op !== "Input" && value.node.op !== "Parameter")
      tensors.build.label(value.node, target.name);
    values.set(target.name, value);
    this.#axes.define(target);
    this.#source.part = undefined;
  }

  /** What is made for an equation has copies where the equation holds as well. */
  #placed<T>(opened: Opened, make: () => T): T {
    const { target, rounds } = opened;
    this.#opened = opened;
    const { line, column } = target.position;
    const copy = { place: `${line}:${column}`, turns: [...this.#turns, ...rounds] };
    return this.#context.tensors.build.placed(copy, make);
  }

  #notes(): string[] {
    const { used } = this.#elaborator;
    const outputs = new Set(this.#scope.signature.outputs.map(({ name }) => name));
    const equations = this.#equations.filter(({ target }) => !outputs.has(target.name));
    return [
      ...this.#scope.declarations
        .filter(({ name }) => !outputs.has(name) && !used.has(name))
        .map(({ name, position }) => `${quoted(name)} is declared in line ${position.line} but never used`),
      ...equations
        .filter(({ target }) => !used.has(target.name) && this.#scope.declaration(target.name) === undefined)
        .map(({ target, number }) => `${quoted(target.name)} of equation (${number}) is never used`),
    ];
  }
}
