/** @file Recurrences that were unrolled are rolled up again, and only these. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { rational } from "../../src/base/rational.ts";
import { loadModel } from "../../src/cli/load.ts";
import { unroll } from "../../src/eval/unroll.ts";
import { nest } from "../../src/ir/body.ts";
import type { Graph, Node, NodeOf } from "../../src/ir/graph.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { isScan } from "../../src/ops/traits.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { reroll } from "../../src/rewrite/reroll.ts";
import { agreement, isOneGraph, pairsInOrder } from "../arbitrary/agreement.ts";
import { Sketch } from "../arbitrary/sketch.ts";

const width = 3;

/** A random cell: how many values it carries, sequences and steps, and what it computes, as numbers that are choices. */
interface Cell {
  readonly carries: number;
  readonly sequences: number;
  readonly steps: number;
  readonly reverse: boolean;
  readonly choices: readonly number[];
  readonly startsAtZero: boolean;
  /** Whether all steps are read, or the last one only. */
  readonly isStacked: boolean;
}

const cells: fc.Arbitrary<Cell> = fc.record({
  carries: fc.integer({ min: 1, max: 3 }),
  sequences: fc.integer({ min: 1, max: 2 }),
  steps: fc.integer({ min: 4, max: 7 }),
  reverse: fc.boolean(),
  choices: fc.array(fc.nat(1000), { minLength: 6, maxLength: 12 }),
  startsAtZero: fc.boolean(),
  isStacked: fc.boolean(),
});

/** Each carry is a value that is made of all carries, elements and parameters. */
function bodyOf({ carries, sequences, choices }: Cell): Graph {
  const builder = newBuilder();
  const input = (name: string, shape: readonly number[]) =>
    builder.node("Input", [], { name, shape, dtype: "float32" });
  const states = range(carries).map((place) => input(`h_${place}`, [2, width]));
  const elements = range(sequences).map((place) => input(`x_${place}`, [2, width]));
  const [w, b] = [input("W", [width, width]), input("b", [width])];
  const half = builder.node("Constant", [], { value: rational(1, 2), dtype: "float32" });
  const pool: Node[] = [...states, ...elements];
  for (const choice of choices) {
    const x = at(pool, choice % pool.length);
    const y = at(pool, (choice >> 3) % pool.length);
    const made = [
      (): Node => builder.node("Contract", [x, w], { equation: "ab,bc->ac" }),
      (): Node => builder.node("Add", [x, y], {}),
      (): Node => builder.node("Mul", [x, y], {}),
      (): Node => builder.node("Tanh", [x], {}),
      (): Node => builder.node("Add", [x, b], {}),
      (): Node => builder.node("Sigmoid", [builder.node("Mul", [x, half], {})], {}),
    ];
    pool.push(at(made, choice % made.length)());
  }
  // Everything is read at last. The carries of a step are made of each other, as an LSTM's h of its c.
  let all: Node = pool.slice(carries).reduce((left, right) => builder.node("Add", [left, right], {}));
  const outputs = states.map((state, place) => {
    const equation = place % 2 === 0 ? "ab,bc->ac" : "ab,cb->ac";
    all = builder.node("Add", [all, builder.node("Contract", [state, w], { equation })], {});
    all = builder.node(place === 1 ? "Sigmoid" : "Tanh", [all], {});
    return { name: `h_${place}`, node: all };
  });
  return builder.graph({ name: "cell", inputs: [...states, ...elements, w, b], parameters: [], outputs });
}

