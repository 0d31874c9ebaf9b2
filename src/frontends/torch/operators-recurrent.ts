/** @file Recurrent layers and cells: nn.RNN, nn.LSTM and nn.GRU, as their documentation gives the equations. */
import { at, range } from "../../base/assert.ts";
import { one } from "../../base/rational.ts";
import { nest } from "../../ir/body.ts";
import type { Builder, Node, NodeOf } from "../../ir/graph.ts";
import { newBuilder } from "../../ops/table.ts";
import { Contradiction } from "../common/contradiction.ts";
import { type Call, type Lower, NotAFunction, NotCovered, type Rows } from "./call.ts";

/** Weights of one layer and direction: input and state to gates, their biases, state to projection. */
interface Weights {
  readonly input: Node;
  readonly state: Node;
  readonly inputBias?: Node;
  readonly stateBias?: Node;
  readonly projection?: Node;
}
/** One step: the carries and an element of the sequence to the next carries, of which the first is the output. */
type Cell = (build: Builder, carries: readonly Node[], x: Node, weights: Weights) => Node[];

const apply = (build: Builder, op: "Add" | "Mul" | "Sub", x: Node, y: Node): Node =>
  build.node(op, [x, y], {});
const activation = (build: Builder, op: "Tanh" | "Sigmoid" | "Relu", x: Node): Node =>
  build.node(op, [x], {});

/** x Wᵀ + b, all gates at once. */
function affine(build: Builder, x: Node, weight: Node, bias: Node | undefined): Node {
  const product: Node = build.node("Contract", [x, weight], { equation: "ab,cb->ac" });
  return bias === undefined ? product : apply(build, "Add", product, bias);
}

function gates(build: Builder, preactivations: Node, count: number): Node[] {
  const size = preactivations.type.shape[1];
  if (typeof size !== "number" || size % count !== 0) throw new NotCovered("gates of a symbolic size");
  const step = size / count;
  return range(count).map((gate) =>
    build.node("Slice", [preactivations], { axis: 1, start: gate * step, stop: (gate + 1) * step, step: 1 }),
  );
}

function labelled<T extends Record<string, Node>>(build: Builder, nodes: T): T {
  for (const [name, node] of Object.entries(nodes)) build.label(node, name);
  return nodes;
}

const simple =
  (op: "Tanh" | "Relu"): Cell =>
  (build, [h], x, { input, state, inputBias, stateBias }) => {
    const before = affine(build, x, input, inputBias);
    const sum = apply(build, "Add", before, affine(build, h as Node, state, stateBias));
    return [activation(build, op, sum)];
  };

/** torch.nn.LSTM: gates in the order input, forget, cell, output. */
const lstm: Cell = (build, [h, c], x, { input, state, inputBias, stateBias, projection }) => {
  const fromInput = affine(build, x, input, inputBias);
  const all = apply(build, "Add", fromInput, affine(build, h as Node, state, stateBias));
  const parts = gates(build, all, 4);
  const { i, f, g, o } = labelled(build, {
    i: activation(build, "Sigmoid", at(parts, 0)),
    f: activation(build, "Sigmoid", at(parts, 1)),
    g: activation(build, "Tanh", at(parts, 2)),
    o: activation(build, "Sigmoid", at(parts, 3)),
  });
  const next = apply(build, "Add", apply(build, "Mul", f, c as Node), apply(build, "Mul", i, g));
  const shown = apply(build, "Mul", o, activation(build, "Tanh", next));
  return [projection === undefined ? shown : affine(build, shown, projection, undefined), next];
};

/** torch.nn.GRU: gates in the order reset, update, new; the reset gate acts on the state's product, bias included. */
const gru: Cell = (build, [h], x, { input, state, inputBias, stateBias }) => {
  const fromInput = gates(build, affine(build, x, input, inputBias), 3);
  const fromState = gates(build, affine(build, h as Node, state, stateBias), 3);
  const sum = (gate: number, other: Node): Node => apply(build, "Add", at(fromInput, gate), other);
  const r = activation(build, "Sigmoid", sum(0, at(fromState, 0)));
  const z = activation(build, "Sigmoid", sum(1, at(fromState, 1)));
  const n = activation(build, "Tanh", sum(2, apply(build, "Mul", r, at(fromState, 2))));
  labelled(build, { r, z, n });
  const whole = build.node("Constant", [], { value: one, dtype: n.type.dtype });
  const kept = apply(build, "Mul", apply(build, "Sub", whole, z), n);
  return [apply(build, "Add", kept, apply(build, "Mul", z, h as Node))];
};

