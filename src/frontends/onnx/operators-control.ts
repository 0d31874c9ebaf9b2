/** @file ONNX operators that hold graphs: branches and loops. */
import { at, range, zip } from "../../base/assert.ts";
import { type Dim, equalShapes } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { reversed } from "../common/padding.ts";
import { afterLast, recurrence } from "../common/recurrence.ts";
import type { BodyParts, Call, Lower, Rows } from "./call.ts";
import { Contradiction, DataDependent, NotCovered } from "./contradiction.ts";
import { absent, tensor, type Value } from "./scope.ts";

/** Rounds up to which a loop is written out. */
const unrollLimit = 256;
/** Rounds up to which a loop that data ends is written out. */
const maskedLimit = 32;

/** The branch whose condition is known, else of each result the value of the branch that the condition picks. */
const branches: Lower = (c) => {
  const condition = c.input(0);
  const known = c.known(condition)?.[0];
  if (typeof known === "number")
    return [...c.subgraphs.inline(c.graph(known === 1 ? "then_branch" : "else_branch"), [])];
  const [yes, no] = ["then_branch", "else_branch"].map((name) => c.subgraphs.inline(c.graph(name), []));
  const mask = c.reshape(condition, []);
  return zip(yes ?? [], no ?? []).map(([left, right]) => picked(c, mask, left, right));
};
function picked(c: Call, mask: Node, left: Value, right: Value): Value {
  if (left.kind === "absent" && right.kind === "absent") return absent;
  if (left.kind !== "tensor" || right.kind !== "tensor")
    throw new DataDependent("which list a branch gives depends on data");
  if (!equalShapes(left.node.type.shape, right.node.type.shape))
    throw new DataDependent("the shape of a result depends on which branch is taken");
  return tensor(c.where(mask, left.node, right.node));
}

// Loops

const nodesOf = (values: readonly Value[]): Node[] =>
  values.map((value) => {
    if (value.kind === "tensor") return value.node;
    throw new NotCovered("a loop that carries lists");
  });

/** The number of rounds where it is given: a number, or a size. */
function roundsOf(c: Call): Dim | undefined {
  const limit = c.optional(0);
  const known = limit && c.known(limit)?.[0];
  // Exporters write "without end" as the largest integer.
  return known !== undefined && !(typeof known === "number" && known > 2 ** 31) ? known : undefined;
}

const loop: Lower = (c) => {
  const rounds = roundsOf(c);
  const condition = c.optional(1);
  const isOpen = condition === undefined || c.known(condition)?.[0] === 1;
  const carried = c.inputs.slice(2).map((value) => value ?? absent);
  if (rounds !== undefined && rounds !== 0 && isOpen) {
    const scanned = attempt(() => loopAsScan(c, rounds, nodesOf(carried)));
    if (scanned !== undefined) return scanned;
  }
  if (rounds !== undefined && typeof rounds !== "number")
    throw new DataDependent(
      "a loop whose values change their shape has a number of rounds that is not fixed",
    );
  return unrolled(c, rounds, carried);
};

/** `undefined` where the attempt meets something that it doesn't cover. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof NotCovered) return undefined;
    throw error;
  }
}

/** A loop whose rounds do not end early, over the numbers of its rounds. */
function loopAsScan(c: Call, rounds: Dim, starts: readonly Node[]): Node[] {
  const numbers = c.apply("Iota", [], { size: rounds, dtype: "int64" });
  const types = [numbers, c.constant(1, "bool"), ...starts].map(({ type }, i) =>
    i === 0 ? { ...type, shape: [] } : type,
  );
  const body = c.subgraphs.body(c.graph("body"), types);
  const [condition, ...results] = body.outputs;
  if (condition === undefined || body.known.of(condition)?.[0] !== 1)
    throw new NotCovered("a loop that may end early");
  const [number, open, ...carries] = body.inputs;
  if (number === undefined || open === undefined)
    throw new Contradiction("a body without inputs", "two or more");
  const stacked = scan(c, { ...body, outputs: results, inputs: [...carries, number, open] }, [
    starts,
    [numbers],
    [c.constant(1, "bool")],
  ]);
  return stacked.map((node, i) => (i < starts.length ? afterLast(c, node, rounds) : node));
}

/** A recurrence: carries, sequences along their first axis, and values that stay the same. */
function scan(
  c: Call,
  body: BodyParts,
  operands: readonly [readonly Node[], readonly Node[], readonly Node[]],
): Node[] {
  const [starts] = operands;
  for (const [start, next] of zip(starts, body.outputs.slice(0, starts.length))) {
    if (!equalShapes(start.type.shape, next.type.shape))
      throw new NotCovered("a carried value that changes its shape");
  }
  return recurrence(c, body, operands);
}

