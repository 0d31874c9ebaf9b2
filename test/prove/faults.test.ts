/** @file Bindings under which the code is another family of functions than the spec. */
import { expect, test } from "vitest";
import { zero } from "../../src/base/rational.ts";
import { symbol } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { positions } from "../../src/ops/tensor.ts";
import type { Binding, Part } from "../../src/prove/binding.ts";
import { Sketch } from "../arbitrary/sketch.ts";
import { faultsOf } from "./parts.ts";

const rows = symbol("rows");
const sizes = new Map([["rows", 2]]);

interface Sides {
  readonly spec: Graph;
  readonly code: Graph;
  readonly U: Node;
  readonly V: Node;
  readonly W: Node;
  readonly fixed: Node;
}

/** A spec with matrices U and V, and a code with W, of twice the size, and a matrix that is not trained. */
function sides({ trained = true } = {}): Sides {
  const spec = new Sketch();
  const [U, V] = [spec.parameter("U", [2, 3], trained), spec.parameter("V", [2, 3], trained)];
  const code = new Sketch();
  const [W, fixed] = [code.parameter(["one.W", "two.W"], [rows, 6]), code.parameter("table", [2, 3], false)];
  return {
    spec: spec.graph("Spec", { y: spec.add(U, V) }),
    code: code.graph("Code", { y: code.neg(W), z: code.neg(fixed) }),
    U,
    V,
    W,
    fixed,
  };
}

/** Three columns of a matrix with six, from one on; or all of a matrix with three. */
const columns = (node: Node, from: number, width: number): Part => ({
  parameters: [node],
  owner: new Uint16Array(6),
  index: positions([2, 3], [width, 1], from),
});
const bound = (part: Part, factor = 1): Binding => ({ shape: [2, 3], parts: [part], shift: zero, factor });

const told = ({ spec, code }: Sides, bindings: readonly (readonly [Node, Binding])[]): unknown[] =>
  faultsOf(spec, code, sizes, new Map(bindings)).map(({ kind, parameters, words }) => [
    kind,
    parameters.map((node) => "name" in node.attrs && node.attrs.name),
    words,
  ]);

test("two halves of one parameter are no fault", () => {
  const s = sides();
  expect(
    told(s, [
      [s.U, bound(columns(s.W, 0, 6))],
      [s.V, bound(columns(s.W, 3, 6))],
    ]),
  ).toEqual([]);
});

test("an entry that is given to two parameters ties them", () => {
  const s = sides();
  const shared = [["shared-parameter", ["U", "V"], "U and V are one parameter in the code, one.W = two.W"]];
  expect(
    told(s, [
      [s.U, bound(columns(s.W, 0, 6))],
      [s.V, bound(columns(s.W, 0, 6))],
    ]),
  ).toEqual(shared);
  expect(
    told(s, [
      [s.U, bound(columns(s.W, 0, 6))],
      [s.V, bound(columns(s.W, 2, 6))],
    ]),
  ).toEqual(shared);
});

test("an entry that is given twice to one parameter ties its entries", () => {
  const s = sides();
  const repeated: Part = {
    parameters: [s.W],
    owner: new Uint16Array(6),
    index: Int32Array.of(0, 1, 2, 0, 1, 2),
  };
  expect(told(s, [[s.U, bound(repeated)]])).toEqual([
    [
      "shared-parameter",
      ["U", "U"],
      "entries of U are tied: the code has one number of one.W = two.W for several of them",
    ],
  ]);
});

test("a part of each of two parameters is looked up in its own", () => {
  const s = sides({ trained: false });
  const mixed: Part = {
    parameters: [s.W, s.fixed],
    owner: Uint16Array.of(0, 0, 0, 1, 1, 1),
    index: Int32Array.of(0, 1, 2, 0, 1, 2),
  };
  expect(told(s, [[s.U, bound(mixed)]])).toEqual([]);
});

test("a multiple is told", () => {
  const s = sides();
  expect(told(s, [[s.U, bound(columns(s.W, 0, 6), 0.5)]])).toEqual([
    ["scaled-parameter", ["U"], "U is 0.5 times the code's parameter"],
  ]);
});

test("a parameter that the code does not train is told, unless the spec does not either", () => {
  const s = sides();
  expect(told(s, [[s.V, bound(columns(s.fixed, 0, 3))]])).toEqual([
    ["untrained-parameter", ["V"], "V is a parameter in the spec, but table is not trained in the code"],
  ]);
  const fixed = sides({ trained: false });
  expect(told(fixed, [[fixed.V, bound(columns(fixed.fixed, 0, 3))]])).toEqual([]);
});
