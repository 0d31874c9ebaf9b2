/**
 * @file What can be said of a model's gradients and of its optimizer without knowing either: a gradient is the slope of its loss,
 * and what has a gradient is moved, downhill. Chance and luck have no part in it.
 */
import { invariant } from "../base/assert.ts";
import type { Flaw } from "../result/toys.ts";

/** One random direction in a parameter, of length 1, at a point near the model's start. */
export interface Trial {
  /** The gradient along the direction. */
  readonly said: number;
  /** The loss at the point. */
  readonly here: number;
  /** Losses so far along the direction and against it; the second distance is half of the first. */
  readonly losses: readonly {
    readonly distance: number;
    readonly along: number;
    readonly against: number;
  }[];
}

export interface InspectedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** Lengths of its gradient at the start, and near it, where directions are tried. */
  readonly gradient: { readonly start: number; readonly near: number };
  readonly trials: readonly Trial[];
}

/** What was seen of a training beside its losses. */
export interface Inspected {
  /** Where gradients could be followed. */
  readonly parameters: readonly InspectedParameter[];
  /** Parameters whose every number is the same at the end as at the start. */
  readonly still: readonly string[];
  /** The cosine between the first change of all parameters and the gradient, where the entry's own optimizer made it. */
  readonly cosine?: number | undefined;
}

/** Losses in float32 may be off by this share of them. */
const rounding = 5e-7;
/**
 * A gradient differs where it is off by so many times what the slope itself may be, and by this share of either or of what a
 * gradient of its length has along a random direction: kinks that few rows meet are seen by neither distance.
 */
const [times, share] = [4, 0.1];
/** Gradients below this share of the longest may be too small for float32 to move a parameter. */
const felt = 1e-3;
/** What is nearly square to the gradient is called neither up nor down. */
const clearCosine = 0.05;

export const flawOf = (seen: Inspected): Flaw | undefined =>
  wrongGradient(seen) ?? uphill(seen) ?? notMoved(seen);

/** The parameter whose gradient is furthest from the slope, of those where most directions that were tried show it. */
function wrongGradient({ parameters }: Inspected): Flaw | undefined {
  const wrong = parameters.flatMap(({ name, shape, gradient, trials }) => {
    const typical = gradient.near / Math.sqrt(shape.reduce((product, size) => product * size, 1));
    const all = trials.map((trial) => ({ trial, ...slopeOf(trial) }));
    const differing = all.filter((tried) => differs(tried, typical));
    // A direction may be nearly square to what is wrong; one alone may have met a kink.
    if (2 * differing.length <= all.length) return [];
    const worst = differing.reduce((a, b) => (off(a) > off(b) ? a : b));
    return [{ name, off: off(worst), said: worst.trial.said, truth: worst.slope }];
  });
  const [first, ...others] = wrong;
  if (first === undefined) return undefined;
  const { name, said, truth } = others.reduce((a, b) => (b.off > a.off ? b : a), first);
  return { kind: "wrong-gradient", parameter: name, said, truth };
}

interface Slope {
  readonly slope: number;
  /** The most that it may be off. */
  readonly error: number;
}

type Tried = Slope & { readonly trial: Trial };

const off = ({ trial, slope }: Tried): number => Math.abs(trial.said - slope);

function differs(tried: Tried, typical: number): boolean {
  const size = Math.max(Math.abs(tried.trial.said), Math.abs(tried.slope), typical);
  return off(tried) > times * tried.error + share * size;
}

/**
 * Central differences. What halving the distance changes, and what the slopes of both sides differ by, bound what is left of
 * curvature and kinks: a kink close by changes the one, one at the end of the shorter distance the other.
 */
function slopeOf({ here, losses }: Trial): Slope {
  const [far, near] = losses;
  invariant(far !== undefined && near !== undefined, "two distances are tried");
  const at = ({ distance, along, against }: typeof near): number => (along - against) / (2 * distance);
  const size = Math.max(Math.abs(near.along), Math.abs(near.against));
  return {
    slope: at(near),
    error:
      Math.abs(at(far) - at(near)) +
      (Math.abs(near.along + near.against - 2 * here) + rounding * size) / near.distance,
  };
}

function uphill({ cosine }: Inspected): Flaw | undefined {
  return cosine !== undefined && cosine > clearCosine ? { kind: "uphill", cosine } : undefined;
}

function notMoved({ parameters, still }: Inspected): Flaw | undefined {
  const longest = Math.max(0, ...parameters.map(({ gradient }) => gradient.start));
  const pulled = parameters.filter(({ gradient }) => gradient.start > felt * longest);
  const unmoved = pulled.filter(({ name }) => still.includes(name)).map(({ name }) => name);
  return unmoved.length > 0 ? { kind: "not-moved", parameters: unmoved } : undefined;
}
