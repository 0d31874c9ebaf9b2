/** @file What an operation gives: tensors, and lists of tensors, which loops read from and write to. */
import type { Dim } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";

/** A list that a loop carries, as it is inside one round. */
export interface Carried {
  readonly kind: "carried";
  /** Which of the loop's variables it is. */
  readonly variable: number;
  /** The element at an index, of the list as it was before the loop. */
  readonly element: (index: Node) => Node;
  /** Whether an index is the number of the round. */
  readonly isRound: (index: Node) => boolean;
  /** What this round puts in, at its own number or always at the same place. */
  readonly written?: { readonly place: number | "round"; readonly item: Node };
}

export type TensorList =
  /** All elements, along the first axis. */
  | { readonly kind: "rows"; readonly rows: Node }
  /** Those elements that were set. */
  | { readonly kind: "items"; readonly length: Dim; readonly items: ReadonlyMap<number, Node> }
  | Carried;

export type Value = Node | TensorList;

export const isList = (value: Value): value is TensorList => "kind" in value;
