/**
 * @file The order in which Keras runs the calls of a model: by their distance from the outputs, and among calls of one distance as
 * keras.src.ops.function.map_graph meets them. Masks depend on it, since MultiHeadAttention takes them away.
 */
import { get } from "../../../base/assert.ts";
import type { CallSpec, LayerSpec, ModelSpec } from "./parse.ts";
import { Malformed } from "./problem.ts";
import { keyOf, type Reference, referencesIn } from "./references.ts";

export interface Step {
  readonly key: string;
  readonly layer: LayerSpec;
  readonly call: CallSpec;
  /** Calls whose results it needs. */
  readonly needs: readonly string[];
}

/** Every call that an output needs. Throws Malformed for one that is missing or needs its own result. */
export function stepsOf(model: ModelSpec): Step[] {
  const steps = arguedBefore(model);
  const depths = new Map<string, number>();
  const ofLayer = new Map<string, number>();
  for (const { key, layer, needs } of steps.toReversed()) {
    const depth = Math.max(depths.get(key) ?? 0, ofLayer.get(layer.name) ?? 0);
    ofLayer.set(layer.name, depth);
    depths.set(key, depth);
    for (const need of needs) depths.set(need, Math.max(depth + 1, depths.get(need) ?? 0));
  }
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const met = [...depths.keys()].flatMap((key) => byKey.get(key) ?? []);
  return met.toSorted((a, b) => get(depths, b.key) - get(depths, a.key));
}

/** Calls after those that they need: a search into the depth, from the outputs. */
function arguedBefore(model: ModelSpec): Step[] {
  const layers = new Map(model.layers.map((layer) => [layer.name, layer]));
  const given = new Set(model.inputs.map(keyOf));
  const [done, open] = [new Set<string>(), new Set<string>()];
  const steps: Step[] = [];
  const pending: (Reference | Step)[] = model.outputs.toReversed();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ("needs" in next) {
      open.delete(next.key);
      done.add(next.key);
      steps.push(next);
      continue;
    }
    const key = keyOf(next);
    if (done.has(key) || given.has(key)) continue;
    if (open.has(key))
      throw new Malformed(next.layer, "a call that needs its own result", "calls one after the other");
    open.add(key);
    const layer = layers.get(next.layer);
    const call = layer?.calls[next.call];
    if (layer === undefined || call === undefined)
      throw new Malformed(next.layer, `no call ${next.call} of it`, "the layers that arguments name");
    const references = [...call.args, call.kwargs].flatMap((value) => referencesIn(layer.name, value));
    pending.push({ key, layer, call, needs: references.map(keyOf) }, ...references.toReversed());
  }
  return steps;
}
