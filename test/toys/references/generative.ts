/** @file Entries for generative models and contrast. */
import type { Reference, Variant } from "./kinds.ts";
import { variantsIn } from "./kinds.ts";

const [autoencoders, contrasts, broken] = ["autoencoders.ts", "contrasts.ts", "generative.ts"];
const trainings = "generative_targets.py";

export const references: readonly Reference[] = [
  {
    entry: "examples/toys/perceptron.ts:model",
    problems: ["noise-prediction", "flow-matching", "masked-tokens", "kl-direction", "discriminator"],
  },
  {
    entry: "examples/toys/networks.py:Perceptron",
    problems: ["noise-prediction", "flow-matching", "kl-direction", "discriminator"],
  },
  { entry: `test/toys/entries/${autoencoders}:right`, problems: ["linear-vae"] },
  { entry: `test/toys/entries/${contrasts}:right`, problems: ["contrastive"] },
  { entry: "examples/toys/transformer.ts:model", problems: ["masked-tokens"] },
];

export const variants: readonly Variant[] = [
  ...variantsIn(broken, "noise-prediction", { "time-blind": "timeBlind", constant: "blind" }),
  ...variantsIn(trainings, "noise-prediction", {
    "one step early": "one_step_early",
    "one step late": "one_step_late",
    "signal and noise swapped": "signal_and_noise_swapped",
    "predicts the data": "predicts_the_data",
    "predicts the velocity": "predicts_the_velocity",
  }),
  ...variantsIn(trainings, "flow-matching", {
    "predicts the data": "predicts_the_end",
    "predicts the noise": "predicts_the_start",
  }),
  ...variantsIn(broken, "flow-matching", {
    "time-blind": "timeBlind",
    constant: "pointBlind",
    "time rounded": "timeRounded",
    reversed: "reversedTargets",
  }),
  ...variantsIn(autoencoders, "linear-vae", {
    collapsed: "unread",
    "one latent": "oneLatent",
    "latents of variance 1": "unitVariance",
    "divergence counted half": "half",
    "divergence counted twice": "twice",
    "error averaged": "errorAveraged",
    "noise times variance": "noiseTimesVariance",
    "no noise": "withoutNoise",
  }),
  ...variantsIn(contrasts, "contrastive", {
    "cosines as logits": "withoutTemperature",
    "one sign": "oneSign",
    "no similarity": "oneNumber",
    "sees the diagonal": "withinOneView",
  }),
  ...variantsIn(broken, "masked-tokens", {
    "neighbours only": "neighbours",
    "mask read as a token": "maskAsToken",
    "left side only": "causal",
    "right side only": "backward",
    "no positions": "withoutPositions",
    "input not read": "masksOnly",
  }),
  ...variantsIn(broken, "kl-direction", {
    "weights unknown": "summed",
    "variance 1": "unitVariance",
    constant: "blind",
  }),
  ...variantsIn(trainings, "kl-direction", {
    "mode seeking": "mode_seeking",
    "variance of one component": "variance_of_one_component",
  }),
  ...variantsIn(trainings, "discriminator", { "more generated than real": "more_generated" }),
  ...variantsIn(broken, "discriminator", {
    affine: "affineOnly",
    constant: "blind",
    "one number": "firstOnly",
    "sigmoid twice": "withSigmoid",
    "labels swapped": "swappedLabels",
  }),
];
