/** @file Reads a specification: text to graph. */
import { at } from "../base/assert.ts";
import { quoted } from "../diag/diagnostic.ts";
import { symbol } from "../ir/dim.ts";
import type { Graph, NodeOf, Origin, Output, Parameter } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { newBuilder } from "../ops/table.ts";
import { type Declaration, isSignature, parseSignature, parseWhere, Scope } from "./declarations.ts";
import { type Statement, statementsOf } from "./document.ts";
import { Elaborator } from "./elaborate.ts";
import { equated } from "./equate.ts";
import { lettersIn } from "./indices.ts";
import { type Names, parseExpression } from "./parse.ts";
import { type Read, Recurrence, type StepEquation } from "./recurrence.ts";
import { Source } from "./source.ts";
import { components, referencesIn } from "./steps.ts";
import { parseTarget, type Target } from "./target.ts";
import { positional, type Tensor, Tensors } from "./tensors.ts";

export interface ReadOptions {
  /** The text is written for one example, and the model maps over a leading batch axis of every input. */
  readonly batch?: boolean;
}

const longestText = 2 ** 20;
/** Names that have a meaning without a declaration, until they get another. */
const builtins = ["pi", "e", "inf"];

/**
 * The graph of a specification: plain text or Markdown with math blocks. Every symbol that is declared but not defined
 * is a parameter; `file` is for messages only.
 * @throws Diagnostic for a text that has no meaning, Unsupported for one that is beyond the language as it is.
 */
export function readSpec(text: string, file: string, options: ReadOptions = {}): Graph {
  const source = new Source(file, text.slice(0, longestText));
  if (text.length > longestText) {
    const got = `a text of ${text.length} characters`;
    throw source.wrong("A3022", { line: 1, column: 1 }, got, `at most ${longestText}`);
  }
  const statements = statementsOf(source);
  const scope = scopeOf(source, statements);
  const equations = statements.filter((statement) => !statement.inWhere && !isSignature(statement));
  return new Model(source, scope, equations, options.batch === true).graph();
}

function scopeOf(source: Source, statements: readonly Statement[]): Scope {
  const start = { line: 1, column: 1 };
  const example = "Model(x : [B, 3]) -> y : [B, 1]";
  if (statements.length === 0) {
    const want = "equations, in a block between a line ```math and a line ```";
    throw source.wrong("A3001", start, "a document without mathematics", want, `begin with ${example}`);
  }
  const [first, second] = statements.filter(isSignature);
  if (second !== undefined) {
    const got = "a second signature";
    throw source.wrong("A3004", at(second.tokens, 0), got, "one model in each document");
  }
  if (first === undefined) {
    const position = at(at(statements, 0).tokens, 0);
    throw source.wrong("A3003", position, "equations without a signature", `a first line such as ${example}`);
  }
  const where = statements.filter((statement) => statement.inWhere);
  const items = where.flatMap((statement) => parseWhere(source, statement));
  return new Scope(source, parseSignature(source, first), items);
}

/** A statement of which the left-hand side is read. */
type Opened = ReturnType<typeof parseTarget> & { readonly statement: Statement; readonly number: string };

class Model {
  readonly #source: Source;
  readonly #scope: Scope;
  readonly #equations: readonly Opened[];
  readonly #elaborator: Elaborator;
  readonly #parameters: Parameter[] = [];
  readonly #recurrences: Recurrence[] = [];

