/** @file All function problems. */
import type { FunctionProblem } from "./problem.ts";
import { advantages } from "./problems/advantages.ts";
import { binaryCrossEntropy } from "./problems/binary-cross-entropy.ts";
import { clip } from "./problems/clip.ts";
import { crossEntropyOfClasses } from "./problems/cross-entropy.ts";
import { ctc } from "./problems/ctc.ts";
import { divergence } from "./problems/divergence.ts";
import { entropyOfPolicy } from "./problems/entropy.ts";
import { gan } from "./problems/gan.ts";
import { klOfGaussian } from "./problems/kl.ts";
import { optimizer } from "./problems/optimizer.ts";
import { policyGradient } from "./problems/policy-gradient.ts";
import { policyLoss } from "./problems/policy-loss.ts";
import { qTargets } from "./problems/q-targets.ts";
import { returns } from "./problems/returns.ts";
import { schedule } from "./problems/schedule.ts";
import { squaredError } from "./problems/squared-error.ts";
import { tokenLoss } from "./problems/token-loss.ts";

export const functionProblems: readonly FunctionProblem[] = [
  // Losses.
  crossEntropyOfClasses,
  binaryCrossEntropy,
  tokenLoss,
  squaredError,
  klOfGaussian,
  divergence,
  ctc,
  // Steps.
  optimizer,
  clip,
  schedule,
  gan,
  // Reinforcement learning.
  advantages,
  returns,
  qTargets,
  policyLoss,
  policyGradient,
  entropyOfPolicy,
];

/** Names under which an entry brings functions. */
export const slots: readonly string[] = functionProblems.map(({ slot }) => slot);
