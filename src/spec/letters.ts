/** @file How far the indices of an equation run: as far as the axes of the tensors on which they stand. */
import { type Dim, equalDims } from "../ir/dim.ts";
import type { Meaning } from "./meaning.ts";
import { containsLetter, type Expression, partsOf } from "./syntax.ts";
import type { Target } from "./target.ts";
import { positional } from "./tensors.ts";

export class Letters {
  readonly #meaning: Meaning;
  readonly #target: Target;
  readonly #right: Expression;
  readonly #known = new Map<string, Dim | undefined>();

  constructor(meaning: Meaning, target: Target, right: Expression) {
    [this.#meaning, this.#target, this.#right] = [meaning, target, right];
  }

  size(name: string): Dim | undefined {
    if (!this.#known.has(name)) {
      // While it is looked for it is not known, so that a search can't go in circles.
      this.#known.set(name, undefined);
      this.#known.set(name, this.#declared(name) ?? this.#used(name, this.#right));
    }
    return this.#known.get(name);
  }

  /** The size in the declaration of what is defined. */
  #declared(name: string): Dim | undefined {
    const { scope } = this.#meaning;
    const size = scope.declaration(this.#target.name)?.shape?.[this.#target.indices?.indexOf(name) ?? -1];
    return size && scope.dim(size);
  }

  #used(name: string, part: Expression): Dim | undefined {
    if (part.kind === "index") {
      const axis = part.items.findIndex((item) => item.kind === "letter" && item.name === name);
      if (axis >= 0 && !containsLetter(part.tensor, name))
        return positional(this.#meaning.evaluate(part.tensor))[axis];
    }
    for (const inner of partsOf(part)) {
      const found = this.#used(name, inner);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether a size is called as an index that runs over something else. */
  clashes(name: string, size: Dim): boolean {
    const own = this.size(name);
    return own !== undefined && !equalDims(own, size);
  }
}
