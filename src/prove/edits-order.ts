/**
 * @file Edits of the order of steps: of two that follow each other the second comes first. A step is one operation with its own
 * parameters, such as a normalisation with its gain and bias, or a whole block between two values that others could stand for.
 */
import { at, zip } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { type Graph, type Node, reachable, usersOf } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { definitionOf } from "../ops/table.ts";
import { isAdditive, isParameterLike, isStored } from "../ops/traits.ts";
import { besides, depthOfBoth } from "./beside.ts";
import type { Edit } from "./edit.ts";
import { opWords } from "./edit-variants.ts";
import type { Namer } from "./names.ts";
import { refit } from "./refit.ts";

/** Ends of blocks that are put in another order. */
const mostBlocks = 4;
/** Nodes that a single operation is moved past, and that two blocks have. */
const mostPassed = 40;
const mostInBlocks = 150;
/** Steps that are called by their names; of more their ends are told. */
const mostNames = 3;

/** Two steps, the first from `start` to `middle`, the second from there to `end`. */
interface Steps {
  readonly start: Node;
  readonly middle: Node;
  readonly end: Node;
  /** Whether it is the second step that a reader will say was moved. */
  readonly isDrawn?: boolean;
  /** Whether only the branch of the sum that the first step ends with begins behind the second step. */
  readonly keepsSkip?: boolean;
}

/** Edits that exchange two steps of which the first begins at one of these values. */
export function orderOfStepsEdits(spec: Graph, starts: readonly Node[], names: Namer): Edit[] {
  const users = usersOf(spec);
  return starts.flatMap((start) => stepsFrom(start, users)).map((steps) => exchange(spec, steps, names));
}

type Users = ReadonlyMap<Node, readonly Node[]>;

function stepsFrom(start: Node, users: Users): Steps[] {
  const gates = gatesBehind(start, users, mostInBlocks);
  const moved = unitsFrom(start, users).flatMap((unit) =>
    untilSum(gatesBehind(unit.end, users, mostPassed))
      .filter((gate, place) => fits(unit, start, gate) && !(place === 0 && combinesWithStored(gate)))
      .map((end) => ({ start, middle: unit.end, end })),
  );
  const drawn = untilSum(gates).flatMap((middle, place) =>
    unitsFrom(middle, users)
      .filter((unit) => fits(unit, start, middle) && !(place === 0 && combinesWithStored(middle)))
      .flatMap(({ end }) => {
        const steps = { start, middle, end, isDrawn: true };
        const hasSkip = isSum(middle) && middle.inputs.includes(start) && between(start, middle).length > 1;
        return hasSkip ? [{ ...steps, keepsSkip: true }, steps] : [steps];
      }),
  );
  const ends = gates.filter((gate) => isBlockEnd(gate, start, users)).slice(0, mostBlocks);
  const blocks = ends.flatMap((end, place) => ends.slice(0, place).map((middle) => ({ start, middle, end })));
  return distinct([...moved, ...drawn, ...blocks]);
}

/** Whether a value could stand where another does as the input of a block: such values are read by a branch and a sum. */
const isBlockEnd = (node: Node, start: Node, users: Users): boolean =>
  equalShapes(node.type.shape, start.type.shape) && (isSum(node) || (users.get(node) ?? []).length > 1);

/** Whether a node adds values of which none is stored, as a residual connection does. */
const isSum = (node: Node): boolean => isAdditive(node) && !node.inputs.some(isStored);

/** A step with something stored, such as a bias, changes places with the one next to it by another edit. */
const combinesWithStored = (node: Node): boolean =>
  definitionOf(node.op).algebra !== undefined && node.inputs.some(isStored);

/** What is moved stays within its branch, or comes behind the sum at the end of that. */
function untilSum(gates: readonly Node[]): readonly Node[] {
  const last = gates.findIndex(isSum);
  return last < 0 ? gates : gates.slice(0, last + 1);
}

const distinct = (steps: readonly Steps[]): Steps[] => [
  ...new Map(
    steps.map((one) => [`${one.middle.id} ${one.end.id} ${one.keepsSkip === true}`, one] as const),
  ).values(),
];

/** Whether a unit can stand elsewhere: one with parameters or axes needs a value of the same shape. */
const fits = ({ isElementwise }: Unit, from: Node, to: Node): boolean =>
  isElementwise || equalShapes(from.type.shape, to.type.shape);

/** One operation, with the parameters that go with it. */
interface Unit {
  readonly end: Node;
  /** Whether it does not care for shapes. */
  readonly isElementwise: boolean;
}

function unitsFrom(start: Node, users: Users): Unit[] {
  return (users.get(start) ?? []).flatMap((end): Unit[] => {
    const { family, arity } = definitionOf(end.op);
    if (!isReal(end.type.dtype)) return [];
    if (arity === 1 && (family === "activation" || family === "function"))
      return [{ end, isElementwise: true }];
    if (family === "normalisation") return [{ end: withGain(end, users), isElementwise: false }];
    return [];
  });
}

