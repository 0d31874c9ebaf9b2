/** @file What toy problems say of a model, as it stands in result files. */
import { z } from "zod";

/** A rung that a model stands on. */
export interface ToyRung {
  readonly name: string;
  readonly loss: number;
  readonly derivation: string;
  readonly bugs: readonly string[];
  /** What a question to the trained model says of its being of the class, where there is one. */
  readonly probe?:
    | {
        readonly says: string;
        readonly confirmed: boolean;
        /** What the answers tell beside it, in words. */
        readonly measured?: string | undefined;
      }
    | undefined;
}

/** What is wrong with a gradient or an optimizer, shown without chance. */
export type Flaw =
  /** Along a direction in the parameter the gradient is `said`, and the slope of the loss `truth`. */
  | {
      readonly kind: "wrong-gradient";
      readonly parameter: string;
      readonly said: number;
      readonly truth: number;
    }
  /** These have a gradient and never move, although others do. */
  | { readonly kind: "not-moved"; readonly parameters: readonly string[] }
  /** The first step goes up, with this cosine to the gradient. */
  | { readonly kind: "uphill"; readonly cosine: number };

export type ToyVerdict =
  | { readonly kind: "reached" }
  /** At one rung, or at several that predict the same. */
  | { readonly kind: "stuck"; readonly rungs: readonly ToyRung[] }
  /** At a level where training may stop although the model is right. */
  | { readonly kind: "local-minimum"; readonly rungs: readonly ToyRung[] }
  /** Better than any legal model; `evidence` in nats. Rungs are leaks that predict the same. */
  | { readonly kind: "below"; readonly evidence: number; readonly rungs: readonly ToyRung[] }
  /** The entry's own loss is not the problem's, on the same predictions; the model may also stand at a rung. */
  | {
      readonly kind: "misreported";
      readonly said: number | null;
      readonly truth: number;
      readonly rungs: readonly ToyRung[];
    }
  /** Wrong whatever its loss is; the model may also stand at a rung. */
  | { readonly kind: "flawed"; readonly flaw: Flaw; readonly rungs: readonly ToyRung[] }
  /** Shown to miss the lowest loss, at no rung. */
  | { readonly kind: "between"; readonly above: string; readonly below?: string | undefined }
  /** Nothing is shown; a distance from the lowest loss above `visible` would have been seen. */
  | { readonly kind: "inconclusive"; readonly visible: number }
  | {
      readonly kind: "failed";
      readonly why: "crashed" | "late" | "not-finite" | "wrong-shape" | "user-error";
      readonly message: string;
      readonly file?: string | undefined;
      readonly line?: number | undefined;
    };

export interface ToyCurvePoint {
  readonly step: number;
  /** On data that are not trained on. */
  readonly loss: number | null;
  /** What the training said. */
  readonly reported?: number | null | undefined;
}

/** The losses that a training function reports are not those of its steps. */
export interface ToyMisreport {
  /** Where they differ most. */
  readonly step: number;
  readonly said: number;
  readonly truth: number;
  /** How many reports differ of how many that were compared. */
  readonly wrong: number;
  readonly reports: number;
  /** What they are instead: always a multiple of the loss, the loss of one output, the same number, or none of these. */
  readonly is: "multiple" | "output" | "constant" | "unknown";
  readonly factor?: number | undefined;
  readonly output?: string | undefined;
}

/** One training. */
export interface ToyAttempt {
  readonly seed: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly curve: readonly ToyCurvePoint[];
  readonly misreport?: ToyMisreport | undefined;
  /** Where it stood at its end; absent where it came to none. */
  readonly end?:
    | {
        readonly kind: "reached" | "stuck" | "below" | "between" | "unclear";
        readonly loss: number;
        /** Expected loss above the lowest, and a bound on it that holds but for a chance of 1 in 1000. */
        readonly excess: number;
        readonly excessBound: number;
      }
    | undefined;
}

export interface ToyOutcome {
  readonly problem: string;
  readonly title: string;
  /** The lowest loss, and the expected distance from it that still counts as reached. */
  readonly best: number;
  readonly tolerance: number;
  readonly ladder: readonly { readonly name: string; readonly loss: number }[];
  readonly verdict: ToyVerdict;
  /** The loss with weights made by hand that are the best in a network of ReLU layers of these shapes; absent where there are none. */
  readonly certificate?: { readonly holds: boolean; readonly loss: number } | undefined;
  /** Remarks on how the entry was tried, such as what of its outputs was read. */
  readonly notes: readonly string[];
  readonly attempts: readonly ToyAttempt[];
}

const rung = z.strictObject({
  name: z.string(),
  loss: z.number(),
  derivation: z.string(),
  bugs: z.array(z.string()),
  probe: z
    .strictObject({ says: z.string(), confirmed: z.boolean(), measured: z.string().optional() })
    .optional(),
});

const flaw: z.ZodType<Flaw> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("wrong-gradient"),
    parameter: z.string(),
    said: z.number(),
    truth: z.number(),
  }),
  z.strictObject({ kind: z.literal("not-moved"), parameters: z.array(z.string()) }),
  z.strictObject({ kind: z.literal("uphill"), cosine: z.number() }),
]);

const verdict: z.ZodType<ToyVerdict> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("reached") }),
  z.strictObject({ kind: z.literal("stuck"), rungs: z.array(rung) }),
  z.strictObject({ kind: z.literal("local-minimum"), rungs: z.array(rung) }),
  z.strictObject({ kind: z.literal("below"), evidence: z.number(), rungs: z.array(rung) }),
  z.strictObject({
    kind: z.literal("misreported"),
    said: z.number().nullable(),
    truth: z.number(),
    rungs: z.array(rung),
  }),
  z.strictObject({ kind: z.literal("flawed"), flaw, rungs: z.array(rung) }),
  z.strictObject({ kind: z.literal("between"), above: z.string(), below: z.string().optional() }),
  z.strictObject({ kind: z.literal("inconclusive"), visible: z.number() }),
  z.strictObject({
    kind: z.literal("failed"),
    why: z.enum(["crashed", "late", "not-finite", "wrong-shape", "user-error"]),
    message: z.string(),
    file: z.string().optional(),
    line: z.number().optional(),
  }),
]);

const misreport: z.ZodType<ToyMisreport> = z.strictObject({
  step: z.number(),
  said: z.number(),
  truth: z.number(),
  wrong: z.number(),
  reports: z.number(),
  is: z.enum(["multiple", "output", "constant", "unknown"]),
  factor: z.number().optional(),
  output: z.string().optional(),
});

const attempt: z.ZodType<ToyAttempt> = z.strictObject({
  seed: z.number(),
  learningRate: z.number(),
  steps: z.number(),
  curve: z.array(
    z.strictObject({
      step: z.number(),
      loss: z.number().nullable(),
      reported: z.number().nullable().optional(),
    }),
  ),
  misreport: misreport.optional(),
  end: z
    .strictObject({
      kind: z.enum(["reached", "stuck", "below", "between", "unclear"]),
      loss: z.number(),
      excess: z.number(),
      excessBound: z.number(),
    })
    .optional(),
});

export const toyOutcomeSchema: z.ZodType<ToyOutcome> = z.strictObject({
  problem: z.string(),
  title: z.string(),
  best: z.number(),
  tolerance: z.number(),
  ladder: z.array(z.strictObject({ name: z.string(), loss: z.number() })),
  verdict,
  certificate: z.strictObject({ holds: z.boolean(), loss: z.number() }).optional(),
  notes: z.array(z.string()),
  attempts: z.array(attempt),
});
