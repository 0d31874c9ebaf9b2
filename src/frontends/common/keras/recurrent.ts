/** @file Recurrent layers as scans of their cells, and the layers that wrap others. */
import { at } from "../../../base/assert.ts";
import { rational } from "../../../base/rational.ts";
import { nest } from "../../../ir/body.ts";
import { type Dim, multiplyDims, subtractDims } from "../../../ir/dim.ts";
import type { Node, NodeOf } from "../../../ir/graph.ts";
import { newBuilder } from "../../../ops/table.ts";
import { reversed } from "../padding.ts";
import { cellOf, nested, type Stack } from "./cells.ts";
import { type Layer, type Lower, type Parameters, type Rows, tensorsOf } from "./layer.ts";
import { Malformed, NotCovered } from "./problem.ts";
import type { Value } from "./values.ts";

/** What a recurrence gives: outputs in the order of time, and the states after the last step. */
interface Run {
  readonly outputs: Node;
  readonly last: Node;
  readonly states: readonly Node[];
}

/** Stored variables that a body reads, as inputs of the body. */
class Captured implements Parameters {
  readonly #outer: Parameters;
  readonly #input: (name: string, like: Node) => NodeOf<"Input">;
  readonly inner = new Map<Node, NodeOf<"Input">>();

  constructor(outer: Parameters, input: (name: string, like: Node) => NodeOf<"Input">) {
    this.#outer = outer;
    this.#input = input;
  }
  node: Parameters["node"] = (variable, trainable, arrangement) => {
    const outside = this.#outer.node(variable, trainable, arrangement);
    const known =
      this.inner.get(outside) ?? this.#input(variable.name.split("/").at(-1) ?? variable.name, outside);
    this.inner.set(outside, known);
    return known;
  };
}

/** The scan of a cell over x [T, B, f] from the given states. Steps that do not count leave everything as it is. */
function scanned(
  c: Layer,
  cell: Stack,
  starts: readonly Node[],
  x: Node,
  mask: Node | undefined,
  reverse: boolean,
): Run {
  const build = newBuilder();
  const input = (name: string, { type: { shape, dtype } }: Node, isSequence = false): NodeOf<"Input"> =>
    build.node("Input", [], { name, shape: isSequence ? shape.slice(1) : shape, dtype });
  const captured = new Captured(c.reading.parameters, input);
  const inside = c.inside({ ...c.reading, build, parameters: captured });
  const states = starts.map((start, index) => input(stateNames[index] ?? `s_${index}`, start));
  const element = input("x", x, true);
  const counts = mask && input("m", mask, true);
  const next = cell.step(inside, states, element);
  const kept = next.states.map((state, index) =>
    counts === undefined ? state : inside.where(inside.withAxis(counts, 1), state, at(states, index)),
  );
  const shown = next.states.findIndex((state) => state === next.output);
  if (shown < 0) throw new NotCovered("a cell whose output is no state");
  const graph = build.graph({
    name: "cell",
    inputs: [...states, element, ...(counts === undefined ? [] : [counts]), ...captured.inner.values()],
    parameters: [],
    outputs: kept.map((node, index) => ({ name: stateNames[index] ?? `s_${index}`, node })),
  });
  const sequences = mask === undefined ? [x] : [x, mask];
  const operands = [...starts, ...sequences, ...captured.inner.keys()];
  const attrs = { body: nest(graph), carries: starts.length, sequences: sequences.length, reverse };
  const stacks = kept.map((_, output) => c.apply("Scan", operands, { ...attrs, output }));
  const last = stacks.map((stack) => lastStep(c, stack, reverse));
  return { outputs: at(stacks, shown), last: at(last, shown), states: last };
}
const stateNames = ["h", "c"];

/** The value after all steps: the last row, or the first of a reversed scan. */
function lastStep(c: Layer, stack: Node, reverse: boolean): Node {
  const length = at(stack.type.shape, 0);
  const start: Dim = reverse ? 0 : subtractDims(length, 1);
  return c.without(c.slice(stack, 0, start, reverse ? 1 : length), 0);
}

/** The states that the caller gives, or zeros. */
function startsOf(c: Layer, cell: Stack, given: readonly Node[], batch: Dim): Node[] {
  if (given.length === 0) {
    const { dtype } = c.input.type;
    return cell.sizes.map((size) => c.stretch(c.constant(0, dtype), [batch, size]));
  }
  if (given.length === cell.sizes.length) return [...given];
  throw new Malformed(c.name, `${given.length} states`, `${cell.sizes.length}`);
}

/** Tensors beside the sequence: an argument in Keras 3, further inputs in Keras 2. */
function givenStates(c: Layer): Node[] {
  const explicit = tensorsOf(c.argument(1, "initial_state"));
  return explicit.length > 0 ? explicit : c.inputs.slice(1);
}

