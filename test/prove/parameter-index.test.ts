/** @file Entries of parameters are recognised by their random values, and a binding gives the values back. */
import { describe, expect, test } from "vitest";
import { at, get, range } from "../../src/base/assert.ts";
import { rational, one as unity, zero } from "../../src/base/rational.ts";
import { float64 } from "../../src/domain/float64.ts";
import type { Residues } from "../../src/domain/residues.ts";
import { symbol } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { discrete, real, type Tensor } from "../../src/ops/tensor.ts";
import { applyBinding, type Binding, bindingHash, parametersOf } from "../../src/prove/binding.ts";
import { guesses } from "../../src/prove/guess.ts";
import { ParameterIndex } from "../../src/prove/parameter-index.ts";
import { boundValue } from "../../src/prove/values.ts";
import type { World } from "../../src/prove/world.ts";
import { Sketch } from "../arbitrary/sketch.ts";
import { worldOf } from "./parts.ts";

interface Code {
  readonly world: World;
  readonly index: ParameterIndex;
  readonly v: Node;
  readonly w: Node;
  readonly A: Node;
}

/** A code with two vectors and a matrix. */
function code(): Code {
  const sketch = new Sketch();
  const [v, w, A] = [
    sketch.parameter(["left", "v"], [4]),
    sketch.parameter("w", [4]),
    sketch.parameter("A", [2, 3]),
  ];
  const graph = sketch.graph("F", { y: sketch.add(v, w), z: sketch.neg(A) });
  const world = worldOf(graph);
  return { world, index: new ParameterIndex(world), v, w, A };
}

function residues(world: World, node: Node): Residues {
  const tensor = get(world.given, node);
  if (tensor.kind !== "real") throw new Error("a real parameter");
  return tensor.values;
}
const gather = ({ world }: Code, values: Residues, ...places: number[]): Residues =>
  world.field.gather(values, Int32Array.from(places));
const owners = (binding: Binding | undefined): readonly (readonly [Node | undefined, number])[][] =>
  (binding?.parts ?? []).map(({ parameters, owner, index }) =>
    [...index].map((place, i) => [parameters[at(owner, i)], place] as const),
  );

describe("a table of values is named by", () => {
  test("the parameter that it is", () => {
    const one = code();
    const binding = one.index.name([3, 2], residues(one.world, one.A));
    expect(binding).toMatchObject({ shape: [3, 2], factor: 1 });
    expect(owners(binding)).toEqual([range(6).map((i) => [one.A, i])]);
  });

  test("a parameter and a constant that the code adds to parameters", () => {
    const sketch = new Sketch();
    const [x, v, A] = [sketch.input("x", [4]), sketch.parameter("v", [4]), sketch.parameter("A", [4])];
    const gain = sketch.add(sketch.number(3), v);
    const more = sketch.add(sketch.mul(x, A), sketch.number(5));
    const world = worldOf(sketch.graph("F", { y: sketch.mul(x, gain), z: more }));
    const index = new ParameterIndex(world);
    const plus = (constant: number): Residues =>
      world.field.add(residues(world, v), world.field.fromIntegers(new Float64Array(4).fill(constant)));
    expect(index.name([4], plus(3))).toMatchObject({ shift: rational(3), parts: [{ parameters: [v] }] });
    expect(index.name([4], plus(-3))).toMatchObject({ shift: rational(-3) });
    // The code adds 5 to no parameter, but to what it makes of an input.
    expect(index.name([4], plus(5))).toBeUndefined();
  });

  test("entries of several parameters, each with its place there", () => {
    const one = code();
    const { field } = one.world;
    const table = field.concat([
      gather(one, residues(one.world, one.w), 3, 0),
      gather(one, residues(one.world, one.A), 5),
      gather(one, residues(one.world, one.v), 0),
    ]);
    expect(owners(one.index.name([4], table))).toEqual([
      [
        [one.w, 3],
        [one.w, 0],
        [one.A, 5],
        [one.v, 0],
      ],
    ]);
  });

  test("the sum of two parameters", () => {
    const one = code();
    const { field } = one.world;
    const table = field.add(
      gather(one, residues(one.world, one.v), 2, 1),
      gather(one, residues(one.world, one.w), 0, 3),
    );
    const binding = one.index.name([2], table);
    expect(owners(binding)).toEqual([
      [
        [one.v, 2],
        [one.v, 1],
      ],
      [
        [one.w, 0],
        [one.w, 3],
      ],
    ]);
  });

  test("nothing when an entry is no parameter's, or the sum of two entries of one", () => {
    const one = code();
    const { field } = one.world;
    const w = residues(one.world, one.w);
    const strange = field.concat([gather(one, w, 0), field.constant(rational(1))]);
    expect(one.index.name([2], strange)).toBeUndefined();
    expect(one.index.name([1], field.add(gather(one, w, 0), gather(one, w, 1)))).toBeUndefined();
    expect(one.index.name([1], field.mul(gather(one, w, 0), gather(one, w, 0)))).toBeUndefined();
  });

  test.for([
    [2, 1],
    [1, 2],
    [-1, 1],
    [3, 1],
    [1, 3],
    [4, 1],
    [1, 4],
  ] as const)("%i/%i of a parameter, and its value is that much of the parameter's", ([top, bottom]) => {
    const one = code();
    const { field } = one.world;
    const factor = field.gather(field.constant(rational(top, bottom)), new Int32Array(4));
    const table = field.mul(residues(one.world, one.v), factor);
    expect(one.index.name([4], table)).toBeUndefined();
    const binding = one.index.nameScaled([4], table);
    expect(binding?.factor).toBe(top / bottom);
    expect(owners(binding)).toEqual([range(4).map((i) => [one.v, i])]);
    expect(binding && boundValue(one.v.type, binding, one.world)).toEqual(real([4], table));
  });

  test("no multiple that nobody means", () => {
    const one = code();
    const { field } = one.world;
    const seven = field.gather(field.constant(rational(7)), new Int32Array(4));
    expect(one.index.nameScaled([4], field.mul(residues(one.world, one.v), seven))).toBeUndefined();
  });
});

