/** @file What layers and operations are called on and give back: tensors, and the plain values of Python. */
import type { Node } from "../../../ir/graph.ts";

/** `x[start:stop:step]` of one axis. */
export interface Cut {
  readonly kind: "cut";
  readonly start: Value;
  readonly stop: Value;
  readonly step: Value;
}
interface Ellipsis {
  readonly kind: "ellipsis";
}
export const ellipsis: Ellipsis = { kind: "ellipsis" };
/** A dict. */
interface Named {
  readonly kind: "named";
  readonly entries: ReadonlyMap<string, Value>;
}
export type Value = Node | number | string | boolean | null | Cut | Ellipsis | Named | readonly Value[];

export const isNode = (value: Value): value is Node =>
  typeof value === "object" && value !== null && "op" in value && "type" in value;
export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
