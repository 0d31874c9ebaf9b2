/**
 * @file Equations that go from step to step: `h_t = tanh(x_t W + h_{t-1} U)` is a scan over the steps, and
 * `y_t = h_t V` holds for every step at once. Outside them a name without its step is the whole sequence.
 */
import { at, get, invariant, range } from "../base/assert.ts";
import { quoted } from "../diag/diagnostic.ts";
import { nest } from "../ir/body.ts";
import { equalShapes, type Shape } from "../ir/dim.ts";
import type { Node, NodeOf } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import { Elaborator, type UseModel } from "./elaborate.ts";
import { equated } from "./equate.ts";
import { Sequences, type StepEquation } from "./sequences.ts";
import { isRecurrent, type StepName, textOf } from "./steps.ts";
import type { Expression } from "./syntax.ts";
import type { Target } from "./target.ts";
import { positional, scalarOf, type Tensor, Tensors } from "./tensors.ts";

/** Reads a right side; `steps` are the names with steps that stand in it. */
export type Read = (equation: StepEquation, steps: readonly string[]) => Expression;

/** Uses models in the equations of a step; `given` says what a value from outside is there. */
export type UseInStep = (tensors: Tensors, given: (node: Node) => Node) => UseModel;

/** Equations of one index of steps. */
export class Recurrence {
  readonly #sequences: Sequences;
  readonly #outer: Elaborator;
  readonly #read: Read;
  readonly #index: string;
  readonly #useInStep: UseInStep;

