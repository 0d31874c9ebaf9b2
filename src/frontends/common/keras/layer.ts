/** @file One use of a layer as its row of the table sees it: options, weights, arguments, masks, and the makers of nodes. */
import { range } from "../../../base/assert.ts";
import type { Rational } from "../../../base/rational.ts";
import { type Dim, equalShapes, type Shape, shapeText } from "../../../ir/dim.ts";
import type { Builder, Node, Parameter } from "../../../ir/graph.ts";
import type { OpAttrs } from "../../../ir/operators.ts";
import { contraction } from "../contraction.ts";
import { Maker } from "../maker.ts";
import { Config, type JsonObject } from "./config.ts";
import { Malformed, NotCovered } from "./problem.ts";
import { isNode, type Value } from "./values.ts";
import type { Inner, Variable, Variables } from "./variables.ts";

/** A stored tensor in another order of its numbers: a new shape, and where each number comes from. */
export interface Arrangement {
  readonly shape: readonly number[];
  readonly from: (values: Float64Array) => Float64Array;
}

/** Where stored variables become nodes. */
export interface Parameters {
  node(variable: Variable, trainable: boolean, arrangement?: Arrangement): Node;
}

/** Parameters of the graph, one for each stored variable that is used, in the order of their first use. */
export class ParameterTable implements Parameters {
  readonly #build: Builder;
  readonly #known = new Map<Variable, Parameter>();

  constructor(build: Builder) {
    this.#build = build;
  }

  node(variable: Variable, trainable: boolean, arrangement?: Arrangement): Node {
    const known = this.#known.get(variable);
    if (known !== undefined) return known.node;
    const { name, dtype, values } = variable;
    const shape = arrangement?.shape ?? variable.shape;
    const node = this.#build.node("Parameter", [], { name, shape, dtype });
    const read = values && (arrangement === undefined ? values : () => arrangement.from(values()));
    this.#known.set(variable, {
      node,
      names: [name],
      trainable,
      ...(read === undefined ? {} : { values: read }),
    });
    return node;
  }
  all(): Parameter[] {
    return [...this.#known.values()];
  }
}

/** Whose definitions a model follows, where they differ. */
export type Dialect = "Keras 3" | "Keras 2" | "TensorFlow.js";

/** What all layers of one reading share. */
export interface Reading {
  readonly build: Builder;
  readonly note: (text: string) => void;
  readonly parameters: Parameters;
  /** Which positions of a sequence count, for the values of which Keras knows it. */
  readonly masks: Map<Node, Node>;
  /** Values of which it is not known whether Keras knows it: a layer of the user had a mask, and may have handed it on. */
  readonly unclear: Set<Node>;
  readonly dialect: Dialect;
}

export class Layer extends Maker {
  readonly reading: Reading;
  readonly name: string;
  readonly className: string;
  readonly config: Config;
  readonly variables: Variables;
  readonly args: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;

  constructor(
    reading: Reading,
    layer: { readonly name: string; readonly className: string; readonly config: JsonObject },
    variables: Variables,
    args: readonly Value[],
    named: ReadonlyMap<string, Value>,
  ) {
    super(reading.build, reading.note);
    this.reading = reading;
    this.name = layer.name;
    this.className = layer.className;
    this.config = new Config(layer.name, layer.config);
    this.variables = variables;
    this.args = args;
    this.named = named;
  }

  /** Another layer inside this one, called on other arguments. */
  within(
    layer: { readonly name: string; readonly className: string; readonly config: JsonObject },
    inner: Inner,
    args: readonly Value[],
    named: ReadonlyMap<string, Value> = new Map(),
  ): Layer {
    return new Layer(this.reading, layer, this.variables.inner(inner), args, named);
  }

  /** The same options with weights of their own. */
  with(
    layer: { readonly name: string; readonly className: string; readonly config: JsonObject },
    variables: Variables,
  ): Layer {
    return new Layer(this.reading, layer, variables, [], new Map());
  }
  /** This layer where nodes are made elsewhere: in the body of a loop. */
  inside(reading: Reading): Layer {
    return new Layer(reading, { ...this, config: this.config.values }, this.variables, [], new Map());
  }
  /** A number of an option, exactly as it was meant. */
  exact(value: number): Rational {
    return new Config(this.name, { value }).number("value");
  }

  // Arguments

