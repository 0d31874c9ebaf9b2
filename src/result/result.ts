/**
 * @file Every result file that Assay writes: plain JSON, its schema and version named in the file, so that a report made
 * a year later knows what it reads. A change that an old reader would misread raises the version.
 */
import { z } from "zod";
import { type ImplementationClass, implementationClass } from "./bakeoff.ts";
import { type FunctionOutcome, functionOutcomeSchema } from "./functions.ts";
import { type ToyOutcome, toyOutcomeSchema } from "./toys.ts";
import { type Verdict, verdictSchema } from "./verdict.ts";

/** What every result says about its making. */
interface Envelope {
  /** Version of Assay. */
  readonly assay: string;
  /** Arguments after `assay`, as typed. */
  readonly command: readonly string[];
}

/** No verdict, and why. */
export type ErrorResult = Envelope & { readonly schema: "assay/error@1" } & (
    | { readonly kind: "diagnostic" | "unsupported"; readonly report: ReportedProblem }
    | { readonly kind: "internal"; readonly message: string; readonly stack: string }
  );

interface ReportedProblem {
  readonly code: string;
  readonly title: string;
  readonly place: {
    readonly file?: string | undefined;
    readonly line?: number | undefined;
    readonly column?: number | undefined;
    readonly part?: string | undefined;
  };
  readonly got: string;
  readonly want: string;
  readonly action?: string | undefined;
}

/** The equations of a model. */
export interface ReadResult extends Envelope {
  readonly schema: "assay/read@1";
  readonly model: string;
  /** The specification that the equations are, in both written forms. */
  readonly text: string;
  readonly latex: string;
  /** What the equations do not say: fixed sizes, dropout that is off, unused parameters. */
  readonly notes: readonly string[];
}

/** Whether a model is the model of a specification. */
export interface CheckResult extends Envelope {
  readonly schema: "assay/check@1";
  readonly model: string;
  readonly spec: string;
  readonly seed: number;
  readonly verdict: Verdict;
}

/** Whether two models are the same function. */
export interface DiffResult extends Envelope {
  readonly schema: "assay/diff@1";
  readonly first: string;
  readonly second: string;
  readonly seed: number;
  /** On the second, with the first one as the specification. */
  readonly verdict: Verdict;
}

/** Which of several implementations agree. */
export interface BakeoffResult extends Envelope {
  readonly schema: "assay/bakeoff@1";
  readonly models: readonly string[];
  readonly spec?: string | undefined;
  readonly seed: number;
  readonly classes: readonly ImplementationClass[];
}

/** Where an entry stands on toy problems. */
export interface ToysResult extends Envelope {
  readonly schema: "assay/toys@1";
  readonly entry: string;
  readonly seed: number;
  /** Parts of the entry that were called. */
  readonly functions: readonly FunctionOutcome[];
  /** Trainings of it. */
  readonly outcomes: readonly ToyOutcome[];
  /** Problems that the entry has no model for. */
  readonly unfit: readonly { readonly problem: string; readonly why: string }[];
}

/** Two networks that differ in one activation: what they reached, and what can be reached. */
export interface DemoResult extends Envelope {
  readonly schema: "assay/demo@1";
  readonly seed: number;
  /** The lowest expected losses of any affine model, and of any model. */
  readonly affine: Losses;
  readonly lowest: Losses;
  readonly variants: readonly DemoVariant[];
}

interface DemoVariant {
  readonly file: string;
  /** The expected losses along the training; the last is what it reached. */
  readonly curve: readonly (Losses & { readonly step: number })[];
  readonly verdict: Verdict;
}

interface Losses {
  readonly crossEntropy: number;
  readonly squaredError: number;
  readonly total: number;
}

/** What is installed. */
export interface DoctorResult extends Envelope {
  readonly schema: "assay/doctor@1";
  readonly tools: readonly Tool[];
}

export interface Tool {
  readonly name: string;
  /** Version, or null where it is missing. */
  readonly version: string | null;
  /** Where it was found, or how to get it. */
  readonly detail: string;
  readonly neededFor: string;
}

export type Result =
  | ErrorResult
  | ReadResult
  | CheckResult
  | DiffResult
  | BakeoffResult
  | ToysResult
  | DemoResult
  | DoctorResult;

const envelope = { assay: z.string(), command: z.array(z.string()) };

const reportedProblem: z.ZodType<ReportedProblem> = z.strictObject({
  code: z.string(),
  title: z.string(),
  place: z.strictObject({
    file: z.string().optional(),
    line: z.number().optional(),
    column: z.number().optional(),
    part: z.string().optional(),
  }),
  got: z.string(),
  want: z.string(),
  action: z.string().optional(),
});

const losses = { crossEntropy: z.number(), squaredError: z.number(), total: z.number() };

const resultSchema: z.ZodType<Result> = z.union([
  z.strictObject({
    ...envelope,
    schema: z.literal("assay/error@1"),
    kind: z.enum(["diagnostic", "unsupported"]),
    report: reportedProblem,
  }),
  z.strictObject({
    ...envelope,
    schema: z.literal("assay/error@1"),
    kind: z.literal("internal"),
    message: z.string(),
    stack: z.string(),
  }),
  z.strictObject({
    ...envelope,
    schema: z.literal("assay/read@1"),
    model: z.string(),
    text: z.string(),
    latex: z.string(),
    notes: z.array(z.string()),
  }),
  z.strictObject({
    ...envelope,
    schema: z.literal("assay/diff@1"),
    first: z.string(),
    second: z.string(),
    seed: z.number(),
    verdict: verdictSchema,
  }),
  z.strictObject({
    ...envelope,
    schema: z.literal("assay/toys@1"),
    entry: z.string(),
    seed: z.number(),
    functions: z.array(functionOutcomeSchema),
    outcomes: z.array(toyOutcomeSchema),
    unfit: z.array(z.strictObject({ problem: z.string(), why: z.string() })),
  }),
  z.strictObject({
    ...envelope,
    schema: z.literal("assay/bakeoff@1"),
    models: z.array(z.string()),
    spec: z.string().optional(),
    seed: z.number(),
    classes: z.array(implementationClass),
  }),
  z.strictObject({
    ...envelope,
    schema: z.literal("assay/check@1"),
    model: z.string(),
    spec: z.string(),
    seed: z.number().int(),
    verdict: verdictSchema,
  }),
  z.strictObject({
    ...envelope,
    schema: z.literal("assay/demo@1"),
    seed: z.number().int(),
    affine: z.strictObject(losses),
    lowest: z.strictObject(losses),
    variants: z.array(
      z.strictObject({
        file: z.string(),
        curve: z.array(z.strictObject({ step: z.number().int(), ...losses })),
        verdict: verdictSchema,
      }),
    ),
  }),
  z.strictObject({
    ...envelope,
    schema: z.literal("assay/doctor@1"),
    tools: z.array(
      z.strictObject({
        name: z.string(),
        version: z.string().nullable(),
        detail: z.string(),
        neededFor: z.string(),
      }),
    ),
  }),
]);

/** The result that a parsed JSON file holds. Throws a ZodError that names what is wrong. */
export const parseResult = (json: unknown): Result => resultSchema.parse(json);