  constructor(source: Source, scope: Scope, statements: readonly Statement[], batch: boolean) {
    [this.#source, this.#scope] = [source, scope];
    this.#equations = statements.map((statement, index) => {
      const number = statement.number ?? String(index + 1);
      source.part = `equation (${number})`;
      const isDeclared = (name: string): boolean => scope.declaration(name) !== undefined;
      return { ...parseTarget(source, statement, isDeclared, scope.isStep), statement, number };
    });
    source.part = undefined;
    const hidden = batch ? unusedName(scope, statements) : undefined;
    this.#elaborator = new Elaborator(new Tensors(newBuilder(), source, hidden), scope);
    this.#checkTargets();
  }

  graph(): Graph {
    const { tensors, values } = this.#elaborator;
    const { signature, declarations } = this.#scope;
    const inputs = signature.inputs.map((input) => this.#input(input));
    const defined = new Set(this.#equations.flatMap(({ target }) => definedBy(target)));
    const named = new Set([...signature.inputs, ...signature.outputs].map(({ name }) => name));
    for (const item of declarations) {
      if (!defined.has(item.name) && !named.has(item.name)) this.#parameter(item);
    }
    const names = this.#names();
    for (const group of groups(this.#equations)) this.#defineAll(group, names);
    this.#defineEnds(signature.outputs.map(({ name }) => name));
    const outputs = signature.outputs.map((output) => this.#output(output, values.get(output.name)));
    return tensors.build.graph({
      name: signature.name,
      inputs,
      parameters: this.#parameters,
      outputs,
      notes: this.#notes(),
    });
  }

  #names(): Names {
    const declared = this.#scope.declarations.map(({ name }) => name);
    const defined = this.#equations.map(({ target }) => target.name);
    const values = [...declared, ...defined, ...this.#scope.constantNames, ...builtins];
    return { values: new Set(values), sizes: this.#scope.sizeNames, letters: new Set() };
  }

  #checkTargets(): void {
    const taken = new Map<string, string>(this.#scope.signature.inputs.map(({ name }) => [name, "an input"]));
    for (const name of this.#scope.sizeNames) taken.set(name, "a size");
    for (const name of this.#scope.constantNames) taken.set(name, "a number");
    for (const { target, number } of this.#equations) {
      const before = taken.get(target.name);
      if (before !== undefined) {
        const got = `\`${quoted(target.name)}\` is ${before} already`;
        throw this.#source.wrong("A3010", target.position, got, "one declaration or equation for each name");
      }
      taken.set(target.name, `defined by equation (${number})`);
    }
  }

  #input({ name, position, shape, dtype }: Declaration): NodeOf<"Input"> {
    const { tensors, values } = this.#elaborator;
    const declared = this.#scope.declaration(name);
    const sizes = shape ?? declared?.shape;
    if (sizes === undefined) {
      const got = `the input \`${quoted(name)}\` without a shape`;
      throw this.#source.wrong("A3025", position, got, `a shape, as in \`${quoted(name)} : [B, 3]\``);
    }
    const labels = tensors.hidden === undefined ? [] : [tensors.hidden];
    const dims = [...labels.map(symbol), ...sizes.map((size) => this.#scope.dim(size))];
    const attrs = { name, shape: dims, dtype: shape === undefined ? (declared?.dtype ?? dtype) : dtype };
    const node = tensors.build.node("Input", [], attrs);
    values.set(name, { node, labels, axes: sizes.map((size) => size.name) });
    return node;
  }

  #parameter({ name, shape = [], dtype, fixed = false }: Declaration): void {
    const { tensors, values } = this.#elaborator;
    const attrs = { name, shape: shape.map((size) => this.#scope.dim(size)), dtype };
    const node = tensors.build.node("Parameter", [], attrs);
    this.#parameters.push({ node, names: [name], trainable: isReal(dtype) && !fixed });
    values.set(name, { node, labels: [], axes: shape.map((size) => size.name) });
  }

  /** Equations that go from step to step together, or a single one of another kind. */
  #defineAll(group: readonly Opened[], names: Names): void {
    const { step } = at(group, 0).target;
    const { isStep } = this.#scope;
    if (step === undefined) return this.#define(at(group, 0), names);
    const read: Read = ({ rest, statement }, extra) =>
      parseExpression(
        rest,
        this.#withLetters(statement, { ...names, values: new Set([...names.values, ...extra]) }, []),
      );
    const recurrence = new Recurrence(this.#elaborator, step, read);
    const equations = group.map((equation): StepEquation => {
      const [, ...right] = equation.statement.tokens;
      const references = referencesIn(right, isStep);
      return { ...equation, base: equation.target.name, references, origin: this.#origin(equation) };
    });
    this.#recurrences.push(recurrence);
    for (const component of components(equations)) recurrence.define(component);
    this.#source.part = undefined;
  }

  #withLetters(statement: Statement, names: Names, own: readonly string[]): Names {
    const isKnown = (name: string): boolean => names.values.has(name);
    return { ...names, letters: new Set([...own, ...lettersIn(statement.tokens, isKnown)]) };
  }

  #origin({ target, statement, number }: Opened): Origin {
    return { file: this.#source.file, line: target.position.line, code: statement.code, equation: number };
  }

  /** Values such as `h_T`, where a name in an equation or an output stands for one. */
  #defineEnds(texts: readonly string[]): void {
    const { values } = this.#elaborator;
    for (const text of texts) {
      if (values.has(text)) continue;
      const end = this.#recurrences
        .map((recurrence) => recurrence.end(text))
        .find((value) => value !== undefined);
      if (end !== undefined) values.set(text, end);
    }
  }

  #define(opened: Opened, names: Names): void {
    const { target, rest, statement, number } = opened;
    const { tensors, values } = this.#elaborator;
    this.#source.part = `equation (${number})`;
    this.#defineEnds(statement.tokens.map(({ text }) => text));
    const known = { ...names, values: new Set([...names.values, ...values.keys()]) };
    const withLetters = this.#withLetters(statement, known, target.indices ?? []);
    tensors.order = (target.indices ?? []).filter((index) => index !== ":");
    const value = tensors.build.at(this.#origin(opened), () =>
      equated(
        tensors,
        this.#scope,
        target,
        this.#elaborator.right(target, parseExpression(rest, withLetters)),
      ),
    );
    if (value.node.op !== "Input" && value.node.op !== "Parameter")
      tensors.build.label(value.node, target.name);
    values.set(target.name, value);
    this.#source.part = undefined;
  }

  /** An output that doesn't depend on the examples is the same for all of them. */
  #output({ name, position }: Declaration, value: Tensor | undefined): Output {
    const { tensors } = this.#elaborator;
    if (value === undefined) {
      const got = `no equation defines the output \`${quoted(name)}\``;
      throw this.#source.wrong("A3012", position, got, `an equation \`${quoted(name)} = …\``);
    }
    if (tensors.hidden === undefined) return { name, node: value.node };
    const labels = new Map([[tensors.hidden, symbol(tensors.hidden)]]);
    return { name, node: tensors.broadcast(value, labels, positional(value)) };
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

/** The names that an equation defines: of `h_t = …` the sequence, its step, and where it starts. */
const definedBy = ({ name, step }: Target): string[] =>
  step === undefined ? [name] : [name, `${name}_${step}`];

/** Equations in a row with the same index of steps belong together. */
function groups(equations: readonly Opened[]): Opened[][] {
  const result: Opened[][] = [];
  for (const equation of equations) {
    const { step } = equation.target;
    const last = result.at(-1);
    if (step !== undefined && last?.[0]?.target.step === step) last.push(equation);
    else result.push([equation]);
  }
  return result;
}

/** A name for the hidden batch axis that stands nowhere in the text. */
function unusedName(scope: Scope, statements: readonly Statement[]): string {
  const texts = statements.flatMap(({ tokens }) =>
    tokens.flatMap(({ text, subscript }) => [text, ...subscript]),
  );
  const parts = texts.flatMap((text) => [text, ...text.split("_")]);
  const taken = new Set([...parts, ...scope.sizeNames, ...scope.declarations.map(({ name }) => name)]);
  const candidates = ["B", "N", "batch"];
  for (let i = 1; candidates.every((name) => taken.has(name)); i++) candidates.push(`batch_${i}`);
  return candidates.find((name) => !taken.has(name)) ?? "B";
}