/** What a gain and a bias make of a normalised value. */
function withGain(node: Node, users: Users): Node {
  const [user, ...more] = users.get(node) ?? [];
  const isOwn =
    user !== undefined &&
    more.length === 0 &&
    definitionOf(user.op).algebra !== undefined &&
    user.inputs.some(isParameterLike);
  return isOwn ? withGain(user, users) : node;
}

/** Values behind a node through which everything goes that is made of it, the nearest first. */
function gatesBehind(node: Node, users: Users, most: number): Node[] {
  const live = new Set(users.get(node) ?? []);
  const gates: Node[] = [];
  for (let passed = 0; passed < most; passed++) {
    const [first] = [...live].sort((a, b) => a.id - b.id);
    if (first === undefined) break;
    if (live.size === 1 && definitionOf(first.op).rearranges !== true) gates.push(first);
    const next = users.get(first) ?? [];
    // An output is read outside.
    if (next.length === 0) break;
    live.delete(first);
    for (const user of next) live.add(user);
  }
  return gates;
}

function exchange(spec: Graph, steps: Steps, names: Namer): Edit {
  const { start, middle, end, isDrawn, keepsSkip } = steps;
  const first = between(start, middle);
  const second = between(middle, end);
  return {
    kind: "wrong-order",
    node: end,
    ...besides(spec, end, middle),
    words: wordsOf(isDrawn === true ? [second, first] : [first, second], spec, steps, names),
    make: (builder, inputs, imageOf) => {
      const known = alongside(end, inputs, new Set([...first, ...second]));
      const imageHere = (node: Node): Node => known.get(node) ?? imageOf(node);
      const through = (part: readonly Node[], from: Node, value: Node): Node => {
        const images = new Map([[from, value]]);
        const skipped = keepsSkip === true && from === start ? middle : undefined;
        for (const node of part) {
          const operands = node.inputs.map((input) =>
            node === skipped && input === start ? imageHere(input) : (images.get(input) ?? imageHere(input)),
          );
          const made = refit(builder, node, operands);
          const label = spec.labels.get(node);
          if (label !== undefined) builder.label(made, label);
          images.set(node, made);
        }
        return images.get(at(part, part.length - 1)) ?? value;
      };
      return through(first, start, through(second, middle, imageHere(start)));
    },
  };
}

/** What stands for the nodes inside and around a part of the spec, followed from what stands for the operands of its end. */
function alongside(end: Node, inputs: readonly Node[], inside: ReadonlySet<Node>): Map<Node, Node> {
  const known = new Map(zip(end.inputs, inputs));
  for (const [node, image] of known) {
    if (!inside.has(node) || node.op !== image.op || node.inputs.length !== image.inputs.length) continue;
    for (const [input, own] of zip(node.inputs, image.inputs)) if (!known.has(input)) known.set(input, own);
  }
  return known;
}

/** The nodes that lead from one value to another, which is the last of them. */
function between(from: Node, to: Node): Node[] {
  const inside = new Set([from]);
  for (const node of reachable([to])) if (node.inputs.some((input) => inside.has(input))) inside.add(node);
  return [...inside].slice(1);
}

function wordsOf(
  [moved, passed]: readonly [Node[], Node[]],
  spec: Graph,
  steps: Steps,
  names: Namer,
): string {
  const { isDrawn, keepsSkip, start, middle, end } = steps;
  const own = namesOf(spec, moved, steps, names);
  const others = namesOf(
    spec,
    keepsSkip === true ? passed.filter((node) => node !== middle) : passed,
    steps,
    names,
  );
  const [from, to] = isDrawn === true ? [start, middle] : [middle, end];
  const way = spec.labels.has(to)
    ? `what leads from ${names.value(from)} to ${names.value(to)}`
    : `what is done to ${names.value(from)}`;
  const told = others.length > mostNames ? [way] : others;
  const [now, before] = isDrawn === true ? ["in front of", "behind"] : ["behind", "in front of"];
  const them = keepsSkip === true ? "the sum" : told.length > 1 ? "them" : "it";
  const stands = own.length > 1 ? "stand" : "stands";
  return `${own.join(" and ")} ${stands} ${now} ${told.join(" and ")}, not ${before} ${them}`;
}

/** A step in words: the blocks that it uses, and its other operations. */
function namesOf(spec: Graph, part: readonly Node[], { middle, end }: Steps, names: Namer): string[] {
  const depth = depthOfBoth(spec, middle, end);
  const all = part.map((node) => spec.origins.get(node)?.calls?.[depth]?.into ?? operationName(node, names));
  return [...new Set(all)];
}

function operationName(node: Node, names: Namer): string {
  const { algebra, family } = definitionOf(node.op);
  const stored = node.inputs.find(isStored);
  if (stored !== undefined && (algebra !== undefined || family === "contraction")) return names.value(stored);
  if (isAdditive(node)) return "the sum";
  return algebra === undefined && family !== "contraction" ? opWords(node) : "the product";
}
