/**
 * @file One sentence where the code uses one layer, cell or gate in the place of two: their parameters are tied one by one, and
 * a person sees the places that share them.
 */
import { at, range } from "../base/assert.ts";
import type { Graph, Node } from "../ir/graph.ts";
import type { Fault } from "./faults.ts";
import { nameIn } from "./names.ts";
import { enclosing } from "./sides.ts";

/** Ties between parameters, with those told together that tie the same places. */
export function groupedTies(faults: readonly Fault[], spec: Graph): Fault[] {
  const classes = tiedParameters(faults);
  const groups = new Map<string, Tied[]>();
  for (const tied of classes.map((parameters) => placed(parameters, spec)))
    groups.set(tied.key, [...(groups.get(tied.key) ?? []), tied]);
  const together = chained([...groups.values()]).filter((group) => group.length > 1);
  const told = new Set(together.flatMap((group) => group.flatMap(({ parameters }) => parameters)));
  const others = faults.filter(({ parameters }) => !parameters.every((parameter) => told.has(parameter)));
  return [...together.map(groupFault), ...others];
}

/** Equations that read each other at all of the places belong together, such as those of a normalisation. */
function chained(groups: readonly (readonly Tied[])[]): (readonly Tied[])[] {
  const chains: Tied[][] = [];
  const order = (group: readonly Tied[]): number => at(at(group, 0).values, 0).id;
  for (const group of [...groups].sort((a, b) => order(a) - order(b))) {
    const before = chains.find((chain) => isReadBy(at(chain, chain.length - 1), at(group, 0)));
    if (before === undefined) chains.push([...group]);
    else before.push(...group);
  }
  return chains;
}

const isReadBy = ({ values }: Tied, { values: readers, operands }: Tied): boolean =>
  values.length === readers.length && values.every((value, side) => at(operands, side).has(value));

/** The named values in the equation of a value. */
function operandsOf(value: Node, { labels }: Graph): ReadonlySet<Node> {
  const seen = new Set<Node>();
  const pending = [...value.inputs];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (!labels.has(node)) pending.push(...node.inputs);
  }
  return seen;
}

/** Parameters of the spec that are one in the code, those of each in the order of the spec. */
function tiedParameters(faults: readonly Fault[]): Node[][] {
  const classOf = new Map<Node, Set<Node>>();
  for (const { kind, parameters } of faults) {
    if (kind !== "shared-parameter" || new Set(parameters).size < 2) continue;
    const joined = new Set(parameters.flatMap((one) => [one, ...(classOf.get(one) ?? [])]));
    for (const one of joined) classOf.set(one, joined);
  }
  return [...new Set(classOf.values())].map((members) => [...members].sort((a, b) => a.id - b.id));
}

interface Tied {
  readonly parameters: readonly Node[];
  /** What the places are called that the parameters belong to, one for each. */
  readonly places: readonly string[];
  readonly names: readonly string[];
  /** The values that are computed with them, and what these are computed from. */
  readonly values: readonly Node[];
  readonly operands: readonly ReadonlySet<Node>[];
  /** Equal for parameters that tie the same places. */
  readonly key: string;
}

/** The places are the uses of a model, the recurrences or the equations by which the parameters are told apart. */
function placed(parameters: readonly Node[], spec: Graph): Tied {
  const sites = parameters.map((parameter) => siteOf(parameter, spec));
  const depth = Math.max(...sites.map(({ path }) => path.length));
  const level = range(depth).find((step) => new Set(sites.map(({ path }) => path[step])).size > 1) ?? depth;
  return {
    parameters,
    places: sites.map(({ path, uses, label }) => (level < uses ? path.slice(0, level + 1).join(".") : label)),
    names: sites.map(({ name }) => name),
    values: sites.map(({ value }) => value),
    operands: sites.map(({ value }) => operandsOf(value, spec)),
    key: sites.map(({ path }) => path.slice(0, level + 1).join(".")).join(" "),
  };
}

interface Site {
  readonly name: string;
  /** The uses of models around the parameter, the recurrence and the equation that it stands in. */
  readonly path: readonly string[];
  /** How many of them are uses of models. */
  readonly uses: number;
  /** The value that is computed with it, and its name. */
  readonly value: Node;
  readonly label: string;
}

function siteOf(parameter: Node, spec: Graph): Site {
  const full = nameIn(spec).value(parameter).split(".");
  const uses = full.slice(0, -1);
  const user = spec.nodes.find((node) => node.inputs.includes(parameter)) ?? parameter;
  const value = enclosing(spec, user);
  const turns = spec.copies.get(user)?.turns ?? [];
  const label = nameIn(spec).value(value);
  return {
    name: at(full, full.length - 1),
    path: [...uses, turns.at(-1)?.scope ?? "", spec.origins.get(user)?.equation ?? ""],
    uses: uses.length,
    value,
    // All steps have the same parameters.
    label: turns.length > 0 ? label.replace(/_\d+$/, "") : label,
  };
}

function groupFault(group: readonly Tied[]): Fault {
  const first = at(group, 0);
  const sides = first.places.map((_, side) => [...new Set(group.map(({ places }) => at(places, side)))]);
  const [own = [], ...others] = sides;
  const names = group.map(({ names: each }) => at(each, 0)).join(", ");
  const verb = others.flat().length > 1 ? "are" : "is";
  const all = sides.length > 2 ? "all" : "both";
  return {
    kind: "shared-parameter",
    parameters: group.flatMap(({ parameters }) => parameters),
    at: at(first.parameters, 1),
    words: `${others.flat().join(", ")} ${verb} computed with parameters of ${own.join(", ")}: ${names} serve for ${all}`,
    consequence: "some functions of the spec can't be reached by the code, however it is trained",
  };
}
