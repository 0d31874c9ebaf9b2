/** @file ONNX's linear attention: a state of keys and values that is decayed, corrected, written and read at each step. */
import { at, range } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import { nest } from "../../ir/body.ts";
import { type Dim, exactQuotient, multiplyDims, subtractDims } from "../../ir/dim.ts";
import type { Node, NodeOf } from "../../ir/graph.ts";
import { newBuilder } from "../../ops/table.ts";
import { Maker } from "../common/maker.ts";
import { numberLike } from "../common/powers.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { NotCovered } from "./contradiction.ts";

/** [batch, time, heads · width] as [time, batch, heads, width]. */
function steps(c: Call, x: Node, heads: number): Node {
  const [batch = 1, time = 1, width = 1] = x.type.shape;
  const each = exactQuotient(width, heads);
  if (each === undefined) throw new NotCovered("heads of different widths");
  return c.transpose(c.reshape(x, [batch, time, heads, each]), [1, 0, 2, 3]);
}

/** The elements of one step, in the order of the sequences. */
interface Step {
  readonly q: Node;
  readonly k: Node;
  readonly v: Node;
  readonly decay?: Node;
  readonly beta?: Node;
}

/** S ← e^g S; v ← β (v − Sᵀ k); S ← S + k vᵀ; o = Sᵀ q (Yang et al. 2024, Gated Delta Networks, equations 8 and 10). */
function oneStep(
  make: Maker,
  state: Node,
  { q, k, v, decay, beta }: Step,
): readonly [state: Node, output: Node] {
  const column = (x: Node): Node => make.reshape(x, [...x.type.shape, 1]);
  const row = (x: Node): Node => make.reshape(x, x.type.shape.toSpliced(2, 0, 1));
  const decayed = decay === undefined ? state : make.mul(state, column(make.apply("Exp", [decay], {})));
  const read = make.apply("Contract", [decayed, k], { equation: "abcd,abc->abd" });
  const written = beta === undefined ? v : make.mul(beta, make.sub(v, read));
  const next = make.add(decayed, make.mul(column(k), row(written)));
  const [batch = 1, heads = 1, keyWidth = 1, width = 1] = next.type.shape;
  const group = exactQuotient(at<Dim>(q.type.shape, 1), heads);
  if (group === undefined) throw new NotCovered("heads that are no multiple of those of the keys");
  // Several queries read the state of one key's head.
  const asked = make.reshape(q, [batch, heads, group, keyWidth]);
  const answer = make.apply("Contract", [asked, next], { equation: "abcd,abde->abce" });
  return [next, make.reshape(answer, [batch, multiplyDims(heads, group), width])];
}

const linearAttention: Lower = (c) => {
  const [queryHeads, keyHeads] = [c.int("q_num_heads"), c.int("kv_num_heads")];
  const decay = c.optional(4);
  const beta = c.optional(5);
  const perHead = (x: Node): Node => steps(c, x, x.type.shape[2] === 1 ? 1 : keyHeads);
  const sequences = {
    q: steps(c, c.input(0), queryHeads),
    k: steps(c, c.input(1), keyHeads),
    v: steps(c, c.input(2), keyHeads),
    ...(decay === undefined ? {} : { decay: perHead(decay) }),
    ...(beta === undefined ? {} : { beta: perHead(beta) }),
  };
  const [time = 1, batch = 1, , keyWidth = 1] = sequences.q.type.shape;
  const width = at<Dim>(sequences.v.type.shape, 3);
  const { dtype } = sequences.q.type;
  const start = c.optional(3) ?? c.stretch(c.constant(0, dtype), [batch, keyHeads, keyWidth, width]);
  const make = new Maker(newBuilder(), c.note);
  const input = (name: string, shape: readonly Dim[]): NodeOf<"Input"> =>
    make.build.node("Input", [], { name, shape, dtype });
  const state = input("S", start.type.shape);
  const elements = Object.entries(sequences).map(
    ([name, x]) => [name, input(name, x.type.shape.slice(1))] as const,
  );
  const outputs = oneStep(make, state, Object.fromEntries(elements) as unknown as Step);
  const graph = make.build.graph({
    name: "linear attention",
    inputs: [state, ...elements.map(([, node]) => node)],
    parameters: [],
    outputs: outputs.map((node, i) => ({ name: at(["S", "o"], i), node })),
  });
  const attrs = { body: nest(graph), carries: 1, sequences: elements.length, reverse: false };
  const operands = [start, ...Object.values(sequences)];
  const [states, read] = range(2).map((output) => c.apply("Scan", operands, { ...attrs, output })) as [
    Node,
    Node,
  ];
  const scale = c.float("scale", rational(0));
  const factor =
    scale.numerator === 0n
      ? c.apply("Reciprocal", [c.apply("Sqrt", [c.size(keyWidth, dtype)], {})], {})
      : numberLike(c, scale, read);
  const y = c.transpose(c.mul(factor, read), [1, 0, 2, 3]);
  const last = c.reshape(c.slice(states, 0, subtractDims(time, 1), time), start.type.shape);
  return [c.reshape(y, [batch, time, multiplyDims(queryHeads, width)]), last];
};

export const linearAttentions: Rows = { LinearAttention: linearAttention };
