/** @file Recurrences out of the parts of a loop, and what is left after their last step. */
import { nest } from "../../ir/body.ts";
import { addDims, type Dim } from "../../ir/dim.ts";
import type { Node, NodeOf } from "../../ir/graph.ts";
import type { Maker } from "./maker.ts";

/** What a loop runs, in the order of its inputs: carries, elements of sequences, and values that stay the same. */
interface Step {
  readonly maker: Maker;
  readonly inputs: readonly NodeOf<"Input">[];
  readonly outputs: readonly Node[];
  /** Values of the graph around that it uses, and the inputs that stand for them. */
  readonly captured: ReadonlyMap<Node, NodeOf<"Input">>;
}

/** The outputs of a step, each stacked over all steps. */
export function recurrence(
  make: Maker,
  { maker, inputs, outputs, captured }: Step,
  [starts, sequences, fixed]: readonly [readonly Node[], readonly Node[], readonly Node[]],
): Node[] {
  const graph = maker.build.graph({
    name: "body",
    inputs: [...inputs, ...captured.values()],
    parameters: [],
    outputs: outputs.map((node, index) => ({ name: `y${index}`, node })),
  });
  const attrs = { body: nest(graph), carries: starts.length, sequences: sequences.length, reverse: false };
  const operands = [...starts, ...sequences, ...fixed, ...captured.keys()];
  return outputs.map((_, output) => make.apply("Scan", operands, { ...attrs, output }));
}

/** What a stacked value is after all rounds. */
export const afterLast = (make: Maker, stacked: Node, rounds: Dim): Node =>
  make.reshape(make.slice(stacked, 0, addDims(rounds, -1), rounds), stacked.type.shape.slice(1));
