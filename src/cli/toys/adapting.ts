/**
 * @file How a given model of a fixed shape is tried on a problem of another: what it is given, and what of it is read. Decided
 * once, by what the model answers to a batch, and told; shapes that could be a bug's are left alone. As
 * python/assay_bridge/adapting.py does it.
 */
import { at, zip } from "../../base/assert.ts";
import type { Description } from "../../toys/description.ts";
import type { Field } from "../../toys/problem.ts";
import { reals, type Tensor } from "../../toys/tensor.ts";
import type { Entry } from "./entry.ts";

/** Like no width and no length, so that a model whose rows and columns are mixed up is not taken for a wide one. */
const rows = 61;

/** What is asked of a library's arrays. */
export interface Splitting<A> {
  isArray(value: unknown): value is A;
  /** Parts of these sizes along an axis; consumes the array. */
  split(array: A, sizes: readonly number[], axis: number): readonly A[];
}

/** What of an answer is read: how many numbers it has for one item, and at how many positions, where only the last is read. */
interface Reading {
  readonly width: number;
  readonly positions: number | undefined;
}

/** A model that is given, not made for the problem, is adapted where its outputs meet no code of the user's. */
export const isAdapted = ({ model, loss, train }: Entry): boolean =>
  typeof model !== "function" && loss === undefined && train === undefined;

export class Adapter<A extends { readonly shape: readonly number[] }> {
  readonly #problem: Description;
  readonly #splitting: Splitting<A>;
  #oneHot = false;
  #reading: Reading | undefined;

  constructor(problem: Description, splitting: Splitting<A>) {
    this.#problem = problem;
    this.#splitting = splitting;
  }

  /** What is done otherwise than the model alone would have it. */
  get notes(): readonly string[] {
    const { inputs, outputs } = this.#problem;
    const whole = inputs.flatMap(({ name, count }) =>
      count === undefined ? [] : [`\`${name}\` (${count})`],
    );
    const notes = this.#oneHot
      ? [`the model takes real numbers: it is given one-hot vectors of ${whole.join(", ")}`]
      : [];
    if (this.#reading === undefined) return notes;
    const { width, positions } = this.#reading;
    if (positions !== undefined) notes.push(`the model answers at ${positions} positions: the last is read`);
    const total = widthOf(this.#problem);
    const rest = width === total ? "" : `, and the other ${width - total} are not read`;
    const names = outputs.map(({ name }) => `\`${name}\``).join(", ");
    if (width > total || outputs.length > 1)
      notes.push(`the model gives ${width} numbers: the first ${total} are ${names}${rest}`);
    return notes;
  }

  /** Decides by what the model answers to a batch that is made up, of which it is given `inputs`. One that fails is left as it is. */
  decide(answer: (batch: readonly Tensor[]) => unknown): void {
    const { inputs } = this.#problem;
    const ask = (): { readonly said: unknown } | undefined => ifAnswered(() => answer(inputs.map(middling)));
    let answered = ask();
    if (answered === undefined && inputs.some(({ count }) => count !== undefined)) {
      this.#oneHot = true;
      answered = ask();
      this.#oneHot = answered !== undefined;
    }
    this.#reading = this.#readingOf(answered?.said);
  }

  /** What the model is given. */
  inputs(tensors: readonly Tensor[]): readonly Tensor[] {
    if (!this.#oneHot) return tensors;
    return zip(this.#problem.inputs, tensors).map(([{ count }, tensor]) =>
      count === undefined ? tensor : oneHot(tensor, count),
    );
  }

  /** The outputs by name, or what the model returned where that is not what was decided. Consumes it. */
  read(said: unknown): unknown {
    if (this.#reading === undefined || !this.#splitting.isArray(said)) return said;
    const { width, positions } = this.#reading;
    const { outputs } = this.#problem;
    const { shape } = said;
    const places = positions === undefined ? at(outputs, 0).items : [positions];
    if (shape.slice(1).join() !== [...places, width].join()) return said;
    const { split } = this.#splitting;
    const last = positions === undefined || positions === 1 ? said : split(said, [positions - 1, 1], 1)[1];
    const rest = width - widthOf(this.#problem);
    const sizes = [...outputs.map((output) => output.width), ...(rest === 0 ? [] : [rest])];
    const parts = split(last as A, sizes, shape.length - 1);
    return Object.fromEntries(outputs.map(({ name }, index) => [name, at(parts, index)]));
  }

  /** What of an answer is read, where it is one array that holds enough. */
  #readingOf(said: unknown): Reading | undefined {
    const { outputs } = this.#problem;
    const { items } = at(outputs, 0);
    if (!this.#splitting.isArray(said) || outputs.some((output) => output.items.join() !== items.join()))
      return undefined;
    const { shape } = said;
    const width = shape.at(-1) ?? 0;
    if (width < widthOf(this.#problem) || width === rows) return undefined;
    const places = shape.slice(0, -1).join();
    if (places === [rows, ...items].join()) return { width, positions: undefined };
    const positions = lengthOf(this.#problem);
    const isSequence = items.length === 0 && positions !== undefined && places === [rows, positions].join();
    return isSequence ? { width, positions } : undefined;
  }
}

const widthOf = ({ outputs }: Description): number => outputs.reduce((sum, { width }) => sum + width, 0);

/** The length of the sequences in the first input: whole numbers, or vectors. */
function lengthOf({ inputs }: Description): number | undefined {
  const { shape, count } = at(inputs, 0);
  return shape.length === (count === undefined ? 2 : 1) ? shape[0] : undefined;
}

/** Numbers of a field in the middle of what it may hold. */
function middling({ shape, count }: Field): Tensor {
  const size = shape.reduce((product, length) => product * length, rows);
  const data =
    count === undefined ? new Float32Array(size) : new Int32Array(size).fill(Math.floor(count / 2));
  return { shape: [rows, ...shape], data };
}

function oneHot({ shape, data }: Tensor, count: number): Tensor {
  const vectors = new Float32Array(data.length * count);
  for (const [index, value] of data.entries()) vectors[index * count + value] = 1;
  return reals([...shape, count], vectors);
}

function ifAnswered(answer: () => unknown): { readonly said: unknown } | undefined {
  try {
    return { said: answer() };
  } catch {
    return undefined;
  }
}
