/** @file What an entry says that its optimizer is. */
import { z } from "zod";
import { Misunderstood } from "../problem.ts";

interface Common {
  readonly learningRate: number;
  /** Gradients are clipped to this global norm. */
  readonly mostNorm?: number | undefined;
  /** A step is made for every so many gradients, with their mean. */
  readonly accumulate: number;
  readonly weightDecay: number;
}

export type Settings =
  | (Common & {
      readonly kind: "sgd";
      readonly momentum: number;
      readonly nesterov: boolean;
      /** The share of a gradient that does not enter the running sum. */
      readonly dampening: number;
      /** Weight decay is no part of the gradient. */
      readonly decoupled: boolean;
    })
  | (Common & {
      readonly kind: "adam" | "adamw";
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    })
  | (Common & { readonly kind: "rmsprop"; readonly beta2: number; readonly epsilon: number })
  | (Common & { readonly kind: "lion"; readonly beta1: number; readonly beta2: number });

export type SettingsOf<K extends Settings["kind"]> = Extract<Settings, { readonly kind: K }>;
export type AdamSettings = Extract<Settings, { readonly kind: "adam" | "adamw" }>;

const share = z.number().min(0).lt(1);
const decay = z.number().nonnegative();
const epsilon = z.number().nonnegative().default(1e-8);
const common = {
  learningRate: z.number().positive(),
  mostNorm: z.number().positive().optional(),
  accumulate: z.number().int().positive().default(1),
};
const moments = { beta1: share.default(0.9), beta2: share.default(0.999), epsilon };

const settings: z.ZodType<Settings> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("sgd"),
    ...common,
    momentum: share.default(0),
    nesterov: z.boolean().default(false),
    dampening: share.default(0),
    weightDecay: decay.default(0),
    decoupled: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal("adam"), ...common, ...moments, weightDecay: decay.default(0) }),
  // Libraries differ in what is usual.
  z.strictObject({ kind: z.literal("adamw"), ...common, ...moments, weightDecay: decay }),
  z.strictObject({
    kind: z.literal("rmsprop"),
    ...common,
    beta2: share,
    epsilon,
    weightDecay: decay.default(0),
  }),
  z.strictObject({
    kind: z.literal("lion"),
    ...common,
    beta1: share.default(0.9),
    beta2: share.default(0.99),
    weightDecay: decay.default(0),
  }),
]);

/** What is said, with the rest as it usually is. Throws Misunderstood. */
export function settingsIn(claim: unknown, learningRate: number): Settings {
  const parsed = settings.safeParse(typeof claim === "object" ? { learningRate, ...claim } : claim);
  if (parsed.success) return parsed.data;
  throw new Misunderstood(`optimizerIs: ${z.prettifyError(parsed.error)}`);
}

const names: Readonly<Record<Settings["kind"], string>> = {
  sgd: "SGD",
  adam: "Adam",
  adamw: "AdamW",
  rmsprop: "RMSprop",
  lion: "Lion",
};

export function nameOf(own: Settings): string {
  const parts = [
    `learning rate ${own.learningRate}`,
    ...("momentum" in own && own.momentum > 0
      ? [`${own.nesterov ? "Nesterov's " : ""}momentum ${own.momentum}`]
      : []),
    ...("dampening" in own && own.dampening > 0 ? [`dampening ${own.dampening}`] : []),
    ...("beta1" in own ? [`β₁ ${own.beta1}`] : []),
    ...("beta2" in own ? [`β₂ ${own.beta2}`] : []),
    ...("epsilon" in own ? [`ε ${own.epsilon}`] : []),
    ...(own.weightDecay > 0
      ? [`${"decoupled" in own && own.decoupled ? "decoupled " : ""}weight decay ${own.weightDecay}`]
      : []),
    ...(own.mostNorm === undefined ? [] : [`clipped to norm ${own.mostNorm}`]),
    ...(own.accumulate === 1 ? [] : [`a step for every ${own.accumulate} gradients`]),
  ];
  return `${names[own.kind]}, ${parts.join(", ")}`;
}
