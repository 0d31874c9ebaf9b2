/**
 * @file Equations that go from step to step: `h_t = tanh(x_t W + h_{t-1} U)` is a scan over the steps, and
 * `y_t = h_t V` holds for every step at once. Outside them a name without its step is the whole sequence.
 */
import { at, invariant, range } from "../base/assert.ts";
import { quoted } from "../diag/diagnostic.ts";
import { nest } from "../ir/body.ts";
import { addDims, type Dim, equalDims, type Shape } from "../ir/dim.ts";
import type { NodeOf, Origin } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import type { Cursor } from "./cursor.ts";
import type { Statement } from "./document.ts";
import { Elaborator } from "./elaborate.ts";
import { equated } from "./equate.ts";
import type { Size } from "./sizes.ts";
import { isRecurrent, type StepName } from "./steps.ts";
import type { Expression } from "./syntax.ts";
import type { Target } from "./target.ts";
import { positional, type Tensor, Tensors } from "./tensors.ts";

/** An equation `h_t = …` whose right side is not read yet. */
export interface StepEquation {
  readonly base: string;
  readonly references: readonly StepName[];
  readonly target: Target;
  readonly rest: Cursor;
  readonly statement: Statement;
  readonly origin: Origin;
}

/** Reads a right side; `extra` are names beyond those of the document. */
export type Read = (equation: StepEquation, extra: readonly string[]) => Expression;

/** Equations of one index that need each other, or a single one. */
export class Recurrence {
  readonly #outer: Elaborator;
  readonly #read: Read;
  readonly #index: string;
  readonly #length: Size;

  constructor(outer: Elaborator, index: string, read: Read) {
    [this.#outer, this.#read, this.#index] = [outer, read, index];
    const length = outer.scope.steps(index);
    invariant(length !== undefined, `${index} is an index of steps`);
    this.#length = length;
  }

  define(equations: readonly StepEquation[]): void {
    this.#at(at(equations, 0));
    const { used } = this.#outer;
    for (const { base, references } of equations) {
      used.add(`${base}_${this.#index}`);
      for (const reference of references) used.add(reference.base);
    }
    if (isRecurrent(equations)) this.#scan(equations);
    else for (const equation of equations) this.#everywhere(equation);
  }

  /** Messages from here on are about this equation. */
  #at({ origin }: StepEquation): void {
    this.#outer.tensors.source.part = `equation (${origin.equation})`;
  }