/** A cell as the body of a scan over its carries, one sequence, and its weights. */
function scanned(
  c: Call,
  cell: Cell,
  carries: readonly Node[],
  x: Node,
  weights: Weights,
  reverse: boolean,
): Node[] {
  const build = newBuilder();
  const input = (name: string, { type: { shape, dtype } }: Node, isSequence = false): NodeOf<"Input"> =>
    build.node("Input", [], { name, shape: isSequence ? shape.slice(1) : shape, dtype });
  const given = Object.entries(weights).filter((entry): entry is [string, Node] => entry[1] !== undefined);
  const h = carries.map((carry, index) => input(at(["h", "c"], index), carry));
  const element = input("x", x, true);
  const inner = given.map(([name, node]) => [name, input(name, node)] as const);
  const next = cell(build, h, element, Object.fromEntries(inner) as unknown as Weights);
  const graph = build.graph({
    name: "cell",
    inputs: [...h, element, ...inner.map(([, node]) => node)],
    parameters: [],
    outputs: next.map((node, index) => ({ name: at(["h", "c"], index), node })),
  });
  const attrs = { body: nest(graph), carries: carries.length, sequences: 1, reverse };
  const operands = [...carries, x, ...given.map(([, node]) => node)];
  return next.map((_, output) => c.apply("Scan", operands, { ...attrs, output }));
}

/** Row `index` of the first axis. */
function row(c: Call, x: Node, index: number): Node {
  const slice = c.apply("Slice", [x], { axis: 0, start: index, stop: index + 1, step: 1 });
  return c.reshape(slice, x.type.shape.slice(1));
}

const joined = (c: Call, nodes: readonly Node[], axis: number): Node =>
  nodes.length === 1 ? at(nodes, 0) : c.apply("Concat", nodes, { axis });

function weightsOf(params: readonly Node[], hasBiases: boolean, hasProjection: boolean): Weights {
  const [input, state, ...rest] = params;
  if (input === undefined || state === undefined)
    throw new Contradiction("params", `${params.length} tensors`, "weights for input and state");
  const projection = hasProjection ? rest.at(-1) : undefined;
  return {
    input,
    state,
    ...(hasBiases ? { inputBias: at(rest, 0), stateBias: at(rest, 1) } : {}),
    ...(projection === undefined ? {} : { projection }),
  };
}

/** All layers and directions of a recurrent module: the output sequence, then the last value of each carry. */
const layers =
  (cell: Cell, carries: number): Lower =>
  (c) => {
    if (c.bool("train", false) && c.number("dropout").numerator !== 0n)
      throw new NotAFunction("a recurrent layer with dropout in training mode");
    const params = c.tensors("params");
    const starts = carries === 1 ? [c.tensor("hx")] : c.tensors("hx");
    const hasBiases = c.bool("has_biases", true);
    const directions = c.bool("bidirectional", false) ? 2 : 1;
    const cells = c.int("num_layers") * directions;
    const each = params.length / cells;
    const batchFirst = c.bool("batch_first", false);
    const swap = (x: Node): Node => (batchFirst ? c.apply("Transpose", [x], { permutation: [1, 0, 2] }) : x);
    let sequence = swap(c.tensor("input"));
    const last: Node[][] = [];
    for (const layer of range(c.int("num_layers"))) {
      const outputs = range(directions).map((direction) => {
        const index = layer * directions + direction;
        const own = params.slice(index * each, (index + 1) * each);
        const weights = weightsOf(own, hasBiases, each === (hasBiases ? 5 : 3));
        const start = starts.map((all) => row(c, all, index));
        const stacks = scanned(c, cell, start, sequence, weights, direction === 1);
        last.push(stacks.map((stack) => lastStep(c, stack, direction === 1)));
        return at(stacks, 0);
      });
      sequence = joined(c, outputs, 2);
    }
    const finals = range(carries).map((carry) => {
      const rows = last.map((ofCell) => at(ofCell, carry));
      return joined(
        c,
        rows.map((node) => c.reshape(node, [1, ...node.type.shape])),
        0,
      );
    });
    return [swap(sequence), ...finals];
  };

/** The stack's value after all steps: its last row, or the first of a reversed scan. */
function lastStep(c: Call, stack: Node, reverse: boolean): Node {
  const length = at(stack.type.shape, 0);
  if (reverse) return row(c, stack, 0);
  if (typeof length !== "number") throw new NotCovered("a sequence of a symbolic length");
  return row(c, stack, length - 1);
}

/** One step of a module such as nn.LSTMCell. */
const step =
  (cell: Cell, carries: number): Lower =>
  (c) => {
    const state = carries === 1 ? [c.tensor("hx")] : c.tensors("hx");
    const [inputBias, stateBias] = [c.optionalTensor("b_ih"), c.optionalTensor("b_hh")];
    return cell(c.build, state, c.tensor("input"), {
      input: c.tensor("w_ih"),
      state: c.tensor("w_hh"),
      ...(inputBias === undefined ? {} : { inputBias }),
      ...(stateBias === undefined ? {} : { stateBias }),
    });
  };

export const recurrent: Rows = {
  "aten.lstm.input": layers(lstm, 2),
  "aten.gru.input": layers(gru, 1),
  "aten.rnn_tanh.input": layers(simple("Tanh"), 1),
  "aten.rnn_relu.input": layers(simple("Relu"), 1),
  "aten.lstm_cell.default": step(lstm, 2),
  "aten.gru_cell.default": step(gru, 1),
  "aten.rnn_tanh_cell.default": step(simple("Tanh"), 1),
  "aten.rnn_relu_cell.default": step(simple("Relu"), 1),
};
