/** @file Llama (Touvron et al. 2023, with the grouped keys of Llama 2 70B) twice: as code, and as a paper would say it. */
import { range } from "../src/base/assert.ts";
import { rational } from "../src/base/rational.ts";
import { type Dim, symbol } from "../src/ir/dim.ts";
import type { Graph, Node } from "../src/ir/graph.ts";
import { Sketch } from "./draw.ts";

export interface LlamaSizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly groups: number;
  readonly hidden: number;
  readonly vocabulary: number;
}
export const llama70b = {
  layers: 80,
  width: 8192,
  heads: 64,
  groups: 8,
  hidden: 28672,
  vocabulary: 128256,
} as const;

const epsilon = rational(1, 100000);
const base = 500000;

/** θ^(−2i/k) for each pair of axes. */
function frequencies(s: Sketch, k: number): Node {
  const pairs = s.apply("Cast", [s.positions(k / 2)], { dtype: "float32" });
  const exponent = s.div(s.mul(s.number(-2), pairs), s.number(k));
  return s.apply("Exp", [s.mul(exponent, s.apply("Log", [s.number(base)], {}))], {});
}

/** Weights as [out, in], keys repeated for the queries of a group, rotation by halves (Hugging Face). */
export function llamaCode(sizes: LlamaSizes, length: Dim): Graph {
  const { layers, width: d, heads, groups, hidden, vocabulary } = sizes;
  const s = new Sketch();
  const batch = symbol("B");
  const k = d / heads;
  const norm = (x: Node, name: string): Node =>
    s.mul(s.parameter(`${name}.weight`, d), s.apply("RmsNormalize", [x], { axes: [2], epsilon }));
  const linear = (x: Node, name: string, from: Dim, to: Dim): Node =>
    s.einsum("bti,oi->bto", x, s.parameter(`${name}.weight`, to, from));
  const split = (x: Node, count: number): Node => s.permute(s.view(x, batch, length, count, k), 0, 2, 1, 3);
  const angles = s.einsum(
    "t,f->tf",
    s.apply("Cast", [s.positions(length)], { dtype: "float32" }),
    frequencies(s, k),
  );
  const doubled = s.join([angles, angles], 1);
  const [cos, sin] = [s.apply("Cos", [doubled], {}), s.apply("Sin", [doubled], {})];
  const rotate = (x: Node): Node => {
    const turned = s.join([s.apply("Neg", [s.cut(x, 3, k / 2, k)], {}), s.cut(x, 3, 0, k / 2)], 3);
    return s.add(s.mul(x, cos), s.mul(turned, sin));
  };
  const repeat = (x: Node): Node => {
    const stretched = s.apply("Broadcast", [s.view(x, batch, groups, 1, length, k)], {
      shape: [batch, groups, heads / groups, length, k],
    });
    return s.view(stretched, batch, heads, length, k);
  };

  let x = s.apply(
    "Take",
    [s.parameter("embed_tokens.weight", vocabulary, d), s.indices("input_ids", [batch, length])],
    {},
  );
  for (const layer of range(layers)) {
    const name = `layers.${layer}`;
    const a = norm(x, `${name}.input_layernorm`);
    const query = rotate(split(linear(a, `${name}.q_proj`, d, heads * k), heads));
    const key = repeat(rotate(split(linear(a, `${name}.k_proj`, d, groups * k), groups)));
    const value = repeat(split(linear(a, `${name}.v_proj`, d, groups * k), groups));
    const scores = s.div(s.einsum("bhid,bhjd->bhij", query, key), s.apply("Sqrt", [s.number(k)], {}));
    const weights = s.apply("Softmax", [s.causal(scores, length)], { axis: 3 });
    const heard = s.permute(s.einsum("bhij,bhjd->bhid", weights, value), 0, 2, 1, 3);
    x = s.add(x, linear(s.view(heard, batch, length, d), `${name}.o_proj`, d, d));
    const m = norm(x, `${name}.post_attention_layernorm`);
    const gate = s.apply("Silu", [linear(m, `${name}.gate_proj`, d, hidden)], {});
    x = s.add(
      x,
      linear(s.mul(gate, linear(m, `${name}.up_proj`, d, hidden)), `${name}.down_proj`, hidden, d),
    );
  }
  return s.graph("Llama", linear(norm(x, "norm"), "lm_head", d, vocabulary));
}

/** A projection for each head, keys stretched after their rotation, which is a pair of formulas for the two halves. */
export function llamaSpec(sizes: LlamaSizes): Graph {
  const { layers, width: d, heads, groups, hidden, vocabulary } = sizes;
  const s = new Sketch();
  const [batch, length] = [symbol("B"), symbol("T")];
  const k = d / heads;
  const norm = (x: Node, name: string): Node => {
    const size = s.apply("Sqrt", [s.add(s.mean(s.mul(x, x)), s.number(1, 100000))], {});
    return s.mul(s.div(x, size), s.parameter(`g_${name}`, d));
  };
  const time = s.view(s.apply("Cast", [s.positions(length)], { dtype: "float32" }), length, 1);
  const angle = s.mul(time, frequencies(s, k));
  const [cos, sin] = [s.apply("Cos", [angle], {}), s.apply("Sin", [angle], {})];
  const rotate = (x: Node): Node => {
    const last = x.type.shape.length - 1;
    const [u, v] = [s.cut(x, last, 0, k / 2), s.cut(x, last, k / 2, k)];
    return s.join([s.sub(s.mul(u, cos), s.mul(v, sin)), s.add(s.mul(v, cos), s.mul(u, sin))], last);
  };
  const stretch = (x: Node): Node => {
    const ones = s.apply("Broadcast", [s.number(1)], { shape: [heads / groups] });
    return s.view(s.einsum("bgtk,r->bgrtk", x, ones), batch, heads, length, k);
  };

  let x = s.apply("Take", [s.parameter("E", vocabulary, d), s.indices("i", [batch, length])], {});
  for (const layer of range(layers)) {
    const a = norm(x, `a${layer}`);
    const query = s.einsum("btd,hdk->bhtk", a, s.parameter(`Q_${layer}`, heads, d, k));
    const key = s.einsum("btd,hdk->bhtk", a, s.parameter(`K_${layer}`, groups, d, k));
    const value = s.einsum("btd,hdk->bhtk", a, s.parameter(`V_${layer}`, groups, d, k));
    const scaled = s.div(rotate(query), s.apply("Sqrt", [s.number(k)], {}));
    const scores = s.einsum("bhik,bhjk->bhij", scaled, stretch(rotate(key)));
    const weights = s.apply("Softmax", [s.causal(scores, length)], { axis: 3 });
    const heard = s.einsum("bhij,bhjk->bhik", weights, stretch(value));
    const merged = s.view(s.permute(heard, 0, 2, 1, 3), batch, length, heads * k);
    x = s.add(s.einsum("bti,io->bto", merged, s.parameter(`O_${layer}`, d, d)), x);
    const m = norm(x, `m${layer}`);
    const gate = s.einsum("bti,io->bto", m, s.parameter(`G_${layer}`, d, hidden));
    const up = s.einsum("bti,io->bto", m, s.parameter(`U_${layer}`, d, hidden));
    const swish = s.mul(
      gate,
      s.div(s.number(1), s.add(s.number(1), s.apply("Exp", [s.apply("Neg", [gate], {})], {}))),
    );
    x = s.add(s.einsum("bti,io->bto", s.mul(swish, up), s.parameter(`D_${layer}`, hidden, d)), x);
  }
  return s.graph("Llama", s.einsum("btd,dv->btv", norm(x, "f"), s.parameter("W", d, vocabulary)));
}
