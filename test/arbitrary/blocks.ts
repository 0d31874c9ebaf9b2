/** @file Random uses of blocks: one with one result, and several with several results, of which some are handed on. */
import { at, range } from "../../src/base/assert.ts";
import { nest } from "../../src/ir/body.ts";
import { shapeText } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Body } from "../../src/ir/operators.ts";
import { newBuilder } from "../../src/ops/table.ts";
import type { Draft } from "./draft.ts";

/** Blocks of one document have names of their own. */
const blockName = (kind: string, { type }: Node): string =>
  `${kind}${shapeText(type.shape).replaceAll(/\W/g, "")}`;

/** A use of a block y = w x, with a parameter of its own. */
export function scaledBy(draft: Draft): Node {
  const x = draft.real();
  const builder = newBuilder();
  const given = builder.node("Input", [], { name: "x", shape: x.type.shape, dtype: "float32" });
  const own = builder.node("Parameter", [], { name: "w", shape: [], dtype: "float32" });
  const body = builder.graph({
    name: blockName("Scaled", x),
    inputs: [given],
    parameters: [{ node: own, names: ["w"], trainable: true }],
    outputs: [{ name: "y", node: builder.node("Mul", [own, given], {}) }],
  });
  return draft.apply("Call", [x, draft.parameter([])], {
    body: nest(body),
    instance: 0,
    given: [],
    output: 0,
  });
}

/** w x + c, x - c and tanh(x) of values of one shape, under names of a block or none. */
function several(x: Node, kind: string, isNamed: boolean): Body {
  const builder = newBuilder();
  // Blocks are known by their structure, in which parameters have names.
  const name = blockName(kind + (isNamed ? "Named" : ""), x);
  const given = ["x", "c"].map((name) =>
    builder.node("Input", [], { name, shape: x.type.shape, dtype: "float32" }),
  );
  const [first, second] = [at(given, 0), at(given, 1)] as unknown as readonly [Node, Node];
  const own = builder.node("Parameter", [], { name: `w ${name}`, shape: [], dtype: "float32" });
  const scaled = builder.node("Mul", [own as unknown as Node, first], {}) as unknown as Node;
  const results = [
    builder.node("Add", [scaled, second], {}),
    builder.node("Sub", [first, second], {}),
    builder.node("Tanh", [first], {}),
  ] as unknown as Node[];
  const graph = builder.graph({
    name,
    inputs: given,
    parameters: [{ node: own, names: ["w"], trainable: true }],
    outputs: results.map((node, place) => ({ name: isNamed ? at(["y", "c", "a"], place) : "", node })),
  });
  return nest(graph);
}

/** A few uses of a block, each of which is given results of the one before, one value that all have, or its own. */
export function repeated(draft: Draft): Node {
  const x = draft.real();
  const shape = x.type.shape;
  const steady = draft.parameter(shape);
  const scale = draft.below(3) === 1 ? draft.parameter([]) : undefined;
  const body = several(x, scale === undefined ? "Several" : "Tied", draft.below(2) === 1);
  const instance = scale === undefined ? 0 : draft.parameters.length;
  const roles = [draft.below(4), draft.below(5)];
  const own = (): Node => {
    const given = draft.input(shape, "float32");
    return draft.below(2) === 0 ? given : draft.apply("Neg", [given], {});
  };
  let results: readonly Node[] = [x, steady, steady];
  for (const _ of range(2 + draft.below(4))) {
    const args = roles.map((role) => (role < 3 ? at(results, role) : role === 3 ? steady : own()));
    const operands = [...args, scale ?? draft.parameter([])];
    results = range(3).map((output) => draft.apply("Call", operands, { body, instance, given: [], output }));
    // Others read some of the results.
    if (draft.below(3) === 1) draft.pool.push(at(results, draft.below(3)));
  }
  draft.pool.push(...draft.some(results));
  return at(results, 0);
}