/** A model that is a scan of the cell. */
function modelOf(cell: Cell): Graph {
  const { carries, sequences, steps, reverse, startsAtZero, isStacked } = cell;
  const builder = newBuilder();
  const input = (name: string, shape: readonly number[]) =>
    builder.node("Input", [], { name, shape, dtype: "float32" });
  const parameter = (name: string, shape: readonly number[]) =>
    builder.node("Parameter", [], { name, shape, dtype: "float32" });
  const zero = builder.node("Constant", [], { value: rational(0), dtype: "float32" });
  const zeros = builder.node("Broadcast", [zero], { shape: [2, width] });
  const given = range(startsAtZero ? 0 : carries).map((place) => input(`h_${place}`, [2, width]));
  const starts: Node[] = startsAtZero ? range(carries).map(() => zeros) : given;
  const xs = range(sequences).map((place) => input(`x_${place}`, [steps, 2, width]));
  const own = [parameter("W", [width, width]), parameter("b", [width])];
  const body = nest(bodyOf(cell));
  const attrs = { body, carries, sequences, reverse };
  const operands = [...starts, ...xs, ...own];
  const outputs = range(carries).map((output) => {
    const stack: Node = builder.node("Scan", operands, { ...attrs, output });
    const last = reverse ? 0 : steps - 1;
    const slice = builder.node("Slice", [stack], { axis: 0, start: last, stop: last + 1, step: 1 });
    return { name: `y_${output}`, node: isStacked ? stack : slice };
  });
  return builder.graph({
    name: "M",
    inputs: [...xs, ...given],
    parameters: own.map((node) => ({ node, names: [node.attrs.name], trainable: true })),
    outputs,
  });
}

/** Recurrences of PyTorch that are written by hand: the shape and direction of the scans that they become. */
const byHand: Readonly<Record<string, readonly string[]>> = {
  lstm_tagger_by_hand: ["4 steps, 2 carries"],
  lstm_backwards: ["4 steps, 2 carries, reversed"],
  lstm_memory_not_carried: ["4 steps, 1 carries"],
  lstm_without_forget_gate: ["4 steps, 2 carries"],
  lstm_starts_at_one: ["4 steps, 2 carries"],
  gru_by_hand: ["4 steps, 1 carries"],
  gru_layer_by_hand: ["4 steps, 1 carries"],
  gru_as_in_the_paper: ["4 steps, 1 carries"],
  bidirectional_lstm_by_hand: ["4 steps, 2 carries", "4 steps, 2 carries, reversed"],
  bidirectional_lstm_one_cell: ["4 steps, 2 carries", "4 steps, 2 carries, reversed"],
  bidirectional_lstm_not_turned_back: ["4 steps, 2 carries", "4 steps, 2 carries, reversed"],
  s4d_by_hand: ["4 steps, 1 carries"],
  recurrent_cells: ["3 steps, 1 carries", "3 steps, 1 carries", "3 steps, 2 carries", "3 steps, 2 carries"],
};

const backwards = new Set(["lstm_backwards", "bidirectional_lstm_not_turned_back"]);

const scanText = ({ type, attrs }: NodeOf<"Scan">): string =>
  `${Number(type.shape[0])} steps, ${attrs.carries} carries${attrs.reverse ? ", reversed" : ""}`;

describe("PyTorch's recurrences that are written by hand", () => {
  it.each(Object.entries(byHand))("%s is rolled up", async (name, scans) => {
    const flat = raise(await loadModel(`test/fixtures/pt2/${name}.pt2`));
    expect(scansOf(flat)).toEqual([]);
    const rolled = reroll(flat);
    expect(scansOf(rolled).map(scanText).sort()).toEqual(scans);
    expect(rolled.notes).toEqual(flat.notes);
    // What was appended backwards is turned around, and no rule turns a stack of rows.
    if (!backwards.has(name)) expect(isOneGraph(raise(unroll(rolled).graph), flat)).toBe(true);
    expect(agreement(flat, rolled, pairsInOrder(flat, rolled), 1)).toBe("equal");
  });
});

const scansOf = (graph: Graph) => graph.nodes.filter(isScan);

/** How one step of a loop is written in another way than the others. */
type Slip = "a constant" | "a parameter" | "an element" | "an operator";

