/**
 * @file Values that are made of parameters alone, as parameters of their own. A program whose exporter computed them has nothing
 * else: a normalisation in evaluation mode is gone into the weights and the bias of the layer before it. Where such a value can be
 * anything, whatever its other parts are, the model with a parameter in its place is the same family of functions.
 */
import { at } from "../base/assert.ts";
import { elementCount, equalDims } from "../ir/dim.ts";
import { type Graph, type Node, type NodeOf, reachable, rebuild, transform, usersOf } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { newBuilder } from "../ops/table.ts";
import { isFixedPart, isKept, isParameter, isStored, reshapeOf } from "../ops/traits.ts";

export interface Absorbed {
  readonly graph: Graph;
  /** The parameters that each new one stands for, by its name. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

/**
 * `undefined` where no value of parameters can be one itself. A part of a parameter may be one where `isWhole` does not hold of the
 * parameter: beside a model that stores all of it the part is a choice of the model.
 */
export function absorb(graph: Graph, isWhole: (parameter: Node) => boolean): Absorbed | undefined {
  const users = usersOf(graph);
  const used = (node: Node): readonly Node[] => users.get(node) ?? [];
  const results = new Set(graph.outputs.map(({ node }) => node));
  const names = new Map<Node, string>();
  const parts = new Map<string, readonly string[]>();
  for (const node of graph.nodes) {
    const isComputed = isStored(node) && (!isKept(node) || isPart(node, isWhole));
    const isLast = results.has(node) || used(node).length > 1 || used(node).some((user) => !isStored(user));
    const free = isComputed && isLast ? freePart(node, used) : undefined;
    if (free === undefined) continue;
    const name = `${free.attrs.name}'`;
    names.set(node, name);
    parts.set(
      name,
      reachable([node])
        .filter(isParameter)
        .map(({ attrs }) => attrs.name),
    );
  }
  if (names.size === 0) return undefined;
  const absorbed = replaced(graph, names);
  // One that others are made of may be gone into them.
  const left = new Set(absorbed.parameters.map(({ node }) => node.attrs.name));
  return { graph: absorbed, parts: new Map([...parts].filter(([name]) => left.has(name))) };
}

/** Operators that give any result for one operand, whatever the other one is (a factor of 0 aside). */
const invertible: ReadonlySet<OpName> = new Set<OpName>([
  "Add",
  "Sub",
  "Mul",
  "Neg",
  "Reshape",
  "Transpose",
  "Cast",
]);

/** Whether a value is what the model reads of a larger parameter, as the positions of a text of fixed length. */
function isPart(node: Node, isWhole: (parameter: Node) => boolean): boolean {
  const [source] = node.inputs;
  if (source === undefined) return false;
  if (isFixedPart(node)) return isParameter(source) ? !isWhole(source) : isPart(source, isWhole);
  return reshapeOf(node) !== undefined && isPart(source, isWhole);
}

/** A parameter of the value that nothing else reads and that can give it any numbers. */
function freePart(value: Node, used: (node: Node) => readonly Node[]): NodeOf<"Parameter"> | undefined {
  return reachable([value])
    .filter(isParameter)
    .find((parameter) => leadsTo(parameter, value, used));
}
function leadsTo(parameter: Node, value: Node, used: (node: Node) => readonly Node[]): boolean {
  let node = parameter;
  while (node !== value) {
    const [next, ...others] = used(node);
    if (next === undefined || others.length > 0) return false;
    const isNumerator = next.op === "Div" && at<Node>(next.inputs, 0) === node;
    const isInvertible = invertible.has(next.op) || isNumerator;
    // Elements that are left out can be anything, those of which there are several copies can't.
    const isAny = isFixedPart(next) || (isInvertible && hasAsMany(node, next));
    if (!isAny) return false;
    // x + x and x · x are not any numbers.
    if (next.inputs.filter((input) => input === node).length > 1) return false;
    node = next;
  }
  return true;
}

const hasAsMany = (one: Node, other: Node): boolean =>
  equalDims(elementCount(one.type.shape), elementCount(other.type.shape));

function replaced(graph: Graph, names: ReadonlyMap<Node, string>): Graph {
  const builder = newBuilder();
  const { graph: copy, image } = transform(graph, builder, (node, inputs) => {
    const name = names.get(node);
    return name === undefined
      ? rebuild(builder, node, inputs)
      : builder.node("Parameter", [], { name, ...node.type });
  });
  const untrained = new Set<Node>(graph.parameters.flatMap((one) => (one.trainable ? [] : [one.node])));
  const made = [...names].map(([node, name]) => ({
    node: image.get(node) as unknown as NodeOf<"Parameter">,
    names: [name],
    trainable: !reachable([node]).some((part) => untrained.has(part)),
  }));
  const needed = new Set(reachable(copy.outputs.map(({ node }) => node)));
  const parameters = [...copy.parameters, ...made].filter(({ node }) => needed.has(node));
  return builder.graph({ ...copy, parameters });
}
