/** @file Implementations of one model, sorted by what they compute. */
import { z } from "zod";
import { type Verdict, verdictSchema } from "./verdict.ts";

/** Implementations that are proved to compute the same. */
export interface ImplementationClass {
  members: string[];
  /** How its first member differs from that of the largest class; absent for that class. */
  difference?: Verdict | undefined;
  /** Whether its first member meets the spec, where one was given. */
  onSpec?: Verdict | undefined;
}

export const implementationClass: z.ZodType<ImplementationClass> = z.strictObject({
  members: z.array(z.string()),
  difference: verdictSchema.optional(),
  onSpec: verdictSchema.optional(),
});
