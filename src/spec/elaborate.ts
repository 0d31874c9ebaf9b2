/** @file Gives each expression its meaning as a tensor. */
import { assertNever, at, invariant, range } from "../base/assert.ts";
import { type Rational, rational } from "../base/rational.ts";
import { Diagnostic, quoted } from "../diag/diagnostic.ts";
import { type Dim, symbol } from "../ir/dim.ts";
import { isReal } from "../ir/type.ts";
import { calledAlong } from "./along.ts";
import { attended } from "./attention.ts";
import { batchNormalized, groupNormalized } from "./channels.ts";
import { Constants } from "./constants.ts";
import { entropyOfLabels } from "./entropy.ts";
import { type Elementwise, functionRule } from "./functions.ts";
import { inHeads } from "./heads.ts";
import { indexed } from "./indexing.ts";
import { applied, combined } from "./infix.ts";
import { Letters } from "./letters.ts";
import type { Arguments, Meaning } from "./meaning.ts";
import { powered } from "./powers.ts";
import { juxtaposed, times } from "./products.ts";
import type { Scope } from "./scope.ts";
import { sizeFrom } from "./sizes.ts";
import { restructured } from "./structural.ts";
import type { Call, Expression, Use } from "./syntax.ts";
import type { Target } from "./target.ts";
import { scalarOf, type Tensor, type Tensors } from "./tensors.ts";
import { windowed } from "./windows.ts";

export type UseModel = (use: Use, args: readonly Tensor[]) => readonly Tensor[];

type Of<K extends Expression["kind"]> = Expression & { readonly kind: K };

export class Elaborator implements Meaning {
  readonly tensors: Tensors;
  readonly scope: Scope;
  readonly constants: Constants;
  /** What the names stand for so far. */
  readonly values: Map<string, Tensor> = new Map<string, Tensor>();
  readonly used: Set<string> = new Set<string>();
  /** The indices of the equation that is read. */
  #letters: Letters | undefined;
  /** Parts that were evaluated already: some are looked at before it is known what they are part of. */
  readonly #known = new WeakMap<Expression, Tensor>();

  readonly #useModel: UseModel;
  /** What the equation is for. */
  #target: Target | undefined;

  /** `useModel` evaluates a model of the document. */
  constructor(tensors: Tensors, scope: Scope, useModel: UseModel) {
    [this.tensors, this.scope, this.constants] = [tensors, scope, new Constants(scope)];
    this.#useModel = useModel;
  }

  /** The right side of an equation. */
  right(target: Target, expression: Expression): Tensor {
    this.#letters = new Letters(this, target, expression);
    this.#target = target;
    return this.evaluate(expression);
  }

  /** The outputs of a model on the right side of an equation, one for each of the names on its left. */
  outputs(targets: readonly Target[], expression: Expression): readonly Tensor[] {
    const target = at(targets, 0);
    if (expression.kind !== "use") {
      const got = `${targets.length} names on the left, and no model alone on the right`;
      throw this.tensors.source.wrong("A3006", target.position, got, "a model with as many outputs");
    }
    this.#letters = new Letters(this, target, expression);
    return this.#results(expression, targets.length);
  }

  isDefined(name: string): boolean {
    return this.values.has(name);
  }

  letterSize(name: string): Dim | undefined {
    return this.#letters?.size(name);
  }

  /** @throws Diagnostic with the place of the innermost part that has no meaning. */
  evaluate(expression: Expression): Tensor {
    const tensor = this.#known.get(expression) ?? this.#evaluated(expression);
    this.#known.set(expression, tensor);
    return tensor;
  }

