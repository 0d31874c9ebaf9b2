/**
 * @file What the prover says, as data: the part of a result file that reports, terminals and CI read. Every verdict
 * carries what it rests on.
 */
import { z } from "zod";
import { type FindingKind, findingKinds } from "./findings.ts";

/** A place in the user's terms. */
export interface VerdictPlace {
  file?: string | undefined;
  line?: number | undefined;
  /** The source line's text. */
  code?: string | undefined;
  module?: string | undefined;
  /** The line that called the function which `line` is in. */
  caller?: { file: string; line: number; code?: string | undefined } | undefined;
  /** Number of the equation. */
  equation?: string | undefined;
}

/** A parameter of the spec and what it is in the code. */
export interface BindingRow {
  parameter: string;
  shape: number[];
  /** A layout expression over the code's parameters, such as `fc1.weight^T`. */
  is: string;
}

/** What equality over the prime field rests on; without runs the two are one expression, operation for operation. */
export interface Evidence {
  runs: number;
  primes: number[];
  /** Output elements compared over all runs. */
  elements: number;
  /** In how many stages, each with fresh numbers, the bound was found: more than one in deep models. */
  stages: number;
  /** Bound on the chance that unequal functions agreed in every run. */
  error: number;
  assumptions: string[];
  /** Largest gap between the two in float64, relative to the largest output; absent when a function has no value there. */
  floatGap?: number | undefined;
}

export interface Difference {
  kind: FindingKind;
  /** One sentence: what the code does that the spec does not say. */
  words: string;
  spec: { text: string; place: VerdictPlace };
  code: { text: string; place: VerdictPlace };
  /** What follows from it for the model, where that is proved. */
  consequences: string[];
  /** Other edits that explain the code as well. */
  alternatives: string[];
}

/** A point on which the two disagree. */
export interface Witness {
  inputs: { name: string; value: string }[];
  output: string;
  spec: number;
  code: number;
  /** Where the parameters' values come from. */
  parameters: string;
}

export type Verdict =
  | { kind: "equal"; bindings: BindingRow[]; evidence: Evidence; notes: string[] }
  | {
      kind: "different";
      differences: Difference[];
      bindings: BindingRow[];
      witness?: Witness | undefined;
      notes: string[];
    }
  | {
      kind: "undecided";
      reason: string;
      /** The first equation that was not found in the code. */
      at?: { text: string; place: VerdictPlace } | undefined;
      bindings: BindingRow[];
      notes: string[];
    };

const place = z.object({
  file: z.string().optional(),
  line: z.number().int().optional(),
  code: z.string().optional(),
  module: z.string().optional(),
  caller: z.object({ file: z.string(), line: z.number().int(), code: z.string().optional() }).optional(),
  equation: z.string().optional(),
});
const side = z.object({ text: z.string(), place });
const bindings = z.array(
  z.object({ parameter: z.string(), shape: z.array(z.number().int()), is: z.string() }),
);
const evidence = z.object({
  runs: z.number().int(),
  primes: z.array(z.number().int()),
  elements: z.number().int(),
  stages: z.number().int(),
  error: z.number(),
  assumptions: z.array(z.string()),
  floatGap: z.number().optional(),
});
const difference = z.object({
  kind: z.enum(findingKinds),
  words: z.string(),
  spec: side,
  code: side,
  consequences: z.array(z.string()),
  alternatives: z.array(z.string()),
});
const witness = z.object({
  inputs: z.array(z.object({ name: z.string(), value: z.string() })),
  output: z.string(),
  spec: z.number(),
  code: z.number(),
  parameters: z.string(),
});
const notes = z.array(z.string());

export const verdictSchema: z.ZodType<Verdict> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("equal"), bindings, evidence, notes }),
  z.object({
    kind: z.literal("different"),
    differences: z.array(difference),
    bindings,
    witness: witness.optional(),
    notes,
  }),
  z.object({ kind: z.literal("undecided"), reason: z.string(), at: side.optional(), bindings, notes }),
]);
