/** @file The options of a layer as its JSON has them, each read as the kind that Keras gives it. */
import { range } from "../../../base/assert.ts";
import { type Rational, rational, recognise } from "../../../base/rational.ts";
import { Malformed } from "./problem.ts";

export type Json = unknown;
export type JsonObject = Readonly<Record<string, Json>>;

export const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value as JSON, where there is one; the text of a large integer is its digits. */
export const jsonText = (value: Json): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? String(item) : item)) ?? "nothing";

/** Name of an object that Keras writes as `{class_name, config}` or as a bare name; `undefined` for null. */
export function objectName(value: Json): string | undefined {
  if (typeof value === "string") return value;
  if (!isObject(value)) return undefined;
  const { class_name, config } = value;
  if (class_name === "function" && typeof config === "string") return config;
  return typeof class_name === "string" ? class_name : undefined;
}

export class Config {
  readonly part: string;
  readonly values: JsonObject;

  constructor(part: string, values: JsonObject) {
    this.part = part;
    this.values = values;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }
  /** The value, where null counts as absent. */
  get(name: string): Json {
    return Object.hasOwn(this.values, name) ? (this.values[name] ?? undefined) : undefined;
  }
  bool(name: string, usual: boolean): boolean {
    const value = this.get(name) ?? usual;
    if (typeof value === "boolean") return value;
    // tfjs and old Keras write 0 and 1.
    if (value === 0 || value === 1) return value === 1;
    throw this.misses(name, "true or false");
  }
  text(name: string, usual?: string): string {
    const value = this.get(name) ?? usual;
    if (typeof value === "string") return value;
    throw this.misses(name, "a text");
  }
  int(name: string, usual?: number): number {
    const value = this.get(name) ?? usual;
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    throw this.misses(name, "an integer");
  }
  /** A size: a whole number from 1. */
  size(name: string, usual?: number): number {
    const value = this.int(name, usual);
    if (value >= 1) return value;
    throw this.misses(name, "a whole number from 1");
  }
  number(name: string, usual?: Rational): Rational {
    const value = this.get(name);
    if (value === undefined && usual !== undefined) return usual;
    if (typeof value === "number" && Number.isFinite(value)) {
      return Number.isInteger(value) ? rational(value) : recognise(value, "float64");
    }
    throw this.misses(name, "a number");
  }
  ints(name: string): number[] {
    const value = this.get(name);
    if (Array.isArray(value) && value.every((item) => Number.isSafeInteger(item))) return value as number[];
    throw this.misses(name, "a list of integers");
  }
  /** One integer for each axis; a single one holds for all. */
  perAxis(name: string, axes: number, usual?: number): number[] {
    const value = this.get(name) ?? usual;
    if (typeof value === "number") return range(axes).map(() => this.int(name, usual));
    const list = this.ints(name);
    if (list.length === axes) return list;
    if (list.length === 1) return range(axes).map(() => list[0] ?? 1);
    throw this.misses(name, `${axes} integers`);
  }
  /** One axis or several, counted from the end when negative; sorted. */
  axes(name: string, rank: number, usual: readonly number[]): number[] {
    const value = this.get(name) ?? usual;
    const list = typeof value === "number" ? [this.int(name)] : this.has(name) ? this.ints(name) : [...usual];
    return list.map((axis) => this.wrapped(name, axis, rank)).toSorted((a, b) => a - b);
  }
  axis(name: string, rank: number, usual = -1): number {
    return this.wrapped(name, this.int(name, usual), rank);
  }
  wrapped(name: string, axis: number, rank: number): number {
    const counted = axis < 0 ? axis + rank : axis;
    if (counted >= 0 && counted < rank) return counted;
    throw this.misses(name, `an axis of a tensor of rank ${rank}`);
  }

  misses(name: string, want: string): Malformed {
    const value = this.values[name];
    const got = value === undefined ? `no ${name}` : `${name} = ${jsonText(value)}`;
    return new Malformed(this.part, got, want);
  }
}
