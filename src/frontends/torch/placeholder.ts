/** @file A stored tensor as the program refers to it. */
import type { Stored } from "./weights.ts";

export interface Placeholder {
  /** Its name in the program. */
  readonly value: string;
  /** Its name in the model. */
  readonly name: string;
  readonly stored: Stored;
  readonly kind: "trainable" | "frozen" | "buffer" | "constant";
}

/** Whether the code made it, rather than training. */
export const isMade = ({ kind }: Pick<Placeholder, "kind">): boolean =>
  kind === "buffer" || kind === "constant";
