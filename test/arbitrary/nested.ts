/** @file Random recurrences whose steps have one or two recurrences, perhaps with one inside again. */
import fc from "fast-check";
import { at } from "../../src/base/assert.ts";
import { rational } from "../../src/base/rational.ts";
import { nest } from "../../src/ir/body.ts";
import type { Shape } from "../../src/ir/dim.ts";
import type { Builder, Graph, Node, NodeOf } from "../../src/ir/graph.ts";
import { newBuilder } from "../../src/ops/table.ts";

interface Loop {
  readonly reverse: boolean;
  /** What the inner recurrence starts from: a number, the state without, a function of it. */
  readonly start: "number" | "state" | "function";
  /** What the step without has of it: the last value, the first, the mean of all, or two of these. */
  readonly result: "last" | "first" | "mean" | "both";
  /** Whether the state without is read in the steps within. */
  readonly reads: boolean;
  readonly inner: Loop | undefined;
}

const loops = fc.letrec<{ loop: Loop; none: undefined }>((tie) => ({
  loop: fc.record({
    reverse: fc.boolean(),
    start: fc.constantFrom("number", "state", "function"),
    result: fc.constantFrom("last", "first", "mean", "both"),
    reads: fc.boolean(),
    inner: fc.oneof({ maxDepth: 1 }, tie("none"), tie("loop")),
  }),
  none: fc.constant(undefined),
})).loop;

const width = 2;
const lengths = [3, 4, 5];

const input = (build: Builder, name: string, shape: Shape): NodeOf<"Input"> & Node =>
  build.node("Input", [], { name, shape, dtype: "float32" }) as NodeOf<"Input"> & Node;
const add = (build: Builder, a: Node, b: Node): Node => build.node("Add", [a, b], {}) as Node;
const tanh = (build: Builder, a: Node): Node => build.node("Tanh", [a], {}) as Node;
const product = (build: Builder, a: Node, w: Node): Node =>
  build.node("Contract", [a, w], { equation: "a,ab->b" }) as Node;

/** The value of a step. */
function step(build: Builder, stack: Node, place: number): Node {
  const slice = build.node("Slice", [stack], { axis: 0, start: place, stop: place + 1, step: 1 });
  return build.node("Reshape", [slice], { shape: [width] }) as Node;
}

/** What the steps of a recurrence over `x` give, with the state and the weights from without. */
function run(build: Builder, loop: Loop, [x, state, w]: readonly [Node, Node, Node], depth: number): Node {
  const inside = newBuilder();
  const names = ["h", "x", "w", "s"];
  const shapes: Shape[] = [[width], x.type.shape.slice(1), [width, width], [width]];
  const given = shapes.map((shape, place) => input(inside, at(names, place), shape));
  const [h, element, weight, outer] = [at(given, 0), at(given, 1), at(given, 2), at(given, 3)];
  const { inner } = loop;
  const own = inner === undefined ? element : run(inside, inner, [element, h, weight], depth + 1);
  const sum = add(inside, product(inside, h, weight), own);
  const next = tanh(inside, loop.reads ? add(inside, sum, outer) : sum);
  const body = nest(
    inside.graph({ name: "h", inputs: given, parameters: [], outputs: [{ name: "h", node: next }] }),
  );
  const zero = build.node("Constant", [], { value: rational(1, 2), dtype: "float32" });
  const number = build.node("Broadcast", [zero], { shape: [width] }) as Node;
  const start = { number, state, function: tanh(build, state) }[loop.start];
  const stack = build.node("Scan", [start, x, w, state], {
    body,
    carries: 1,
    sequences: 1,
    output: 0,
    reverse: loop.reverse,
  }) as Node;
  const length = Number(x.type.shape[0]);
  const [last, first] = [step(build, stack, length - 1), step(build, stack, 0)];
  const mean = build.node("Mean", [stack], { axes: [0] }) as Node;
  return { last, first, mean, both: add(build, first, tanh(build, last)) }[loop.result];
}

/** A network over x : [5, 4, 2] or [5, 4, 3, 2], and its weights as an input or as a parameter. */
export const nestedRecurrences: fc.Arbitrary<Graph> = fc
  .tuple(loops, fc.boolean())
  .map(([inner, isStored]) => {
    const build = newBuilder();
    const rank = inner.inner === undefined ? 2 : 3;
    const x = input(build, "x", [...lengths.slice(0, rank).reverse(), width]);
    const given = { name: "w", shape: [width, width], dtype: "float32" } as const;
    const w = (isStored ? build.node("Parameter", [], given) : build.node("Input", [], given)) as Node;
    const state = input(build, "s", [width]);
    const loop: Loop = { reverse: false, start: "state", result: "last", reads: false, inner };
    const y = run(build, loop, [x, state, w], 0);
    return build.graph({
      name: "Net",
      inputs: [x, state, ...(w.op === "Input" ? [w] : [])],
      parameters: w.op === "Parameter" ? [{ node: w, names: ["w"], trainable: true }] : [],
      outputs: [{ name: "y", node: y }],
    });
  });