/** h' = tanh(x W + h U + 0.5 b), written out; the step `odd` has the slip. */
function loop(steps: number, slip: Slip | undefined, odd: number): Graph {
  const builder = newBuilder();
  const x = builder.node("Input", [], { name: "x", shape: [2, steps, width], dtype: "float32" });
  const matrices = ["W", "U", "V"].map((name) =>
    builder.node("Parameter", [], { name, shape: [width, width], dtype: "float32" }),
  );
  const b = builder.node("Parameter", [], { name: "b", shape: [width], dtype: "float32" });
  const [w, u, v] = matrices as [Node, Node, Node];
  const number = (denominator: number): Node =>
    builder.node("Constant", [], { value: rational(1, denominator), dtype: "float32" });
  const times = (value: Node, by: Node): Node =>
    builder.node("Contract", [value, by], { equation: "ab,bc->ac" });
  const add = (left: Node, right: Node): Node => builder.node("Add", [left, right], {});
  let h: Node = builder.node("Broadcast", [number(3)], { shape: [2, width] });
  for (const step of range(steps)) {
    const own = step === odd ? slip : undefined;
    const start = own === "an element" ? (step + 2) % steps : step;
    const cut = builder.node("Slice", [x], { axis: 1, start, stop: start + 1, step: 1 });
    const element = builder.node("Reshape", [cut], { shape: [2, width] });
    const bias = builder.node("Mul", [number(own === "a constant" ? 4 : 2), b], {});
    const sum = add(add(times(element, w), times(h, own === "a parameter" ? v : u)), add(times(h, v), bias));
    h = builder.node(own === "an operator" ? "Sigmoid" : "Tanh", [sum], {});
  }
  const parameters = [...matrices, b].map((node) => ({ node, names: [node.attrs.name], trainable: true }));
  return raise(builder.graph({ name: "M", inputs: [x], parameters, outputs: [{ name: "y", node: h }] }));
}

describe("a loop of which one step is made in another way", () => {
  const steps = 7;
  it("is rolled up when it has no such step", () => {
    const rolled = reroll(loop(steps, undefined, -1));
    expect(scansOf(rolled).map(({ type }) => type.shape[0])).toEqual([steps]);
    expect(rolled.notes).toEqual([]);
  });
  it("is rolled up from the second step on when the first has another operator", () => {
    const flat = loop(steps, "an operator", 0);
    const rolled = reroll(flat);
    expect(scansOf(rolled).map(({ type }) => type.shape[0])).toEqual([steps - 1]);
    expect(agreement(flat, rolled, pairsInOrder(flat, rolled), 1)).toBe("equal");
  });
  const told: { readonly [S in Slip]: RegExp } = {
    "a constant": /: 0\.25 instead of 0\.5;/,
    "a parameter": /: V instead of U;/,
    "an element": /: x\[:, \d\] instead of x\[:, \d\];/,
    "an operator": /: Sigmoid instead of Tanh;/,
  };
  for (const slip of Object.keys(told) as Slip[]) {
    // Another operator in the first step may be what rules made of its start.
    for (const odd of range(steps).slice(slip === "an operator" ? 1 : 0)) {
      it(`stays written out where step ${odd + 1} has ${slip} of its own`, () => {
        const flat = loop(steps, slip, odd);
        const rolled = reroll(flat);
        expect(rolled.notes.join("\n")).toMatch(told[slip]);
        expect(rolled.notes.join("\n")).toContain(`step ${odd + 1} of ${steps} of a loop differs`);
        expect(scansOf(rolled)).toEqual([]);
      });
    }
  }
});

