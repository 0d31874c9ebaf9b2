/** @file Graphs by hand, as front ends make them, whose equations are looked at as prose. */
import { symbol } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { Sketch } from "../arbitrary/sketch.ts";

const batch = symbol("s27");
const [B, T] = [symbol("B"), symbol("T")];

function mlp(): Graph {
  const s = new Sketch();
  const x = s.input("x", [batch, 3]);
  const h = s.at(12, () => s.apply("Tanh", [s.linear("fc1", x, 3, 8)], {}));
  return s.graph("Mlp", { y: s.at(13, () => s.linear("fc2", h, 8, 2)) });
}

function residual(): Graph {
  const s = new Sketch();
  const x = s.input("x", [B, 4]);
  const h = s.apply("Gelu", [s.linear("up", x, 4, 16)], { approximate: "none" });
  return s.graph("Residual", { y: s.add(x, s.linear("down", h, 16, 4)) }, ["dropout with p = 0.1 is off"]);
}

/** What jax-js leaves of LayerNorm: x · (1/√(var + ε)) with means kept as axes of size 1. */
function layerNorm(): Graph {
  const s = new Sketch();
  const x = s.input("x", [B, T, 6]);
  const mean = (y: Node): Node =>
    s.mul(s.reshape(s.apply("Sum", [y], { axes: [2] }), [B, T, 1]), s.number(1, 6));
  const centred = s.add(x, s.neg(mean(x)));
  const root = s.apply("Sqrt", [s.add(mean(s.mul(centred, centred)), s.number(1, 100000))], {});
  const normal = s.mul(centred, s.apply("Reciprocal", [root], {}));
  const scaled = s.mul(normal, s.parameter("norm.scale", [6]));
  return s.graph("LayerNorm", { y: s.add(scaled, s.parameter("norm.bias", [6])) });
}

/** Attention pooling with the softmax in pieces: shifted by a stopped maximum. */
function softmaxPooling(): Graph {
  const s = new Sketch();
  const x = s.input("x", [B, T, 5]);
  const score = s.contract("abc,c->ab", x, s.parameter("query", [5]));
  const largest = s.reshape(s.apply("Max", [score], { axes: [1] }), [B, 1]);
  const power = s.apply("Exp", [s.add(score, s.neg(s.apply("StopGradient", [largest], {})))], {});
  const total = s.reshape(s.apply("Sum", [power], { axes: [1] }), [B, 1]);
  const weights = s.mul(power, s.apply("Reciprocal", [total], {}));
  return s.graph("Pooling", { y: s.contract("ab,abc->ac", weights, x) });
}

function twoHeads(): Graph {
  const s = new Sketch();
  const x = s.input("x", [B, 4, 6]);
  const heads = (name: string): Node => {
    const split = s.reshape(s.linear(name, x, 6, 6), [B, 4, 2, 3]);
    return s.apply("Transpose", [split], { permutation: [0, 2, 1, 3] });
  };
  const [q, k, v] = [heads("q"), heads("k"), heads("v")];
  const scores = s.apply(
    "Div",
    [s.contract("abcd,abed->abce", q, k), s.apply("Sqrt", [s.number(3)], {})],
    {},
  );
  const weights = s.apply("Softmax", [scores], { axis: 3 });
  const merged = s.apply("Transpose", [s.contract("abcd,abde->abce", weights, v)], {
    permutation: [0, 2, 1, 3],
  });
  return s.graph("TwoHeads", { y: s.linear("out", s.reshape(merged, [B, 4, 6]), 6, 6) });
}

function tiedWeights(): Graph {
  const s = new Sketch();
  const tokens = s.input("tokens", [B, T], "int64");
  const table = s.parameter(["embed.weight", "head.weight"], [11, 4]);
  const x = s.apply("Take", [table, tokens], {});
  const h = s.apply("Relu", [s.linear("body", x, 4, 4)], {});
  return s.graph("Tied", { logits: s.contract("abc,dc->abd", h, table) });
}

function contraction(): Graph {
  const s = new Sketch();
  const x = s.input("x", [B, 3, 4]);
  const core = s.parameter("core", [4, 2, 3]);
  const y = s.contract("abc,cdb->ad", x, core);
  return s.graph("Tensor", { y, norm: s.apply("Sqrt", [s.contract("ab,ab->a", y, y)], {}) });
}

function pieces(): Graph {
  const s = new Sketch();
  const x = s.input("x", [B, 6]);
  const cut = (start: number, stop: number, step = 1): Node =>
    s.apply("Slice", [x], { axis: 1, start, stop, step });
  const [left, right] = [cut(0, 3), cut(3, 6)];
  const positive = s.apply("Less", [s.number(0), left], {});
  const rest = s.apply("Not", [s.apply("Less", [right, left], {})], {});
  const both = s.apply("And", [positive, rest], {});
  const chosen = s.apply("Where", [both, left, s.mul(right, s.number(-1, 2))], {});
  const y = s.apply("Concat", [chosen, cut(0, 6, 2)], { axis: 1 });
  return s.graph("Pieces", { y, mask: both, first: s.reshape(cut(0, 1), [B]) });
}

/** Sizes that are equal leave no name for an axis; a mean over a symbolic size divides by a count. */
function statistics(): Graph {
  const s = new Sketch();
  const x = s.input("x", [B, 3, 3]);
  const ones = s.apply("Broadcast", [s.number(1)], { shape: [B] });
  const count = s.apply("Sum", [ones], { axes: [0] });
  const mean = s.apply("Div", [s.apply("Sum", [x], { axes: [0] }), count], {});
  const spread = s.apply("Variance", [x], { axes: [1, 2], correction: 1 });
  const centred = s.apply("Sub", [x, s.reshape(spread, [B, 1, 1])], {});
  return s.graph("Statistics", { mean, centred, rows: s.apply("Softmax", [centred], { axis: 2 }) });
}

/** A parameter named like a function, buffers, an unused one, long names, and a line that must be broken. */
function longLines(): Graph {
  const s = new Sketch();
  const names = ["temperature", "precipitation", "relative_humidity", "wind_speed"];
  const terms = names.map((name) => {
    const weight = s.parameter(`encoder.branches.${name}.projection.weight`, [2, 5]);
    return s.contract("ab,cb->ac", s.input(name, [B, 5]), weight);
  });
  const bias = s.parameter("exp", [2]);
  const mean = s.parameter("running_mean", [2], false);
  s.parameter("encoder.unused_projection_of_an_earlier_version_of_this_model.weight", [2, 2]);
  const sum = [...terms, bias, s.neg(mean)].reduce((x, y) => s.add(x, y));
  return s.graph("Weather", { y: s.at(1024, () => sum) });
}

export const samples: Readonly<Record<string, () => Graph>> = {
  mlp,
  residual,
  "layer-norm": layerNorm,
  "softmax-pooling": softmaxPooling,
  "two-heads": twoHeads,
  "tied-weights": tiedWeights,
  contraction,
  pieces,
  statistics,
  "long-lines": longLines,
};
