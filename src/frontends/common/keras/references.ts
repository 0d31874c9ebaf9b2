/** @file References between layers: which output of which call of a layer an argument is. */
import { type Dim, symbol } from "../../../ir/dim.ts";
import { isObject, type Json, type JsonObject, jsonText } from "./config.ts";
import { Malformed, NotCovered } from "./problem.ts";
import { ellipsis, type Value } from "./values.ts";

export interface Reference {
  readonly layer: string;
  readonly call: number;
  readonly tensor: number;
  /** Sizes that the file declares; null for those that it leaves open. */
  readonly shape?: readonly (number | null)[];
}

export const keyOf = ({ layer, call }: Reference): string => `${call} ${layer}`;

/** `["dense", 0, 0]`. */
export function historyOf(part: string, value: Json): Reference {
  const [layer, call, tensor] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (typeof layer === "string" && isCount(call) && isCount(tensor)) return { layer, call, tensor };
  throw new Malformed(part, jsonText(value), "the name of a layer and two numbers");
}
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** The reference that a tagged object is; `undefined` for any other value. */
function referenceIn(part: string, value: JsonObject): Reference | undefined {
  if (value["class_name"] !== "__keras_tensor__" || !isObject(value["config"])) return undefined;
  const { keras_history: history, shape } = value["config"];
  const reference = historyOf(part, history);
  const isShape = Array.isArray(shape) && shape.every((size) => size === null || Number.isSafeInteger(size));
  return isShape ? { ...reference, shape: shape as (number | null)[] } : reference;
}

/** Every reference in an argument. */
export function referencesIn(part: string, value: Json): Reference[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item) => referencesIn(part, item));
  if (!isObject(value)) return [];
  const reference = referenceIn(part, value);
  return reference === undefined
    ? Object.values(value).flatMap((item) => referencesIn(part, item))
    : [reference];
}

/** What arguments hold besides plain values: other calls' results, and tensors that were there when the model was made. */
export interface Held {
  readonly find: (reference: Reference) => Value;
  readonly hold: (part: string, tensor: JsonObject) => Value;
}

/** An argument with its references replaced by what they stand for. */
export function resolved(part: string, value: Json, held: Held): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  const inner = (item: Json): Value => resolved(part, item, held);
  if (Array.isArray(value)) return (value as readonly Json[]).map(inner);
  if (!isObject(value)) throw new Malformed(part, typeof value, "JSON");
  const reference = referenceIn(part, value);
  if (reference !== undefined) return held.find(reference);
  const { class_name: tag, config } = value;
  const options = isObject(config) ? config : {};
  switch (tag) {
    case "__slice__":
      return {
        kind: "cut",
        start: inner(options["start"]),
        stop: inner(options["stop"]),
        step: inner(options["step"]),
      };
    case "__tensor__":
    case "__numpy__":
      return held.hold(part, options);
    case "__ellipsis__":
      return ellipsis;
    case "__tuple__":
      return inner(options["value"] ?? config);
    case undefined:
      return {
        kind: "named",
        entries: new Map(Object.entries(value).map(([key, item]) => [key, inner(item)])),
      };
    default:
      throw new NotCovered(`an argument of kind ${typeof tag === "string" ? tag : "unknown"}`, part);
  }
}

/**
 * `inbound_nodes` of Keras 2, `[[["dense", 0, 0, {…}], …], …]`, as the calls that Keras 3 writes. What a keyword names is a
 * tensor where it is the triple of one.
 */
export function oldCall(part: string, node: Json): { readonly args: Json[]; readonly kwargs: JsonObject } {
  const list = Array.isArray(node) ? (node as readonly Json[]) : [];
  const entries = typeof list[0] === "string" ? [list] : list;
  const tensors = entries.map((entry) => tagged(historyOf(part, entry)));
  const options = entries.map((entry) => (Array.isArray(entry) && isObject(entry[3]) ? entry[3] : {}));
  const kwargs = Object.fromEntries(
    Object.entries(options[0] ?? {}).map(([name, value]) => [name, oldValue(value)]),
  );
  return { args: [tensors.length === 1 ? tensors[0] : tensors], kwargs };
}
const tagged = ({ layer, call, tensor }: Reference): JsonObject => ({
  class_name: "__keras_tensor__",
  config: { keras_history: [layer, call, tensor] },
});
function oldValue(value: Json): Json {
  if (!Array.isArray(value)) return value;
  const [layer, call, tensor] = value as readonly unknown[];
  if (typeof layer === "string" && isCount(call) && isCount(tensor)) return tagged({ layer, call, tensor });
  return (value as readonly Json[]).map(oldValue);
}

/** A declared shape whose open sizes have names: the batch, and whatever `name` says of the others. */
export const shapeOf = (sizes: readonly (number | null)[], name: (axis: number) => string): Dim[] =>
  sizes.map((size, axis) => size ?? symbol(axis === 0 ? "B" : name(axis)));
