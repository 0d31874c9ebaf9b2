/**
 * @file `node bench/print.ts`: from a graph to its printed equations, for GPT-2 with growing numbers of layers and no modules that
 * tell of these, and for graphs of other shapes, of which most do not repeat. Each has a process of its own.
 */
import { spawnSync } from "node:child_process";
import { symbol } from "../src/ir/dim.ts";
import type { Graph } from "../src/ir/graph.ts";
import { equationsOf } from "../src/notation/equations.ts";
import { textOf } from "../src/notation/text.ts";
import { fold } from "../src/rewrite/fold.ts";
import { raise } from "../src/rewrite/raise.ts";
import { reroll } from "../src/rewrite/reroll.ts";
import { gpt2Small, gptCode } from "./gpt2.ts";
import { shapes } from "./shapes.ts";

const width = 100;

/** Of the equations of growing concats are as many as the square of the layers. */
const sizes: Readonly<Record<string, readonly number[]>> = {
  "GPT-2, layers": [1, 10, 100, 1000],
  ...Object.fromEntries(
    Object.keys(shapes).map((shape) => [
      shape,
      shape === "growing concats" ? [200, 2000] : [10_000, 100_000],
    ]),
  ),
};

const row = (cells: readonly (string | number)[]): string =>
  cells.map((cell, i) => String(cell)[i < 1 ? "padEnd" : "padStart"](i < 1 ? 20 : 10)).join("");

/** Seconds of the clock and of the processor, MiB at the peak, and lines of text. */
function measured(shape: string, size: number): string {
  const made: ((size: number) => Graph) | undefined = shapes[shape];
  const graph = made?.(size) ?? gptCode({ ...gpt2Small, layers: size }, symbol("T"));
  const [start, before] = [performance.now(), process.cpuUsage()];
  const text = textOf(equationsOf(fold(reroll(raise(graph))), { width }), { width, color: false });
  const used = process.cpuUsage(before);
  const seconds = [(performance.now() - start) / 1000, (used.user + used.system) / 1e6];
  const memory = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  const lines = text.trimEnd().split("\n").length;
  return row([shape, size, graph.nodes.length, ...seconds.map((value) => value.toFixed(2)), memory, lines]);
}

const [, , asked, size] = process.argv;
if (asked !== undefined) console.log(measured(asked, Number(size)));
else {
  console.log(row(["shape", "size", "nodes", "seconds", "processor", "MiB", "lines"]));
  for (const [shape, own] of Object.entries(sizes)) {
    for (const count of own) {
      const { stdout, stderr } = spawnSync(process.execPath, [import.meta.filename, shape, String(count)], {
        encoding: "utf8",
      });
      console.log(stdout.trimEnd() || stderr);
    }
  }
}
