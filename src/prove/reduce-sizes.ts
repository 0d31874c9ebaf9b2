/**
 * @file Small sizes for axes: a map of the numbers that are sizes to smaller ones under which every operator is still well
 * typed. A number that is the product of others, or that is cut into parts, follows from these; what is left is free and
 * gets the smallest size that keeps different numbers different.
 */
import { at, get, range } from "../base/assert.ts";
import type { Cut, Equations } from "./reduce-equations.ts";

/** An axis of more places of cutting than this stays as it is. */
const mostCuts = 64;
/** Numbers up to 3 stay. */
export const isSmall = (number: number): boolean => number <= 3;
/** What sizes begin with, of factors and of others; symbols find room between. */
const smallestFactor = 2;
const smallestOther = 5;
/** Sizes tried for one number. */
const mostTried = 100;

const productOf = (factors: readonly number[]): number => factors.reduce((product, n) => product * n, 1);

/** Whether two lists hold the same numbers, in whatever order. */
const sameNumbers = (some: readonly number[], others: readonly number[]): boolean => {
  const inOrder = (numbers: readonly number[]): string => [...numbers].sort((a, b) => a - b).join();
  return inOrder(some) === inOrder(others);
};

export class ReducedSizes {
  readonly #equations: Equations;
  readonly #fixed: Set<number>;
  readonly #factors = new Map<number, readonly number[]>();
  /** Sizes of windowed axes, and which of these are factors of a number beside the ones above. */
  readonly #sizesOfImages: ReadonlyMap<number, number>;
  readonly #images = new Map<number, readonly number[]>();
  #imagesFit = true;
  readonly #cuts = new Map<number, Set<number>>();
  /** Axes that are cut only at multiples of `inner`: the cuts are those of the outer factor. */
  readonly #splits = new Map<number, { readonly outer: number; readonly inner: number }>();
  readonly #slices: Cut[] = [];
  readonly #values = new Map<number, number>();
  /** All numbers that are met, as sizes of axes or of parts of them. */
  readonly #met: Set<number>;

  /** `fixed` are numbers that stay, `known` are sizes that others have already, `images` those of windowed axes. */
  constructor(
    equations: Equations,
    fixed: ReadonlySet<number>,
    known: ReadonlyMap<number, number>,
    images: ReadonlyMap<number, number>,
  ) {
    this.#equations = equations;
    this.#sizesOfImages = images;
    this.#fixed = new Set([...equations.fixed, ...fixed]);
    this.#met = new Set(equations.numbers);
    for (const { whole, factors, images: own } of equations.products.values())
      this.#equate(whole, factors, own);
    for (const cut of equations.cuts.values()) this.#slice(cut);
    this.#settle();
    this.#choose(known);
  }

  /** Whether no number has to stay that is a product of smaller images. */
  get imagesFit(): boolean {
    return this.#imagesFit;
  }

  size(number: number): number {
    return this.#known(number) ?? number;
  }

