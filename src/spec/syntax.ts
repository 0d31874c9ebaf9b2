/** @file The forms of an expression. */
import { assertNever } from "../base/assert.ts";
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
  /** An index as a number, as in `j <= i`. */
  | { readonly kind: "letter"; readonly name: string }
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
  /** A model of the document on arguments: `Attention_2(x)`. */
  | {
      readonly kind: "use";
      readonly model: string;
      /** The name as written, which tells one use from another. */
      readonly written: string;
      /** Tensors, and then integers by their names. */
      readonly args: readonly Expression[];
    }
  | { readonly kind: "index"; readonly tensor: Expression; readonly items: readonly IndexItem[] }
  /** `[n, 3 d]`: sizes or axes as an argument. */
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  /** `stride = 2`: an argument by its name. */
  | { readonly kind: "option"; readonly name: string; readonly value: Expression };

export type Call = Expression & { readonly kind: "call" };
export type Use = Expression & { readonly kind: "use" };

export interface Bounds {
  readonly lower: string;
  readonly upper: Size;
}

export type IndexItem = { readonly position: Position } & (
  | { readonly kind: "letter"; readonly name: string }
  | { readonly kind: "expression"; readonly expression: Expression }
  | {
      readonly kind: "range";
      readonly start: Expression | undefined;
      readonly stop: Expression | undefined;
      readonly step: number;
    }
);

/** The expressions that an expression is made of. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "number":
    case "name":
    case "letter":
      return [];
    case "infix":
      return [expression.left, expression.right];
    case "negation":
    case "transpose":
      return [expression.operand];
    case "power":
      return [expression.base, expression.exponent];
    case "call":
    case "use":
      return expression.args;
    case "index":
      return [expression.tensor, ...expression.items.flatMap(partsOfIndex)];
    case "list":
      return expression.items;
    case "option":
      return [expression.value];
    default:
      return assertNever(expression);
  }
}

export function partsOfIndex(item: IndexItem): readonly Expression[] {
  if (item.kind === "expression") return [item.expression];
  return item.kind === "letter" ? [] : [item.start, item.stop].filter((end) => end !== undefined);
}

/** Whether an index stands as a number somewhere inside. */
export const containsLetter = (expression: Expression, name: string): boolean =>
  (expression.kind === "letter" && expression.name === name) ||
  partsOf(expression).some((part) => containsLetter(part, name));