  constructor(outer: Elaborator, index: string, read: Read, useInStep: UseInStep) {
    [this.#outer, this.#read, this.#index, this.#useInStep] = [outer, read, index, useInStep];
    this.#sequences = new Sequences(outer, index);
  }

  /** The value of a name such as `h_T`. */
  end(name: string): Tensor | undefined {
    return this.#sequences.end(name);
  }

  /** Equations that need each other, or a single one. */
  define(equations: readonly StepEquation[]): void {
    this.#sequences.at(at(equations, 0));
    const { used } = this.#outer;
    for (const { base, references } of equations) {
      used.add(`${base}_${this.#index}`);
      for (const reference of references) used.add(reference.base);
    }
    if (isRecurrent(equations)) this.#scan(equations);
    else for (const equation of equations) this.#everywhere(equation);
  }

  /** An equation that needs no other step: its index is a letter. */
  #everywhere(equation: StepEquation): void {
    const { tensors, values } = this.#outer;
    for (const reference of equation.references) {
      const { node, labels, axes } = this.#sequences.referred(equation, reference);
      values.set(textOf(reference), { node, labels: [...labels, this.#index], axes: axes.slice(1) });
    }
    const { hidden } = tensors;
    const right = this.#evaluated(this.#outer, equation, [this.#index]);
    tensors.hidden = new Map([...hidden, [this.#index, this.#sequences.size] as const]);
    const target = { ...equation.target, name: this.#stepOf(equation) };
    const value = equated(tensors, this.#outer.scope, target, right);
    tensors.hidden = hidden;
    const labels = new Map([...tensors.hidden, [this.#index, this.#sequences.size] as const]);
    this.#sequences.keep(equation, {
      node: tensors.broadcast(value, labels, positional(value)),
      labels: this.#sequences.hiddenLabels,
      axes: [this.#sequences.axis, ...value.axes],
    });
  }

  #evaluated(elaborator: Elaborator, equation: StepEquation, leading: readonly string[] = []): Tensor {
    this.#sequences.at(equation);
    const { tensors } = elaborator;
    const target = { ...equation.target, name: this.#stepOf(equation) };
    tensors.order = [...leading, ...(target.indices ?? []).filter((index) => index !== ":")];
    const value = tensors.build.at(equation.origin, () => this.#right(elaborator, equation, target));
    tensors.order = [];
    return value;
  }

  #right(elaborator: Elaborator, equation: StepEquation, target: Target): Tensor {
    const right = (): Expression => this.#read(equation, equation.references.map(textOf));
    const { joint } = equation;
    if (joint === undefined) return elaborator.right(target, right());
    joint.outputs ??= elaborator.outputs(joint.targets, right());
    return at(joint.outputs, joint.targets.indexOf(equation.target));
  }

  #stepOf({ base }: StepEquation): string {
    return `${base}_${this.#index}`;
  }

  /** Equations that need earlier or later steps. */
  #scan(equations: readonly StepEquation[]): void {
    const own = new Set(equations.map(({ base }) => base));
    const shifted = equations
      .flatMap(({ references }) => references)
      .filter(({ base, shift }) => own.has(base) && shift !== 0);
    const shift = this.#direction(at(equations, 0), shifted);
    const carries = equations.filter(({ base }) => shifted.some((name) => name.base === base));
    const body = new Body(this.#outer, this.#useInStep);
    const starts = carries.map((carry) => this.#giveStart(body, carry, shift));
    const sequences = this.#giveElements(body, equations, own);
    this.#giveSteady(body, equations, own);
    const results = new Map<StepEquation, Tensor>();
    for (const equation of inBodyOrder(equations, own)) {
      const carried = starts[carries.indexOf(equation)];
      const result = this.#result(body, equation, this.#evaluated(body.elaborator, equation), carried);
      body.tensors.build.label(result.node, equation.base);
      body.elaborator.values.set(this.#stepOf(equation), result);
      results.set(equation, result);
    }
    const members = [...carries, ...equations.filter((equation) => !carries.includes(equation))];
    const nested = body.nested(members.map((equation) => [equation.base, get(results, equation).node]));
    const attrs = { body: nested, carries: carries.length, sequences, reverse: shift > 0 };
    for (const [output, equation] of members.entries()) {
      const stack = this.#outer.tensors.build.at(equation.origin, () =>
        this.#outer.tensors.node("Scan", body.operands, { ...attrs, output }),
      );
      this.#keepStack(equation, stack, get(results, equation));
    }
  }

  /** A stack has its steps in front of everything, a sequence behind its labels. */
  #keepStack(equation: StepEquation, stack: Node, { labels, axes }: Tensor): void {
    const behind = range(labels.length).map((place) => place + 1);
    const order = [...behind, 0, ...range(axes.length).map((place) => labels.length + 1 + place)];
    const node = this.#outer.tensors.permuted(stack, order);
    this.#sequences.keep(equation, { node, labels, axes: [this.#sequences.axis, ...axes] });
  }

  #direction(equation: StepEquation, shifted: readonly StepName[]): -1 | 1 {
    const [first] = shifted;
    invariant(first !== undefined && first.shift !== 0, "a recurrence refers to another step");
    const other = shifted.find(({ shift }) => shift !== first.shift);
    if (other === undefined) return first.shift;
    const got = `\`${quoted(textOf(first))}\` and \`${quoted(textOf(other))}\` in equations that need each other`;
    const { source } = this.#outer.tensors;
    throw source.wrong("A3061", equation.target.position, got, "the step before or the step after, not both");
  }

  /** Gives the body what is carried; the result is what the first step starts from. */
  #giveStart(body: Body, carry: StepEquation, shift: -1 | 1): Tensor {
    this.#sequences.at(carry);
    const start = this.#start(carry, shift);
    body.give(carry.base, textOf({ base: carry.base, index: this.#index, shift }), start.node, start);
    return start;
  }

  /** Gives the body the elements of sequences from outside; how many there are. */
  #giveElements(body: Body, equations: readonly StepEquation[], own: ReadonlySet<string>): number {
    const given = new Set<string>();
    for (const equation of equations) {
      this.#sequences.at(equation);
      for (const reference of equation.references) {
        const { base } = reference;
        if (own.has(base)) continue;
        const { node, labels, axes } = this.#sequences.referred(equation, reference);
        if (given.has(base)) continue;
        given.add(base);
        const front = labels.length;
        const order = [front, ...range(node.type.shape.length).filter((axis) => axis !== front)];
        const whole = this.#outer.tensors.permuted(node, order);
        body.give(base, textOf(reference), whole, { labels, axes: axes.slice(1) }, whole.type.shape.slice(1));
      }
    }
    return given.size;
  }

  /** Gives the body the values without steps that stand in the equations. */
  #giveSteady(body: Body, equations: readonly StepEquation[], own: ReadonlySet<string>): void {
    const texts = new Set(equations.flatMap(({ statement }) => statement.tokens.map(({ text }) => text)));
    for (const { references } of equations)
      for (const reference of references) texts.delete(textOf(reference));
    for (const name of texts) {
      const value = this.#outer.values.get(name);
      if (value === undefined || own.has(name)) continue;
      body.give(name, name, value.node, value);
      this.#outer.used.add(name);
    }
  }

  #start({ base, target: { position } }: StepEquation, shift: -1 | 1): Tensor {
    const { tensors, scope, values, used } = this.#outer;
    const name = this.#sequences.startName(base, shift);
    const constant = scope.constant(name);
    const { dtype = "float32" } =
      scope.declaration(`${base}_${this.#index}`) ?? scope.declaration(base) ?? {};
    const number = constant && scalarOf(tensors.node("Constant", [], { value: constant, dtype }));
    const value = values.get(name) ?? number;
    if (value === undefined) {
      const got = `\`${quoted(textOf({ base, index: this.#index, shift }))}\`, and nothing that it is in the first step`;
      const action = `add \`${quoted(name)} = 0\` to the where list`;
      throw tensors.source.wrong("A3062", position, got, `a start value \`${quoted(name)}\``, action);
    }
    used.add(name);
    const sizes = this.#sequences.stepShape(base);
    if (sizes === undefined && value.axes.length === 0) {
      const step = `${quoted(base)}_${this.#index}`;
      const got = `\`${quoted(name)}\` is a number, and the shape of \`${step}\` is not declared`;
      const action = `declare it, as in \`${step} : [H]\``;
      throw tensors.source.wrong("A3063", position, got, "a shape for what the steps carry", action);
    }
    const shape: Shape = sizes?.map((size) => scope.dim(size)) ?? positional(value);
    return {
      node: tensors.broadcast(value, tensors.hidden, shape),
      labels: this.#sequences.hiddenLabels,
      axes: sizes?.map((size) => size.name) ?? value.axes,
    };
  }

  /** The value of a step, of the type that the step before had. */
  #result({ tensors }: Body, equation: StepEquation, value: Tensor, carried: Tensor | undefined): Tensor {
    const { position } = equation.target;
    const name = this.#stepOf(equation);
    const result = equated(tensors, this.#outer.scope, { ...equation.target, name }, value);
    if (carried === undefined) return result;
    const shape = positional(carried);
    if (!equalShapes(shape, positional(result))) {
      const got = `\`${quoted(name)}\` of shape ${tensors.shapeText(result)}`;
      const want = `${tensors.shapeText(carried)}, the shape of the step before`;
      throw tensors.source.wrong("A3019", position, got, want);
    }
    const node = tensors.broadcast(result, tensors.hidden, shape);
    return { node, labels: this.#sequences.hiddenLabels, axes: carried.axes };
  }
}

/** The graph of one step while it is made, and what the scan gives it. */
class Body {
  readonly tensors: Tensors;
  readonly elaborator: Elaborator;
  readonly operands: Node[] = [];
  readonly #inputs: NodeOf<"Input">[] = [];
  readonly #parameters = new Map<Node, Node>();

  constructor({ tensors, scope }: Elaborator, useInStep: UseInStep) {
    this.tensors = new Tensors(newBuilder(), tensors.source, tensors.hidden);
    const given = (node: Node): Node => this.#given(node);
    this.elaborator = new Elaborator(this.tensors, scope, useInStep(this.tensors, given));
  }

  /** What a parameter of a model that is used in each step is there. */
  #given(node: Node): Node {
    const known = this.#parameters.get(node) ?? this.#input("given", node, node.type.shape);
    this.#parameters.set(node, known);
    return known;
  }

  #input(name: string, operand: Node, shape: Shape): Node {
    const node = this.tensors.build.node("Input", [], { name, shape, dtype: operand.type.dtype });
    this.#inputs.push(node);
    this.operands.push(operand);
    return node;
  }

  /** An operand of the scan, and the name under which the body has it or, with a shape, one step of it. */
  give(
    name: string,
    inside: string,
    operand: Node,
    { labels, axes }: Pick<Tensor, "labels" | "axes">,
    shape: Shape = operand.type.shape,
  ): void {
    this.elaborator.values.set(inside, { node: this.#input(name, operand, shape), labels, axes });
  }

  nested(outputs: readonly (readonly [name: string, node: Node])[]): ReturnType<typeof nest> {
    const [first] = at(outputs, 0);
    const named = outputs.map(([name, node]) => ({ name, node }));
    const { build } = this.tensors;
    return nest(build.graph({ name: first, inputs: this.#inputs, parameters: [], outputs: named }));
  }
}

/** Equations after those whose value of the same step they need; of a circle, as they stand. */
function inBodyOrder(equations: readonly StepEquation[], own: ReadonlySet<string>): StepEquation[] {
  const done = new Set<string>();
  const result: StepEquation[] = [];
  const waiting = [...equations];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ references }) =>
      references.every(({ base, shift }) => shift !== 0 || !own.has(base) || done.has(base)),
    );
    const [next] = waiting.splice(Math.max(0, ready), 1);
    if (next === undefined) break;
    done.add(next.base);
    result.push(next);
  }
  return result;
}
