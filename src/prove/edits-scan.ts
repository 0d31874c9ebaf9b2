/**
 * @file Edits of recurrences as a whole, which are made before these are unrolled: the way they run, what they start from,
 * which of their states are read.
 */
import { at, range } from "../base/assert.ts";
import { equal, type Rational, rational, toText } from "../base/rational.ts";
import { bodyGraph } from "../ir/body.ts";
import {
  type Builder,
  type Copy,
  type Graph,
  type Node,
  type NodeOf,
  reachable,
  rebuild,
} from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { isScan, isStored, numberOf } from "../ops/traits.ts";
import type { FindingKind } from "../result/findings.ts";
import type { Edit } from "./edit.ts";
import { operandEdits } from "./edits-value.ts";
import { nameIn } from "./names.ts";

type Scan = NodeOf<"Scan">;
type Make = Edit["make"];

export interface ScanEdit {
  readonly kind: FindingKind;
  readonly words: string;
  /** The place in the unrolled spec whose equation is another one. */
  readonly place: Copy;
  /** What stands for nodes of the spec with its recurrences; all others stay. */
  readonly make: ReadonlyMap<Node, Make>;
  /** The value, of the edited spec with recurrences, that the code has in the place of the spec's, where it is not at `place`. */
  readonly instead?: (imageOf: (node: Node) => Node) => Node;
}

/** Scans that differ only in the output that they stack: one recurrence. */
interface Recurrence {
  readonly scans: readonly (Scan & Node)[];
  /** Where its steps stand in the unrolled graph. */
  readonly copy: Copy;
}

/** Edits of each recurrence of a spec whose lengths are numbers. */
export function scanEdits(spec: Graph): ScanEdit[] {
  const recurrences = recurrencesOf(spec);
  return [
    ...recurrences.flatMap((recurrence) => [...directionEdits(spec, recurrence), ...startEdits(recurrence)]),
    ...recurrences.flatMap(({ scans, copy }) => scans.flatMap((scan) => readingEdits(spec, scan, copy))),
  ];
}

function recurrencesOf(spec: Graph): Recurrence[] {
  const groups = new Map<string, (Scan & Node)[]>();
  for (const scan of spec.nodes.filter(isScan)) {
    const { body, reverse } = scan.attrs;
    const key = `${body.key} ${scan.inputs.map(({ id }) => id).join()} ${reverse}`;
    groups.set(key, [...(groups.get(key) ?? []), scan]);
  }
  return [...groups.values()].flatMap((scans) => {
    // Steps stand where the first of the scans does.
    const copy = spec.copies.get(at(scans, 0));
    return copy === undefined ? [] : [{ scans, copy }];
  });
}

/** The place of a node of the body at the first step. */
const atFirstStep = ({ place, turns }: Copy, inner: Node): Copy => ({
  place: `${place}.${inner.id}`,
  turns: [...turns, { scope: place, round: 0 }],
});

/** What is computed at each step, in order. */
function computed({ attrs }: Scan): Node[] {
  const body = bodyGraph(attrs.body);
  const given = new Set<Node>(body.inputs);
  return body.nodes.filter((node) => !given.has(node));
}

function directionEdits(spec: Graph, { scans, copy }: Recurrence): ScanEdit[] {
  const [first] = scans;
  const start = first && computed(first)[0];
  if (first === undefined || start === undefined) return [];
  const { carries, reverse, body } = first.attrs;
  const names = bodyGraph(body)
    .inputs.slice(0, carries)
    .map((input) => input.attrs.name);
  const way = (isReversed: boolean): string => (isReversed ? "backwards" : "forwards");
  const turned = (builder: Builder, scan: Scan, inputs: readonly Node[]): Node =>
    again(builder, scan, inputs, copy, !reverse);
  const words = `the recurrence of ${names.join(" and ")} runs ${way(!reverse)} instead of ${way(reverse)}`;
  const place = atFirstStep(copy, start);
  const each = (make: (scan: Scan & Node) => Make): ReadonlyMap<Node, Make> =>
    new Map(scans.map((scan) => [scan, make(scan)]));
  return [
    {
      kind: "wrong-direction",
      words,
      place,
      make: each((scan) => (builder, inputs) => turned(builder, scan, inputs)),
    },
    {
      kind: "wrong-direction",
      words: `${words}, and its steps stay in that order`,
      place,
      make: each((scan) => (builder, inputs) => turnedAround(builder, turned(builder, scan, inputs))),
    },
    ...scans.map(
      (scan): ScanEdit => ({
        kind: "wrong-direction",
        words: `the steps of ${nameOf(scan)} are in reverse order`,
        place: readersPlace(spec, scan),
        make: new Map([
          [scan, (builder, inputs) => turnedAround(builder, again(builder, scan, inputs, copy))],
        ]),
      }),
    ),
  ];
}

