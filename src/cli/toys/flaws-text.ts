/** @file What is said of gradients, optimizers, and weights made by hand. */
import { visible } from "../../diag/diagnostic.ts";
import type { Flaw, ToyOutcome } from "../../result/toys.ts";

/** A few words. */
export function flawName({ kind }: Flaw): string {
  const words: Readonly<Record<Flaw["kind"], string>> = {
    "wrong-gradient": "wrong gradient",
    "not-moved": "parameters not moved",
    uphill: "steps uphill",
  };
  return words[kind];
}

const mostNames = 4;

export function flawSentences(flaw: Flaw): string[] {
  switch (flaw.kind) {
    case "wrong-gradient":
      return [
        `the gradient of ${visible(flaw.parameter)} is not that of the loss: along a random direction it says ${flaw.said.toPrecision(3)}, and the loss changes by ${flaw.truth.toPrecision(3)}`,
        "look for a value that is detached, computed outside of the graph or written in place, and for a backward pass of your own",
      ];
    case "not-moved": {
      const named = flaw.parameters.slice(0, mostNames).map(visible).join(", ");
      const more = flaw.parameters.length - mostNames;
      return [
        `the training has not changed a single number of ${named}${more > 0 ? ` and ${more} more` : ""}, whose gradient is not zero`,
        "look for what the optimizer is given: parameters that were made or replaced later, or left out of a group",
      ];
    }
    case "uphill":
      return [
        `the first step raises the loss: its cosine to the gradient is ${flaw.cosine.toFixed(2)}`,
        "look for the sign of the update",
      ];
  }
}

/** What the best weights say of a model that missed. */
export function certificateSentences({ certificate, best, verdict }: ToyOutcome): string[] {
  if (certificate === undefined || verdict.kind === "flawed") return [];
  const loss = certificate.loss.toFixed(4);
  return certificate.holds
    ? [
        `with weights made by hand this model has the lowest loss (${loss}): its forward pass is right, and its training does not get there`,
      ]
    : [
        `weights made by hand that reach ${best.toFixed(4)} in a network of ReLU layers of these shapes have the loss ${loss} in this model: if it is meant to be one, its forward pass is wrong`,
      ];
}
