/** @file Trees of arrays (nested records and lists) as flat lists with a path for each leaf. */
import { isArray } from "./module.ts";

export interface Leaf {
  /** Keys from the root, such as `["layers", "0", "w"]`. */
  readonly path: readonly string[];
  readonly value: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** The entries of an inner node of a tree, `undefined` for a leaf. */
function children(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (isArray(value)) return undefined;
  if (Array.isArray(value)) return value.map((item: unknown, index) => [String(index), item] as const);
  return isRecord(value) ? Object.entries(value) : undefined;
}

/** Leaves in order; everything that is no plain record and no list is a leaf. */
export function leavesOf(tree: unknown, path: readonly string[] = []): Leaf[] {
  const inner = children(tree);
  if (inner === undefined) return [{ path, value: tree }];
  return inner.flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

/** The same tree with other leaves; `replace` gets the leaves in the order of `leavesOf`. */
export function replaceLeaves(tree: unknown, replace: (leaf: unknown) => unknown): unknown {
  const inner = children(tree);
  if (inner === undefined) return replace(tree);
  if (Array.isArray(tree)) return inner.map(([, item]) => replaceLeaves(item, replace));
  return Object.fromEntries(inner.map(([key, item]) => [key, replaceLeaves(item, replace)]));
}
