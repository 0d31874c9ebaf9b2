/** @file What the bridge writes of a traced model, `assay/jaxpr@1` (`python/assay_bridge/jaxprs.py`), as types. */
import { z } from "zod";

export type WrittenSize = number | { readonly size: string };
export interface WrittenType {
  readonly dtype: string;
  readonly shape: readonly WrittenSize[];
}
export interface WrittenVariable extends WrittenType {
  readonly id: number;
}
/** JSON has no numbers that are not finite; of complex ones only the name of their type is written. */
export type WrittenNumber =
  | number
  | bigint
  | boolean
  | { readonly number: "nan" | "inf" | "-inf" }
  | { readonly other: string };
/** A variable by its number, or a value that is written down. */
export type WrittenAtom =
  | number
  | (WrittenType & { readonly literal: WrittenNumber })
  | (WrittenType & { readonly array: number });
export interface WrittenEquation {
  readonly primitive: string;
  readonly inputs: readonly WrittenAtom[];
  /** JSON whose sizes, programs and arrays are objects with one key; rules ask for what they need. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly outputs: readonly WrittenVariable[];
  /** Names of modules around it, joined by slashes. */
  readonly scope?: string | undefined;
  /** Places in the user's own code, the innermost first. */
  readonly frames?: readonly number[] | undefined;
}
interface WrittenProgram {
  /** Arrays that its first inputs are. */
  readonly constants: readonly number[];
  readonly inputs: readonly WrittenVariable[];
  readonly equations: readonly WrittenEquation[];
  readonly outputs: readonly WrittenAtom[];
}
export interface WrittenArray extends WrittenType {
  /** Little-endian numbers in base64. */
  readonly values?: string | undefined;
}
interface WrittenParameter {
  readonly names: readonly string[];
  readonly trained: boolean;
  readonly array: number;
}
interface WrittenFrame {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly code: string;
}
export interface Document {
  readonly name: string;
  /** It is a function of several models. */
  readonly set_up?: boolean | undefined;
  readonly parameters: readonly WrittenParameter[];
  readonly inputs: readonly string[];
  readonly outputs: readonly (readonly string[])[];
  /** Names of stored arrays that the model changes. */
  readonly updates: readonly string[];
  readonly main: number;
  readonly programs: readonly WrittenProgram[];
  readonly arrays: readonly WrittenArray[];
  readonly frames: readonly WrittenFrame[];
}

const index: z.ZodType<number> = z.int().nonnegative();
const size: z.ZodType<WrittenSize> = z.union([z.int(), z.object({ size: z.string().max(1000) })]);
const type: z.ZodType<WrittenType> = z.object({ dtype: z.string(), shape: z.array(size) });
const variable: z.ZodType<WrittenVariable> = z.intersection(type, z.object({ id: index }));
const number: z.ZodType<WrittenNumber> = z.union([
  z.number(),
  z.bigint(),
  z.boolean(),
  z.object({ number: z.enum(["nan", "inf", "-inf"]) }),
  z.object({ other: z.string() }),
]);
const atom: z.ZodType<WrittenAtom> = z.union([
  index,
  z.intersection(type, z.object({ literal: number })),
  z.intersection(type, z.object({ array: index })),
]);
const equation: z.ZodType<WrittenEquation> = z.object({
  primitive: z.string(),
  inputs: z.array(atom),
  params: z.record(z.string(), z.unknown()),
  outputs: z.array(variable),
  scope: z.string().optional(),
  frames: z.array(index).optional(),
});
const program: z.ZodType<WrittenProgram> = z.object({
  constants: z.array(index),
  inputs: z.array(variable),
  equations: z.array(equation),
  outputs: z.array(atom),
});

export const schema: z.ZodType<Document> = z.object({
  schema: z.literal("assay/jaxpr@1"),
  name: z.string(),
  set_up: z.boolean().optional(),
  parameters: z.array(z.object({ names: z.array(z.string()).min(1), trained: z.boolean(), array: index })),
  inputs: z.array(z.string()),
  outputs: z.array(z.array(z.string())),
  updates: z.array(z.string()),
  main: index,
  programs: z.array(program),
  arrays: z.array(z.intersection(type, z.object({ values: z.string().optional() }))),
  frames: z.array(
    z.object({ file: z.string(), line: z.int().nonnegative(), function: z.string(), code: z.string() }),
  ),
});
