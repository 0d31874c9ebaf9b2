/** @file Finds the recurrences of a graph. */
import { at, get, zip } from "../base/assert.ts";
import { type Graph, type Node, reachable } from "../ir/graph.ts";
import { isParameter } from "../ops/traits.ts";
import { elementOf } from "./correspond.ts";
import { firstStep } from "./first-step.ts";
import { Walks } from "./hopeless.ts";
import { Instances } from "./instances.ts";
import {
  type Course,
  directionOf,
  type Interruption,
  isInterruption,
  type Recurrence,
  type Step,
  stepsUpTo,
  type Template,
  templateOf,
} from "./recurrence.ts";
import { alikeDownTo, ownText } from "./surface.ts";

/**
 * Which pairs of values are tried: those alike down to a depth, and how many places apart. Near its start a recurrence looks
 * different when one sees deep; when one does not, different values of a step are alike.
 */
const searches = [
  { depth: 6, apart: 2 },
  { depth: 2, apart: 4 },
];

/** How many values of one kind are tried in vain. */
const patience = 8;

/** Fewer steps could as well be written out. */
const leastSteps = 3;

/** What a recurrence must save, in operations. */
const leastSaved = 12;

export class Recurrences {
  readonly #graph: Graph;
  readonly #instances: Instances;
  /** By what is handed on: many values of a step lead to one recurrence. */
  readonly #tried = new Set<string>();
  readonly #walks = new Walks({ sharesParameters: true });

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#instances = new Instances(graph);
  }

  /** The recurrence of most steps, and the loops that are interrupted. */
  best(): { readonly best: Recurrence | undefined; readonly interruptions: readonly Interruption[] } {
    const all = [...this.#candidates()];
    const interruptions = all.filter(isInterruption).sort((a, b) => b.steps.length - a.steps.length);
    const interrupted = new Set(interruptions.flatMap(nodesOf));
    const recurrences = all.filter((found): found is Recurrence => !isInterruption(found));
    const repeated = new Set(recurrences.filter(isRepetition).flatMap(nodesOf));
    let best: Recurrence | undefined;
    for (const found of recurrences) {
      if (saved(found) < leastSaved || isRepetition(found)) continue;
      if (found.elements.length === 0 && found.inner.some((node) => repeated.has(node))) continue;
      // Parts of a loop that has such a step are no loops.
      if (found.inner.some((node) => interrupted.has(node))) continue;
      if (best === undefined || isBetter(found, best)) best = found;
    }
    return { best, interruptions: apart(interruptions) };
  }

  *#candidates(): Generator<Recurrence | Interruption> {
    const covered = new Set<Node>();
    const depths = searches.map(({ depth }) => depth);
    const alike = alikeDownTo(this.#graph, depths, textOf);
    for (const [search, { apart }] of searches.entries()) {
      for (const members of at(alike, search).toSorted((a, b) => (b.at(-1)?.id ?? 0) - (a.at(-1)?.id ?? 0))) {
        let left = patience;
        for (let place = members.length - 1; place > 0 && left > 0; place--) {
          const later = at(members, place);
          if (covered.has(later)) continue;
          const found = members
            .slice(Math.max(0, place - apart), place)
            .reverse()
            .map((earlier) => this.#through(later, earlier))
            .find((other) => other !== undefined);
          left--;
          if (found === undefined) continue;
          yield found;
          if (!isOutOfPhase(found))
            for (const step of found.steps) for (const node of step.values()) covered.add(node);
        }
      }
    }
  }

  /** The recurrence of which one value is `later`, and `earlier` the same one of the step before. */
  #through(later: Node, earlier: Node): Recurrence | Interruption | undefined {
    const template = templateOf(later, earlier, this.#walks);
    const key = template?.after.map(({ id }) => id).join();
    if (template === undefined || key === undefined || this.#tried.has(key)) return undefined;
    this.#tried.add(key);
    const { starts, steps, slip } = stepsUpTo(template);
    const way = directionOf(template, steps);
    if (way === undefined) return undefined;
    const behind = this.#instances.after(template, steps, way);
    const all = [...steps, ...behind.steps];
    if (all.length < leastSteps) return undefined;
    const interruption = slip ?? way.slip ?? behind.slip;
    if (interruption !== undefined) return { steps: all, starts, after: template.after, ...interruption };
    const first = this.#first(template, starts, way);
    const grown = this.#instances.grown({
      ...template,
      starts: first === undefined ? starts : template.before.map((node) => get(first, node)),
      steps: first === undefined ? all : [first, ...all],
      reverse: way.direction < 0,
    });
    return isApart(grown) ? grown : undefined;
  }

  /** The step before those that were found, where it gives what these start from. */
  #first(template: Template, starts: readonly Node[], { first, direction }: Course): Step | undefined {
    const elements = new Map<Node, Node>();
    for (const element of template.elements) {
      const own = this.#instances.element(element, get(first, element) - direction);
      if (own === undefined) return undefined;
      elements.set(element, own);
    }
    return firstStep(this.#graph, template, starts, elements);
  }
}

/** Elements of one sequence are alike wherever they stand. */
function textOf(node: Node): string {
  const element = elementOf(node);
  if (element !== undefined) return `Slice along ${element.axis}`;
  return isParameter(node) || node.inputs.length === 0 ? `${ownText(node)} ${node.id}` : ownText(node);
}

/** A value that is made anew of itself and of nothing else is a block that is used again. */
const isRepetition = ({ elements, before }: Recurrence): boolean =>
  elements.length === 0 && before.length === 1;

const saved = ({ steps, inner }: Recurrence): number => (steps.length - 1) * inner.length;

const nodesOf = ({ steps }: Pick<Recurrence, "steps">): Node[] => steps.flatMap((step) => [...step.values()]);

/** Those that have no node in common with one before. */
function apart(interruptions: readonly Interruption[]): Interruption[] {
  const seen = new Set<Node>();
  return interruptions.filter((interruption) => {
    const nodes = nodesOf(interruption);
    const isNew = !nodes.some((node) => seen.has(node));
    for (const node of nodes) seen.add(node);
    return isNew;
  });
}

/** One that begins amid a step has fewer steps, and carries more. */
function isBetter(found: Recurrence, best: Recurrence): boolean {
  const ranks = (one: Recurrence): number[] => [one.steps.length, saved(one), -one.before.length];
  const [more] = zip(ranks(found), ranks(best)).flatMap(([a, b]) => (a === b ? [] : [a - b]));
  return more !== undefined && more > 0;
}

/** Whether it may begin amid a step: its start is made as what it hands on. */
const isOutOfPhase = ({ starts, after }: Recurrence | Interruption): boolean =>
  zip(starts, after).some(([start, { op }]) => start.op === op);

/** Whether what every step reads is made before the first. */
function isApart({ steps, shared, elements, starts }: Recurrence): boolean {
  const made = new Set(steps.flatMap((step) => [...step.values()]));
  for (const start of starts) made.delete(start);
  const sources = elements.flatMap((element) => elementOf(element)?.source ?? []);
  const outside = reachable([...shared, ...starts, ...sources]);
  const cut = new Set(steps.flatMap((step) => elements.map((element) => get(step, element))));
  return outside.every((node) => !made.has(node) || cut.has(node));
}
