/** @file Steps that a graph computes, found from the operands on: what comes after a step, and what else every step computes. */
import { at, get, zip } from "../base/assert.ts";
import { attributeText, type Graph, type Node, usersOf } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { definitionOf } from "../ops/table.ts";
import { correspond, elementOf, isParting } from "./correspond.ts";
import {
  type Course,
  ownNodes,
  type Recurrence,
  type Slip,
  type Step,
  type Steps,
  type Template,
  tolerance,
} from "./recurrence.ts";
import { isSameType } from "./rule.ts";

const keyOf = (op: OpName, inputs: readonly Node[], attrs: OpAttrs[OpName]): string =>
  `${op}(${inputs.map(({ id }) => id).join()})${attributeText(attrs)}`;

export class Instances {
  readonly #users: ReadonlyMap<Node, readonly Node[]>;
  readonly #made: ReadonlyMap<string, Node>;

  constructor(graph: Graph) {
    this.#users = usersOf(graph);
    this.#made = new Map(graph.nodes.map((node) => [keyOf(node.op, node.inputs, node.attrs), node]));
  }

  users(node: Node): readonly Node[] {
    return get(this.#users, node);
  }

  /** The slice that cuts another element out of the same sequence. */
  element(slice: Node, place: number): Node | undefined {
    if (slice.op !== "Slice") return undefined;
    return this.#made.get(keyOf("Slice", slice.inputs, { ...slice.attrs, start: place, stop: place + 1 }));
  }

  /** What the graph has of a step, where some nodes of it are known. */
  completed(inner: readonly Node[], shared: ReadonlySet<Node>, known: Step): Map<Node, Node> {
    const images = new Map(known);
    for (const node of inner) {
      if (images.has(node)) continue;
      const operands = node.inputs.map(
        (input) => images.get(input) ?? (shared.has(input) ? input : undefined),
      );
      const whole = operands.filter((operand) => operand !== undefined);
      const made =
        whole.length < operands.length ? undefined : this.#made.get(keyOf(node.op, whole, node.attrs));
      if (made !== undefined) images.set(node, made);
    }
    return images;
  }

  /**
   * The steps behind the last, of which one may lack what nothing needs. One that is made in another way than the others is
   * told, unless one of the `steps` is.
   */
  after(template: Template, steps: readonly Step[], course: Course): Pick<Steps, "steps" | "slip"> {
    const { inner } = template;
    const latest = at(inner, inner.length - 1);
    const shared = new Set(template.shared);
    const result: Step[] = [];
    let slip: Steps["slip"];
    for (let last = at(steps, steps.length - 1); ; last = at(result, result.length - 1)) {
      const place = steps.length + result.length;
      const step = this.completed(inner, shared, this.#given(template, last, placesAt(course, place)));
      const made = inner.filter((node) => step.has(node)).length;
      const isStep = made * 2 >= inner.length && template.after.some((node) => step.has(node));
      const isNext =
        isStep && [...placesAt(course, place)].every(([element, next]) => isWithin(element, next));
      const odd =
        isNext || slip !== undefined ? undefined : this.#slipped(template, step, placesAt(course, place));
      if (odd !== undefined) slip = { place, ...odd.slip };
      if ((!isNext && odd === undefined) || get(last, latest) === step.get(latest)) break;
      result.push(odd?.step ?? step);
      if (odd === undefined && step.size < ownNodes(template).length) break;
    }
    return { steps: result, slip };
  }

  /** A step that is made of other values here and there, and the first such place. */
  #slipped(
    template: Template,
    known: Step,
    places: ReadonlyMap<Node, number>,
  ): { readonly step: Step; readonly slip: Omit<Slip, "place"> } | undefined {
    const { inner, before, after, elements } = template;
    const images = new Map(known);
    for (const node of inner) {
      if (images.has(node)) continue;
      const operands = node.inputs.flatMap((input) => images.get(input) ?? []);
      const other = counterpart(node, [...new Set(operands.flatMap((operand) => this.users(operand)))]);
      if (other !== undefined) images.set(node, other);
    }
    const results = after.flatMap((node) => (images.has(node) ? [[node, get(images, node)] as const] : []));
    if (results.length < after.length) return undefined;
    const link = correspond(results, { ends: new Set(before), sharesParameters: true, tolerance });
    if (isParting(link) || link.partings.length * 4 > inner.length) return undefined;
    const step = new Map<Node, Node>([...link.inner, ...link.elements, ...link.carried]);
    if (!ownNodes(template).every((node) => step.has(node))) return undefined;
    const element = elements.find((own) => step.get(own) !== known.get(own));
    if (element !== undefined) {
      const parting = { later: element, earlier: get(step, element) };
      return { step, slip: { parting, expected: get(places, element) } };
    }
    const [parting] = link.partings;
    return parting && { step, slip: { parting } };
  }

  /** What a step has from the step before it and from sequences. */
  #given({ before, after }: Template, last: Step, places: ReadonlyMap<Node, number>): Step {
    const carried = zip(before, after).map(([node, made]) => [node, last.get(made)] as const);
    const next = [...places].map(([element, place]) => [element, this.element(element, place)] as const);
    return defined([...carried, ...next]);
  }

