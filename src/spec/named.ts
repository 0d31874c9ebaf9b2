/**
 * @file Tensors whose axes have names: `q{batch, heads} = …`. Such a tensor has its axes as indices wherever its name stands
 * alone, so `q * g` is `q[batch, heads] * g[heads]`.
 */
import { at } from "../base/assert.ts";
import { equalDims } from "../ir/dim.ts";
import type { Scope } from "./scope.ts";
import { stepName, textOf } from "./steps.ts";
import type { Target } from "./target.ts";
import { positional, type Tensor } from "./tensors.ts";

/** What the axes of the tensors of a model are called, equation after equation. */
export class NamedAxes {
  readonly #scope: Scope;
  readonly #values: ReadonlyMap<string, Tensor>;
  readonly #axes = new Map<string, readonly string[]>();

  /** `values` are what the names stand for so far. */
  constructor(scope: Scope, values: ReadonlyMap<string, Tensor>) {
    [this.#scope, this.#values] = [scope, values];
    for (const { name, axes } of scope.declarations) if (axes !== undefined) this.#axes.set(name, axes);
  }

  /** Takes over what the left side of an equation says, for all steps if it is one of a recurrence. */
  define({ name, step, indices, named }: Target): void {
    const shifts = [-1, 0, 1] as const;
    const names =
      step === undefined ? [name] : shifts.map((shift) => textOf({ base: name, index: step, shift }));
    for (const own of names) {
      if (named && indices !== undefined) this.#axes.set(own, indices);
      else if (this.#scope.declaration(own)?.axes === undefined) this.#axes.delete(own);
    }
  }

  /** `undefined` for a tensor whose axes have places only. */
  readonly of = (name: string): readonly string[] | undefined => this.#axes.get(name) ?? this.#ofStep(name);

  /** The axes of `x_t`: those of `x` without the steps. */
  #ofStep(name: string): readonly string[] | undefined {
    const step = stepName(name, this.#scope.isStep);
    const [whole, value] = step?.shift === 0 ? [this.#axes.get(step.base), this.#values.get(step.base)] : [];
    const length = step && this.#scope.steps(step.index);
    if (whole === undefined || value === undefined || length === undefined) return undefined;
    const size = this.#scope.dim(length);
    const sizes = positional(value);
    const isOfSteps = (name: string, axis: number): boolean =>
      whole.includes(length.name) ? name === length.name : equalDims(at(sizes, axis), size);
    const rest = whole.filter((name, axis) => !isOfSteps(name, axis));
    return rest.length === whole.length - 1 ? rest : undefined;
  }
}