describe("reroll", () => {
  it("makes a scan of the steps that a scan was unrolled to", () => {
    fc.assert(
      fc.property(cells, fc.nat(), (cell, seed) => {
        const flat = raise(unroll(modelOf(cell)).graph);
        const rolled = reroll(flat);
        expect(agreement(flat, rolled, pairsInOrder(flat, rolled), seed)).not.toBe("different");
        expect(isOneGraph(raise(unroll(rolled).graph), flat)).toBe(true);
        const scans = scansOf(rolled);
        // A first step that starts at zero may have been simplified beyond recognition, and is left as it is.
        const least = cell.startsAtZero ? cell.steps - 1 : cell.steps;
        if (!cell.startsAtZero) expect(scans.length).toBeGreaterThan(0);
        for (const scan of scans) {
          expect(Number(scan.type.shape[0])).toBeGreaterThanOrEqual(least);
          expect(scan.attrs.reverse).toBe(cell.reverse);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** A loop over values of one shape; `step` gives the next ones and what is stacked. */
function written(
  count: number,
  step: (sketch: Sketch, values: readonly Node[], place: number) => readonly Node[],
  outputs: (sketch: Sketch, steps: readonly (readonly Node[])[]) => Node,
): Graph {
  const sketch = new Sketch();
  const starts = ["a", "b"].map((name) => sketch.input(name, [2, width]));
  const steps: (readonly Node[])[] = [];
  for (const place of range(count)) steps.push(step(sketch, steps.at(-1) ?? starts, place));
  return raise(sketch.graph("Loop", { y: outputs(sketch, steps) }));
}

const rolledUp = (flat: Graph): NodeOf<"Scan">[] => {
  const rolled = reroll(flat);
  expect(agreement(flat, rolled, pairsInOrder(flat, rolled), 1)).toBe("equal");
  expect(isOneGraph(raise(unroll(rolled).graph), flat)).toBe(true);
  return scansOf(rolled);
};

describe("steps of a loop", () => {
  const square = (sketch: Sketch, name: string): Node => sketch.input(name, [width, width]);
  const times = (sketch: Sketch, x: Node, by: Node): Node =>
    sketch.apply("Contract", [x, by], { equation: "ab,bc->ac" });
  const add = (sketch: Sketch, x: Node, y: Node): Node => sketch.apply("Add", [x, y], {});

  /** p' = tanh(q V + p V), q' = p' + q: read without a sequence. */
  const swing =
    (matrices: Map<Sketch, Node>) =>
    (sketch: Sketch, [p, q]: readonly Node[]) => {
      const v = matrices.get(sketch) ?? square(sketch, "V");
      matrices.set(sketch, v);
      const sum = add(sketch, times(sketch, q as Node, v), times(sketch, p as Node, v));
      const next = sketch.apply("Tanh", [sum], {});
      return [next, sketch.apply("Sigmoid", [add(sketch, next, q as Node)], {})];
    };

  it("are counted where several values are carried and no sequence is read", () => {
    const flat = written(5, swing(new Map()), (_, steps) => at(at(steps, 4), 1));
    const [scan] = rolledUp(flat);
    expect(scan && scanText(scan)).toBe("5 steps, 2 carries");
  });

  it("need not be whole at the end", () => {
    const flat = written(5, swing(new Map()), (_, steps) => at(at(steps, 4), 0));
    const [scan] = rolledUp(flat);
    expect(scan && scanText(scan)).toBe("5 steps, 2 carries");
  });

  it("have outputs that are not carried on", () => {
    const flat = written(5, swing(new Map()), (sketch, steps) => {
      const out = square(sketch, "O");
      const rows = steps.map(([p]) => sketch.reshape(times(sketch, p as Node, out), [2, 1, width]));
      return sketch.apply("Concat", rows, { axis: 1 });
    });
    const scans = rolledUp(flat);
    expect(scans.map(scanText)).toEqual(["5 steps, 2 carries"]);
    expect(scans.map(({ attrs }) => attrs.output)).toEqual([2]);
  });

  it("that carry one value and read nothing else are left to blocks that repeat", () => {
    const again = (sketch: Sketch, [x]: readonly Node[]): Node[] => {
      const one = sketch.apply("Tanh", [add(sketch, x as Node, sketch.apply("Sin", [x as Node], {}))], {});
      return [sketch.apply("Sigmoid", [add(sketch, one, sketch.apply("Cos", [one], {}))], {})];
    };
    const flat = written(6, again, (_, steps) => at(at(steps, 5), 0));
    expect(scansOf(reroll(flat))).toEqual([]);
  });
});
