/** @file The order of a block's results: what matters most comes first, and what others are computed of last. */
import { at } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import { innerOf, type Part } from "./blocks.ts";

/** The part with its results in order. */
export function inOrder(part: Part): Part {
  const read = new Set(innerOf(part).flatMap(({ inputs }) => inputs));
  const last = { ...part, results: part.results.filter((node) => !read.has(node)) };
  return withResults({ ...last, results: mainFirst(last) }, part.results);
}

/** The results with the one of most operations in front, if these are at least twice those of the first. */
export function mainFirst(part: Part): readonly Node[] {
  const { results } = part;
  const [first, ...others] = results.map((node) => innerOf({ ...part, results: [node] }).length);
  const most = Math.max(...others);
  if (first === undefined || most < 2 * first) return results;
  const main = at(results, others.indexOf(most) + 1);
  return [main, ...results.filter((node) => node !== main)];
}

/** The part with more results, of which it has those that no other is computed of. */
export function withResults(part: Part, results: readonly Node[]): Part {
  const others = new Set(results.filter((node) => !part.results.includes(node)));
  const met = others.size < 2 ? [...others] : innerOf(part).filter((node) => others.has(node));
  return { ...part, results: [...part.results, ...met] };
}
