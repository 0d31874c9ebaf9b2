/** @file When two losses count as the same number. */

/** How far a loss that is computed in float32 may be off. */
export const roundingOf = (loss: number): number => 1e-3 * Math.max(1, Math.abs(loss));

/** Whether a loss that is said is the true one, up to rounding. */
export const agrees = (said: number, truth: number): boolean => Math.abs(said - truth) <= roundingOf(truth);
