/** @file Specs with an edited recurrence: edited before they are unrolled, and laid over the code from the start. */
import { get } from "../base/assert.ts";
import { unroll } from "../eval/unroll.ts";
import { type Copy, type Graph, type Node, rebuild, transform } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import { overlay } from "./bind.ts";
import { type Candidate, lowerSpec, type Search } from "./candidate.ts";
import { turnsKey } from "./copies.ts";
import { type ScanEdit, scanEdits } from "./edits-scan.ts";
import { brief } from "./limits.ts";
import { isClash, pair } from "./pairing.ts";

/** The spec with each edit of a recurrence, laid over the code. */
export function recurrenceCandidates(search: Search, start: Candidate): Candidate[] {
  return scanEdits(search.recurrent).flatMap((edit) => candidate(search, start, edit) ?? []);
}

function candidate(search: Search, start: Candidate, edit: ScanEdit): Candidate | undefined {
  const { arena, scale } = search;
  const edited = unrolledWith(search.recurrent, edit);
  const lowered = lowerSpec(edited.graph, scale);
  const pairing = lowered && pair(lowered.primitive, search.code);
  if (lowered === undefined || pairing === undefined || isClash(pairing)) return undefined;
  const { spec } = start.lowered;
  const image = counterparts(spec, edited.graph);
  const node = [...image.keys()].find((own) => keyIn(spec, own) === keyOf(edit.place));
  if (node === undefined) return undefined;
  const told = { kind: edit.kind, words: edit.words, node };
  return {
    edits: [{ edit: told, spec, original: start.original, image, instead: edited.instead }],
    lowered,
    pairing,
    overlay: overlay({ spec: lowered.primitive, pairing, arena, scale, scaled: false, limits: brief }),
    written: edited.graph,
    original: (own) => own,
  };
}

function unrolledWith(
  recurrent: Graph,
  { make, instead }: ScanEdit,
): { graph: Graph; instead: Node | undefined } {
  const builder = newBuilder();
  const seen = new Map<Node, Node>();
  const { graph, image } = transform(recurrent, builder, (node, inputs) => {
    const made =
      make.get(node)?.(builder, inputs, (other) => get(seen, other)) ?? rebuild(builder, node, inputs);
    seen.set(node, made);
    return made;
  });
  const steps = unroll(graph);
  return { graph: steps.graph, instead: instead && steps.image.get(instead((node) => get(image, node))) };
}

const keyOf = ({ place, turns }: Copy): string => `${place} ${turnsKey(turns)}`;
function keyIn({ copies }: Graph, node: Node): string | undefined {
  const copy = copies.get(node);
  return copy && keyOf(copy);
}

/** Nodes of one unrolled spec with those that stand at the same place of another: at the same step, whichever that was. */
function counterparts(from: Graph, to: Graph): ReadonlyMap<Node, Node> {
  const there = new Map(to.nodes.map((node) => [keyIn(to, node), node]));
  return new Map(
    from.nodes.flatMap((node) => {
      const key = keyIn(from, node);
      const other = key === undefined ? undefined : there.get(key);
      return other === undefined ? [] : [[node, other] as const];
    }),
  );
}
