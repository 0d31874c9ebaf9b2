/**
 * @file Prints how long a comparison takes as models grow: GPT-2, Llama 2 70B and residual networks at their real widths, each
 * written twice, over numbers of layers. Every comparison runs in a process of its own; its processor time and peak memory are told.
 */
import { spawnSync } from "node:child_process";
import { symbol } from "../src/ir/dim.ts";
import type { Graph } from "../src/ir/graph.ts";
import { check } from "../src/prove/check.ts";
import { gpt2Small, gptCode, gptSpec } from "./gpt2.ts";
import { llama70b, llamaCode, llamaSpec } from "./llama.ts";
import { resnetBlocks, resnetCode, resnetSpec } from "./resnet.ts";

type Pair = readonly [code: Graph, spec: Graph];

const length = symbol("T");
const models: Readonly<Record<string, (layers: number) => Pair>> = {
  "GPT-2": (layers) => {
    const sizes = { ...gpt2Small, layers };
    return [gptCode(sizes, length), gptSpec(sizes)];
  },
  "Llama-70B": (layers) => {
    const sizes = { ...llama70b, layers };
    return [llamaCode(sizes, length), llamaSpec(sizes)];
  },
  /** Layers are blocks in each of four stages. */
  ResNet: (layers) => [resnetCode(layers), resnetSpec(layers)],
};
const growth = [1, 2, 5, 10, 20, 50, 100];
const own: Readonly<Record<string, number>> = {
  "GPT-2": gpt2Small.layers,
  "Llama-70B": llama70b.layers,
  ResNet: resnetBlocks,
};

/** Seconds of the clock and of the processor, MiB at the peak, and the verdict. */
interface Measure {
  readonly seconds: number;
  readonly processor: number;
  readonly memory: number;
  readonly verdict: string;
}

function measure(model: string, layers: number): Measure {
  const [code, spec] = models[model]?.(layers) ?? [];
  if (code === undefined || spec === undefined) throw new Error(`no model is called ${model}`);
  const [start, before] = [performance.now(), process.cpuUsage()];
  const { kind } = check({ code, spec: () => spec, seed: 1 });
  const used = process.cpuUsage(before);
  return {
    seconds: (performance.now() - start) / 1000,
    processor: (used.user + used.system) / 1e6,
    memory: process.resourceUsage().maxRSS / 1024,
    verdict: kind,
  };
}

function measured(model: string, layers: number): Measure {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [import.meta.filename, model, String(layers)],
    {
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measure;
}

const row = (cells: readonly (string | number)[]): string =>
  cells.map((cell, i) => String(cell)[i < 1 ? "padEnd" : "padStart"](i < 1 ? 12 : 10)).join("");

const [, , asked, layers] = process.argv;
if (asked !== undefined) console.log(JSON.stringify(measure(asked, Number(layers))));
else {
  console.log(row(["model", "layers", "seconds", "processor", "s/layer", "MiB", "verdict"]));
  for (const model of Object.keys(models)) {
    const counts = [...new Set([...growth, own[model] ?? 1])].sort((a, b) => a - b);
    for (const count of counts) {
      const { seconds, processor, memory, verdict } = measured(model, count);
      const each = (processor / count).toFixed(3);
      console.log(
        row([model, count, seconds.toFixed(2), processor.toFixed(2), each, memory.toFixed(0), verdict]),
      );
    }
  }
}