  /** The recurrence with what else every step computes of its own values, such as an output that is not carried on. */
  grown(recurrence: Recurrence): Recurrence {
    const members = new Set(recurrence.steps.flatMap((step) => [...step.values()]));
    const pending = [...recurrence.inner];
    const tried = new Set<Node>();
    let grown = recurrence;
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      for (const user of this.users(node)) {
        if (members.has(user) || tried.has(user)) continue;
        tried.add(user);
        const wider = this.#with(grown, user, members);
        if (wider === undefined) continue;
        const added = wider.inner.slice(grown.inner.length);
        pending.push(...added);
        for (const step of wider.steps) for (const own of added) members.add(step.get(own) ?? own);
        grown = wider;
      }
    }
    return trimmed(grown, recurrence);
  }

  #with(recurrence: Recurrence, user: Node, members: ReadonlySet<Node>): Recurrence | undefined {
    const { inner, after, before, elements, shared, steps } = recurrence;
    const place = steps.findIndex((step) => step.get(at(inner, 0)) === at(inner, 0));
    const step = at(steps, place - 1);
    const operand = user.inputs.find((input) => step.has(input));
    if (operand === undefined) return undefined;
    const ends = new Set(before);
    const known = zip(
      after,
      after.map((node) => get(step, node)),
    );
    for (const other of this.users(get(step, operand))) {
      if (other === user || members.has(other) || other.op !== user.op) continue;
      const link = correspond([...known, [user, other]], { ends, sharesParameters: true });
      if (isParting(link)) continue;
      const added = [...link.inner.keys()].filter((node) => !steps[place]?.has(node)).reverse();
      if (added.some((node) => members.has(node))) continue;
      const more = [...link.elements.keys()].filter((node) => !elements.includes(node));
      const all = new Set([...shared, ...link.shared]);
      const wider = steps.map((own, index) =>
        this.completed(added, all, moved(own, more, index - place, recurrence.reverse, this)),
      );
      const isEverywhere = wider.every(
        (own, index) => index === steps.length - 1 || added.every((node) => own.has(node)),
      );
      if (!isEverywhere) continue;
      return {
        ...recurrence,
        inner: [...inner, ...added],
        elements: [...elements, ...more],
        shared: [...all],
        steps: wider,
      };
    }
    return undefined;
  }
}

/** Where the elements of a step stand. */
const placesAt = ({ first, direction }: Course, step: number): ReadonlyMap<Node, number> =>
  new Map([...first].map(([element, place]) => [element, place + direction * step]));

/** Whether the sequence has such an element. */
function isWithin(slice: Node, place: number): boolean {
  const element = elementOf(slice);
  const size = element?.source.type.shape[element.axis];
  return place >= 0 && typeof size === "number" && place < size;
}

/** The node that stands in the place of another: of its operator if there is one, else the only one of its type. */
function counterpart(node: Node, users: readonly Node[]): Node | undefined {
  const alike = users.filter((user) => user.inputs.length === node.inputs.length && isSameType(user, node));
  return alike.find(({ op }) => op === node.op) ?? (alike.length === 1 ? alike[0] : undefined);
}

const defined = (entries: readonly (readonly [Node, Node | undefined])[]): Map<Node, Node> =>
  new Map(entries.flatMap(([node, value]) => (value === undefined ? [] : [[node, value] as const])));

/** A step with the elements of further sequences, `distance` steps away from where these stand. */
function moved(
  step: Step,
  elements: readonly Node[],
  distance: number,
  reverse: boolean,
  instances: Instances,
): Step {
  const further = elements.map((element) => {
    const place = elementOf(element)?.place ?? 0;
    return [element, instances.element(element, place + (reverse ? -distance : distance))] as const;
  });
  return new Map([...step, ...defined(further)]);
}

/** Without what only rearranges a result: rows of a stack are that. */
function trimmed(grown: Recurrence, least: Recurrence): Recurrence {
  const kept = new Set<Node>(least.inner);
  const needed = new Set<Node>();
  for (const node of grown.inner.toReversed()) {
    if (!kept.has(node) && !needed.has(node) && definitionOf(node.op).rearranges === true) continue;
    kept.add(node);
    for (const input of node.inputs) needed.add(input);
  }
  const inner = grown.inner.filter((node) => kept.has(node));
  const isRead = (node: Node): boolean =>
    needed.has(node) || least.elements.includes(node) || least.shared.includes(node);
  return { ...grown, inner, elements: grown.elements.filter(isRead), shared: grown.shared.filter(isRead) };
}
