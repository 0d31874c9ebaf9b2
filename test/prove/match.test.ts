/** @file Equal values are found whatever their layout, and nothing else is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import type { Node } from "../../src/ir/graph.ts";
import { count, discrete, permute, real } from "../../src/ops/tensor.ts";
import { identity, type Match, MatchIndex } from "../../src/prove/match.ts";
import type { Exact, World } from "../../src/prove/world.ts";
import { Sketch } from "../arbitrary/sketch.ts";
import { worldOf } from "./parts.ts";

const worldIn = (sketch: Sketch): World => worldOf(sketch.graph("F", { y: sketch.number(1) }));
const { field } = worldIn(new Sketch());
const drawn = (shape: readonly number[], seed = 1): Exact =>
  real(shape, field.draw(random(seed), count(shape)));

/** What is found for a tensor among some values of a code. */
function found(
  tensor: Exact,
  values: readonly Exact[],
): { readonly matches: Match[]; readonly nodes: Node[] } {
  const sketch = new Sketch();
  const nodes = values.map(({ shape }, i) => sketch.input(`x${i}`, shape));
  const world = {
    ...worldIn(sketch),
    values: new Map(nodes.map((node, i) => [node, at(values, i)] as const)),
  };
  return { matches: new MatchIndex(world).find(tensor), nodes };
}

/** Checks that a match says where each element of the code's value is in the spec's. */
function agrees(spec: Exact, code: Exact, { positions }: Match): void {
  const [wanted, got] = [identity(spec), identity(code)];
  expect([...positions].map((place) => wanted[place])).toEqual(Array.from(got));
}

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

test("any order of up to four axes is found, and any axes of size 1", () => {
  const layout = shapes.chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.shuffledSubarray(range(shape.length), { minLength: shape.length }),
      fc.nat(4),
      fc.nat(),
    ),
  );
  fc.assert(
    fc.property(layout, ([shape, order, one, seed]) => {
      const spec = drawn(shape, seed);
      const turned = permute(field, spec, order);
      const code = { ...turned, shape: turned.shape.toSpliced(one, 0, 1) };
      for (const value of [turned, code]) {
        const { matches, nodes } = found(spec, [value]);
        expect(matches.map(({ node }) => node)).toEqual(nodes);
        agrees(spec, value, at(matches, 0));
      }
    }),
  );
});

test("only the same shape in the same order is the same layout", () => {
  const spec = drawn([2, 3, 4]);
  const same = (code: Exact): boolean[] => found(spec, [code]).matches.map(({ sameLayout }) => sameLayout);
  expect(same(spec)).toEqual([true]);
  expect(same(permute(field, spec, [0, 2, 1]))).toEqual([false]);
  expect(same({ ...spec, shape: [2, 3, 1, 4] })).toEqual([false]);
  const square = drawn([3, 3]);
  const layouts = (code: Exact): boolean[] =>
    found(square, [code]).matches.map(({ sameLayout }) => sameLayout);
  expect(layouts(permute(field, square, [1, 0]))).toEqual([false]);
  expect(layouts(square)).toEqual([true]);
});

test("the same layout comes first", () => {
  const spec = drawn([2, 3]);
  const values = [permute(field, spec, [1, 0]), { ...spec, shape: [2, 1, 3] }, spec];
  const { matches, nodes } = found(spec, values);
  expect(matches.length).toBe(3);
  expect(at(matches, 0).node).toBe(nodes[2]);
  for (const match of matches) agrees(spec, at(values, nodes.indexOf(match.node)), match);
});

test("the order that moves fewest axes is taken", () => {
  const constant = real([3, 3, 3], field.fromIntegers(new Float64Array(27).fill(5)));
  const [match] = found(constant, [constant]).matches;
  expect(match?.sameLayout).toBe(true);
  expect([...(match?.positions ?? [])]).toEqual(range(27));
});

test("axes may be joined or split, on either side, in any order", () => {
  const long = drawn([2, 3, 4]);
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
    [1, 2, 0],
  ]) {
    const turned = permute(field, long, order);
    for (const shape of [[24], [at(turned.shape, 0), 24 / at(turned.shape, 0)]]) {
      const joined = { ...turned, shape };
      for (const [spec, code] of [
        [long, joined],
        [joined, long],
      ] as const) {
        const [match] = found(spec, [code]).matches;
        if (match === undefined) throw new Error("the joined axes are found");
        agrees(spec, code, match);
        expect(match.sameLayout).toBe(false);
      }
    }
  }
});

test("beyond five axes only the order as it is and the last two swapped are tried", () => {
  const spec = drawn([2, 3, 2, 3, 2, 4]);
  const tried = (order: number[]): number => found(spec, [permute(field, spec, order)]).matches.length;
  expect(tried([0, 1, 2, 3, 4, 5])).toBe(1);
  expect(tried([0, 1, 2, 3, 5, 4])).toBe(1);
  expect(tried([1, 0, 2, 3, 4, 5])).toBe(0);
  const five = drawn([2, 3, 2, 3, 4]);
  expect(found(five, [permute(field, five, [4, 2, 0, 3, 1])]).matches.length).toBe(1);
});

describe("nothing is found where", () => {
  const spec = drawn([2, 3]);
  const changed = (places: readonly number[]): Exact => {
    if (spec.kind !== "real") throw new Error("a real tensor");
    return real([2, 3], field.gather(spec.values, Int32Array.from(places)));
  };
  test.for([
    ["the numbers are others", drawn([2, 3], 2)],
    ["they are in no order of the axes", changed([1, 0, 2, 3, 4, 5])],
    ["one comes twice", changed([0, 0, 2, 3, 4, 5])],
    ["there are more", drawn([2, 4])],
    ["they are integers", discrete<never>([2, 3], Float64Array.from(identity(spec)))],
  ] as const)("%s", ([, code]) => {
    expect(found(spec, [code]).matches).toEqual([]);
  });

  test("integers are", () => {
    const integers = (values: readonly number[], shape = [2, 3]): Exact =>
      discrete(shape, Float64Array.from(values));
    const one = integers([0, 1, 1, 0, 0, 2]);
    expect(found(one, [integers([0, 0, 1, 0, 1, 2], [3, 2])]).matches.length).toBe(1);
    expect(found(one, [integers([0, 1, 1, 0, 0, 3])]).matches).toEqual([]);
    expect(found(one, [integers([1, 0, 1, 0, 0, 2])]).matches).toEqual([]);
  });
});