  /** Where a place on an axis of size `whole` is on the smaller one. */
  place(whole: number, place: number): number {
    if (place === 0) return 0;
    if (place === whole) return this.size(whole);
    if (this.#stays(whole)) return place;
    const split = this.#splits.get(whole);
    if (split !== undefined) return this.place(split.outer, place / split.inner) * this.size(split.inner);
    return this.#segments(whole, 0, place).reduce((sum, part) => sum + this.size(part), 0);
  }

  /** Where a place on the smaller axis was on the axis of size `whole`; `undefined` where it was in no one place. */
  placeBefore(whole: number, place: number): number | undefined {
    if (place === 0 || this.#stays(whole)) return place;
    if (place === this.size(whole)) return whole;
    const split = this.#splits.get(whole);
    if (split !== undefined) return this.#placeInProduct(place, [split.outer, split.inner]);
    const factors = this.#factors.get(whole);
    if (factors !== undefined) {
      return this.#imagesOf(whole).length > 0 ? undefined : this.#placeInProduct(place, factors);
    }
    if (!this.#cuts.has(whole)) return undefined;
    let [start, rest] = [0, place];
    for (const part of this.#segments(whole, 0, whole)) {
      if (rest < this.size(part)) {
        const inside = this.placeBefore(part, rest);
        return inside === undefined ? undefined : start + inside;
      }
      [start, rest] = [start + part, rest - this.size(part)];
    }
    return undefined;
  }

  #placeInProduct(place: number, [first, ...others]: readonly number[]): number | undefined {
    if (first === undefined) return place;
    const inner = productOf(others.map((other) => this.size(other)));
    const [outer, rest] = [Math.floor(place / inner), place % inner];
    const before = this.placeBefore(first, outer);
    const inside = rest === 0 ? 0 : this.#placeInProduct(rest, others);
    return before === undefined || inside === undefined ? undefined : before * productOf(others) + inside;
  }

  /** Numbers that demand to stay as they are, after all, because their smaller size is too small. */
  tooSmall(): number[] {
    const short = [...this.#equations.least].filter(([n, least]) => this.size(n) < Math.min(n, least));
    const swapped = [...this.#equations.orders.values()].filter(
      ([l, s]) => l >= s && this.size(l) < this.size(s),
    );
    return [...short.map(([n]) => n), ...swapped.flat()];
  }

  /** The first size that is also that of a windowed axis which had another one. */
  sharedWithImages(): number[] {
    const owners = new Map([...this.#sizesOfImages].map(([number, size]) => [size, number]));
    const inOrder = [...this.#met].sort((a, b) => a - b);
    const isShared = (number: number): boolean => (owners.get(this.size(number)) ?? number) !== number;
    return inOrder
      .filter(isShared)
      .map((number) => this.size(number))
      .slice(0, 1);
  }

  #stays(number: number): boolean {
    return isSmall(number) || this.#fixed.has(number);
  }

  #fix(number: number): void {
    this.#fixed.add(number);
  }

  #imagesOf(whole: number): readonly number[] {
    return this.#images.get(whole) ?? [];
  }

  #sizeOfImage(number: number): number {
    return get(this.#sizesOfImages, number);
  }

  #equate(whole: number, factors: readonly number[], images: readonly number[] = []): void {
    this.#met.add(whole);
    for (const factor of factors) this.#met.add(factor);
    const before = this.#factors.get(whole);
    if (before === undefined) {
      this.#factors.set(whole, factors);
      this.#images.set(whole, images);
    } else if (!sameNumbers(before, factors) || !sameNumbers(this.#imagesOf(whole), images)) {
      // Two ways of writing one number as a product: only prime factors would serve both.
      for (const number of [whole, ...before, ...factors]) this.#fix(number);
    }
  }

  #slice({ whole, start, stop }: Cut): void {
    const split = this.#splits.get(whole);
    if (split === undefined) {
      this.#slices.push({ whole, start, stop });
      this.#met.add(stop - start);
      this.#cutAt(whole, [start, stop]);
    } else if (start % split.inner === 0 && stop % split.inner === 0) this.#sliceOuter(split, start, stop);
    else for (const number of [whole, split.outer, split.inner, stop - start]) this.#fix(number);
  }

  #sliceOuter(
    { outer, inner }: { readonly outer: number; readonly inner: number },
    start: number,
    stop: number,
  ): void {
    const part = (stop - start) / inner;
    if (part > 1) this.#equate(stop - start, [part, inner]);
    this.#slice({ whole: outer, start: start / inner, stop: stop / inner });
  }

  /** Whether a place of cutting is new. */
  #cutAt(whole: number, places: readonly number[]): boolean {
    const cuts = this.#cuts.get(whole) ?? new Set();
    const before = cuts.size;
    for (const place of places) if (place > 0 && place < whole) cuts.add(place);
    if (cuts.size > 0) this.#cuts.set(whole, cuts);
    if (cuts.size > mostCuts) this.#fix(whole);
    return cuts.size > before;
  }

  #settle(): void {
    let facts = -1;
    const count = (): number =>
      this.#fixed.size +
      this.#factors.size +
      this.#splits.size +
      [...this.#cuts.values()].reduce((n, c) => n + c.size, 0);
    while (facts !== count()) {
      facts = count();
      this.#closeCuts();
      this.#splitCuts();
      this.#spreadFixed();
    }
  }

