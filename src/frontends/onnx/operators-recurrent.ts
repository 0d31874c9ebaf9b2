/** @file ONNX's recurrent layers: RNN, LSTM and GRU, with the equations of the operators' documentation. */
import { at, range } from "../../base/assert.ts";
import { type Rational, rational } from "../../base/rational.ts";
import { nest } from "../../ir/body.ts";
import type { Dim } from "../../ir/dim.ts";
import type { Node, NodeOf } from "../../ir/graph.ts";
import { newBuilder } from "../../ops/table.ts";
import { Maker } from "../common/maker.ts";
import { clamp, numberLike, scaled, weightedElu } from "../common/powers.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { NotCovered } from "./contradiction.ts";

/** Weights of one direction: gates × input, gates × state, the biases of both, and peepholes. */
interface Weights {
  readonly input: Node;
  readonly state: Node;
  readonly inputBias?: Node;
  readonly stateBias?: Node;
  readonly peepholes?: Node;
}
type Activation = (make: Maker, x: Node) => Node;
/** Carries and an element to the next carries, of which the first is the output. */
type Cell = (
  make: Maker,
  carries: readonly Node[],
  x: Node,
  weights: Weights,
  activations: readonly Activation[],
) => Node[];

/** Activations by name, with the defaults of their parameters. */
const activations: Readonly<Record<string, (alpha?: Rational, beta?: Rational) => Activation>> = {
  Tanh: () => (make, x) => make.apply("Tanh", [x], {}),
  Sigmoid: () => (make, x) => make.apply("Sigmoid", [x], {}),
  Relu: () => (make, x) => make.apply("Relu", [x], {}),
  Affine:
    (alpha = rational(1), beta = rational(0)) =>
    (make, x) =>
      make.add(scaled(make, alpha, x), numberLike(make, beta, x)),
  LeakyRelu:
    (slope = rational(1, 100)) =>
    (make, x) =>
      make.apply("LeakyRelu", [x], { slope }),
  Elu:
    (alpha = rational(1)) =>
    (make, x) =>
      weightedElu(make, x, alpha),
  HardSigmoid:
    (alpha = rational(1, 5), beta = rational(1, 2)) =>
    (make, x) =>
      clamp(
        make,
        make.add(scaled(make, alpha, x), numberLike(make, beta, x)),
        numberLike(make, 0, x),
        numberLike(make, 1, x),
      ),
  Softsign: () => (make, x) => make.div(x, make.add(numberLike(make, 1, x), make.apply("Abs", [x], {}))),
  Softplus: () => (make, x) => make.apply("Softplus", [x], {}),
};

const affine = (make: Maker, x: Node, weight: Node, bias: Node | undefined): Node => {
  const product = make.apply("Contract", [x, weight], { equation: "ab,cb->ac" });
  return bias === undefined ? product : make.add(product, bias);
};
const part = (make: Maker, x: Node, axis: number, index: number, count: number): Node => {
  const size = Number(at<Dim>(x.type.shape, axis)) / count;
  return make.slice(x, axis, index * size, (index + 1) * size);
};

const simple: Cell = (make, [h], x, { input, state, inputBias, stateBias }, [f]) => {
  const sum = make.add(affine(make, x, input, inputBias), affine(make, h as Node, state, stateBias));
  return [(f as Activation)(make, sum)];
};

/** Gates in the order input, forget, cell, output; peepholes in ONNX's order input, output, forget. */
const lstm =
  (isCoupled: boolean): Cell =>
  (make, [h, c], x, { input, state, inputBias, stateBias, peepholes }, [f, g, h2]) => {
    const all = make.add(affine(make, x, input, inputBias), affine(make, h as Node, state, stateBias));
    const gate = (index: number): Node => part(make, all, 1, index, 4);
    const peeped = (index: number, cell: Node, peephole: number): Node =>
      peepholes === undefined
        ? gate(index)
        : make.add(gate(index), make.mul(part(make, peepholes, 0, peephole, 3), cell));
    const i = (f as Activation)(make, peeped(0, c as Node, 0));
    const forget = isCoupled
      ? make.sub(numberLike(make, 1, i), i)
      : (f as Activation)(make, peeped(1, c as Node, 2));
    const next = make.add(make.mul(forget, c as Node), make.mul(i, (g as Activation)(make, gate(2))));
    const o = (f as Activation)(make, peeped(3, next, 1));
    for (const [name, node] of Object.entries({ i, f: forget, o })) make.build.label(node, name);
    return [make.mul(o, (h2 as Activation)(make, next)), next];
  };

