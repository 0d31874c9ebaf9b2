/**
 * @file Graphs inside the program: `with` blocks, which are read in place, both branches of `torch.cond`, of which a condition
 * picks, and the bodies of `scan` and `map`, which are recurrences. A loop whose length the data decide is refused.
 */
import { at, range, zip } from "../../base/assert.ts";
import { nest } from "../../ir/body.ts";
import { addDims } from "../../ir/dim.ts";
import type { Node, NodeOf } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { KnownIntegers } from "../../ops/known.ts";
import { newBuilder } from "../../ops/table.ts";
import { Contradiction } from "../common/contradiction.ts";
import { checked, type Lowering, resultNames, unsupportedValue } from "./apply.ts";
import { originOf } from "./origin.ts";
import { type Argument, type ProgramNode, type Region, tensorNames } from "./schema.ts";
import { ProgramScope } from "./scope.ts";
import { Views } from "./views.ts";

/** Lowers one node of a region; handed in, since nodes hold regions and regions nodes. */
type LowerNode = (lowering: Lowering, node: ProgramNode) => void;

const prefix = "torch.ops.higher_order.";
export const isControl = ({ target }: ProgramNode): boolean => target.startsWith(prefix);

/** Defines the results of a node that holds graphs. */
export function lowerControl(lowering: Lowering, node: ProgramNode, lowerNode: LowerNode): void {
  const origin = originOf(node);
  const make = (): Node[] => valuesOf(lowering, node, lowerNode);
  const results = origin.line === undefined ? make() : lowering.build.at(origin, make);
  const names = resultNames(lowering, node);
  for (const [name, value] of zipped(node.target, names, results))
    lowering.scope.define(name, checked(lowering, name, value, lowering.scope.type(name)));
}

function valuesOf(lowering: Lowering, node: ProgramNode, lowerNode: LowerNode): Node[] {
  switch (node.target.slice(prefix.length)) {
    case "wrap_with_set_grad_enabled":
    case "wrap_with_autocast":
    case "tag_activation_checkpoint":
    case "wrap":
      return block(lowering, node, lowerNode);
    case "cond":
      return branches(lowering, node, lowerNode);
    case "scan":
      return recurrence(lowering, node, lowerNode, operandsOf(lowering, node, 1).length);
    case "map_impl":
      return recurrence(lowering, node, lowerNode, 0);
    default:
      throw unsupportedValue(lowering.file, node.target, "a loop whose length the data decide");
  }
}

const argumentsOf = (node: ProgramNode): Argument[] => node.inputs.map(({ arg }) => arg);
const misses = (node: ProgramNode, want: string): Contradiction =>
  new Contradiction(node.target, "other arguments", want);

function regionOf(node: ProgramNode, place: number): Region {
  const region = argumentsOf(node)[place]?.as_graph?.graph;
  if (region === undefined) throw misses(node, `a graph as argument ${place}`);
  return region;
}
/** The tensors of one argument, or of all from one on. */
const operandsOf = ({ scope }: Lowering, node: ProgramNode, from: number, to = from + 1): Node[] =>
  argumentsOf(node)
    .slice(from, to)
    .flatMap(tensorNames)
    .map((name) => scope.tensor(name));

function zipped<A, B>(part: string, left: readonly A[], right: readonly B[]): (readonly [A, B])[] {
  if (left.length === right.length) return zip(left, right);
  throw new Contradiction(part, `${left.length} names for ${right.length} values`, "a name for each value");
}

/** The values that a region gives for operands, made in the builder of `lowering`. */
function inside(
  lowering: Lowering,
  node: ProgramNode,
  region: Region,
  operands: readonly Node[],
  lowerNode: LowerNode,
): Node[] {
  const parameters = region.inputs.flatMap(tensorNames);
  const results = region.outputs.flatMap(tensorNames);
  const scope = new ProgramScope(lowering.file, region, results, new KnownIntegers(lowering.build));
  const inner = { ...lowering, views: new Views(), foreign: new Set(parameters), scope };
  for (const [name, operand] of zipped(node.target, parameters, operands)) scope.define(name, operand);
  for (const each of region.nodes) lowerNode(inner, each);
  return results.map((name) => scope.tensor(name));
}

/** The body in place. What leaves a block without gradients has none. */
function block(lowering: Lowering, node: ProgramNode, lowerNode: LowerNode): Node[] {
  const place = argumentsOf(node).findIndex(({ as_graph }) => as_graph !== undefined);
  const region = regionOf(node, Math.max(place, 0));
  const values = inside(lowering, node, region, operandsOf(lowering, node, place + 1, Infinity), lowerNode);
  if (!node.target.endsWith("wrap_with_set_grad_enabled")) return values;
  const enabled = argumentsOf(node)[0]?.as_bool;
  if (enabled === undefined) throw misses(node, "whether gradients flow");
  return values.map((value) =>
    enabled || !isReal(value.type.dtype) ? value : lowering.build.node("StopGradient", [value], {}),
  );
}

/** Both branches are computed, and the condition picks: they have no effects. */
function branches(lowering: Lowering, node: ProgramNode, lowerNode: LowerNode): Node[] {
  const [condition] = operandsOf(lowering, node, 0);
  if (condition?.type.dtype !== "bool" || condition.type.shape.some((size) => size !== 1))
    throw unsupportedValue(lowering.file, node.target, "a branch on something else than one truth value");
  const operands = operandsOf(lowering, node, 3);
  const of = (place: number): Node[] => inside(lowering, node, regionOf(node, place), operands, lowerNode);
  const flag =
    condition.type.shape.length === 0
      ? condition
      : lowering.build.node("Reshape", [condition], { shape: [] });
  return zipped(node.target, of(1), of(2)).map(([yes, no]) =>
    lowering.build.node("Where", [flag, yes, no], {}),
  );
}

/** A graph, start values, sequences, and values that stay; the results are the last carries, then what each step gives. */
function recurrence(lowering: Lowering, node: ProgramNode, lowerNode: LowerNode, carries: number): Node[] {
  const [starts, sequences, constants] = carries > 0 || node.target.endsWith("scan") ? [1, 2, 3] : [-1, 1, 2];
  const region = regionOf(node, 0);
  const start = starts < 0 ? [] : operandsOf(lowering, node, starts);
  const series = operandsOf(lowering, node, sequences);
  const [first] = series;
  if (first === undefined) throw misses(node, "a sequence");
  const operands = [...start, ...series, ...operandsOf(lowering, node, constants)];
  const build = newBuilder();
  const inputs: NodeOf<"Input">[] = operands.map(({ type: { shape, dtype } }, i) => {
    const isElement = i >= carries && i < carries + series.length;
    return build.node("Input", [], { name: `v${i}`, shape: isElement ? shape.slice(1) : shape, dtype });
  });
  const values = inside({ ...lowering, build }, node, region, inputs, lowerNode);
  const outputs = values.map((value, i) => ({ name: `o${i}`, node: value }));
  const body = nest(build.graph({ name: "step", inputs, parameters: [], outputs }));
  const attrs = { body, carries, sequences: series.length, reverse: false };
  const steps = at(first.type.shape, 0);
  return range(values.length).map((output) => {
    const stacked = lowering.build.node("Scan", operands, { ...attrs, output });
    if (output >= carries) return stacked;
    const last = { axis: 0, start: addDims(steps, -1), stop: steps, step: 1 };
    const row = lowering.build.node("Slice", [stacked], last);
    return lowering.build.node("Reshape", [row], { shape: stacked.type.shape.slice(1) });
  });
}
