/** @file Images become smaller where windows keep what they had, and what is said of the models stays what it was. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, get, range, zip } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { Diagnostic } from "../../src/diag/diagnostic.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { sizesOf } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { asReal, count, real, type Tensor } from "../../src/ops/tensor.ts";
import { check } from "../../src/prove/check.ts";
import { reducedScale, type Scale } from "../../src/prove/reduce.ts";
import { ImageSizes } from "../../src/prove/reduce-images.ts";
import { readSpec } from "../../src/spec/read.ts";

const read = (text: string): Graph => readSpec(text, "text.txt");
const scaleOf = (code: string, spec: string = code): Scale =>
  reducedScale(lower(read(code)).graph, lower(read(spec)).graph, new Map());
const kindOf = (code: string, spec: string, reduceAbove: number): string =>
  check({ code: read(code), spec: () => read(spec), seed: 1, reduceAbove }).kind;
/** At the models' own sizes, and at small ones. */
const bothWays = (code: string, spec: string): string[] =>
  [Number.POSITIVE_INFINITY, 0].map((above) => kindOf(code, spec, above));
const chosenIn = ({ images, changed }: Scale): object => ({
  images: Object.fromEntries(images),
  others: Object.fromEntries(changed),
});

interface Layer {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
  readonly kind: string;
}

/** Of a signal of one channel. */
const signal = (length: number, right: string, result: number): string =>
  `F(x : [1, 1, ${length}]) -> y : [1, 1, ${result}]\n  y = ${right}\n`;
const filtered = (length: number, padding: string, kernel: number, stride: number, result: number): string =>
  `${signal(length, `conv(${padding}, K, stride = ${stride})`, result)}where\n  K : [1, 1, ${kernel}]\n`;

/** A network whose channels are as many as its images are wide. */
const network = (change: (text: string) => string = (text) => text): string =>
  change(`Net(x : [1, 3, 64, 64]) -> y : [1, 10]
  a = relu(conv(x, K, stride = 2, padding = 1))
  b = relu(conv(a, L, padding = 1) + a)
  c = max_pool(b, size = [2, 2])
  y = reshape(c, [1, 16384]) W
where
  K : [64, 3, 3, 3]
  L : [64, 64, 3, 3]
  W : [16384, 10]
`);

describe("a network", { timeout: 120_000 }, () => {
  test("has small sizes for channels and images that are the same number, and for their products", () => {
    expect(chosenIn(scaleOf(network()))).toEqual({
      images: { 64: 16, 66: 18, 32: 8, 34: 10, 16: 4 },
      others: { 64: 5, 16384: 80, 10: 6 },
    });
  });

  test("says the sizes of images in its verdict", () => {
    const verdict = check({ code: read(network()), spec: () => read(network()), seed: 1, reduceAbove: 0 });
    const said = verdict.kind === "equal" ? verdict.evidence.assumptions.join("\n") : verdict.kind;
    expect(said).toContain(
      "sizes of what windows lie over were reduced, 16 -> 4, 32 -> 8, 34 -> 10, 64 -> 16",
    );
  });

  test.for([
    [
      "no activation",
      (text: string) => text.replace("relu(conv(a, L, padding = 1) + a)", "conv(a, L, padding = 1) + a"),
    ],
    ["no residual", (text: string) => text.replace("padding = 1) + a)", "padding = 1))")],
    [
      "another order",
      (text: string) =>
        text.replace("relu(conv(a, L, padding = 1) + a)", "relu(conv(a, L, padding = 1)) + a"),
    ],
    ["an average", (text: string) => text.replace("max_pool", "avg_pool")],
  ] as const)("is told from one with %s", ([, change]) => {
    expect(kindOf(network(change), network(), 0)).toBe("different");
  });

  test("is told from one with another stride before a mean", () => {
    const mean = (text: string): string =>
      text.replace("reshape(c, [1, 16384])", "mean_{-2,-1}(c)").replace("W : [16384", "W : [64");
    const wide = network((text) => mean(text).replace("stride = 2, ", ""));
    expect(kindOf(wide, network(mean), 0)).toBe("different");
  });
});

const fourTimes = (layer: string): string => range(3).reduce((x) => layer.replace("x,", `${x},`), layer);