  #evaluated(expression: Expression): Tensor {
    const value = this.constants.of(expression);
    if (value !== undefined) return this.tensors.constant(value);
    try {
      return this.#meaning(expression);
    } catch (error) {
      if (!(error instanceof Diagnostic) || error.report.code !== "A2001") throw error;
      const { place, got, want } = error.report;
      throw this.tensors.source.wrong("A3013", expression.position, `${got} in ${place.part ?? ""}`, want);
    }
  }

  #meaning(expression: Expression): Tensor {
    switch (expression.kind) {
      case "number":
        return this.tensors.constant(expression.value);
      case "name":
        return this.#name(expression);
      case "infix":
        return this.#infix(expression);
      case "negation":
        return this.#negation(expression);
      case "letter":
        return this.#letter(expression);
      case "power":
        return powered(this, expression);
      case "transpose":
        return this.#transpose(expression);
      case "call":
        return this.#call(expression);
      case "use":
        return at(this.#results(expression, 1), 0);
      case "index": {
        const { position, tensor, items } = expression;
        return indexed(this, position, this.evaluate(tensor), items);
      }
      case "option":
      case "list": {
        const got = expression.kind === "list" ? "a list in brackets as a value" : "a name and its value";
        throw this.tensors.source.wrong(
          "A3006",
          expression.position,
          got,
          "lists and names with values only as arguments of the functions that take them",
        );
      }
      default:
        return assertNever(expression);
    }
  }

  #name({ name, position }: Of<"name">): Tensor {
    const value = this.values.get(name);
    this.used.add(name);
    if (value !== undefined) return value;
    if (this.scope.sizeNames.has(name)) return this.#count(name, position);
    if (name === "pi" || name === "e") return this.#namedConstant(name);
    if (name === "inf")
      return applied(this.tensors, "Neg", position, this.#namedConstant("negative infinity"));
    const got = `\`${quoted(name)}\` stands here before its equation`;
    throw this.tensors.source.wrong(
      "A3011",
      position,
      got,
      "equations in the order in which they are computed",
    );
  }

  #namedConstant(name: "pi" | "e" | "negative infinity"): Tensor {
    return scalarOf(this.tensors.node("NamedConstant", [], { name, dtype: "float32" }));
  }

  /** A size as a number: counted at run time, as the mean does it, unless its value is known. */
  #count(name: string, position: Expression["position"]): Tensor {
    const dim = this.scope.dim(sizeFrom(symbol(name)));
    if (this.#letters?.clashes(name, dim) === true) {
      const got = `\`${quoted(name)}\` is a size, and an index that runs over another`;
      const action = "call the index by another letter";
      throw this.tensors.source.wrong("A3010", position, got, "one meaning for each name", action);
    }
    if (typeof dim === "number") return this.tensors.constant(rational(dim));
    const one = this.tensors.constant(rational(1));
    const ones = this.tensors.node("Broadcast", [one.node], { shape: [dim] });
    return scalarOf(this.tensors.node("Sum", [ones], { axes: [0] }));
  }

  /** The integers that an index takes, which stand along its axis. */
  #letter({ name, position }: Of<"letter">): Tensor {
    const size = this.letterSize(name);
    if (size === undefined) {
      const got = `the index ${quoted(name)} as a number, and nothing that says how far it runs`;
      const want = "the index in brackets behind a tensor too, or on the left with a declared shape";
      throw this.tensors.source.wrong("A3027", position, got, want);
    }
    return { node: this.tensors.node("Iota", [], { size, dtype: "int64" }), labels: [name], axes: [] };
  }

  #negation({ operand, position }: Of<"negation">): Tensor {
    if (operand.kind === "name" && operand.name === "inf" && !this.values.has("inf")) {
      return this.#namedConstant("negative infinity");
    }
    return applied(this.tensors, "Neg", position, this.evaluate(operand));
  }

  #infix({ operator, left, right, position }: Of<"infix">): Tensor {
    if (operator === "juxtaposed") return this.#juxtaposed(left, right, position);
    const [x, y] = [this.evaluate(left), this.evaluate(right)];
    if (operator === "/") this.#checkDivisor(right, position);
    return combined(this.tensors, operator, position, x, y);
  }

  /** `1/2 x` is 1/(2 x) by the grammar and (1/2) x to many readers, so it is neither. */
  #checkDivisor(divisor: Expression, position: Expression["position"]): void {
    const isProduct = (e: Expression): e is Of<"infix"> =>
      e.kind === "infix" && e.operator === "juxtaposed" && e.grouped === undefined;
    let first = divisor;
    while (isProduct(first)) first = first.left;
    if (first === divisor) return;
    const { labels, axes } = this.evaluate(first);
    if (labels.length + axes.length > 0) return;
    const got = "a division by a number with another factor behind it";
    throw this.tensors.source.wrong("A3026", position, got, "brackets: `(1/2) x` or `1/(2 x)`");
  }

  /** `x y`; a transposed vector is a row, so that `w^T x` is a number and `x w^T` a matrix. */
  #juxtaposed(left: Expression, right: Expression, position: Expression["position"]): Tensor {
    const [x, y] = [this.#row(left) ?? this.evaluate(left), this.#row(right)];
    if (y === undefined) return juxtaposed(this.tensors, position, x, this.evaluate(right));
    if (x.axes.length !== 1 || this.#row(left) !== undefined) {
      const got = `${this.tensors.shapeText(x)} times a transposed vector ${this.tensors.shapeText(y)}`;
      throw this.tensors.source.wrong("A3013", position, got, "a vector before a transposed vector");
    }
    const column = this.#withAxis(x, [...x.axes, "1"]);
    return times(this.tensors, position, column, y);
  }

  /** The vector in `w^T`. */
  #row(expression: Expression): Tensor | undefined {
    if (expression.kind !== "transpose") return undefined;
    const operand = this.evaluate(expression.operand);
    return operand.axes.length === 1 ? operand : undefined;
  }

  #withAxis(x: Tensor, axes: readonly string[]): Tensor {
    return { ...x, node: this.tensors.reshaped(x.node, [...x.node.type.shape, 1]), axes };
  }

  #transpose({ operand, position }: Of<"transpose">): Tensor {
    const x = this.evaluate(operand);
    const rank = x.axes.length;
    if (rank < 2) {
      const got = `the transpose of ${this.tensors.shapeText(x)}`;
      throw this.tensors.source.wrong("A3013", position, got, "two axes, or a vector beside another factor");
    }
    return this.tensors.reordered(x, [...range(rank - 2), rank - 1, rank - 2]);
  }

  #call(call: Call): Tensor {
    const rule = functionRule(call.name, call.args.length, call.subscript.length > 0);
    invariant(rule !== undefined, `the parser knows the function ${call.name}`);
    switch (rule.kind) {
      case "elementwise":
        return this.#pointwise(call, rule);
      case "along":
        return calledAlong(this, call, rule);
      case "structural":
        return restructured(this, call, rule.name);
      case "heads":
        return inHeads(this, call, rule.name);
      case "attention":
        return attended(this, call, rule.name);
      case "channels":
        return rule.name === "batch_normalize" ? batchNormalized(this, call) : groupNormalized(this, call);
      case "labelled":
        return entropyOfLabels(this, call);
      case "windowed":
        return windowed(this, call, rule.name);
      case "unknown":
        return this.#unknown(call);
      default:
        return assertNever(rule);
    }
  }

  /** A function of the arguments, called as the model, whose output it is and has the shape of. */
  #unknown({ args, position }: Call): Tensor {
    const { name, outputs } = this.scope.signature;
    const output = outputs.find((own) => own.name === this.#target?.name);
    if (output === undefined) {
      const got = "`unknown` in an equation for what is no output of the model";
      throw this.tensors.source.wrong("A3006", position, got, "an output, whose shape the signature says");
    }
    const sizes = this.scope.shapeOf(output);
    const shape = sizes.map((size) => this.scope.dim(size));
    const operands = args.map((arg) => this.evaluate(arg).node);
    const node = this.tensors.node("Opaque", operands, { name, attributes: "", shape, dtype: "float32" });
    return { node, labels: [], axes: sizes.map((size) => size.name) };
  }

  #pointwise(call: Call, rule: Elementwise): Tensor {
    if (call.subscript.length > 0) {
      const got = `${call.name} with the subscript ${quoted(call.subscript.join(", "))}`;
      throw this.tensors.source.wrong("A3020", call.position, got, "no subscript: it acts on each element");
    }
    const { tensors, constants } = this.args(call, rule.tensors, rule.constants);
    return this.tensors.elementwise(call.position, tensors, (nodes) =>
      rule.make(this.tensors.build, nodes, constants),
    );
  }

  #results(use: Use, count: number): readonly Tensor[] {
    const results = this.#useModel(
      use,
      use.args.filter((arg) => arg.kind !== "option").map((arg) => this.evaluate(arg)),
    );
    if (results.length === count) return results;
    const values = count === 1 ? "one value" : `${count} values`;
    const got = `${quoted(use.model)}, of ${results.length} outputs, as ${values}`;
    const want = `a name on the left for each output, as in \`y, z = ${quoted(use.written)}(…)\``;
    throw this.tensors.source.wrong("A3032", use.position, got, want);
  }

  /** A name as an index is a letter unless it stands for integers, so that a bias b and an index b don't collide. */
  integers(name: string): Tensor | undefined {
    const value = this.values.get(name);
    if (value === undefined || (name.length === 1 && isReal(value.node.type.dtype))) return undefined;
    this.used.add(name);
    return value;
  }

  /** The arguments of a call: so many tensors, and then so many constants. */
  args({ name, args, position }: Call, tensors: number, constants: number): Arguments {
    this.checkCount(name, position, args.length, tensors + constants);
    return {
      tensors: args.slice(0, tensors).map((arg) => this.evaluate(arg)),
      constants: args.slice(tensors).map((arg) => this.#constantArgument(name, arg)),
    };
  }

  checkCount(name: string, position: Expression["position"], got: number, want: number): void {
    if (got === want) return;
    throw this.tensors.source.wrong("A3020", position, `${name} with ${counted(got)}`, counted(want));
  }

  #constantArgument(name: string, arg: Expression): Rational {
    const value = this.constants.of(arg);
    if (value !== undefined) return value;
    throw this.tensors.source.wrong(
      "A3020",
      arg.position,
      `an argument of ${name} that is not a number`,
      "a number",
    );
  }
}

const counted = (count: number): string => `${count} ${count === 1 ? "argument" : "arguments"}`;