/** Gates in the order reset, update, new; the reset gate acts on the state's product, bias included, or on the state. */
const gru =
  (resetsAfter: boolean): Cell =>
  (make, [h], x, { input, state, inputBias, stateBias }, [f, g]) => {
    const fromInput = affine(make, x, input, inputBias);
    const whole = affine(make, h as Node, state, stateBias);
    const sum = (gate: number): Node =>
      make.add(part(make, fromInput, 1, gate, 3), part(make, whole, 1, gate, 3));
    const [r, z] = [(f as Activation)(make, sum(0)), (f as Activation)(make, sum(1))];
    const rows = (weights: Node): Node => part(make, weights, 0, 2, 3);
    const recurrent = resetsAfter
      ? make.mul(r, part(make, whole, 1, 2, 3))
      : affine(make, make.mul(r, h as Node), rows(state), stateBias && rows(stateBias));
    const n = (g as Activation)(make, make.add(part(make, fromInput, 1, 2, 3), recurrent));
    for (const [name, node] of Object.entries({ z, r, n })) make.build.label(node, name);
    return [make.add(make.mul(make.sub(numberLike(make, 1, z), z), n), make.mul(z, h as Node))];
  };

/** A cell as the body of a scan over its carries, one sequence, and its weights. */
function scanned(
  c: Call,
  cell: Cell,
  carries: readonly Node[],
  x: Node,
  weights: Weights,
  of: readonly Activation[],
  reverse: boolean,
): Node[] {
  const make = new Maker(newBuilder(), c.note);
  const input = (name: string, { type: { shape, dtype } }: Node, isSequence = false): NodeOf<"Input"> =>
    make.build.node("Input", [], { name, shape: isSequence ? shape.slice(1) : shape, dtype });
  const given = Object.entries(weights) as [string, Node][];
  const names = ["h", "c"];
  const states = carries.map((carry, index) => input(at(names, index), carry));
  const element = input("x", x, true);
  const inner = given.map(([name, node]) => [name, input(name, node)] as const);
  const next = cell(make, states, element, Object.fromEntries(inner) as unknown as Weights, of);
  const graph = make.build.graph({
    name: "cell",
    inputs: [...states, element, ...inner.map(([, node]) => node)],
    parameters: [],
    outputs: next.map((node, index) => ({ name: at(names, index), node })),
  });
  const attrs = { body: nest(graph), carries: carries.length, sequences: 1, reverse };
  const operands = [...carries, x, ...given.map(([, node]) => node)];
  return next.map((_, output) => c.apply("Scan", operands, { ...attrs, output }));
}

/** One direction of a tensor that has them along its first axis. */
const direction = (c: Call, x: Node, index: number): Node =>
  c.reshape(c.slice(x, 0, index, index + 1), x.type.shape.slice(1));

/** The activations of one direction, by the attributes or as the operator has them. */
function activationsOf(c: Call, usual: readonly string[], index: number): Activation[] {
  const names = c.texts("activations") ?? [];
  const [alphas, betas] = [c.floats("activation_alpha") ?? [], c.floats("activation_beta") ?? []];
  const clip = c.has("clip") ? c.float("clip") : undefined;
  return usual.map((name, i) => {
    const place = index * usual.length + i;
    const make = activations[names[place] ?? name];
    if (make === undefined) throw new NotCovered(`the activation ${names[place] ?? name}`);
    const activation = make(alphas[place], betas[place]);
    if (clip === undefined) return activation;
    return (maker, x) => {
      const bound = numberLike(maker, clip, x);
      return activation(maker, clamp(maker, x, maker.apply("Neg", [bound], {}), bound));
    };
  });
}

