/**
 * @file Smaller sizes for axes that windows lie over, such as 96 for images of 224. Each size is that of the windows' places over
 * another, so that one choice gives all; it has to leave the windows what they had in the model.
 */
import { get } from "../base/assert.ts";
import type { SizeDemand } from "../ops/sizes.ts";

type Pad = Omit<SizeDemand & { readonly kind: "pad" }, "from" | "to">;
type Places = Omit<SizeDemand & { readonly kind: "windows" }, "from" | "to">;
/** The size of one axis as it follows from that of another. */
type Step = { readonly from: number; readonly to: number } & (Pad | Places);
type Sizes = ReadonlyMap<number, number>;

export class ImageSizes {
  /** In the order in which they are met: what others follow from comes first. */
  readonly #numbers: Set<number>;
  readonly #steps: Map<string, Step>;
  /** How far the elements of one axis are compared with each other, of all windows that lie over each other. */
  readonly #reach: Map<number, number>;
  #areFixed: boolean;

  constructor(from?: ImageSizes) {
    this.#numbers = new Set(from === undefined ? undefined : from.#numbers);
    this.#steps = new Map(from === undefined ? undefined : from.#steps);
    this.#reach = new Map(from === undefined ? undefined : from.#reach);
    this.#areFixed = from === undefined ? false : from.#areFixed;
  }

  mention(number: number): void {
    this.#numbers.add(number);
  }

  /** All sizes stay: where one is split or cut, nobody knows what windows are to others. */
  fix(): void {
    this.#areFixed = true;
  }

  step(step: Step): void {
    this.#steps.set(Object.values(step).join(), step);
  }

  /** Maxima over these windows reach over as many elements of an axis in one graph, one after the other. */
  reach(places: number, elements: number): void {
    this.#reach.set(places, Math.max(elements, this.#reach.get(places) ?? 0));
  }

  /** Sizes that agree with `known` ones and are none of the `taken`, those of the models where no others are found. */
  solved(known: Sizes, taken: ReadonlySet<number>): Sizes {
    const own = new Map([1, ...this.#numbers].map((number) => [number, number]));
    if (this.#areFixed) return own;
    let sizes = this.#followed(new Map([[1, 1], ...known]));
    for (const number of this.#numbers) {
      if (sizes === undefined) return own;
      if (!sizes.has(number)) sizes = this.#with(number, sizes, taken);
    }
    return sizes !== undefined && this.#isSuitable(sizes, taken) ? sizes : own;
  }

  /** The smallest suitable size of a number, and all that follows from it. */
  #with(number: number, sizes: Sizes, taken: ReadonlySet<number>): Sizes | undefined {
    for (let size = 1; size <= number; size++) {
      const next = this.#followed(new Map([...sizes, [number, size]]));
      if (next !== undefined && this.#isSuitable(next, taken)) return next;
    }
    return undefined;
  }

  #followed(start: Sizes): Sizes | undefined {
    const sizes = new Map(start);
    for (let before = 0; before !== sizes.size; ) {
      before = sizes.size;
      for (const step of this.#steps.values()) {
        const from = sizes.get(step.from);
        if (from === undefined) continue;
        const to = placesOver(from, step);
        if ((sizes.get(step.to) ?? to) !== to) return undefined;
        sizes.set(step.to, to);
      }
    }
    return sizes;
  }

  #isSuitable(sizes: Sizes, taken: ReadonlySet<number>): boolean {
    const inOrder = [...sizes].sort(([a], [b]) => a - b);
    // Different sizes stay different, and an axis that has one place, or more, keeps them.
    const grows = inOrder.every(([number, size], i) => size <= number && size > (inOrder[i - 1]?.[1] ?? 0));
    return (
      grows &&
      inOrder.every(([number, size]) => size === number || !taken.has(size)) &&
      [...this.#steps.values()].every((step) => this.#keepsWindows(step, sizes)) &&
      [...this.#reach].every(([number, elements]) => this.#isAtLeast(number, elements, sizes))
    );
  }

  /** Whether windows leave over what they left over, and are no longer than what they lie over if they were not. */
  #keepsWindows(step: Step, sizes: Sizes): boolean {
    const from = sizes.get(step.from);
    if (from === undefined || step.kind === "pad") return true;
    const { extent, step: apart } = step;
    const over = [...this.#steps.values()].filter(({ kind, to }) => kind === "pad" && to === step.from);
    return (
      (from - extent) % apart === (step.from - extent) % apart &&
      over.every((padded) => this.#isAtLeast(padded.from, extent, sizes))
    );
  }

  #isAtLeast(number: number, least: number, sizes: Sizes): boolean {
    return !sizes.has(number) || get(sizes, number) >= Math.min(number, least);
  }
}

const placesOver = (from: number, step: Step): number =>
  step.kind === "pad"
    ? from + step.interior * (from - 1) + step.width
    : Math.floor((from - step.extent) / step.step) + 1;
