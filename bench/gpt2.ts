/** @file GPT-2 (Radford et al. 2019) twice: as code stores and computes it, and as a paper would say it. */
import { range } from "../src/base/assert.ts";
import { rational } from "../src/base/rational.ts";
import { type Dim, symbol } from "../src/ir/dim.ts";
import type { Graph, Node } from "../src/ir/graph.ts";
import { Sketch } from "./draw.ts";

export interface GptSizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly vocabulary: number;
  readonly context: number;
}
export const gpt2Small = { layers: 12, width: 768, heads: 12, vocabulary: 50257, context: 1024 } as const;

const epsilon = rational(1, 100000);

/** One projection for query, key and value, weights as [in, out], the formulas of LayerNorm and GELU as operators. */
export function gptCode({ layers, width: d, heads, vocabulary, context }: GptSizes, length: Dim): Graph {
  const s = new Sketch();
  const batch = symbol("B");
  const k = d / heads;
  const norm = (x: Node, name: string): Node => {
    const normal = s.apply("Normalize", [x], { axes: [2], epsilon });
    return s.add(s.mul(normal, s.parameter(`${name}.weight`, d)), s.parameter(`${name}.bias`, d));
  };
  const linear = (x: Node, name: string, from: Dim, to: Dim): Node =>
    s.add(
      s.einsum("bti,io->bto", x, s.parameter(`${name}.weight`, from, to)),
      s.parameter(`${name}.bias`, to),
    );
  const split = (x: Node, part: number): Node =>
    s.permute(s.view(s.cut(x, 2, part * d, (part + 1) * d), batch, length, heads, k), 0, 2, 1, 3);

  const indices = s.indices("idx", [batch, length]);
  const table = s.parameter("wte.weight", vocabulary, d);
  const places = s.cut(s.parameter("wpe.weight", context, d), 0, 0, length);
  let x = s.add(s.apply("Take", [table, indices], {}), places);
  for (const layer of range(layers)) {
    const name = `h.${layer}`;
    const fused = linear(norm(x, `${name}.ln_1`), `${name}.attn.c_attn`, d, 3 * d);
    const [query, key, value] = [split(fused, 0), split(fused, 1), split(fused, 2)];
    const scores = s.div(s.einsum("bhid,bhjd->bhij", query, key), s.apply("Sqrt", [s.number(k)], {}));
    const weights = s.apply("Softmax", [s.causal(scores, length)], { axis: 3 });
    const heard = s.permute(s.einsum("bhij,bhjd->bhid", weights, value), 0, 2, 1, 3);
    x = s.add(x, linear(s.view(heard, batch, length, d), `${name}.attn.c_proj`, d, d));
    const inner = linear(norm(x, `${name}.ln_2`), `${name}.mlp.c_fc`, d, 4 * d);
    x = s.add(x, linear(s.apply("Gelu", [inner], { approximate: "tanh" }), `${name}.mlp.c_proj`, 4 * d, d));
  }
  return s.graph("GPT2", s.einsum("btd,vd->btv", norm(x, "ln_f"), table));
}

/** A projection for each head, sums over heads and their axes in one, LayerNorm and GELU written out. */
export function gptSpec({ layers, width: d, heads, vocabulary, context }: GptSizes): Graph {
  const s = new Sketch();
  const [batch, length] = [symbol("B"), symbol("T")];
  const k = d / heads;
  const norm = (x: Node, name: string): Node => {
    const centred = s.sub(x, s.mean(x));
    const spread = s.add(s.mean(s.mul(centred, centred)), s.number(1, 100000));
    const normal = s.mul(centred, s.div(s.number(1), s.apply("Sqrt", [spread], {})));
    return s.add(s.mul(s.parameter(`gamma_${name}`, d), normal), s.parameter(`beta_${name}`, d));
  };
  const gelu = (x: Node): Node => {
    const pi = s.apply("NamedConstant", [], { name: "pi", dtype: "float32" });
    const scale = s.apply("Sqrt", [s.div(s.number(2), pi)], {});
    const cube = s.mul(s.mul(x, x), x);
    const inner = s.mul(scale, s.add(x, s.mul(s.number(44715, 1000000), cube)));
    return s.mul(s.mul(s.number(1, 2), x), s.add(s.apply("Tanh", [inner], {}), s.number(1)));
  };
  const project = (x: Node, name: string): Node => {
    const bias = s.view(s.parameter(`b_${name}`, heads, k), heads, 1, k);
    return s.add(s.einsum("btd,hdk->bhtk", x, s.parameter(`W_${name}`, heads, d, k)), bias);
  };

  const indices = s.indices("idx", [batch, length]);
  const table = s.parameter("E", vocabulary, d);
  let x = s.add(
    s.apply("Take", [table, indices], {}),
    s.apply("Take", [s.parameter("P", context, d), s.positions(length)], {}),
  );
  for (const layer of range(layers)) {
    const a = norm(x, `a${layer}`);
    const query = s.div(project(a, `Q${layer}`), s.apply("Sqrt", [s.number(k)], {}));
    const scores = s.einsum("bhid,bhjd->bhij", query, project(a, `K${layer}`));
    const weights = s.apply("Softmax", [s.causal(scores, length)], { axis: 3 });
    const heard = s.einsum("bhij,bhjd->bhid", weights, project(a, `V${layer}`));
    const merged = s.einsum("bhik,hkd->bid", heard, s.parameter(`W_O${layer}`, heads, k, d));
    x = s.add(s.add(merged, s.parameter(`b_O${layer}`, d)), x);
    const hidden = s.einsum("bti,oi->bto", norm(x, `m${layer}`), s.parameter(`W_1${layer}`, 4 * d, d));
    const active = gelu(s.add(hidden, s.parameter(`b_1${layer}`, 4 * d)));
    const back = s.einsum("bti,oi->bto", active, s.parameter(`W_2${layer}`, d, 4 * d));
    x = s.add(s.add(back, s.parameter(`b_2${layer}`, d)), x);
  }
  return s.graph("GPT2", s.einsum("btd,vd->btv", norm(x, "f"), table));
}
