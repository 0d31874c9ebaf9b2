/** @file How Assay trains where an entry leaves it to Assay, in every library. */
import type { Plan } from "./training.ts";

/** Adam (Kingma and Ba 2015, algorithm 1) with the authors' constants, on gradients of a norm of at most 1. */
export const adam = { first: 0.9, second: 0.999, epsilon: 1e-8, mostNorm: 1 } as const;

const warmUp = 0.05;

/** The rate at a step: it rises over the first steps, then falls to zero along a cosine. */
export function rateAt({ learningRate, steps }: Plan, step: number): number {
  const rising = Math.max(1, Math.round(warmUp * steps));
  if (step < rising) return (learningRate * (step + 1)) / rising;
  return (learningRate * (1 + Math.cos((Math.PI * (step - rising)) / Math.max(1, steps - rising)))) / 2;
}
