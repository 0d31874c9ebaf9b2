/** @file A residual network (He et al. 2015, without normalisations) at its real widths for images of 224, twice: each in other words. */
import { range } from "../src/base/assert.ts";
import type { Graph } from "../src/ir/graph.ts";
import { readSpec } from "../src/spec/read.ts";

const widths = [64, 128, 256, 512];

/** A block is two convolutions and what is added to them; `joined` says how. */
function network(blocks: number, joined: (sum: string, shortcut: string) => string): Graph {
  const lines = [
    "a_0 = max_pool(relu(conv(x, S, stride = 2, padding = 3)), size = [3, 3], stride = 2, padding = 1)",
  ];
  const where = ["S : [64, 3, 7, 7]", "W : [512, 1000]"];
  let [before, last] = [64, "a_0"];
  for (const [stage, width] of widths.entries()) {
    for (const block of range(blocks)) {
      const name = `${stage + 1}${block}`;
      const stride = block === 0 && stage > 0 ? 2 : 1;
      where.push(
        `K_${name} : [${width}, ${before}, 3, 3]`,
        `L_${name} : [${width}, ${width}, 3, 3]`,
        `b_${name} : [${width}]`,
      );
      if (width !== before) where.push(`D_${name} : [${width}, ${before}, 1, 1]`);
      const shortcut = width === before ? last : `conv(${last}, D_${name}, stride = 2)`;
      lines.push(
        `h_${name} = relu(conv(${last}, K_${name}, stride = ${stride}, padding = 1))`,
        `a_${name} = ${joined(`conv(h_${name}, L_${name}, b_${name}, padding = 1)`, shortcut)}`,
      );
      [before, last] = [width, `a_${name}`];
    }
  }
  lines.push(`y = mean_{-2,-1}(${last}) W`);
  const text = ["ResNet(x : [1, 3, 224, 224]) -> y : [1, 1000]", ...lines, "where", ...where];
  return readSpec(`${text.join("\n  ").replace("\n  where", "\nwhere")}\n`, "resnet");
}

/** ResNet-18 has two blocks in each of its four stages. */
export const resnetBlocks = 2;
export const resnetCode = (blocks: number): Graph =>
  network(blocks, (sum, shortcut) => `relu(${sum} + ${shortcut})`);
export const resnetSpec = (blocks: number): Graph =>
  network(blocks, (sum, shortcut) => `max(0, ${shortcut} + ${sum})`);
