/** @file Which values of parameters can be parameters themselves. */
import { describe, expect, test } from "vitest";
import { rational } from "../../src/base/rational.ts";
import type { Graph, Node, NodeOf } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { absorb } from "../../src/rewrite/absorb.ts";

/** y = x v for a value v of parameters. */
function product(
  value: (make: ReturnType<typeof makerOf>) => Node,
  more?: (p: (name: string) => Node) => Node,
): Graph {
  const make = makerOf();
  const { builder, apply, parameter } = make;
  const x = builder.node("Input", [], { name: "x", shape: [2, 3], dtype: "float32" });
  const y = apply("Mul", [x as unknown as Node, value(make)], {});
  const node = more === undefined ? y : apply("Add", [y, more(parameter)], {});
  const names = ["w", "s"];
  return builder.graph({
    name: "g",
    inputs: [x],
    parameters: names.map((name) => ({
      node: parameter(name) as unknown as NodeOf<"Parameter">,
      names: [name],
      trainable: true,
    })),
    outputs: [{ name: "y", node }],
  });
}
function makerOf() {
  const builder = newBuilder();
  const apply = <N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]): Node =>
    builder.node(op, inputs, attrs) as unknown as Node;
  const parameter = (name: string): Node =>
    builder.node("Parameter", [], { name, shape: [3], dtype: "float32" });
  return { builder, apply, parameter };
}

describe("a value of parameters", () => {
  const parts = (graph: Graph): string[] | undefined => {
    const absorbed = absorb(graph, () => true);
    return absorbed && [...absorbed.parts].map(([name, of]) => `${name}: ${of.join(" ")}`);
  };

  test("is a parameter where one of them can give it any numbers", () => {
    expect(
      parts(product(({ apply, parameter: p }) => apply("Mul", [p("w"), apply("Exp", [p("s")], {})], {}))),
    ).toEqual(["w': w s"]);
    expect(parts(product(({ apply, parameter: p }) => apply("Div", [p("w"), p("s")], {})))).toEqual([
      "w': w s",
    ]);
    expect(parts(product(({ apply, parameter: p }) => apply("Sub", [p("s"), p("w")], {})))?.length).toBe(1);
  });

  test("is one as a part of a parameter of which the other model does not store all", () => {
    const part = product(({ builder, apply }) => {
      const table = builder.node("Parameter", [], { name: "w", shape: [3], dtype: "float32" });
      return apply("Slice", [table as unknown as Node], { axis: 0, start: 1, stop: 2, step: 1 });
    });
    const named = (isWhole: boolean): unknown => [...(absorb(part, () => isWhole)?.parts ?? [])];
    expect(named(false)).toEqual([["w'", ["w"]]]);
    expect(named(true)).toEqual([]);
    const read = product(
      ({ apply, parameter: p }) => apply("Slice", [p("w")], { axis: 0, start: 1, stop: 2, step: 1 }),
      (p) => p("w"),
    );
    expect(absorb(read, () => false)).toBeUndefined();
  });

  test("is none where it has signs or ranges of its own", () => {
    expect(parts(product(({ apply, parameter: p }) => apply("Exp", [p("w")], {})))).toBeUndefined();
    expect(parts(product(({ apply, parameter: p }) => apply("Mul", [p("w"), p("w")], {})))).toBeUndefined();
    const one = { value: rational(1), dtype: "float32" } as const;
    expect(
      parts(product(({ apply, parameter: p }) => apply("Div", [apply("Constant", [], one), p("w")], {}))),
    ).toBeUndefined();
  });

  test("is none where its parameters are read elsewhere", () => {
    const scaled = ({ apply, parameter: p }: ReturnType<typeof makerOf>): Node =>
      apply("Mul", [p("w"), p("s")], {});
    expect(parts(product(scaled, (p) => p("w")))).toEqual(["s': w s"]);
    const graph = product(
      ({ apply, parameter: p }) => apply("Mul", [p("w"), apply("Exp", [p("s")], {})], {}),
      (p) => p("w"),
    );
    expect(parts(graph)).toBeUndefined();
  });

  test("that is read twice is one parameter, and others may be made of it", () => {
    const { builder, apply, parameter: p } = makerOf();
    const x = builder.node("Input", [], { name: "x", shape: [2, 3], dtype: "float32" });
    const scale = apply("Mul", [p("w"), apply("Exp", [p("s")], {})], {});
    const shift = apply("Sub", [p("b"), apply("Mul", [p("m"), scale], {})], {});
    const y = apply("Add", [apply("Mul", [x as unknown as Node, scale], {}), shift], {});
    const parameters = ["w", "s", "b", "m"].map((name) => ({
      node: p(name) as unknown as NodeOf<"Parameter">,
      names: [name],
      trainable: name !== "m",
    }));
    const graph = builder.graph({ name: "g", inputs: [x], parameters, outputs: [{ name: "y", node: y }] });
    expect(parts(graph)).toEqual(["w': w s", "b': w s b m"]);
    const made = absorb(graph, () => true)?.graph.parameters.map(({ names, trainable }) => [
      ...names,
      trainable,
    ]);
    expect(made).toEqual([
      ["w'", true],
      ["b'", false],
    ]);
  });

  test("is none where it is a parameter already, in whatever order", () => {
    expect(parts(product(({ parameter: p }) => p("w")))).toBeUndefined();
    expect(
      parts(product(({ apply, parameter: p }) => apply("Reshape", [p("w")], { shape: [1, 3] }))),
    ).toBeUndefined();
  });
});
