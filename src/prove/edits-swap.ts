/** @file Edits that exchange two values in one equation: sources and targets of edges, a state and what is to take its place. */
import { equalShapes } from "../ir/dim.ts";
import { type Builder, type Graph, type Node, rebuild } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { isParameter, isStored } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import { isNamed } from "./edits-value.ts";
import type { Namer } from "./names.ts";

/** Each of two values of one type in the place of the other, in the equation of a named value. */
export function swapEdits(spec: Graph, node: Node, names: Namer): Edit[] {
  if (!spec.labels.has(node)) return [];
  const { inside, operands } = equationOf(spec, node);
  const varying = operands.filter((operand) => !isStored(operand));
  const pairs = varying.flatMap((first, index) =>
    varying
      .slice(index + 1)
      .filter((second) => isSameType(first, second) && !areInterchangeable(inside, first, second))
      .map((second) => [first, second] as const),
  );
  return pairs.map(([first, second]) => ({
    kind: "wrong-operand",
    node,
    words: `${names.value(first)} and ${names.value(second)} are exchanged`,
    make: (builder, _, imageOf) =>
      rebuilt(builder, node, inside, (operand) =>
        imageOf(operand === first ? second : operand === second ? first : operand),
      ),
  }));
}

const isSameType = ({ type: a }: Node, { type: b }: Node): boolean =>
  a.dtype === b.dtype && equalShapes(a.shape, b.shape);

/** Whether the two are operands of one sum or product, and nothing else. */
function areInterchangeable(inside: ReadonlySet<Node>, first: Node, second: Node): boolean {
  const readers = [...inside].filter(({ inputs }) => inputs.includes(first) || inputs.includes(second));
  return readers.every(
    ({ op, inputs }) =>
      definitionOf(op).commutative === true && inputs.includes(first) && inputs.includes(second),
  );
}

interface Equation {
  /** What is computed in it. */
  readonly inside: ReadonlySet<Node>;
  /** What has a name and is read in it. */
  readonly operands: readonly Node[];
}

function equationOf(spec: Graph, value: Node): Equation {
  const inside = new Set<Node>();
  const operands = new Set<Node>();
  const pending = [value];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (inside.has(node) || operands.has(node)) continue;
    if (node !== value && (isNamed(spec, node) || isParameter(node))) operands.add(node);
    else {
      inside.add(node);
      pending.push(...node.inputs);
    }
  }
  return { inside, operands: [...operands].sort((a, b) => a.id - b.id) };
}

/** The equation of a value with other operands. */
function rebuilt(
  builder: Builder,
  value: Node,
  inside: ReadonlySet<Node>,
  operand: (node: Node) => Node,
): Node {
  const made = new Map<Node, Node>();
  const imageOf = (node: Node): Node => {
    if (!inside.has(node)) return operand(node);
    const image = made.get(node) ?? rebuild(builder, node, node.inputs.map(imageOf));
    made.set(node, image);
    return image;
  };
  return imageOf(value);
}
