/** @file What function problems say of a part of the user's code, as it stands in result files. */
import { z } from "zod";

/** Something that a function may be: another definition, or what a bug makes of it. */
export interface Likeness {
  readonly name: string;
  /** What is computed. */
  readonly derivation: string;
  readonly bugs: readonly string[];
}

export type FunctionVerdict =
  /**
   * The answers are those of the definition. `is` names it; `unseen` names bugs whose answers would be the same, with what
   * the entry says that it means.
   */
  | { readonly kind: "reached"; readonly is: readonly string[]; readonly unseen: readonly string[] }
  /** The answers are those of a bug, or of several that answer the same. */
  | { readonly kind: "stuck"; readonly rungs: readonly Likeness[] }
  /** The answers are wrong, and like those of no known bug; the first number that differs. */
  | {
      readonly kind: "different";
      /** The definition that was compared with. */
      readonly from: string;
      readonly question: string;
      readonly place: string;
      readonly wanted: number | null;
      readonly got: number | null;
    }
  /** The answers are those of one of these, if of any; whether that is meant is not known. */
  | { readonly kind: "inconclusive"; readonly is: readonly Likeness[] }
  | {
      readonly kind: "failed";
      readonly why: "crashed" | "late" | "wrong-shape" | "misunderstood" | "user-error";
      readonly message: string;
      readonly file?: string | undefined;
      readonly line?: number | undefined;
    };

export interface FunctionOutcome {
  readonly problem: string;
  readonly title: string;
  /** The name under which the entry brings the function. */
  readonly slot: string;
  readonly verdict: FunctionVerdict;
}

const likeness: z.ZodType<Likeness> = z.strictObject({
  name: z.string(),
  derivation: z.string(),
  bugs: z.array(z.string()),
});

const verdict: z.ZodType<FunctionVerdict> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("reached"), is: z.array(z.string()), unseen: z.array(z.string()) }),
  z.strictObject({ kind: z.literal("stuck"), rungs: z.array(likeness) }),
  z.strictObject({
    kind: z.literal("different"),
    from: z.string(),
    question: z.string(),
    place: z.string(),
    wanted: z.number().nullable(),
    got: z.number().nullable(),
  }),
  z.strictObject({ kind: z.literal("inconclusive"), is: z.array(likeness) }),
  z.strictObject({
    kind: z.literal("failed"),
    why: z.enum(["crashed", "late", "wrong-shape", "misunderstood", "user-error"]),
    message: z.string(),
    file: z.string().optional(),
    line: z.number().optional(),
  }),
]);

export const functionOutcomeSchema: z.ZodType<FunctionOutcome> = z.strictObject({
  problem: z.string(),
  title: z.string(),
  slot: z.string(),
  verdict,
});
