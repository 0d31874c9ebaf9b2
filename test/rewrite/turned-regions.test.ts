/** @file Work between transpositions is done with its axes in the other order where that takes fewer of them. */
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/assert.ts";
import { rational } from "../../src/base/rational.ts";
import { bodyGraph, nest } from "../../src/ir/body.ts";
import { symbol } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { isScan } from "../../src/ops/traits.ts";
import { regionsTurned } from "../../src/rewrite/turned-regions.ts";
import { agreement, pairsInOrder } from "../arbitrary/agreement.ts";
import { Sketch } from "../arbitrary/sketch.ts";

const B = symbol("B");
const plain = {
  strides: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
  dilation: [1, 1],
  groups: 1,
} as const;
const epsilon = rational(1, 100);

/** Images with three channels, which are last. */
class Images extends Sketch {
  readonly y: Node = this.input("y", [B, 4, 5, 3]);
  readonly kernel: Node = this.input("kernel", [3, 3, 1, 1]);
  readonly row: Node = this.input("row", [3]);

  last(node: Node): Node {
    return this.apply("Transpose", [node], { permutation: [0, 2, 3, 1] });
  }
  first(node: Node): Node {
    return this.apply("Transpose", [node], { permutation: [0, 3, 1, 2] });
  }
  /** A convolution of images with channels last. */
  conv(node: Node): Node {
    return this.last(this.apply("Convolution", [this.first(node), this.kernel], plain));
  }
  layer(node: Node): Node {
    return this.apply("Tanh", [this.add(this.conv(node), this.row)], {});
  }
  mean(node: Node, ...axes: number[]): Node {
    return this.apply("Mean", [node], { axes });
  }
}

type Make = (v: Images) => Node;
const graphOf = (make: Make): Graph => {
  const images = new Images();
  return images.graph("Images", { y: make(images) });
};
const turnsIn = ({ nodes }: Graph): number => nodes.filter(({ op }) => op === "Transpose").length;

describe("is turned, and fewer or as many transpositions are left:", () => {
  test.each<readonly [string, left: number, make: Make]>([
    ["what is between convolutions", 2, (v) => v.conv(v.layer(v.layer(v.y)))],
    [
      "residuals",
      2,
      (v) => {
        const first = v.layer(v.y);
        return v.conv(v.add(first, v.layer(first)));
      },
    ],
    ["what is behind a convolution and before a mean", 1, (v) => v.mean(v.layer(v.y), 1, 2)],
    [
      "a factor for each channel",
      1,
      (v) => {
        const layer = v.layer(v.y);
        const gate = v.apply("Sigmoid", [v.mean(layer, 1, 2)], {});
        return v.mean(v.mul(layer, v.reshape(gate, [B, 1, 1, 3])), 1, 2);
      },
    ],
    [
      "channels side by side, and a part of them",
      2,
      (v) => {
        const first = v.layer(v.y);
        const both = v.apply("Concat", [first, v.layer(first)], { axis: 3 });
        return v.conv(v.apply("Slice", [both], { axis: 3, start: 1, stop: 4, step: 1 }));
      },
    ],
    [
      "what is filled up",
      2,
      (v) => {
        const widths = { axis: 1, before: 1, after: 0, interior: 0 };
        return v.conv(v.apply("Pad", [v.layer(v.y), v.number(0)], widths));
      },
    ],
    [
      "a normalisation over examples and places",
      2,
      (v) => v.conv(v.apply("Normalize", [v.layer(v.y)], { axes: [0, 1, 2], epsilon })),
    ],
  ])("%s", (_, left, make) => {
    const graph = graphOf(make);
    const turned = regionsTurned(graph);
    expect(turnsIn(turned)).toBe(left);
    expect(turnsIn(graph)).toBeGreaterThan(left);
    expect(agreement(graph, turned, pairsInOrder(graph, turned), 1)).toBe("equal");
  });

  test("one that is behind a convolution moves to the end", () => {
    const graph = graphOf((v) => v.layer(v.y));
    const turned = regionsTurned(graph);
    expect(at(turned.outputs, 0).node.op).toBe("Transpose");
    expect(turnsIn(turned)).toBe(turnsIn(graph));
    expect(agreement(graph, turned, pairsInOrder(graph, turned), 1)).toBe("equal");
  });
});

describe("stays as it is:", () => {
  test.each<readonly [string, Make]>([
    ["what is made of nothing transposed", (v) => v.first(v.neg(v.y))],
    [
      "a normalisation along the channels",
      (v) => v.apply("Normalize", [v.conv(v.y)], { axes: [3], epsilon }),
    ],
    [
      "moments along the channels",
      (v) => v.mean(v.apply("Square", [v.apply("Normalize", [v.conv(v.y)], { axes: [3], epsilon })], {}), 3),
    ],
    ["what is added to a tensor that is not transposed", (v) => v.mean(v.add(v.conv(v.y), v.y), 3)],
    ["a value for each place", (v) => v.add(v.conv(v.y), v.reshape(v.mean(v.y, 3), [B, 4, 5, 1]))],
    ["what is behind no convolution or pool", (v) => v.neg(v.last(v.input("x", [B, 3, 4, 5])))],
    [
      "what others read with its axes in the first order",
      (v) => v.add(v.mean(v.conv(v.y), 3), v.mean(v.layer(v.y), 3)),
    ],
  ])("%s", (_, make) => {
    const graph = graphOf(make);
    expect(regionsTurned(graph)).toBe(graph);
  });
});

test("the steps of a recurrence are turned", () => {
  const inside = new Images();
  const body = nest(inside.graph("", { y: inside.layer(inside.layer(inside.y)) }));
  const sketch = new Sketch();
  const start = sketch.input("start", [B, 4, 5, 3]);
  const sequence = sketch.input("kernels", [2, 3, 3, 1, 1]);
  const bias = sketch.input("bias", [3]);
  const attrs = { body, carries: 1, sequences: 1, output: 0, reverse: false };
  const graph = sketch.graph("Steps", { y: sketch.apply("Scan", [start, sequence, bias], attrs) });
  const turned = regionsTurned(graph);
  const scan = turned.nodes.find(isScan);
  expect(scan && turnsIn(bodyGraph(scan.attrs.body))).toBe(2);
  expect(agreement(graph, turned, pairsInOrder(graph, turned), 1)).toBe("equal");
});
