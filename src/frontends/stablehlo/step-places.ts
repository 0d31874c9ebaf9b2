/** @file Places in the body of a loop, as formulas of the number of the step. */
import {
  addDims,
  type Dim,
  equalDims,
  multiplyDims,
  type Shape,
  shapeText,
  subtractDims,
  symbol,
} from "../../ir/dim.ts";
import { type Atom, type Equation, type Program, unknownSize } from "../common/xla/program.ts";

/** The number of the step, in formulas for places. */
export const step: Dim = symbol("step");

/** Places are sums of few parts. */
const deepestPlace = 12;

const combined = (
  combine: (a: Dim, b: Dim) => Dim,
  a: Dim | undefined,
  b: Dim | undefined,
): Dim | undefined => (a === undefined || b === undefined ? undefined : combine(a, b));

export class StepPlaces {
  readonly #body: Program;
  readonly #definitions: ReadonlyMap<number, Equation>;
  /** The input that counts the steps. */
  readonly #counter: number | undefined;
  /** Inputs that are the same at all steps. */
  readonly #fixed: ReadonlySet<number>;
  readonly #length: number;

  constructor(body: Program, counter: number | undefined, fixed: ReadonlySet<number>, length: number) {
    [this.#body, this.#counter, this.#fixed, this.#length] = [body, counter, fixed, length];
    this.#definitions = definitionsIn(body);
  }

  shapeOf(atom: Atom | undefined): string {
    if (atom?.kind !== "variable") return "";
    const defined = this.#definitions.get(atom.id)?.outputs ?? this.#body.inputs;
    return shapeText(defined.find(({ id }) => id === atom.id)?.type.shape ?? []);
  }

  /** The step counted from the end. */
  get last(): Dim {
    return subtractDims(this.#length - 1, step);
  }

  /** An element of integers as a formula of the step and of sizes that are the same at all steps. */
  at(atom: Atom, element: number, depth = 0): Dim | undefined {
    if (atom.kind === "number") return atom.value;
    if (atom.kind === "array") return atom.array.values?.()[element];
    const equation = this.#definitions.get(atom.id);
    if (atom.id === this.#counter) return step;
    if (equation === undefined) return this.#fixed.has(atom.id) ? symbol(`v${atom.id}`) : undefined;
    if (depth > deepestPlace) return undefined;
    const of = (input: Atom | undefined): Dim | undefined => input && this.at(input, element, depth + 1);
    const [first, second, third] = equation.inputs;
    switch (equation.primitive) {
      case "add":
        return combined(addDims, of(first), of(second));
      case "sub":
        return combined(subtractDims, of(first), of(second));
      case "mul":
        return combined(multiplyDims, of(first), of(second));
      case "convert_element_type":
        return of(first);
      // Of single numbers; a vector has them one by one.
      case "reshape":
      case "broadcast_in_dim":
        return first && this.#sizeOf(first) === 1 ? this.at(first, 0, depth + 1) : undefined;
      case "concatenate":
        return this.#joined(equation.inputs, element, depth);
      case "clamp":
        return this.#isBetween(of(first), of(second), of(third)) ? of(second) : undefined;
      // Negative places count from the end, which no place of a step does.
      case "select_n":
        return this.#isNonNegative(first, element, depth) ? of(second) : undefined;
      default:
        return undefined;
    }
  }

  #sizeOf(atom: Atom): number | undefined {
    const { shape } = this.#typeOf(atom);
    const count = shape.reduce(multiplyDims, 1);
    return typeof count === "number" ? count : undefined;
  }
  #typeOf(atom: Atom): { readonly shape: Shape } {
    if (atom.kind === "number") return atom.type;
    if (atom.kind === "array") return atom.array.type;
    const defined = this.#definitions.get(atom.id)?.outputs ?? this.#body.inputs;
    return defined.find(({ id }) => id === atom.id)?.type ?? { shape: [unknownSize] };
  }

  #joined(parts: readonly Atom[], element: number, depth: number): Dim | undefined {
    let start = 0;
    for (const part of parts) {
      const size = this.#sizeOf(part);
      if (size === undefined) return undefined;
      if (element < start + size) return this.at(part, element - start, depth + 1);
      start += size;
    }
    return undefined;
  }

  #isBetween(low: Dim | undefined, place: Dim | undefined, high: Dim | undefined): boolean {
    if (low !== 0 || place === undefined || high === undefined) return false;
    if (place === 0) return typeof high === "number" && high >= 0;
    return this.#isStep(place) && typeof high === "number" && high >= this.#length - 1;
  }
  #isStep = (place: Dim): boolean => equalDims(place, step) || equalDims(place, this.last);

  /** Whether the question "i < 0" has the answer no. */
  #isNonNegative(question: Atom | undefined, element: number, depth: number): boolean {
    const equation = question?.kind === "variable" ? this.#definitions.get(question.id) : undefined;
    const [x, zero] = equation?.inputs ?? [];
    if (equation?.primitive !== "lt" || zero?.kind !== "number" || zero.value !== 0) return false;
    const place = x && this.at(x, element, depth + 1);
    return place !== undefined && (this.#isStep(place) || (typeof place === "number" && place >= 0));
  }
}

/** The equation that computes each value. */
export const definitionsIn = ({ equations }: Program): ReadonlyMap<number, Equation> =>
  new Map(equations.flatMap((equation) => equation.outputs.map(({ id }) => [id, equation] as const)));
