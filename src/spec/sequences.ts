/** @file Values that have an axis of steps: `x_t` is a part of `x`, and what is defined step by step is a whole in the end. */
import { invariant, range } from "../base/assert.ts";
import { quoted } from "../diag/diagnostic.ts";
import { addDims, type Dim, equalDims } from "../ir/dim.ts";
import type { Origin } from "../ir/graph.ts";
import type { Cursor } from "./cursor.ts";
import type { Statement } from "./document.ts";
import type { Elaborator } from "./elaborate.ts";
import { equated } from "./equate.ts";
import type { Size } from "./sizes.ts";
import type { StepName } from "./steps.ts";
import type { Target } from "./target.ts";
import { positional, type Tensor } from "./tensors.ts";

/** An equation `h_t = …` whose right side is not read yet. */
export interface StepEquation {
  readonly base: string;
  readonly references: readonly StepName[];
  readonly target: Target;
  readonly rest: Cursor;
  readonly statement: Statement;
  readonly origin: Origin;
  /** The names that the outputs of a model are given to, and these when they are known. */
  readonly joint?: { readonly targets: readonly Target[]; outputs?: readonly Tensor[] };
}

/** The sequences of one index of steps. */
export class Sequences {
  readonly outer: Elaborator;
  readonly index: string;
  readonly #length: Size;

  constructor(outer: Elaborator, index: string) {
    [this.outer, this.index] = [outer, index];
    const length = outer.scope.steps(index);
    invariant(length !== undefined, `${index} is an index of steps`);
    this.#length = length;
  }

  get size(): Dim {
    return this.outer.scope.dim(this.#length);
  }
  /** What the axis of steps is called. */
  get axis(): string {
    return this.#length.name;
  }
  get hiddenLabels(): readonly string[] {
    return [...this.outer.tensors.hidden.keys()];
  }

  /** Messages from here on are about this equation. */
  at({ origin }: StepEquation): void {
    this.outer.tensors.source.part = `equation (${origin.equation})`;
  }

  /** The sequence that an equation refers to by a step, its steps in front of its other positional axes. */
  referred(equation: StepEquation, { base, shift }: StepName): Tensor {
    const { source } = this.outer.tensors;
    const { position } = equation.target;
    const name = quoted(base);
    if (shift !== 0) {
      const got = `\`${name}_{${this.index}${shift < 0 ? "-" : "+"}1}\`, and \`${name}\` is not defined step by step here`;
      const want = "other steps only of what these equations define";
      throw source.unsupported("A3024", position, got, want);
    }
    const value = this.outer.values.get(base);
    if (value !== undefined) return this.stepsFirst(value, base);
    const got = `\`${name}_${this.index}\`, and no \`${name}\` before`;
    throw source.wrong("A3011", position, got, "an input, a parameter or an earlier equation of that name");
  }

  stepsFirst(x: Tensor, name: string): Tensor {
    const { tensors, scope } = this.outer;
    const named = range(x.axes.length).filter((place) => x.axes[place] === this.axis);
    const sized = positional(x).flatMap((dim, place) => (equalDims(dim, this.size) ? [place] : []));
    const [axis, ...more] = named.length > 0 ? named : sized;
    if (axis === undefined || more.length > 0) {
      const got = `\`${quoted(name)}\` of shape ${tensors.shapeText(x)} with the step ${quoted(this.index)}`;
      const position = scope.declaration(name)?.position ?? { line: 1, column: 1 };
      throw tensors.source.wrong("A3060", position, got, `one axis of size ${quoted(this.axis)}`);
    }
    return tensors.reordered(x, [axis, ...range(x.axes.length).filter((place) => place !== axis)]);
  }

  /** Keeps a whole sequence, given with its steps first, under its name: its steps lie where the declaration has them. */
  keep({ base, target: { position }, origin }: StepEquation, whole: Tensor): void {
    const { tensors, scope, values } = this.outer;
    const place = Math.max(0, this.#placeOfSteps(scope.declaration(base)?.shape ?? []));
    const rest = range(whole.axes.length).slice(1);
    const laid = tensors.build.at(origin, () =>
      tensors.reordered(whole, [...rest.slice(0, place), 0, ...rest.slice(place)]),
    );
    const value = equated(tensors, scope, { name: base, indices: undefined, position }, laid);
    tensors.build.label(value.node, base);
    values.set(base, value);
    tensors.source.part = undefined;
  }

  /** The last value of a sequence, `h_T`, or the first, `h_1`; `undefined` for other names. */
  end(name: string): Tensor | undefined {
    const last = name.endsWith(`_${this.axis}`) ? name.slice(0, -this.axis.length - 1) : undefined;
    const isLast = last !== undefined && this.outer.values.has(last);
    const base = isLast ? last : /^(.+)_1$/.exec(name)?.[1];
    const sequence = this.outer.values.get(base ?? "");
    if (base === undefined || sequence === undefined) return undefined;
    // Another index of steps may run over it.
    if (!positional(sequence).some((dim) => equalDims(dim, this.size))) return undefined;
    const { tensors, used } = this.outer;
    const { node, labels, axes } = this.stepsFirst(sequence, base);
    const axis = labels.length;
    const ends = isLast ? { start: addDims(this.size, -1), stop: this.size } : { start: 0, stop: 1 };
    const slice = tensors.node("Slice", [node], { axis, ...ends, step: 1 });
    used.add(base);
    return {
      node: tensors.reshaped(slice, node.type.shape.toSpliced(axis, 1)),
      labels,
      axes: axes.slice(1),
    };
  }

  /** The name of what the first step starts from: `h_0`, or `h_{T+1}` of a recurrence that runs backwards. */
  startName(base: string, shift: -1 | 1): string {
    if (shift < 0) return `${base}_0`;
    const { dim } = this.#length;
    return typeof dim === "number" ? `${base}_${dim + 1}` : `${base}_{${this.axis}+1}`;
  }

  /** The axis of steps in a declared shape, by its name or else by its size; -1 where there is none. */
  #placeOfSteps(sizes: readonly Size[]): number {
    const { scope } = this.outer;
    const named = sizes.findIndex(({ name }) => name === this.axis);
    return named >= 0 ? named : sizes.findIndex((size) => equalDims(scope.dim(size), this.size));
  }

  /** The declared shape of one step: that of `h_t`, or that of `h` without its steps. */
  stepShape(base: string): readonly Size[] | undefined {
    const { scope } = this.outer;
    const whole = scope.declaration(base)?.shape;
    const place = this.#placeOfSteps(whole ?? []);
    return (
      scope.declaration(`${base}_${this.index}`)?.shape ??
      (place < 0 ? undefined : whole?.toSpliced(place, 1))
    );
  }
}