test("integers among the parameters are not looked for", () => {
  const sketch = new Sketch();
  const [table, w] = [
    sketch.apply("Parameter", [], { name: "i", shape: [3], dtype: "int64" }),
    sketch.parameter("w", [3]),
  ];
  const given: Graph = sketch.graph("F", { y: sketch.apply("Take", [w, table], {}) });
  const parameters = [
    { node: table as Graph["parameters"][number]["node"], names: ["i"], trainable: false },
    ...given.parameters,
  ];
  const world = worldOf({ ...given, parameters });
  const values = residues(world, w);
  const binding = new ParameterIndex(world).name([3], values);
  expect(owners(binding)).toEqual([range(3).map((i) => [w, i])]);
  expect(
    new ParameterIndex(world).name([3], world.field.fromIntegers(Float64Array.of(0, 1, 2))),
  ).toBeUndefined();
});

describe("a binding", () => {
  const [p, q] = (() => {
    const sketch = new Sketch();
    return [sketch.parameter("p", [3]), sketch.parameter("q", [2, 2])] as const;
  })();
  const given = new Map<Node, Tensor<Float64Array>>([
    [p, real([3], Float64Array.of(10, 11, 12))],
    [q, discrete([2, 2], Float64Array.of(20, 21, 22, 23))],
  ]);
  const part = (parameters: readonly Node[], owner: number[], index: number[]): Binding["parts"][number] => ({
    parameters,
    owner: Uint16Array.from(owner),
    index: Int32Array.from(index),
  });
  const bound = (...parts: Binding["parts"][number][]): Binding => ({
    shape: [3],
    parts,
    shift: zero,
    factor: 1,
  });
  const value = (binding: Binding): number[] => {
    const tensor = applyBinding("float32", binding, float64, given);
    expect(tensor).toMatchObject({ kind: "real", shape: [3] });
    return [...tensor.values];
  };

  test("takes entries of a parameter", () => {
    expect(value(bound(part([p], [0, 0, 0], [2, 0, 2])))).toEqual([12, 10, 12]);
  });
  test("takes entries of several, integers among them", () => {
    expect(value(bound(part([q, p], [1, 0, 1], [0, 3, 2])))).toEqual([10, 23, 12]);
    expect(value(bound(part([p, q], [0, 1, 1], [1, 0, 2])))).toEqual([11, 20, 22]);
  });
  test("adds its parts", () => {
    const sum = bound(part([p], [0, 0, 0], [0, 1, 2]), part([q], [0, 0, 0], [0, 0, 3]));
    expect(value(sum)).toEqual([30, 31, 35]);
    expect([...parametersOf(sum)]).toEqual([p, q]);
  });

  test("adds its constant to every entry", () => {
    expect(value({ ...bound(part([p], [0, 0, 0], [0, 1, 2])), shift: rational(-1, 2) })).toEqual([
      9.5, 10.5, 11.5,
    ]);
  });

  test("is told from every other", () => {
    const all: readonly Binding[] = [
      bound(part([p], [0, 0, 0], [0, 1, 2])),
      bound(part([p], [0, 0, 0], [0, 2, 1])),
      bound(part([q], [0, 0, 0], [0, 1, 2])),
      bound(part([p, q], [0, 1, 0], [0, 1, 2])),
      bound(part([p, q], [0, 0, 1], [0, 1, 2])),
      bound(part([q, p], [0, 0, 1], [0, 1, 2])),
      bound(part([p], [0, 0, 0], [0, 1, 2]), part([p], [0, 0, 0], [0, 1, 2])),
      { ...bound(part([p], [0, 0, 0], [0, 1, 2])), factor: 2 },
      { ...bound(part([p], [0, 0, 0], [0, 1, 2])), shift: unity },
      { ...bound(part([p], [0, 0, 0], [0, 1, 2])), shape: [1, 3] },
    ];
    expect(new Set(all.map(bindingHash)).size).toBe(all.length);
    expect(bindingHash(bound(part([p], [0, 0, 0], [0, 1, 2])))).toBe(bindingHash(at(all, 0)));
  });
});