  /** A part is cut where the whole is cut, and the whole where its part is. */
  #closeCuts(): void {
    for (let grown = true; grown; ) {
      grown = false;
      for (const { whole, start, stop } of this.#slices) {
        const part = stop - start;
        if (this.#stays(whole) || this.#stays(part) || part === whole) continue;
        const inside = [...(this.#cuts.get(whole) ?? [])].filter((place) => place > start && place < stop);
        const down = this.#cutAt(
          part,
          inside.map((place) => place - start),
        );
        const up = this.#cutAt(
          whole,
          [...(this.#cuts.get(part) ?? [])].map((place) => place + start),
        );
        grown ||= down || up;
      }
    }
  }

  /** Where a product is cut, the cuts are moved to its outer factors, or the number stays. */
  #splitCuts(): void {
    for (const [whole, cuts] of new Map(this.#cuts)) {
      const factors = this.#factors.get(whole);
      if (factors === undefined || this.#stays(whole) || cuts.size === 0) continue;
      const keep = range(factors.length).find((first) => {
        const inner = productOf(factors.slice(first + 1));
        return [...cuts].every((place) => place % inner === 0);
      });
      const inner = keep === undefined ? 1 : productOf(factors.slice(keep + 1));
      if (keep === undefined || inner === 1 || this.#imagesOf(whole).length > 0) {
        this.#fix(whole);
        continue;
      }
      const outer = whole / inner;
      if (keep > 0) this.#equate(outer, factors.slice(0, keep + 1));
      if (keep + 2 < factors.length) this.#equate(inner, factors.slice(keep + 1));
      this.#splits.set(whole, { outer, inner });
      this.#cuts.delete(whole);
      const own = this.#slices.filter((slice) => slice.whole === whole);
      for (const { start, stop } of own) this.#sliceOuter({ outer, inner }, start, stop);
    }
  }

  #spreadFixed(): void {
    for (const [whole, factors] of this.#factors) {
      const areImagesKept = this.#imagesOf(whole).every((image) => this.#sizeOfImage(image) === image);
      if (this.#stays(whole)) {
        for (const factor of factors) this.#fix(factor);
        this.#imagesFit &&= areImagesKept;
      } else if (areImagesKept && factors.every((factor) => this.#stays(factor))) this.#fix(whole);
    }
    for (const [whole, { outer, inner }] of this.#splits) {
      if (this.#stays(whole)) for (const number of [outer, inner]) this.#fix(number);
    }
    for (const { whole, start, stop } of this.#slices) {
      if (this.#stays(whole)) this.#fix(stop - start);
      else if (this.#stays(stop - start) && !this.#splits.has(whole))
        for (const part of this.#segments(whole, start, stop)) this.#fix(part);
    }
    for (const whole of this.#cuts.keys()) {
      const parts = this.#segments(whole, 0, whole);
      if (parts.every((part) => this.#stays(part))) this.#fix(whole);
    }
  }

  /** Sizes of the parts between neighbouring cuts. */
  #segments(whole: number, start: number, stop: number): number[] {
    const inside = [...(this.#cuts.get(whole) ?? [])].filter((place) => place > start && place < stop);
    const places = [start, ...inside.sort((a, b) => a - b), stop];
    return range(places.length - 1).map((i) => at(places, i + 1) - at(places, i));
  }

  /** The smaller size where it follows from sizes chosen so far. */
  #known(number: number): number | undefined {
    if (this.#stays(number)) return number;
    const split = this.#splits.get(number);
    const factors = split === undefined ? this.#factors.get(number) : [split.outer, split.inner];
    if (factors !== undefined) {
      const images = this.#imagesOf(number).map((image) => this.#sizeOfImage(image));
      return this.#combined(factors, (a, b) => a * b, productOf(images));
    }
    if (this.#cuts.has(number)) return this.#combined(this.#segments(number, 0, number), (a, b) => a + b, 0);
    return this.#values.get(number);
  }

  #combined(
    parts: readonly number[],
    combine: (a: number, b: number) => number,
    start: number,
  ): number | undefined {
    let result = start;
    for (const part of parts) {
      const size = this.#known(part);
      if (size === undefined) return undefined;
      result = combine(result, size);
    }
    return result;
  }

  #choose(known: ReadonlyMap<number, number>): void {
    for (const number of this.#met) for (const part of this.#segments(number, 0, number)) this.#met.add(part);
    const factors = new Set([...this.#factors.values()].flat());
    const free = [...this.#met].filter((number) => this.#known(number) === undefined && this.#isFree(number));
    // Factors first: the sizes of products grow with them.
    free.sort((a, b) => Number(factors.has(b)) - Number(factors.has(a)) || a - b);
    for (const number of free) {
      const start = factors.has(number) ? smallestFactor : smallestOther;
      const least = Math.max(start, this.#equations.least.get(number) ?? 0);
      let size = known.get(number) ?? Math.min(number, least);
      const most = Math.min(number, size + mostTried);
      this.#values.set(number, size);
      while (!known.has(number) && size < most && this.#confuses()) this.#values.set(number, ++size);
    }
  }

  #isFree(number: number): boolean {
    return !this.#factors.has(number) && !this.#splits.has(number) && !this.#cuts.has(number);
  }

  /** Whether two different numbers have one size by now. */
  #confuses(): boolean {
    const owners = new Map([...this.#sizesOfImages].map(([number, size]) => [size, number]));
    for (const number of this.#met) {
      const size = this.#known(number);
      if (size === undefined) continue;
      const owner = owners.get(size);
      if (owner !== undefined && owner !== number) return true;
      owners.set(size, number);
    }
    return false;
  }
}
