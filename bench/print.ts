/** @file `node bench/print.ts`: from a graph to its printed equations, for GPT-2 with growing numbers of layers and no modules that tell of these. */
import { symbol } from "../src/ir/dim.ts";
import { equationsOf } from "../src/notation/equations.ts";
import { textOf } from "../src/notation/text.ts";
import { fold } from "../src/rewrite/fold.ts";
import { raise } from "../src/rewrite/raise.ts";
import { reroll } from "../src/rewrite/reroll.ts";
import { gpt2Small, gptCode } from "./gpt2.ts";

const width = 100;

console.log("layers     nodes   seconds   lines");
for (const layers of [1, 10, 100, 1000]) {
  const graph = gptCode({ ...gpt2Small, layers }, symbol("T"));
  const start = performance.now();
  const text = textOf(equationsOf(fold(reroll(raise(graph))), { width }), { width, color: false });
  const cells = [((performance.now() - start) / 1000).toFixed(2), text.trimEnd().split("\n").length];
  console.log(
    [layers, graph.nodes.length, ...cells]
      .map((cell, i) => String(cell).padStart([6, 9, 9, 7][i] ?? 0))
      .join(" "),
  );
}