  /** The tensors of the first argument. */
  get inputs(): Node[] {
    return tensorsOf(this.args[0]);
  }
  get input(): Node {
    const first = this.args[0];
    const found = first !== undefined && isNode(first) ? first : this.inputs[0];
    if (found === undefined) throw new Malformed(this.name, "no tensor", "a tensor as the first argument");
    return found;
  }
  argument(index: number, name: string): Value | undefined {
    const given = this.args[index] ?? this.named.get(name);
    return given === null ? undefined : given;
  }
  tensor(index: number, name: string): Node | undefined {
    const given = this.argument(index, name);
    if (given === undefined || isNode(given)) return given;
    throw new NotCovered(`an argument ${name} that is no tensor`);
  }
  flag(index: number, name: string): boolean {
    return this.argument(index, name) === true;
  }
  /** Throws NotCovered where it is not known whether there is one. */
  mask(x: Node): Node | undefined {
    if (this.reading.unclear.has(x))
      throw new NotCovered(
        "a mask that a layer of your own may hand on or not, which the file does not say",
        undefined,
        "save the model with mask_zero=False, if no mask is meant",
      );
    return this.reading.masks.get(x);
  }
  /** For layers whose calls name their mask in the file, where they have one. */
  knownMask(x: Node): Node | undefined {
    return this.reading.masks.get(x);
  }

  /** Whether the model follows the definitions of Keras 2, as TensorFlow.js does. */
  get isOld(): boolean {
    return this.reading.dialect !== "Keras 3";
  }

  // Weights

  get isTrainable(): boolean {
    return this.config.bool("trainable", true);
  }
  /** The variable that this layer made as number `index`. `shape` is what the options say of it. */
  weight(index: number, name: string, shape?: Shape, isTrained = true): Node {
    const variable = this.variables.variable(index, name);
    if (shape !== undefined && !equalShapes(shape, variable.shape)) {
      throw new Malformed(
        variable.name,
        shapeText(variable.shape),
        `${shapeText(shape)}, as the layer's options say`,
      );
    }
    return this.reading.parameters.node(variable, isTrained && this.isTrainable);
  }
  /** A variable whose numbers are shown in another order. */
  arranged(index: number, name: string, arrange: (shape: readonly number[]) => Arrangement): Node {
    const variable = this.variables.variable(index, name);
    return this.reading.parameters.node(variable, this.isTrainable, arrange(variable.shape));
  }

  // Formulas

  rational(value: Rational, like: Node): Node {
    return this.constant(value, like.type.dtype);
  }
  integer(value: number, like: Node): Node {
    return this.constant(value, like.type.dtype);
  }
  /** Contraction with one label for each axis, such as `["b t m", "m h", "b t h"]` split at spaces. */
  contract(x: Node, y: Node, labels: readonly [string, string, string]): Node {
    const made = contraction(
      this,
      x,
      y,
      labels.map((text) => text.split(" ").filter((label) => label !== "")),
    );
    if (made === undefined) throw new NotCovered("a product of more than 26 axes");
    return made;
  }
  /** x y over the last axis of x and the first of a matrix y. */
  product(x: Node, y: Node): Node {
    const outer = range(x.type.shape.length - 1)
      .map((axis) => `o${axis}`)
      .join(" ");
    return this.contract(x, y, [`${outer} k`, "k m", `${outer} m`]);
  }
  /** A reduction whose axes stay, with size 1. */
  kept<N extends "Sum" | "Mean" | "Max">(op: N, x: Node, axes: readonly number[]): Node {
    const attrs: OpAttrs["Sum"] = { axes };
    const shape = x.type.shape.map((size, axis): Dim => (axes.includes(axis) ? 1 : size));
    return this.reshape(this.apply(op, [x], attrs), shape);
  }
  /** x with one axis left out, whose size is 1. */
  without(x: Node, axis: number): Node {
    return this.reshape(x, x.type.shape.toSpliced(axis, 1));
  }
  withAxis(x: Node, axis: number): Node {
    return this.reshape(x, x.type.shape.toSpliced(axis, 0, 1));
  }
  /** Elements of one axis picked by a vector of integers. */
  taken(x: Node, indices: Node, axis: number): Node {
    const toFront = [axis, ...range(x.type.shape.length).filter((i) => i !== axis)];
    const back = range(toFront.length).map((i) => toFront.indexOf(i));
    return this.transpose(this.apply("Take", [this.transpose(x, toFront), indices], {}), back);
  }
}

/** All tensors of a structure, in order. */
export function tensorsOf(value: Value | undefined): Node[] {
  if (value === undefined || value === null || typeof value !== "object") return [];
  if (isNode(value)) return [value];
  if (Array.isArray(value)) return (value as readonly Value[]).flatMap(tensorsOf);
  return "kind" in value && value.kind === "named" ? [...value.entries.values()].flatMap(tensorsOf) : [];
}

/** The meaning of one layer; throws NotCovered for options without one. */
export type Lower = (layer: Layer) => Value;
export type Rows = Readonly<Record<string, Lower>>;