/** Round after round, while the condition is known to hold; where only data knows, at most as often as the limit says. */
function unrolled(c: Call, rounds: number | undefined, starts: readonly Value[]): Value[] {
  const graph = c.graph("body");
  let carried = starts;
  let condition: Node = c.optional(1) ?? c.constant(1, "bool");
  const stacks: Node[][] = graph.output.slice(1 + starts.length).map(() => []);
  for (let round = 0; round < (rounds ?? Number.POSITIVE_INFINITY); round++) {
    const known = c.known(condition)?.[0];
    if (known === 0) break;
    if (known === undefined) return masked(c, rounds, round, condition, carried, stacks);
    if (round >= unrollLimit) throw new NotCovered(`a loop of more than ${unrollLimit} rounds`);
    const [next, ...results] = c.subgraphs.inline(graph, [
      tensor(c.constant(round, "int64")),
      tensor(condition),
      ...carried,
    ]);
    condition = at(nodesOf(next === undefined ? [] : [next]), 0);
    carried = results.slice(0, starts.length);
    for (const [stack, node] of zip(stacks, nodesOf(results.slice(starts.length)))) stack.push(node);
  }
  return [...carried, ...stacks.map((stack, index) => tensor(joined(c, stack, index)))];
}
function joined(c: Call, stack: readonly Node[], index: number): Node {
  if (stack.length > 0)
    return c.concat(
      stack.map((node) => c.reshape(node, [1, ...node.type.shape])),
      0,
    );
  throw new DataDependent(`nothing is known of the shape of result ${index}, since the loop has no rounds`);
}

/** The rest of a loop that data ends: what is carried stays as it is from there on. */
function masked(
  c: Call,
  rounds: number | undefined,
  from: number,
  start: Node,
  starts: readonly Value[],
  stacks: readonly Node[][],
): Value[] {
  if (rounds === undefined || rounds > maskedLimit || stacks.length > 0)
    throw new DataDependent("the number of rounds of a loop depends on data");
  let carried = nodesOf(starts);
  let open = c.reshape(start, []);
  for (const round of range(rounds).slice(from)) {
    const given = [c.constant(round, "int64"), open, ...carried].map(tensor);
    const [condition, ...results] = nodesOf(c.subgraphs.inline(c.graph("body"), given));
    const isOpen = open;
    carried = zip(carried, results).map(([old, now]) => {
      if (!equalShapes(old.type.shape, now.type.shape))
        throw new DataDependent("a shape depends on when a loop ends");
      return c.where(isOpen, now, old);
    });
    open = c.and(open, c.reshape(condition ?? open, []));
  }
  return carried.map(tensor);
}

// Scan

const scanOperator: Lower = (c) => {
  if (c.version < 9) return batchedScan(c);
  const count = c.int("num_scan_inputs");
  const states = nodesOf(c.inputs.slice(0, -count).map((value) => value ?? absent));
  const directions = c.ints("scan_input_directions") ?? [];
  const axes = c.ints("scan_input_axes") ?? [];
  const sequences = nodesOf(c.inputs.slice(-count).map((value) => value ?? absent)).map((x, i) => {
    const front = toFront(c, x, c.wrapped(axes[i] ?? 0, x.type.shape.length));
    return directions[i] === 1 ? reversed(c, front, 0) : front;
  });
  const results = scanned(c, states, sequences);
  const outDirections = c.ints("scan_output_directions") ?? [];
  const outAxes = c.ints("scan_output_axes") ?? [];
  return results.map((node, i) => {
    const place = i - states.length;
    if (place < 0) return node;
    const turned = outDirections[place] === 1 ? reversed(c, node, 0) : node;
    return fromFront(c, turned, c.wrapped(outAxes[place] ?? 0, node.type.shape.length));
  });
};

/** Last states, then stacked values. */
function scanned(c: Call, states: readonly Node[], sequences: readonly Node[]): Node[] {
  const elements = sequences.map(({ type: { shape, dtype } }) => ({ shape: shape.slice(1), dtype }));
  const body = c.subgraphs.body(c.graph("body"), [...states.map(({ type }) => type), ...elements]);
  const rounds = at<Dim>(at(sequences, 0).type.shape, 0);
  const stacked = scan(c, body, [states, sequences, []]);
  return stacked.map((node, i) => (i < states.length ? afterLast(c, node, rounds) : node));
}

/** Version 8 has a batch axis before all others, and lengths that are refused. */
function batchedScan(c: Call): Node[] {
  const [, ...given] = c.inputs;
  if (c.optional(0) !== undefined) throw new NotCovered("sequences of different lengths");
  const count = c.int("num_scan_inputs");
  const all = nodesOf(given.map((value) => value ?? absent));
  const batch = c.concrete(at(at(all, 0).type.shape, 0), "a batch of scans");
  const row = (x: Node, i: number): Node => c.reshape(c.slice(x, 0, i, i + 1), x.type.shape.slice(1));
  const rows = range(batch).map((i) => {
    const own = all.map((x) => row(x, i));
    return scanned(c, own.slice(0, -count), own.slice(-count));
  });
  return at(rows, 0).map((_, output) =>
    c.concat(
      rows.map((results) => {
        const node = at(results, output);
        return c.reshape(node, [1, ...node.type.shape]);
      }),
      0,
    ),
  );
}

function toFront(c: Call, x: Node, axis: number): Node {
  const others = range(x.type.shape.length).filter((other) => other !== axis);
  return c.transpose(x, [axis, ...others]);
}
function fromFront(c: Call, x: Node, axis: number): Node {
  const rest = range(x.type.shape.length).slice(1);
  return c.transpose(x, [...rest.slice(0, axis), 0, ...rest.slice(axis)]);
}

export const control: Rows = {
  If: branches,
  Loop: loop,
  Scan: scanOperator,
};
