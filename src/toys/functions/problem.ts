/**
 * @file What a function problem is: one part of the user's code is called on given numbers, and what it answers is compared
 * with what the definition gives. Nothing is trained and nothing left to chance. The answers of broken variants are known
 * too, so that a wrong answer names the bug.
 */
import type { Tensor } from "../tensor.ts";

/** A plain number, one tensor, or several. Flags are real numbers 0 and 1, so that code can calculate with them. */
export type Argument = number | Tensor | readonly Tensor[];

/** By name, in the order in which the function takes them. */
export type Given = Readonly<Record<string, Argument>>;

/** The tensors that a function gives, most often one. */
export type Answer = readonly Tensor[];

/** In float64, from what is defined. */
export type Definition = (given: Given) => Answer;

/** What a bug makes of a function. */
export interface Variant {
  /** A few words: "truncation taken for termination". */
  readonly name: string;
  /** What is computed instead. */
  readonly derivation: string;
  /** How that comes about, one bug each. */
  readonly bugs: readonly string[];
  readonly answer: Definition;
}

/** One thing that a function may be meant to compute. */
export interface Meaning {
  readonly name: string;
  readonly derivation: string;
  /** Whether it is right also where the entry does not say what it means. */
  readonly usual: boolean;
  readonly answer: Definition;
  readonly variants: readonly Variant[];
}

export interface FunctionProblem {
  readonly name: string;
  /** The name under which an entry brings the function, and under which, with "Is" after it, it says what is meant. */
  readonly slot: string;
  /** What the function takes and gives. */
  readonly signature: string;
  /** One line. */
  readonly title: string;
  /** What is asked, with formulas, in Markdown. */
  readonly story: string;
  /** Where the definition is from. */
  readonly source: string;
  /** How many roundings follow each other, at most, on the way from what is given to an answer. */
  readonly operations: number;
  /** Functions of other kinds are sound too, so that an answer that is like nothing known shows nothing. */
  readonly open: boolean;
  /** What the function is called with, given what the entry says that it means. */
  questions(claim: unknown): readonly Question[];
  /** Some of what an entry may say that it means, the usual first. */
  readonly examples: readonly unknown[];
  /** What the entry says that it means, in all forms that are right; none where it says nothing. Throws Misunderstood. */
  meant(claim: unknown): readonly Meaning[];
  /** What the function may be beside what the entry says, or where it says nothing; the likeliest first. */
  known(claim: unknown, answers: readonly Answer[]): readonly Meaning[];
  /** Where a number of an answer stands, in words; its indices where this is absent. A lone number stands nowhere. */
  place?(output: number, indices: readonly number[]): string;
}

export interface Question {
  /** What is special about it. */
  readonly name: string;
  readonly given: Given;
}

/** What the entry says of its own function is not understood: a message for its author. */
export class Misunderstood extends Error {}