describe("sizes of images stay what windows need", { timeout: 120_000 }, () => {
  test("places that windows leave over are left over", () => {
    // Windows of 5 that are 3 apart leave none of 26 over, and 2 of 25.
    const [padded, plain] = [
      filtered(24, "pad(x, 0, axis = 2, before = 1, after = 1)", 5, 3, 8),
      filtered(24, "pad(x, 0, axis = 2, before = 1)", 5, 3, 7),
    ];
    expect(scaleOf(padded).images.get(26)).toBe(8);
    expect(scaleOf(plain).images.get(25)).toBe(10);
    const short = filtered(25, "pad(x, 0, axis = 2, before = 1, after = 1)", 5, 3, 8);
    const shorter = filtered(25, "pad(x, 0, axis = 2, before = 1)", 5, 3, 8);
    expect(bothWays(short, shorter)).toEqual(["equal", "equal"]);
  });

  test.each([
    ["max_pool(x, size = [5], stride = 1, padding = 2)", 16],
    [fourTimes("max_pool(x, size = [3], stride = 1, padding = 1)"), 16],
  ])("the largest of a window is not the largest of all: %s", (right, length) => {
    const all = signal(length, "x * 0 + max_{-1}(x)", length);
    expect(kindOf(signal(length, right, length), all, 0)).not.toBe("equal");
  });

  test("the mean of some means is not the mean of all", () => {
    const means = signal(16, "x * 0 + mean_{-1}(avg_pool(x, size = [3], stride = 1))", 16);
    expect(kindOf(means, signal(16, "x * 0 + mean_{-1}(x)", 16), 0)).not.toBe("equal");
  });

  test.each([
    ["is cut", "x[:, :, 0:4]", 4],
    ["is split", "reshape(x, [1, 4, 4])[:, 0:1, :]", 4],
  ])("an axis that %s keeps its size", (_, part, size) => {
    const text = signal(16, `${part} * max_{-1}(max_pool(x, size = [3], stride = 1, padding = 1))`, size);
    expect(scaleOf(text).images.size).toBe(0);
    expect(bothWays(text, text)).toEqual(["equal", "equal"]);
  });

  test("images stay where their product is cut", () => {
    const text = `F(x : [1, 20, 16]) -> y : [1, 300]
  y = reshape(conv(x, K, padding = 1), [1, 320])[:, 0:300]
where
  K : [20, 20, 3]
`;
    expect(scaleOf(text).images.size).toBe(0);
    expect(bothWays(text, text)).toEqual(["equal", "equal"]);
  });

  test("windows of one element and a product are the same", () => {
    const where = "where\n  K : [16, 16, 1, 1]\n";
    const windows = `F(x : [1, 16, 16, 16]) -> y : [1, 16, 16, 16]\n  y = conv(x, K)\n${where}`;
    const product = `F(x : [1, 16, 16, 16]) -> y : [1, 16, 16, 16]\n  y[b,o,i,j] = sum_c x[b,c,i,j] K[o,c,0,0]\n${where}`;
    const [code, spec] = [lower(read(windows)).graph, lower(read(product)).graph];
    const scale = reducedScale(code, spec, new Map());
    const shapes = (graph: Graph | undefined): unknown[] =>
      [...(graph?.inputs ?? []), ...(graph?.outputs ?? []).map(({ node }) => node)].map(
        ({ type }) => type.shape,
      );
    expect(scale.images.size).toBeGreaterThan(0);
    expect(shapes(scale.spec(spec)?.graph)).toEqual(shapes(scale.code(code).graph));
    expect(bothWays(windows, product)).toEqual(["equal", "equal"]);
  });

  test("programs agree at small sizes where they agree at their own, and nowhere else", () => {
    const windows: fc.Arbitrary<Layer> = fc.record({
      size: fc.integer({ min: 1, max: 5 }),
      stride: fc.integer({ min: 1, max: 2 }),
      padding: fc.integer({ min: 0, max: 2 }),
      kind: fc.constantFrom("max_pool", "avg_pool"),
    });
    const programs = fc.array(windows, { minLength: 1, maxLength: 3 });
    const outcomes = { equal: 0, different: 0 };
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 30 }), programs, programs, (length, first, second) => {
        const [code, spec] = [layered(length, first), layered(length, second)];
        const scale = reducedScale(code, spec, new Map());
        const small = scale.spec(spec);
        fc.pre(scale.images.size > 0 && small !== undefined);
        const own = agree(code, spec);
        outcomes[own ? "equal" : "different"]++;
        expect(small !== undefined && agree(scale.code(code).graph, small.graph)).toBe(own);
      }),
      { numRuns: 300, seed: 3 },
    );
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(20);
  });
});

