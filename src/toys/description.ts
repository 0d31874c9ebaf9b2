/** @file What an entry is told of a problem: enough to build a model for it, in any language. */
import type { Head, Scoring } from "./heads.ts";
import type { Field, Problem } from "./problem.ts";

export interface Description {
  readonly name: string;
  readonly title: string;
  /** "causal" where an output may depend on no later item of the input, and what else the problem is about. */
  readonly tags: readonly string[];
  /** Rows of a batch. */
  readonly batch: number;
  /** In the order in which a model takes them. */
  readonly inputs: readonly Field[];
  /** In the order in which a model returns several. */
  readonly outputs: readonly Output[];
}

/** One output: [batch, ...items, width] of a model, [batch, ...items] where the width is 1. */
export interface Output extends Pick<Head, "name" | "items" | "weight"> {
  readonly kind: Scoring["kind"];
  readonly width: number;
  readonly level?: number;
}

export const descriptionOf = ({ name, title, tags, batch, inputs, heads }: Problem): Description => ({
  name,
  title,
  tags,
  batch,
  inputs,
  outputs: heads.map(({ name: output, items, weight, scoring: { kind, width, level } }) => ({
    name: output,
    items,
    weight,
    kind,
    width,
    ...(level !== undefined && { level }),
  })),
});