function run(c: Layer, given: readonly Node[], mask: Node | undefined): Run {
  const x = c.input;
  if (x.type.shape.length !== 3) throw new NotCovered("a recurrence over anything but sequences of vectors");
  if (c.config.bool("stateful", false))
    throw new NotCovered("a stateful layer, which remembers what it was called on before");
  if (c.config.bool("time_major", false)) throw new NotCovered("time_major");
  if (mask !== undefined && given.length > 0) throw new NotCovered("a mask together with an initial state");
  const cell = cellOf(c);
  const sequence = c.transpose(x, [1, 0, 2]);
  const steps = mask && c.transpose(mask, [1, 0]);
  const reverse = c.config.bool("go_backwards", false);
  const made = scanned(c, cell, startsOf(c, cell, given, at(x.type.shape, 0)), sequence, steps, reverse);
  if (steps === undefined || !c.config.bool("zero_output_for_mask", false)) return made;
  // States stay as they are at steps that do not count, outputs are 0.
  const zeroed = (counts: Node, y: Node): Node =>
    c.where(c.withAxis(counts, counts.type.shape.length), y, c.rational(rational(0), y));
  const outputs = zeroed(steps, made.outputs);
  return { ...made, outputs, last: zeroed(lastStep(c, steps, reverse), made.last) };
}

/** The outputs [B, T, units] in the order of the steps, or the last one, and the states where they are wanted. */
const recurrent: Lower = (c) => {
  const mask = maskOf(c);
  const made = run(c, givenStates(c), mask);
  const isSequence = c.config.bool("return_sequences", false);
  const inTime = isSequence ? c.transpose(made.outputs, [1, 0, 2]) : made.last;
  const output = isSequence && c.config.bool("go_backwards", false) ? reversed(c, inTime, 1) : inTime;
  if (isSequence && mask !== undefined) c.reading.masks.set(output, mask);
  return c.config.bool("return_state", false) ? [output, ...made.states] : output;
};
const maskOf = (c: Layer): Node | undefined => c.tensor(2, "mask") ?? c.knownMask(c.input);

/** The same layer forwards and backwards, whose outputs are joined position by position. */
const bidirectional: Lower = (c) => {
  const forward = nested(c.name, c.config.get("layer"));
  const turned = { ...forward.config, go_backwards: forward.config["go_backwards"] !== true };
  const backward = c.config.has("backward_layer")
    ? nested(c.name, c.config.get("backward_layer"))
    : { ...forward, config: turned };
  const given = givenStates(c);
  const mask = maskOf(c);
  const half = given.length / 2;
  const [ahead, behind] = (
    [
      [forward, "forward_layer", "forward_", given.slice(0, half)],
      [backward, "backward_layer", "backward_", given.slice(half)],
    ] as const
  ).map(([layer, attribute, name, states]) => {
    const inner = c.within(layer, { attribute, name }, [c.input]);
    return { config: inner.config, made: run(inner, states, mask) };
  });
  if (ahead === undefined || behind === undefined) throw new Malformed(c.name, "one direction", "two");
  const directions = [ahead, behind];
  if (ahead.config.bool("go_backwards", false) || !behind.config.bool("go_backwards", false))
    throw new NotCovered("directions that are exchanged");
  const isSequence = ahead.config.bool("return_sequences", false);
  const [x, y] = directions.map(({ made }) =>
    isSequence ? c.transpose(made.outputs, [1, 0, 2]) : made.last,
  ) as [Node, Node];
  const output = merged(c, x, y);
  if (isSequence && mask !== undefined && !Array.isArray(output)) c.reading.masks.set(output as Node, mask);
  if (!ahead.config.bool("return_state", false)) return output;
  const list = Array.isArray(output) ? (output as readonly Value[]) : [output];
  return [...list, ...directions.flatMap(({ made }) => made.states)];
};
function merged(c: Layer, x: Node, y: Node): Value {
  const mode = "merge_mode" in c.config.values ? c.config.get("merge_mode") : "concat";
  switch (mode) {
    case "concat":
      return c.concat([x, y], x.type.shape.length - 1);
    case "sum":
      return c.add(x, y);
    case "ave":
      return c.div(c.add(x, y), c.integer(2, x));
    case "mul":
      return c.mul(x, y);
    case undefined:
      return [x, y];
    default:
      throw c.config.misses("merge_mode", "concat, sum, ave, mul or null");
  }
}

/** Classes that act on the last axis or on each number by itself: on sequences they do what they do step by step. */
const stepwise = new Set([
  "Dense",
  "Activation",
  "Dropout",
  "ReLU",
  "LeakyReLU",
  "ELU",
  "Rescaling",
  "Identity",
]);

/** How the table lowers a layer; given by it, since it has rows that need the table. */
export type LowerAny = (c: Layer) => Value;

/** One layer on every step: steps are laid beside the batch. */
const timeDistributed =
  (lowerAny: LowerAny): Lower =>
  (c) => {
    const layer = nested(c.name, c.config.get("layer"));
    const x = c.input;
    if (maskOf(c) !== undefined && !stepwise.has(layer.className)) throw new NotCovered("a mask");
    const inner = (on: Node): Layer => c.within(layer, { attribute: "layer", name: layer.name }, [on]);
    if (stepwise.has(layer.className)) return lowerAny(inner(x));
    const [batch = 1, steps = 1, ...rest] = x.type.shape;
    const flat = c.reshape(x, [multiplyDims(batch, steps), ...rest]);
    const results = tensorsOf(lowerAny(inner(flat)));
    return c.reshape(at(results, 0), [batch, steps, ...at(results, 0).type.shape.slice(1)]);
  };

export const recurrentLayers = (lowerAny: LowerAny): Rows => ({
  LSTM: recurrent,
  GRU: recurrent,
  SimpleRNN: recurrent,
  RNN: recurrent,
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed(lowerAny),
});
