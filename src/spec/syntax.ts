/** @file The forms of an expression. */
import type { Rational } from "../base/rational.ts";
import type { Size } from "./sizes.ts";
import type { Position } from "./source.ts";

export type Infix = "+" | "-" | "*" | "/" | "." | "juxtaposed" | Comparison | "and" | "or";
export type Comparison = "<" | "<=" | ">" | ">=" | "==" | "!=";

export type Expression = Form & {
  readonly position: Position;
  /** Height of the tree, which is limited so that walking it can't exhaust the stack. */
  readonly depth: number;
  /** Written in brackets of its own. */
  readonly grouped?: true;
};

export type Form =
  | { readonly kind: "number"; readonly value: Rational }
  | { readonly kind: "name"; readonly name: string }
  | {
      readonly kind: "infix";
      readonly operator: Infix;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "negation"; readonly operand: Expression }
  | { readonly kind: "power"; readonly base: Expression; readonly exponent: Expression }
  | { readonly kind: "transpose"; readonly operand: Expression }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly subscript: readonly string[];
      readonly args: readonly Expression[];
      /** Written in `\sum_{k=1}^{K}`. */
      readonly bounds: Bounds | undefined;
    }
  | { readonly kind: "index"; readonly tensor: Expression; readonly items: readonly IndexItem[] }
  /** `[n, 3 d]`: sizes or axes as an argument. */
  | { readonly kind: "list"; readonly items: readonly Expression[] };

export type Call = Expression & { readonly kind: "call" };

export interface Bounds {
  readonly lower: string;
  readonly upper: Size;
}

export type IndexItem = { readonly position: Position } & (
  | { readonly kind: "letter"; readonly name: string }
  | { readonly kind: "expression"; readonly expression: Expression }
  | {
      readonly kind: "range";
      readonly start: number | undefined;
      readonly stop: number | undefined;
      readonly step: number;
    }
);
