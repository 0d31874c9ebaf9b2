/** @file Recurrences that were unrolled are rolled up again, and only these. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { rational } from "../../src/base/rational.ts";
import { unroll } from "../../src/eval/unroll.ts";
import { nest } from "../../src/ir/body.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { isScan } from "../../src/ops/traits.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { reroll } from "../../src/rewrite/reroll.ts";
import { agreement, pairsInOrder } from "../arbitrary/agreement.ts";

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

const scansOf = (graph: Graph) => graph.nodes.filter(isScan);

describe("reroll", () => {
  it("makes a scan of the steps that a scan was unrolled to", () => {
    fc.assert(
      fc.property(cells, fc.nat(), (cell, seed) => {
        const flat = raise(unroll(modelOf(cell)).graph);
        const rolled = reroll(flat);
        expect(agreement(flat, rolled, pairsInOrder(flat, rolled), seed)).not.toBe("different");
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