describe("guesses for a parameter", () => {
  const spec = (name: string, ...shape: (number | string)[]): Node & { readonly op: "Parameter" } => {
    const sizes = shape.map((size) => (typeof size === "number" ? size : symbol(size)));
    return new Sketch().parameter(name, sizes) as Node & { readonly op: "Parameter" };
  };
  const seen = (one: Code, parameter: ReturnType<typeof spec>, used: readonly Node[] = []): unknown[] =>
    guesses(parameter, one.world, new Map(), new Set(used)).map(({ binding, sizes }) => [
      at(binding.parts, 0).parameters[0],
      binding.shape,
      [...at(binding.parts, 0).index],
      [...sizes],
    ]);

  test("are those of its shape that are not used yet, that of its name first", () => {
    const one = code();
    const inOrder = [0, 1, 2, 3];
    const [v, w] = [one.v, one.w].map((node) => [node, [4], inOrder, []]);
    expect(seen(one, spec("w", 4))).toEqual([w, v]);
    expect(seen(one, spec("v", 4))).toEqual([v, w]);
    expect(seen(one, spec("other", 4))).toEqual([v, w]);
    expect(seen(one, spec("w", 4), [one.w])).toEqual([v]);
    expect(seen(one, spec("w", 5))).toEqual([]);
  });

  test("are a matrix as it is, and transposed; sizes follow", () => {
    const one = code();
    const [plain, turned] = [
      [0, 1, 2, 3, 4, 5],
      [0, 3, 1, 4, 2, 5],
    ];
    expect(seen(one, spec("B", "n", "m"))).toEqual([
      [
        one.A,
        [2, 3],
        plain,
        [
          ["n", 2],
          ["m", 3],
        ],
      ],
      [
        one.A,
        [3, 2],
        turned,
        [
          ["n", 3],
          ["m", 2],
        ],
      ],
    ]);
    expect(seen(one, spec("B", 3, "m"))).toEqual([[one.A, [3, 2], turned, [["m", 2]]]]);
  });

  test("may have other axes of size 1", () => {
    const one = code();
    expect(seen(one, spec("w", 1, 4))).toEqual([
      [one.w, [1, 4], [0, 1, 2, 3], []],
      [one.v, [1, 4], [0, 1, 2, 3], []],
    ]);
  });
});
