/** @file Sorts implementations of one model into classes that are proved to compute the same. */
import { at } from "../base/assert.ts";
import type { Graph } from "../ir/graph.ts";
import { asSpec } from "../prove/as-spec.ts";
import { check } from "../prove/check.ts";
import type { ImplementationClass } from "../result/bakeoff.ts";
import type { Verdict } from "../result/verdict.ts";

export interface Implementation {
  readonly name: string;
  readonly graph: Graph;
}

export interface BakeoffOptions {
  /** Reads the spec that all should meet. */
  readonly spec?: (batched: boolean) => Graph;
  readonly seed: number;
  readonly onProgress?: (message: string) => void;
}

/**
 * The classes, largest first. An implementation joins a class when it is proved equal to the class's first member; one
 * that nothing can be said about stays alone. Every class but the first has its difference from the first; with a spec,
 * each has the verdict on its first member.
 */
export function classesOf(
  entries: readonly Implementation[],
  options: BakeoffOptions,
): ImplementationClass[] {
  const { seed, spec } = options;
  const classes: Implementation[][] = [];
  for (const entry of entries) {
    options.onProgress?.(`comparing ${entry.name}`);
    const home = classes.find((members) => against(at(members, 0), entry, seed).kind === "equal");
    if (home === undefined) classes.push([entry]);
    else home.push(entry);
  }
  const sorted = classes.toSorted((a, b) => b.length - a.length);
  return sorted.map((members, index) => {
    const first = at(members, 0);
    return {
      members: members.map(({ name }) => name),
      difference: index === 0 ? undefined : against(at(at(sorted, 0), 0), first, seed),
      onSpec: spec && check({ code: first.graph, spec, seed }),
    };
  });
}

/** The verdict on the second, with the first as the specification. */
const against = (first: Implementation, second: Implementation, seed: number): Verdict =>
  check({ code: second.graph, spec: () => asSpec(first.graph, first.name), seed });
