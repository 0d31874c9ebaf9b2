/**
 * @file A quick look at whether an edit of a spec leads anywhere: made in the part of the spec around the place where spec and
 * code part, does it give a value that the code has and that was not found before?
 */
import { at, get, zip } from "../base/assert.ts";
import { attributeText, type Graph, type Node, type Output } from "../ir/graph.ts";
import { functionKinds } from "../ops/traits.ts";
import { type Overlay, overlay } from "./bind.ts";
import { type Candidate, lowerSpec, type Range, type Search } from "./candidate.ts";
import { applyEdit, type Edit } from "./edit.ts";
import type { Limits } from "./limits.ts";
import { type Lowered, neighbourhood, usersWithin } from "./localise.ts";
import type { Pairing } from "./pairing.ts";
import { type Part, partOf } from "./part.ts";
import type { Known } from "./path.ts";

export interface Progress {
  /** Values that were found and were not before; less than 1 for none. */
  readonly gain: number;
  readonly effort: number;
}

/**
 * Tells by how many values an edit brings a candidate nearer to the code. `kept` are nodes in primitives whose values are not
 * in question. Throws a Diagnostic where the edit can't be made.
 */
export function screen(
  search: Search,
  candidate: Candidate,
  kept: ReadonlySet<Node>,
  limits: Limits,
  range: Range,
): (edit: Edit) => Progress {
  const before = whatIsFound(candidate.overlay);
  const kinds = functionKinds([...search.code.nodes, ...candidate.lowered.primitive.nodes]);
  const views = new Map<Node, readonly [view: View, before: ReadonlySet<Node | string>]>();
  const viewOf = (node: Node): readonly [View, ReadonlySet<Node | string>] => {
    const view = viewFrom(node, candidate, kept, range);
    // Bindings that are looked for again may come out differently without an edit, too.
    const unedited = through(view, lowerSpec(view.part.graph, search.scale), search, candidate, limits);
    return [view, new Set([...before, ...unedited.found])];
  };
  return (edit) => {
    const place = edit.near ?? edit.node;
    const known = views.get(place) ?? viewOf(place);
    views.set(place, known);
    const [view, past] = known;
    const mutant = applyEdit(view.part.graph, edit, {
      graph: candidate.lowered.spec,
      own: (node) => view.part.image.get(node),
    });
    const lowered = lowerSpec(mutant.graph, search.scale);
    // A function that the code has nowhere leads nowhere.
    if (
      lowered !== undefined &&
      ![...functionKinds(lowered.primitive.nodes)].every((kind) => kinds.has(kind))
    )
      return { gain: 0, effort: 0 };
    const { found, share, effort } = through(view, lowered, search, candidate, limits);
    return { gain: [...found].filter((one) => !past.has(one)).length + share, effort };
  };
}

/** The code's values that a spec was found to have, and its outputs that are the code's. */
const whatIsFound = ({ matches, found }: Overlay): Set<Node | string> =>
  new Set([...[...matches.values()].flatMap((places) => places.map(({ node }) => node)), ...found.keys()]);

/** What an edit of a node may have an effect on. */
interface View {
  readonly part: Part;
  /** What the code has for the outputs of the spec in it, which are its first. */
  readonly outputs: readonly Output[];
  readonly known: (spec: Graph) => Known;
}

function viewFrom(
  node: Node,
  candidate: Candidate,
  kept: ReadonlySet<Node>,
  { reach, horizon }: Range,
): View {
  const { lowered, pairing } = candidate;
  const { spec } = lowered;
  const ends = usersWithin(spec, [node], horizon);
  const affected = new Set(ends);
  const reached = zip(spec.outputs, pairing.outputs).filter(([output]) => affected.has(output.node));
  const isCut = (other: Node): boolean =>
    !affected.has(other) && other.inputs.length > 0 && kept.has(get(lowered.image, other));
  // An edit may speak of what leads to the node, and of anything that has a name and comes before it.
  const near = new Set(neighbourhood(spec, [node], reach));
  const spoken = spec.nodes.filter(
    (other) => other.id < node.id && (spec.labels.has(other) || near.has(other)),
  );
  const part = partOf(
    spec,
    [...new Set([...reached.map(([output]) => output.node), ...ends])],
    isCut,
    spoken,
  );
  return { part, outputs: reached.map(([, [, code]]) => code), known: knownOf(part, candidate, kept) };
}

interface Sight {
  readonly found: ReadonlySet<Node | string>;
  /** How much of the part was found, less than 1. */
  readonly share: number;
  readonly effort: number;
}

/** The part, edited or not, laid over the code. */
function through(
  { outputs, known }: View,
  lowered: Lowered | undefined,
  { arena, scale }: Search,
  { pairing }: Candidate,
  limits: Limits,
): Sight {
  if (lowered === undefined) return { found: new Set(), share: 0, effort: 0 };
  const { primitive: spec } = lowered;
  const paired: Pairing = {
    inputs: pairing.inputs.map(([, code], index) => [at(spec.inputs, index), code]),
    outputs: outputs.map((output, index) => [at(spec.outputs, index), output]),
  };
  const request = { spec, pairing: paired, arena, scale, scaled: false, known: known(spec), limits };
  const laid = overlay(request);
  const matched = [...laid.matches.values()].filter((places) => places.length > 0);
  return { found: whatIsFound(laid), share: matched.length / (spec.nodes.length + 1), effort: laid.effort };
}

/** What is known of an edited part, in primitives: its cuts, and the parameters that keep their meaning. */
function knownOf(
  part: Part,
  { lowered, overlay: found }: Candidate,
  kept: ReadonlySet<Node>,
): (spec: Graph) => Known {
  const parameters = lowered.primitive.parameters.flatMap(({ node }) => {
    const binding = kept.has(node) ? found.bindings.get(node) : undefined;
    return binding === undefined ? [] : [[attributeText(node.attrs), binding] as const];
  });
  const bindings = new Map(parameters);
  return (spec) => {
    const cuts = zip(part.cuts, spec.inputs.slice(spec.inputs.length - part.cuts.length)).map(
      ([cut, input]) => [input as Node, get(lowered.image, cut)] as const,
    );
    const carried = <V>(values: ReadonlyMap<Node, V>): [Node, V][] =>
      cuts.flatMap(([input, cut]) => {
        const value = values.get(cut);
        return value === undefined ? [] : [[input, value]];
      });
    return {
      values: carried(found.values),
      matches: carried(found.matches),
      bindings: spec.parameters.flatMap(({ node }) => {
        const binding = bindings.get(attributeText(node.attrs));
        return binding === undefined ? [] : [[node, binding] as const];
      }),
    };
  };
}