  /** The last value of a sequence, `h_T`, or the first, `h_1`; `undefined` for other names. */
  end(name: string): Tensor | undefined {
    const [, base = "", end = ""] = /^(.+)_(\w+)$/.exec(name) ?? [];
    const last = end === this.#length.name;
    const sequence = this.#outer.values.get(base);
    if (sequence === undefined || !(last || end === "1")) return undefined;
    const { tensors, scope } = this.#outer;
    const steps = scope.dim(this.#length);
    const { node, labels, axes } = this.#timeFirst(sequence, base);
    const place = labels.length;
    const start = last ? subtractOne(steps) : 0;
    const stop = last ? steps : 1;
    const slice = tensors.node("Slice", [node], { axis: place, start, stop, step: 1 });
    const shape = node.type.shape.filter((_, axis) => axis !== place);
    this.#outer.used.add(base);
    return { node: tensors.reshaped(slice, shape), labels, axes: axes.slice(1) };
  }

  /** An equation that needs no other step: its index is a letter. */
  #everywhere(equation: StepEquation): void {
    const { tensors, values, used } = this.#outer;
    const names = equation.references.map((reference) => this.#checked(equation, reference));
    for (const name of new Set(names)) {
      const { node, labels, axes } = this.#timeFirst(this.#sequence(equation, name), name);
      values.set(`${name}_${this.#index}`, {
        node,
        labels: [...labels, this.#index],
        axes: axes.slice(1),
      });
      used.add(name);
    }
    tensors.order = [this.#index];
    const value = this.#evaluated(this.#outer, equation, names);
    const size = this.#outer.scope.dim(this.#length);
    const labels = new Map([...tensors.hidden, [this.#index, size] as const]);
    const node = tensors.broadcast(value, labels, positional(value));
    const whole = { node, labels: this.#hiddenLabels(), axes: [this.#length.name, ...value.axes] };
    this.#keep(equation, whole);
    tensors.order = [];
  }

  #checked(equation: StepEquation, { base, shift }: StepName): string {
    if (shift === 0) return base;
    const got = `${quoted(base)}_{${this.#index}${shift < 0 ? "-" : "+"}1} of a sequence that does not depend on this equation`;
    const want = "other steps only of what the equations define step by step";
    throw this.#outer.tensors.source.unsupported("A3024", equation.target.position, got, want);
  }

  #evaluated(elaborator: Elaborator, equation: StepEquation, names: readonly string[]): Tensor {
    const extra = names.map((name) => `${name}_${this.#index}`);
    const { build } = elaborator.tensors;
    this.#at(equation);
    const target = { ...equation.target, name: `${equation.base}_${this.#index}` };
    const value = build.at(equation.origin, () =>
      elaborator.right(target, this.#read(equation, [...extra, ...this.#besides(equation)])),
    );
    return value;
  }

  #besides({ references }: StepEquation): string[] {
    return references.filter(({ shift }) => shift !== 0).map((name) => textOf(name));
  }

  /** The value of a name as a sequence. */
  #sequence(equation: StepEquation, name: string): Tensor {
    const value = this.#outer.values.get(name);
    if (value !== undefined) return value;
    const got = `\`${quoted(name)}_${this.#index}\`, and no \`${quoted(name)}\` before`;
    const want = "an input, a parameter or an earlier equation of that name";
    throw this.#outer.tensors.source.wrong("A3011", equation.target.position, got, want);
  }

  /** The sequence with its steps in front of its other positional axes. */
  #timeFirst(x: Tensor, name: string): Tensor {
    const { tensors, scope } = this.#outer;
    const size = scope.dim(this.#length);
    const places = x.axes.flatMap((axis, place) => (axis === this.#length.name ? [place] : []));
    const sized = positional(x).flatMap((dim, place) => (equalDims(dim, size) ? [place] : []));
    const [axis, ...more] = places.length > 0 ? places : sized;
    if (axis === undefined || more.length > 0) {
      const got = `\`${quoted(name)}\` of shape ${tensors.shapeText(x)} with the step ${quoted(this.#index)}`;
      const want = `one axis of size ${quoted(this.#length.name)}`;
      throw tensors.source.wrong("A3060", this.#position(name), got, want);
    }
    return tensors.reordered(x, [axis, ...range(x.axes.length).filter((place) => place !== axis)]);
  }

  #position(name: string): { readonly line: number; readonly column: number } {
    return this.#outer.scope.declaration(name)?.position ?? { line: 1, column: 1 };
  }

  /** The whole sequence under its name, its steps where the declaration has them. */
  #keep({ base, target, origin }: StepEquation, whole: Tensor): void {
    const { tensors, scope, values } = this.#outer;
    const shape = scope.declaration(base)?.shape;
    const place = shape?.findIndex(({ name }) => name === this.#length.name) ?? 0;
    const rest = whole.axes.map((_, axis) => axis).slice(1);
    const order = place < 0 ? [0, ...rest] : [...rest.slice(0, place), 0, ...rest.slice(place)];
    const laid = tensors.build.at(origin, () => tensors.reordered(whole, order));
    const value = equated(
      tensors,
      scope,
      { name: base, indices: undefined, position: target.position },
      laid,
    );
    tensors.build.label(value.node, base);
    values.set(base, value);
    tensors.source.part = undefined;
  }

  #hiddenLabels(): readonly string[] {
    return [...this.#outer.tensors.hidden.keys()];
  }

  /** Equations that need earlier or later steps. */
  #scan(equations: readonly StepEquation[]): void {
    const { tensors, values, used, scope } = this.#outer;
    const own = new Set(equations.map(({ base }) => base));
    const references = equations.flatMap((equation) => equation.references);
    const shifted = references.filter(({ base, shift }) => own.has(base) && shift !== 0);
    const shift = this.#direction(at(equations, 0), shifted);
    const carries = equations.filter(({ base }) => shifted.some((name) => name.base === base));
    const others = equations.filter((equation) => !carries.includes(equation));
    const body = new Tensors(newBuilder(), tensors.source, tensors.hidden);
    const inner = new Elaborator(body, scope);
    const inputs: { readonly input: NodeOf<"Input">; readonly operand: Tensor }[] = [];
    const give = (name: string, inside: string, operand: Tensor, element: Tensor): void => {
      const attrs = { name, shape: element.node.type.shape, dtype: element.node.type.dtype };
      const input = body.build.node("Input", [], attrs);
      inner.values.set(inside, { ...element, node: input });
      inputs.push({ input, operand });
    };
    for (const carry of carries) {
      this.#at(carry);
      const start = this.#start(carry, shift);
      give(carry.base, textOf({ base: carry.base, index: this.#index, shift }), start, start);
    }
    const elements = new Set(references.filter(({ base }) => !own.has(base)).map(({ base }) => base));
    for (const name of elements) {
      const first = references.find((reference) => reference.base === name);
      const equation = at(equations, 0);
      const sequence = this.#timeFirst(
        this.#sequence(equation, this.#checked(equation, first as StepName)),
        name,
      );
      const whole = tensors.permuted(sequence.node, timeThenLabels(sequence));
      const shape = whole.type.shape.slice(1);
      const element = { labels: sequence.labels, axes: sequence.axes.slice(1) };
      give(
        name,
        `${name}_${this.#index}`,
        { ...sequence, node: whole },
        {
          ...element,
          node: body.node("Input", [], { name, shape, dtype: whole.type.dtype }),
        },
      );
      used.add(name);
    }
    const steady = new Set(equations.flatMap(({ statement }) => statement.tokens.map(({ text }) => text)));
    for (const name of steady) {
      const value = values.get(name);
      if (value === undefined || own.has(name)) continue;
      give(name, name, value, value);
      used.add(name);
    }
    const ordered = inBodyOrder(equations, own);
    const results = new Map<string, Tensor>();
    for (const equation of ordered) {
      const names = equation.references.filter((name) => name.shift === 0).map(({ base }) => base);
      const value = this.#evaluated(inner, equation, names);
      const carry = carries.indexOf(equation);
      const result = this.#result(body, equation, value, carry < 0 ? undefined : at(inputs, carry).operand);
      body.build.label(result.node, equation.base);
      inner.values.set(`${equation.base}_${this.#index}`, result);
      results.set(equation.base, result);
    }
    const members = [...carries, ...others];
    const graph = body.build.graph({
      name: at(members, 0).base,
      inputs: inputs.map(({ input }) => input),
      parameters: [],
      outputs: members.map(({ base }) => ({ name: base, node: (results.get(base) as Tensor).node })),
    });
    const attrs = {
      body: nest(graph),
      carries: carries.length,
      sequences: elements.size,
      reverse: shift > 0,
    };
    const operands = inputs.map(({ operand }) => operand.node);
    for (const [output, equation] of members.entries()) {
      const node = tensors.build.at(equation.origin, () =>
        tensors.node("Scan", operands, { ...attrs, output }),
      );
      const { labels, axes } = results.get(equation.base) as Tensor;
      const permutation = [
        ...range(labels.length).map((place) => place + 1),
        0,
        ...range(axes.length).map((place) => labels.length + 1 + place),
      ];
      this.#keep(equation, {
        node: tensors.permuted(node, permutation),
        labels,
        axes: [this.#length.name, ...axes],
      });
    }
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

  /** What the first step starts from: `h_0`, or `h_{T+1}` of a recurrence that runs backwards. */
  #start({ base, target }: StepEquation, shift: -1 | 1): Tensor {
    const { tensors, scope, values, used } = this.#outer;
    const name = shift < 0 ? `${base}_0` : `${base}_{${this.#length.name}+1}`;
    const constant = scope.constant(name);
    const value = values.get(name) ?? (constant && tensors.constant(constant));
    if (value === undefined) {
      const got = `\`${quoted(textOf({ base, index: this.#index, shift }))}\`, and nothing that it is in the first step`;
      const action = `add \`${quoted(name)} = 0\` to the where list`;
      throw tensors.source.wrong("A3062", target.position, got, `a start value \`${quoted(name)}\``, action);
    }
    used.add(name);
    const sizes = this.#stepShape(base) ?? (value.axes.length > 0 ? undefined : "unknown");
    if (sizes === "unknown") {
      const got = `\`${quoted(name)}\` is a number, and the shape of \`${quoted(base)}_${this.#index}\` is not declared`;
      const action = `declare it, as in \`${quoted(base)}_${this.#index} : [H]\``;
      throw tensors.source.wrong("A3063", target.position, got, "a shape for what the steps carry", action);
    }
    const shape: Shape = sizes?.map((size) => scope.dim(size)) ?? positional(value);
    const axes = sizes?.map((size) => size.name) ?? value.axes;
    return { node: tensors.broadcast(value, tensors.hidden, shape), labels: this.#hiddenLabels(), axes };
  }

  /** The declared shape of one step: that of `h_t`, or that of `h` without its steps. */
  #stepShape(base: string): readonly Size[] | undefined {
    const { scope } = this.#outer;
    const own = scope.declaration(`${base}_${this.#index}`)?.shape;
    const whole = scope.declaration(base)?.shape;
    const place = whole?.findIndex(({ name }) => name === this.#length.name) ?? -1;
    return own ?? (place < 0 ? undefined : whole?.filter((_, axis) => axis !== place));
  }

  /** The value of a step, of the type that the step before had. */
  #result(body: Tensors, { base, target }: StepEquation, value: Tensor, carried: Tensor | undefined): Tensor {
    const { scope, tensors } = this.#outer;
    const name = `${base}_${this.#index}`;
    const result = equated(body, scope, { name, indices: undefined, position: target.position }, value);
    if (carried === undefined) return result;
    const shape = positional(carried);
    const fits =
      shape.length === result.axes.length &&
      shape.every((dim, axis) => equalDims(dim, at(positional(result), axis)));
    if (!fits) {
      const got = `\`${quoted(name)}\` of shape ${body.shapeText(result)}`;
      throw tensors.source.wrong(
        "A3019",
        target.position,
        got,
        `${tensors.shapeText(carried)}, the shape of the step before`,
      );
    }
    return {
      node: body.broadcast(result, body.hidden, shape),
      labels: this.#hiddenLabels(),
      axes: carried.axes,
    };
  }
}

const textOf = ({ base, index, shift }: StepName): string =>
  shift === 0 ? `${base}_${index}` : `${base}_{${index}${shift < 0 ? "-" : "+"}1}`;

const subtractOne = (dim: Dim): Dim => addDims(dim, -1);

/** Moves the steps, the first positional axis, in front of the labels. */
const timeThenLabels = ({ node, labels }: Tensor): number[] => {
  const place = labels.length;
  return [place, ...node.type.shape.map((_, axis) => axis).filter((axis) => axis !== place)];
};

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
