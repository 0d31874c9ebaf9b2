/** @file Puts a binding into words: `fc1.weight^T`, `weight_hh[4:8, :]^T`, `bias_ih + bias_hh`, `concat(a, b; axis 0)`. */
import { at, range } from "../base/assert.ts";
import { equal, toText, zero } from "../base/rational.ts";
import type { Node } from "../ir/graph.ts";
import { count, strides } from "../ops/tensor.ts";
import type { Binding, Part } from "./binding.ts";

/** How the code's parameters are called and shaped. */
export interface CodeParameters {
  name(parameter: Node): string;
  shape(parameter: Node): readonly number[];
  /** Where a place on an axis of this size was in the model; `undefined` where that is no one place. */
  placeBefore(extent: number, place: number): number | undefined;
}

export function describe({ shape, parts, shift, factor }: Binding, code: CodeParameters): string {
  const terms = parts.map((part) => describePart(shape, part, code));
  if (!equal(shift, zero)) terms.unshift(toText(shift));
  const text = terms.join(" + ");
  return factor === 1 ? text : `${factor} · ${terms.length > 1 ? `(${text})` : text}`;
}

function describePart(shape: readonly number[], part: Part, code: CodeParameters): string {
  const [first, ...others] = part.parameters;
  if (first !== undefined && others.length === 0) {
    const found = fit(shape, part.index);
    const words = found && layoutWords(shape, found, code.shape(first), code);
    return words === undefined ? `entries of ${code.name(first)}` : code.name(first) + words;
  }
  const cut = blocks(shape, part);
  if (cut === undefined)
    return `entries of ${part.parameters.map((parameter) => code.name(parameter)).join(", ")}`;
  const texts = cut.parts.map((block) => describePart(block.shape, block.part, code));
  return `concat(${texts.join(", ")}; axis ${cut.axis})`;
}

/** An affine map of indices. */
interface Fit {
  readonly offset: number;
  /** Step in the source along each axis. */
  readonly steps: readonly number[];
}

/** `undefined` when the indices are no affine map of the position. */
function fit(shape: readonly number[], index: Int32Array): Fit | undefined {
  if (index.length === 0) return { offset: 0, steps: shape.map(() => 0) };
  const own = strides(shape);
  const offset = at(index, 0);
  const steps = shape.map((size, axis) => (size > 1 ? at(index, at(own, axis)) - offset : 0));
  const predicted = (flat: number): number =>
    shape.reduce(
      (sum, size, axis) => sum + at(steps, axis) * (Math.floor(flat / at(own, axis)) % size),
      offset,
    );
  return index.every((place, flat) => place === predicted(flat)) ? { offset, steps } : undefined;
}

interface Block {
  readonly shape: readonly number[];
  readonly part: Part;
}

/** Splits a part along the first axis along which its parameters follow each other. */
function blocks(
  shape: readonly number[],
  part: Part,
): { readonly axis: number; readonly parts: readonly Block[] } | undefined {
  const own = strides(shape);
  for (const axis of range(shape.length)) {
    const coordinate = (flat: number): number => Math.floor(flat / at(own, axis)) % at(shape, axis);
    const owners = range(at(shape, axis)).map(() => new Set<number>());
    part.owner.forEach((owner, flat) => {
      owners[coordinate(flat)]?.add(owner);
    });
    if (!owners.every((set) => set.size === 1)) continue;
    const ownerAt = owners.map((set) => at([...set], 0));
    const starts = range(ownerAt.length).filter((i) => i === 0 || ownerAt[i] !== ownerAt[i - 1]);
    const parts = starts.map((start, i): Block => {
      const stop = starts[i + 1] ?? ownerAt.length;
      const inside = range(count(shape)).filter(
        (flat) => coordinate(flat) >= start && coordinate(flat) < stop,
      );
      return {
        shape: shape.map((size, a) => (a === axis ? stop - start : size)),
        part: {
          parameters: [at(part.parameters, at(ownerAt, start))],
          owner: new Uint16Array(inside.length),
          index: Int32Array.from(inside, (flat) => at(part.index, flat)),
        },
      };
    });
    return { axis, parts };
  }
  return undefined;
}

/** How an affine map reads as slices and a transposition of the source. */
function layoutWords(
  shape: readonly number[],
  { offset, steps }: Fit,
  source: readonly number[],
  code: CodeParameters,
): string | undefined {
  const sourceSteps = strides(source);
  const used: number[] = [];
  const ranges = source.map((extent, i) => {
    const start = Math.floor(offset / at(sourceSteps, i)) % extent;
    return { start, stop: start + 1, step: 1, whole: extent === 1 };
  });
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const step = at(steps, axis);
    const found = source.findIndex((extent, i) => {
      const along = step / at(sourceSteps, i);
      return (
        extent > 1 &&
        Number.isInteger(along) &&
        along >= 1 &&
        along * (size - 1) < extent &&
        !used.includes(i)
      );
    });
    const place = ranges[found];
    if (place === undefined) return undefined;
    used.push(found);
    place.step = step / at(sourceSteps, found);
    place.stop = place.start + place.step * (size - 1) + 1;
    place.whole = place.start === 0 && place.step === 1 && size === source[found];
  }
  const text = ranges.map(({ start, stop, step, whole }, axis) => {
    if (whole) return ":";
    const extent = at(source, axis);
    const [first, end] = [code.placeBefore(extent, start), code.placeBefore(extent, stop)];
    if (first === undefined || end === undefined) return undefined;
    if (end === first + 1) return String(first);
    return step === 1 ? `${first}:${end}` : `${first}:${end}:${step}`;
  });
  if (text.includes(undefined)) return undefined;
  const sliced = ranges.every(({ whole }) => whole) ? "" : `[${text.join(", ")}]`;
  const moved = used.some((axis, i) => i > 0 && axis < at(used, i - 1));
  if (!moved) return sliced;
  return used.length === 2 ? `${sliced}^T` : `${sliced} with axes [${used.join(", ")}]`;
}
