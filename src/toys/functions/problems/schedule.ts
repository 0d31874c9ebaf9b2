/** @file Learning rates that rise and fall. */
import { z } from "zod";
import { range } from "../../../base/assert.ts";
import { numberIn, scalar } from "../given.ts";
import {
  type Definition,
  type FunctionProblem,
  type Meaning,
  Misunderstood,
  type Question,
  type Variant,
} from "../problem.ts";
import { bug } from "./parts.ts";

const claimed = z.strictObject({
  kind: z.enum(["cosine", "linear", "constant", "inverse-square-root"]),
  /** The highest rate, how many steps lead up to it, and how many there are. */
  peak: z.number().positive(),
  warmUp: z.number().int().nonnegative().default(0),
  steps: z.number().int().positive(),
  /** Rates at step 0, where the rate rises, and after all steps. */
  start: z.number().nonnegative().default(0),
  end: z.number().nonnegative().default(0),
});
type Plan = z.infer<typeof claimed>;
type Rate = (step: number) => number;

/** From the share of the decay that is done, or the step, to the rate. */
function decayed({ kind, peak, end, warmUp }: Plan, share: number, step: number): number {
  switch (kind) {
    case "cosine":
      return end + ((peak - end) * (1 + Math.cos(Math.PI * share))) / 2;
    case "linear":
      return peak + (end - peak) * share;
    case "constant":
      return peak;
    case "inverse-square-root":
      return peak * Math.sqrt(Math.max(1, warmUp) / Math.max(1, step));
  }
}

const rising = ({ start, peak, warmUp }: Plan, step: number): number =>
  start + ((peak - start) * step) / warmUp;

/** The rate; `shareAt` says how much of the decay is done at a step. */
const rateOf =
  (plan: Plan, shareAt: Rate = (step) => (step - plan.warmUp) / (plan.steps - plan.warmUp)): Rate =>
  (step) => {
    const within = Math.min(plan.steps, Math.max(0, step));
    return within < plan.warmUp ? rising(plan, within) : decayed(plan, shareAt(within), within);
  };

const by =
  (rate: Rate): Definition =>
  (given) =>
    scalar(rate(numberIn(given, "step")));

const multiples = [2, 4, 8];

/** The right rate at another step. */
function movedInTime(plan: Plan): Variant[] {
  const right = rateOf(plan);
  return [
    bug(
      "a step late",
      "the rate of the step before",
      by((step) => right(step - 1)),
      "the schedule moves after the optimizer's step and begins one too low, or the first rate is used twice",
    ),
    bug(
      "a step early",
      "the rate of the step after",
      by((step) => right(step + 1)),
      "the schedule moves before the optimizer's first step",
    ),
    bug(
      "never moves",
      "the rate of step 0",
      by(() => right(0)),
      "the schedule is never stepped",
    ),
    ...multiples.flatMap((times) => [
      bug(
        `${times} times too fast`,
        `the rate of step ${times} s`,
        by((step) => right(times * step)),
        `the schedule is stepped ${times} times a step, as by ${times} micro-batches or processes`,
      ),
      bug(
        `${times} times too slow`,
        `the rate of step s / ${times}`,
        by((step) => right(step / times)),
        `the length is told in micro-batches, of which a step has ${times}`,
      ),
    ]),
  ];
}

function inWarmUp(plan: Plan): Variant[] {
  const { kind, warmUp, steps } = plan;
  if (warmUp === 0) return [];
  const right = rateOf(plan);
  const short: Rate = (step) => (step < warmUp ? right(Math.min(step + 1, warmUp)) : right(step));
  return [
    bug(
      "no warm-up",
      "the highest rate from the start",
      by((step) => right(Math.max(step, warmUp))),
      "the rate does not rise first",
    ),
    // Where the rate stays, all of it is a step early.
    ...(kind === "constant"
      ? []
      : [
          bug(
            "warm-up a step short",
            "start + (peak − start) (s + 1) / warmUp",
            by(short),
            "steps of the warm-up are counted from 1",
          ),
        ]),
    ...(falls(plan)
      ? [
          bug(
            "warm-up counted into the decay",
            "the decay has run since step 0",
            by(rateOf(plan, (step) => step / steps)),
            "the share that is done is s / steps: the rate drops where the warm-up ends",
          ),
          bug(
            "decay too long",
            "the decay takes as long as all steps",
            by(rateOf(plan, (step) => (step - warmUp) / steps)),
            "the share that is done is (s − warmUp) / steps: the rate never comes to its end",
          ),
        ]
      : []),
  ];
}

const falls = ({ kind }: Plan): boolean => kind === "cosine" || kind === "linear";