/** The gates of a tensor along its first axis in the order of the cell, which other frameworks have too. */
const ordered = (c: Call, x: Node, gates: readonly number[]): Node =>
  gates.every((gate, i) => gate === i)
    ? x
    : c.concat(
        gates.map((gate) => part(c, x, 0, gate, gates.length)),
        0,
      );

function weightsOf(c: Call, index: number, gates: readonly number[], hasPeepholes: boolean): Weights {
  const own = (input: number): Node | undefined => {
    const node = c.optional(input);
    return node && direction(c, node, index);
  };
  const [bias, peepholes] = [own(3), hasPeepholes ? own(7) : undefined];
  const half = (which: number): Node | undefined => bias && ordered(c, part(c, bias, 0, which, 2), gates);
  const [inputBias, stateBias] = [half(0), half(1)];
  return {
    input: ordered(c, direction(c, c.input(1), index), gates),
    state: ordered(c, direction(c, c.input(2), index), gates),
    ...(inputBias === undefined || stateBias === undefined ? {} : { inputBias, stateBias }),
    ...(peepholes === undefined ? {} : { peepholes }),
  };
}

const layer =
  (cellOf: (c: Call) => Cell, usual: readonly string[], carries: number, gates: readonly number[]): Lower =>
  (c) => {
    const batchFirst = c.flag("layout");
    const given = c.input(0);
    const x = batchFirst ? c.transpose(given, [1, 0, 2]) : given;
    const [time, batch] = [at<Dim>(x.type.shape, 0), at<Dim>(x.type.shape, 1)];
    requireFullLength(c, time);
    const way = c.text("direction", "forward");
    const directions = way === "bidirectional" ? 2 : 1;
    const hidden = at<Dim>(c.input(2).type.shape, 2);
    const zeros = c.stretch(c.constant(0, x.type.dtype), [batch, hidden]);
    const startOf = (input: number, index: number): Node => {
      const start = c.optional(input);
      if (start === undefined) return zeros;
      return direction(c, batchFirst ? c.transpose(start, [1, 0, 2]) : start, index);
    };
    const results = range(directions).map((index) => {
      const reverse = way === "reverse" || index === 1;
      const starts = range(carries).map((carry) => startOf(5 + carry, index));
      const own = scanned(
        c,
        cellOf(c),
        starts,
        x,
        weightsOf(c, index, gates, carries === 2),
        activationsOf(c, usual, index),
        reverse,
      );
      const end = reverse
        ? ([0, 1] as const)
        : ([c.concrete(time, "the last step") - 1, c.concrete(time, "the last step")] as const);
      return { own, last: own.map((node) => c.slice(node, 0, ...end)) };
    });
    const stacked = c.concat(
      results.map(({ own }) => c.reshape(at(own, 0), [time, 1, batch, hidden])),
      1,
    );
    const lasts = range(carries).map((carry) =>
      c.concat(
        results.map(({ last }) => at(last, carry)),
        0,
      ),
    );
    if (!batchFirst) return [stacked, ...lasts];
    return [c.transpose(stacked, [2, 0, 1, 3]), ...lasts.map((node) => c.transpose(node, [1, 0, 2]))];
  };

/** Sequences of one length: shorter ones would need a mask. */
function requireFullLength(c: Call, time: Dim): void {
  const lengths = c.optional(4);
  if (lengths === undefined) return;
  const known = c.known(lengths);
  if (known?.every((length) => length === time) !== true)
    throw new NotCovered("sequences of different lengths");
}

/** ONNX has the gates of an LSTM as input, output, forget, cell, and those of a GRU as update, reset, new. */
export const recurrent: Rows = {
  RNN: layer(() => simple, ["Tanh"], 1, [0]),
  LSTM: layer((c) => lstm(c.flag("input_forget")), ["Sigmoid", "Tanh", "Tanh"], 2, [0, 2, 3, 1]),
  GRU: layer((c) => gru(c.flag("linear_before_reset")), ["Sigmoid", "Tanh"], 1, [1, 0, 2]),
};
