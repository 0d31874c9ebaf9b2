/** @file Models used inside others, as functions: sizes follow from the arguments, and each use has its own parameters. */
import { at, range, zip } from "../base/assert.ts";
import { quoted } from "../diag/diagnostic.ts";
import { type Dim, type Shape, shapeText } from "../ir/dim.ts";
import type { Declaration } from "./declarations.ts";
import type { Meaning } from "./meaning.ts";
import type { Scope } from "./scope.ts";
import type { Source } from "./source.ts";
import { sizeIn } from "./structural.ts";
import type { Use } from "./syntax.ts";
import { positional, type Tensor, type Tensors } from "./tensors.ts";

/** Gives the integers of a used model's signature the values that the use has for them. */
export function giveNumbers(meaning: Meaning, use: Use, scope: Scope): void {
  const { source } = meaning.tensors;
  const { name, numbers } = scope.signature;
  const open = new Set(numbers.map((item) => item.name));
  const wanted = numbers.map((item) => `${quoted(item.name)} = …`).join(", ");
  const want = numbers.length === 0 ? "tensors only" : `${wanted} behind the tensors, each once`;
  const of = `for the model ${quoted(name)}`;
  for (const [place, arg] of use.args.entries()) {
    if (arg.kind !== "option") continue;
    const isBehind = use.args.slice(place).every((other) => other.kind === "option");
    if (!open.delete(arg.name) || !isBehind)
      throw source.wrong("A3033", arg.position, `\`${quoted(arg.name)}\` ${of}`, want);
    const value = sizeIn(meaning, arg.value);
    const isInteger = value !== undefined && (typeof value !== "number" || value >= 0);
    if (!isInteger) {
      const got = `a value of \`${quoted(arg.name)}\` that is no whole number`;
      throw source.wrong("A3033", arg.value.position, got, "0, a positive whole number, or a size");
    }
    scope.give(arg.name, value);
  }
  if (open.size === 0) return;
  const missing = [...open].map((item) => `\`${quoted(item)}\``).join(" and ");
  throw source.wrong("A3033", use.position, `no ${missing} ${of}`, want);
}

/** Gives the sizes of a used model's inputs the values that its arguments have. */
export function bindSizes(
  source: Source,
  use: Use,
  inputs: readonly Declaration[],
  scope: Scope,
  args: readonly Tensor[],
): void {
  for (const [input, arg] of zip(inputs, args)) {
    const sizes = scope.shapeOf(input);
    const own = positional(arg);
    const fits = zip(sizes, own).map(([size, dim]) => scope.bind(size, dim));
    if (fits.includes(false))
      throw misfit(
        source,
        use,
        input,
        own,
        sizes.map((size) => scope.dim(size)),
      );
  }
}

function misfit(source: Source, use: Use, input: Declaration, got: Shape, want: Shape): Error {
  const shown = `${quoted(input.name)} of ${quoted(use.written)} with the shape ${shapeText(got)}`;
  return source.wrong(
    "A3013",
    use.position,
    shown,
    `${shapeText(want)}, as line ${input.position.line} declares it`,
  );
}

/** Arguments whose letters and leading axes the used model does not see, and the way back. */
export interface Lifted {
  readonly args: readonly Tensor[];
  readonly hidden: ReadonlyMap<string, Dim>;
  back(result: Tensor): Tensor;
}

/**
 * A model that is written for [T, d] holds for each of the leading axes of an argument [B, T, d]. These axes and the index
 * letters of the arguments become labels that its equations cannot name.
 */
export function lifted(
  tensors: Tensors,
  use: Use,
  inputs: readonly Declaration[],
  scope: Pick<Scope, "shapeOf">,
  args: readonly Tensor[],
): Lifted {
  const counts = zip(inputs, args).map(([input, arg]) => arg.axes.length - scope.shapeOf(input).length);
  const leading = Math.max(0, ...counts);
  if (counts.some((count) => count !== 0 && count !== leading))
    throw ranks(tensors, use, inputs, scope, args);
  const inside = (label: string): string => (tensors.hidden.has(label) ? label : `${label} outside`);
  const axes = range(leading).map((axis) => `axis ${axis} of ${use.written}`);
  // Inside, an axis has the name that the signature gives to its size.
  const lift = (arg: Tensor, count: number, input: Declaration): Tensor => ({
    node: arg.node,
    labels: [...arg.labels.map(inside), ...axes.slice(0, count)],
    axes: scope.shapeOf(input).map(({ name }) => name),
  });
  const made = args.map((arg, place) => lift(arg, at(counts, place), at(inputs, place)));
  const sizes = tensors.labelSizes(use.position, made);
  const names = at(args, Math.max(0, counts.indexOf(leading)))?.axes.slice(0, leading) ?? [];
  return {
    args: made,
    hidden: new Map([...tensors.hidden, ...sizes]),
    back: (result) => {
      const letters = [...sizes.keys()].filter(
        (label) => result.labels.includes(label) && !axes.includes(label),
      );
      const kept = new Map([...letters, ...axes].map((label) => [label, sizes.get(label) ?? 1] as const));
      return {
        node: tensors.broadcast(result, kept, positional(result)),
        labels: letters.map((label) => label.replace(/ outside$/, "")),
        axes: [...names, ...result.axes],
      };
    },
  };
}

function ranks(
  tensors: Tensors,
  use: Use,
  inputs: readonly Declaration[],
  scope: Pick<Scope, "shapeOf">,
  args: readonly Tensor[],
): Error {
  const got = args.map((arg) => tensors.shapeText(arg)).join(" and ");
  const want = inputs
    .map(
      (input) =>
        `[${scope
          .shapeOf(input)
          .map(({ name }) => name)
          .join(", ")}]`,
    )
    .join(" and ");
  return tensors.source.wrong("A3013", use.position, got, `${want}, or the same leading axes before these`);
}