function atEnd(plan: Plan): Variant[] {
  const { end, peak } = plan;
  if (end === 0 || !falls(plan)) return [];
  return [
    bug(
      "end left out",
      "the rate falls to 0",
      by(rateOf({ ...plan, end: 0 })),
      "the lowest rate is not used",
    ),
    ...(peak === 1
      ? []
      : [
          bug(
            "end as a share",
            "the rate falls to peak times the lowest rate",
            by(rateOf({ ...plan, end: end * peak })),
            "the lowest rate is taken for a share of the highest",
          ),
        ]),
  ];
}

function ofCosine(plan: Plan): Variant[] {
  const { kind, peak, warmUp, steps, end } = plan;
  if (kind !== "cosine") return [];
  const right = rateOf(plan);
  const share: Rate = (step) => (step - warmUp) / (steps - warmUp);
  const then =
    (rate: Rate): Rate =>
    (step) =>
      step < warmUp ? right(step) : rate(step);
  return [
    bug(
      "rises again",
      "(1 + cos 2π u) / 2",
      by(rateOf(plan, (step) => 2 * share(step))),
      "a whole period of the cosine in the place of half of one",
    ),
    bug(
      "quarter of a cosine",
      "cos(π u / 2)",
      by(then((step) => end + (peak - end) * Math.cos((Math.PI * share(step)) / 2))),
      "cos(π u / 2) in the place of (1 + cos π u) / 2",
    ),
    bug(
      "not halved",
      "1 + cos π u",
      by(then((step) => 2 * right(step) - end)),
      "½ is missing: the rate doubles where the warm-up ends",
    ),
  ];
}

const nameOf = (plan: Plan): string => {
  const { kind, peak, warmUp, steps, start, end } = plan;
  const rises = warmUp === 0 ? "" : `${start} to ${peak} in ${warmUp} steps, then `;
  if (kind === "constant") return `${rises}constant ${peak}`;
  return `${rises}${kind} from ${peak}${falls(plan) ? ` to ${end} at ${steps}` : ""}`;
};

const meaningOf = (plan: Plan): Meaning => ({
  name: nameOf(plan),
  derivation: "as defined",
  usual: true,
  answer: by(rateOf(plan)),
  variants: [movedInTime, inWarmUp, atEnd, ofCosine].flatMap((of) => of(plan)),
});

function planIn(claim: unknown): Plan {
  const parsed = claimed.safeParse(claim);
  if (!parsed.success) throw new Misunderstood(`scheduleIs: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.warmUp < parsed.data.steps) return parsed.data;
  throw new Misunderstood("scheduleIs: the warm-up is shorter than all steps");
}

/** Steps at which something may change, and some between. */
function stepsOf({ warmUp, steps }: Plan): number[] {
  const eighths = range(8).map((k) => Math.floor((k * steps) / 8));
  const around = [0, 1, 2, warmUp - 1, warmUp, warmUp + 1, steps - 2, steps - 1];
  return [...new Set([...around, ...eighths])]
    .filter((step) => step >= 0 && step < steps)
    .sort((a, b) => a - b);
}

const asked = (step: number): Question => ({ name: `step ${step}`, given: { step } });

export const schedule: FunctionProblem = {
  name: "schedule",
  slot: "schedule",
  signature: "schedule(step) → one number",
  title: "learning rates that rise and fall",
  story: `Steps are counted from 0. The rate rises from \`start\` to \`peak\` as start + (peak − start) s / warmUp for s < warmUp. From there, with
u = (s − warmUp) / (steps − warmUp), it is end + (peak − end) (1 + cos π u) / 2 (\`kind: "cosine"\`), peak + (end − peak) u (\`"linear"\`),
peak (\`"constant"\`) or peak √(warmUp / s) (\`"inverse-square-root"\`). What is meant is not known unless the entry says it:
\`scheduleIs: { kind: "cosine", peak: 3e-4, warmUp: 100, steps: 1000, end: 3e-5 }\`; \`start\`, \`end\` and \`warmUp\` are 0 where they are left out.`,
  source:
    "Loshchilov and Hutter 2017, SGDR, equation 5; Vaswani et al. 2017, Attention is all you need, equation 3",
  operations: 20,
  open: true,
  examples: [
    { kind: "cosine", peak: 3e-4, warmUp: 100, steps: 1000, end: 3e-5 },
    { kind: "linear", peak: 0.01, warmUp: 50, steps: 400, start: 1e-4, end: 1e-3 },
    { kind: "constant", peak: 0.001, warmUp: 20, steps: 100 },
    { kind: "inverse-square-root", peak: 0.002, warmUp: 40, steps: 400 },
  ],
  questions: (claim) => (claim === undefined ? [] : stepsOf(planIn(claim)).map(asked)),
  meant: (claim) => (claim === undefined ? [] : [meaningOf(planIn(claim))]),
  known: (claim) => {
    if (claim === undefined) return [];
    const plan = planIn(claim);
    return claimed.shape.kind.options.map((kind) => meaningOf({ ...plan, kind }));
  },
};