/** The largest, or the mean, of what is left of a signal. */
function layered(length: number, layers: readonly Layer[]): Graph {
  const value = layers.reduce(
    (x, { kind, size, stride, padding }) =>
      `${kind}(${x}, size = [${size}], stride = ${stride}, padding = ${Math.min(padding, size - 1)})`,
    "x",
  );
  try {
    return lower(read(`F(x : [1, 1, ${length}]) -> y : [1, 1]\n  y = max_{-1}(${value})\n`)).graph;
  } catch (error) {
    if (error instanceof Diagnostic) return fc.pre(false) as never;
    throw error;
  }
}

/** Whether two graphs of one input give the same for signals around any number in which one place after the other stands out. */
function agree(first: Graph, second: Graph): boolean {
  const source = random(1);
  const result = (graph: Graph, x: Tensor<Float64Array>): number => {
    const values = evaluate(graph, float64, new Map([[at(graph.inputs, 0) as Node, x]]), new Map());
    return at(asReal(float64, get(values, at(graph.outputs, 0).node)), 0);
  };
  const shape = sizesOf(at(first.inputs, 0).type.shape, new Map());
  return range(12 * count(shape)).every((place) => {
    const around = 20 * source.normal();
    const noise = Float64Array.from({ length: count(shape) }, () => around + source.normal());
    const height = Math.floor(place / noise.length) % 2 === 0 ? 100 : -100;
    const x = real(shape, noise.with(place % noise.length, height));
    return Math.abs(result(first, x) - result(second, x)) < 1e-9;
  });
}

describe("sizes that follow from each other", () => {
  const sizes = (steps: readonly Parameters<ImageSizes["step"]>[0][]): ImageSizes => {
    const images = new ImageSizes();
    for (const step of steps) {
      images.mention(step.from);
      images.mention(step.to);
      images.step(step);
    }
    return images;
  };
  const windows = (from: number, to: number, extent: number, step: number) =>
    ({ kind: "windows", from, to, extent, step }) as const;
  const solved = (images: ImageSizes, taken: readonly number[] = []): number[][] =>
    [...images.solved(new Map(), new Set(taken))].sort(([a], [b]) => a - b).map((pair) => [...pair]);
  const halves = [windows(32, 16, 2, 2), windows(16, 8, 2, 2)];

  test("are the smallest at which one place stays one, and several stay several", () => {
    expect(solved(sizes(halves))).toEqual([
      [1, 1],
      [8, 2],
      [16, 4],
      [32, 8],
    ]);
    expect(solved(sizes([...halves, windows(8, 1, 8, 8)]))).toEqual([
      [1, 1],
      [8, 8],
      [16, 16],
      [32, 32],
    ]);
  });

  test("are none that others have", () => {
    expect(solved(sizes(halves), [2, 6])).toEqual([
      [1, 1],
      [8, 4],
      [16, 8],
      [32, 16],
    ]);
  });

  test("grow with the models' sizes", () => {
    const images = sizes([windows(20, 10, 2, 2), { kind: "pad", from: 12, to: 15, width: 3, interior: 0 }]);
    const small = solved(images);
    for (const [[, less = 0], [, more = 0]] of zip(small.slice(0, -1), small.slice(1)))
      expect(less).toBeLessThan(more);
  });

  test("are the models' own where what follows from a size contradicts itself", () => {
    const images = sizes([windows(32, 16, 2, 2), { kind: "pad", from: 32, to: 16, width: -16, interior: 0 }]);
    expect(solved(images)).toEqual([
      [1, 1],
      [16, 16],
      [32, 32],
    ]);
  });

  test("follow where zeros are put between elements", () => {
    const images = sizes([{ kind: "pad", from: 9, to: 19, width: 2, interior: 1 }, windows(19, 17, 3, 1)]);
    expect(solved(images)).toEqual([
      [1, 1],
      [9, 3],
      [17, 5],
      [19, 7],
    ]);
  });
});
