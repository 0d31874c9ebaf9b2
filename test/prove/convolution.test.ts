/** @file LeNet-5 and the basic block of ResNet: right programs are proved, wrong ones named and placed. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { check } from "../../src/prove/check.ts";
import { planProbes } from "../../src/prove/probes.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";
import { fixtureBytes, sourceOf } from "../torch/support.ts";
import { bindingText } from "./models.ts";

const root = new URL("../../", import.meta.url);

async function verdictOf(name: string, spec: string): Promise<Verdict> {
  const text = readFileSync(new URL(`specs/${spec}.md`, root), "utf8");
  return check({
    code: await readTorchExport(sourceOf(`${name}.pt2`, fixtureBytes(name))),
    spec: (batch) => readSpec(text, `${spec}.md`, { batch }),
    seed: 1,
  });
}

const [lenet, block, training] = ["lenet", "resnet-basic-block", "resnet-basic-block-training"] as const;

const right = [
  ["lenet", lenet],
  ["lenet_by_columns", lenet],
  ["lenet_flipped", lenet],
  ["resnet_block", block],
  ["resnet_block_by_hand", block],
  ["resnet_training", training],
  ["resnet_training_written_out", training],
] as const;

/** Program, spec, kinds of the mistake, the equation of the spec, and what the wrong source line contains. */
const wrong = [
  ["lenet_padding", lenet, ["wrong-window"], "3", "self.conv2(x)"],
  ["lenet_stride", lenet, ["wrong-window"], "3", "self.conv2(x)"],
  ["lenet_overlapping_pool", lenet, ["wrong-window"], "2", "avg_pool2d(torch.tanh(self.conv1(x)), 3"],
  ["lenet_max_pool", lenet, ["wrong-reduction"], "2", "max_pool2d"],
  ["lenet_relu", lenet, ["wrong-activation"], "3", "torch.relu(self.conv2(x))"],
  ["lenet_activation_missing", lenet, ["missing-activation"], "3", "avg_pool2d(self.conv2(x), 2)"],
  ["lenet_activation_after_pool", lenet, ["wrong-order"], "2", "torch.tanh(F.avg_pool2d("],
  ["lenet_activation_on_the_output", lenet, ["extra-activation"], "7", "torch.tanh(self.classes(x))"],
  ["lenet_one_layer_twice", lenet, ["shared-parameter"], "1", "shared"],
  ["lenet_bias_missing", lenet, ["missing-bias"], "1", "self.conv1(x)"],
  // The average is in the code, and only then multiplied.
  ["lenet_sum_pool", lenet, ["wrong-scale"], "5", "self.classes(x)"],
  ["resnet_block_epsilon", block, ["wrong-constant"], "2", "self.bn1("],
  ["resnet_block_groups", block, ["wrong-groups"], "1", "self.conv1(x)"],
  ["resnet_block_dilation", block, ["wrong-window"], "1", "self.conv1(x)"],
  ["resnet_block_norm_missing", block, ["missing-operation"], "6", "self.conv2(h) + x"],
  ["resnet_block_skip_missing", block, ["missing-skip-connection"], "7", "self.bn2(self.conv2(h))"],
  ["resnet_block_skip_from_the_middle", block, ["wrong-skip-connection"], "7", "+ h)"],
  ["resnet_block_skip_after_the_activation", block, ["wrong-order"], "7", "torch.relu(self.bn2("],
  ["resnet_block_first_activation_missing", block, ["missing-activation"], "3", "self.bn1(self.conv1(x))"],
  ["resnet_block_last_activation_missing", block, ["missing-activation"], "7", "self.bn2(self.conv2(h)) + x"],
  ["resnet_block_gelu", block, ["wrong-activation"], "3", "F.gelu"],
  [
    "resnet_block_activation_before_norm",
    block,
    ["extra-activation", "missing-activation"],
    "1",
    "self.bn1(torch.relu(",
  ],
  ["resnet_training_dilation", training, ["wrong-window"], "6", "self.conv2(h)"],
  ["resnet_training_activation_missing", training, ["missing-activation"], "5", "self.bn1(self.conv1(x))"],
] as const;

/** Programs that are not told apart yet, or whose mistake has no name. */
const undecided = [
  ["resnet_block_folded", block],
  ["resnet_block_extra_bias", block],
] as const;

const slow = { timeout: 120_000 };

describe("a right network is proved", slow, () => {
  test.for(right)("%s is %s", async ([name, spec]) => {
    expect((await verdictOf(name, spec)).kind).toBe("equal");
  });

  test("filters that are turned around are other entries of the same parameter", async () => {
    const bindings = bindingText(await verdictOf("lenet_flipped", lenet));
    expect(bindings).toContain("K_1 = entries of conv1.weight");
    expect(bindings).toContain("K_2 = conv2.weight");
  });

  test("stored statistics are those that the spec says are not trained", async () => {
    const bindings = bindingText(await verdictOf("resnet_block", block));
    expect(bindings).toEqual(
      expect.arrayContaining(["m_1 = bn1.running_mean", "v_2 = bn2.running_var", "g_2 = bn2.weight"]),
    );
  });
});

describe("a wrong one is told apart, and the mistake is named and placed", slow, () => {
  test.for(wrong)("%s is not %s: %s", async ([name, spec, kinds, equation, line]) => {
    const verdict = await verdictOf(name, spec);
    const differences = verdict.kind === "different" ? verdict.differences : [];
    expect(differences.map(({ kind }) => kind)).toEqual(kinds);
    expect(differences[0]?.spec.place.equation).toBe(equation);
    expect(differences[0]?.code.place.code).toContain(line);
  });
});

describe("nothing is said of what is not understood", slow, () => {
  test.for(undecided)("%s against %s", async ([name, spec]) => {
    expect((await verdictOf(name, spec)).kind).toBe("undecided");
  });
});

describe("probes", () => {
  test("each number of a plain matrix reads one row", () => {
    const source = Int32Array.from({ length: 6 }, (_, i) => i);
    const probes = planProbes({ source, inner: 3, part: new Int32Array(2) });
    expect(probes).toEqual([
      {
        ones: [0, 4],
        hits: [
          [0, 0],
          [1, 1],
        ],
      },
      { ones: [2], hits: [[0, 2]] },
    ]);
  });

  test("one pixel reads every entry of a filter through overlapping windows", () => {
    // Windows of 3 over 5 numbers.
    const source = Int32Array.of(0, 1, 2, 1, 2, 3, 2, 3, 4);
    const probes = planProbes({ source, inner: 3, part: new Int32Array(3) });
    const hits = [
      [0, 0],
      [1, 2],
      [2, 1],
    ];
    expect(probes).toEqual([{ ones: [0, 3], hits }]);
  });

  test("an entry that only zeros meet can't be read", () => {
    expect(planProbes({ source: Int32Array.of(0, -1), inner: 2, part: new Int32Array(1) })).toBeUndefined();
  });
});
