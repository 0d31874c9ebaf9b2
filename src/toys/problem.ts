/**
 * @file What a toy problem is: data from a seed, a loss, the lowest loss that exists, and a ladder of the lowest losses of
 * broken classes of models, each with the predictor that reaches it.
 */
import type { Random } from "../base/random.ts";
import type { Certificate } from "./certificate.ts";
import type { Head } from "./heads.ts";
import type { Tensors } from "./tensor.ts";

/** One tensor of a batch. */
export interface Field {
  readonly name: string;
  /** Without the batch. */
  readonly shape: readonly number[];
  /** How many whole numbers it may hold (0 … count − 1); absent for real numbers. */
  readonly count?: number;
  readonly meaning: string;
}

/** The target of an item that doesn't count, where targets are classes; PyTorch's own convention. */
export const ignored = -100;

export interface Batch {
  readonly rows: number;
  readonly inputs: Tensors;
  /** By head. An item that doesn't count is `ignored` among classes and NaN among reals. */
  readonly targets: Tensors;
  /** What only the generator knows, such as the lag of a sequence, for predictors. */
  readonly hidden: Tensors;
}

/** Outputs by head, as a model would give them: [rows, ...items, width], no last axis for a width of 1. */
export type Predictor = (batch: Batch) => Tensors;

/** A loss that some class of models can reach and not pass. */
export interface Level {
  /** The expected loss, exactly. */
  readonly loss: number;
  /** Why no model of the class does better. */
  readonly derivation: string;
  /** What reaches it; several where symmetry leaves a choice. */
  readonly predictors: readonly Predictor[];
}

export interface Rung extends Level {
  /** A few words for the class: "affine", "order-blind". */
  readonly name: string;
  /**
   * A floor is what the class can't pass; a leak lies below what is legal; at a local minimum training may stop although
   * the model is right; a definition is another loss than the one that was asked for.
   */
  readonly kind: "floor" | "leak" | "local-minimum" | "definition";
  /** What is wrong with a model that stops here, one bug each. */
  readonly bugs: readonly string[];
  readonly probe?: Probe;
  /**
   * No fixed prediction is near a model of the class: what it predicts changes from one question to the next, or a continuum of
   * predictions is equally good. The probe alone decides.
   */
  readonly probeDecides?: boolean;
}

/** Shows without training or chance whether a trained model is of a rung's class. */
export interface Probe {
  /** What is done, and what follows for a model of the class: "other tokens before the last three: nothing changes". */
  readonly says: string;
  /** Inputs on which the model is asked, beside those of the batch. */
  inputs(batch: Batch, random: Random): readonly Tensors[];
  /** Whether the model is of the class, from its outputs on the batch and on the other inputs. */
  confirms(plain: Tensors, others: readonly Tensors[]): boolean;
  /** What else the outputs of a model of the class tell, in words. */
  measures?(batch: Batch, outputs: readonly Tensors[]): string | undefined;
}

export interface Problem {
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** What is drawn and what is asked, with formulas, in Markdown. */
  readonly story: string;
  /** Where it is from. */
  readonly source: string;
  /** What it is about; "causal" where an output may depend on no later item of the input. */
  readonly tags: readonly string[];
  readonly inputs: readonly Field[];
  readonly heads: readonly Head[];
  /** Rows of a batch, and batches that a sound model needs; calibrated by `npm run toys:all`. */
  readonly batch: number;
  readonly steps: number;
  /** Rows of one batch depend on each other, so that only whole batches are independent. */
  readonly coupled?: boolean;
  draw(rows: number, random: Random): Batch;
  readonly best: Level;
  /** Weights that say what the best predictor says, where a network of one hidden layer can. */
  readonly certificate?: Certificate;
  readonly rungs: readonly Rung[];
}