/** The recurrence on other operands, or the other way, whose steps stand where they stood. */
function again(
  builder: Builder,
  { attrs }: Scan,
  inputs: readonly Node[],
  copy: Copy,
  reverse: boolean = attrs.reverse,
): Node {
  const node = builder.node("Scan", inputs, { ...attrs, reverse }) as Node;
  builder.copied(node, copy);
  return node;
}

/** What the states are called that a scan stacks. */
const nameOf = ({ attrs }: Scan): string => at(bodyGraph(attrs.body).outputs, attrs.output).name;

/** The number of steps, which are stacked along the first axis. */
const stepsOf = (stack: Node): number => Number(at(stack.type.shape, 0));

function turnedAround(builder: Builder, stack: Node): Node {
  const steps = range(stepsOf(stack)).map((step) => part(builder, stack, step, step + 1));
  return builder.node("Concat", steps.reverse(), { axis: 0 }) as Node;
}

const part = (builder: Builder, stack: Node, start: number, stop: number): Node =>
  builder.node("Slice", [stack], { axis: 0, start, stop, step: 1 }) as Node;

/** Numbers that recurrences are started from. */
const starts: readonly Rational[] = [0, 1].map((value) => rational(value));

function startEdits({ scans, copy }: Recurrence): ScanEdit[] {
  const [first] = scans;
  if (first === undefined) return [];
  const { inputs } = bodyGraph(first.attrs.body);
  return inputs.slice(0, first.attrs.carries).flatMap((carried, carry) => {
    const start = at(first.inputs, carry);
    const number = filledWith(start);
    const reader = computed(first).find((node) => node.inputs.includes(carried));
    if (number === undefined || reader === undefined) return [];
    return starts
      .filter((other) => !equal(other, number))
      .map((other): ScanEdit => {
        const filled = (builder: Builder): Node => {
          const value = builder.node("Constant", [], { value: other, dtype: start.type.dtype });
          return builder.node("Broadcast", [value], { shape: start.type.shape }) as Node;
        };
        const make = (scan: Scan & Node): Make => {
          return (builder, operands) => rebuild(builder, scan, operands.with(carry, filled(builder)));
        };
        return {
          kind: "wrong-start",
          words: `${carried.attrs.name} starts from ${toText(other)} instead of ${toText(number)}`,
          place: atFirstStep(copy, reader),
          make: new Map(scans.map((scan) => [scan, make(scan)])),
          instead: (imageOf) => at(imageOf(first).inputs, carry),
        };
      });
  });
}

/** The number that a value is in every place. */
function filledWith(node: Node): Rational | undefined {
  if (!isStored(node)) return undefined;
  const leaves = reachable([node]).filter((part) => part.inputs.length === 0);
  const isSpread = reachable([node]).every((part) => part.inputs.length === 0 || isRearranged(part));
  const [leaf, ...more] = leaves;
  return leaf === undefined || more.length > 0 || !isSpread ? undefined : numberOf(leaf);
}

const isRearranged = (node: Node): boolean => definitionOf(node.op).rearranges === true;

/** What reads the states of a recurrence. */
function readersOf(spec: Graph, node: Node): Node[] {
  return spec.nodes
    .filter((user) => user.inputs.includes(node))
    .flatMap((user) => (isRearranged(user) ? readersOf(spec, user) : [user]));
}

/** Where the states are read, or where they come from, when they are what the spec gives. */
function readersPlace(spec: Graph, scan: Scan & Node): Copy {
  const places = [...readersOf(spec, scan), scan].flatMap((node) => spec.copies.get(node) ?? []);
  return at(places, 0);
}

/** The states of the step before, or of another recurrence. */
function readingEdits(spec: Graph, scan: Scan & Node, copy: Copy): ScanEdit[] {
  const { carries, output, reverse } = scan.attrs;
  const names = nameIn(spec);
  const name = nameOf(scan);
  const steps = stepsOf(scan);
  const before: Make = (builder, inputs) => {
    const start = at(inputs, output);
    const first = builder.node("Reshape", [start], { shape: [1, ...start.type.shape] }) as Node;
    const states = again(builder, scan, inputs, copy);
    const others = reverse ? part(builder, states, 1, steps) : part(builder, states, 0, steps - 1);
    return builder.node("Concat", reverse ? [others, first] : [first, others], { axis: 0 }) as Node;
  };
  const shifted: ScanEdit = {
    kind: "wrong-step",
    words: `${name} of the step before stands in the place of ${name}`,
    place: readersPlace(spec, scan),
    make: new Map([[scan, before]]),
  };
  const others = readersOf(spec, scan).flatMap((reader) =>
    operandEdits(spec, reader, names).flatMap(({ kind, words, make }): ScanEdit[] => {
      const place = spec.copies.get(reader);
      return place === undefined ? [] : [{ kind, words, place, make: new Map([[reader, make]]) }];
    }),
  );
  return output < carries && steps > 1 ? [shifted, ...others] : others;
}
