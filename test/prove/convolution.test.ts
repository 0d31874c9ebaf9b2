/** @file What filters and stored statistics are found to be, and how filters are probed. */
import { describe, expect, test } from "vitest";
import { planProbes } from "../../src/prove/probes.ts";
import { verdictOn } from "../architectures/architecture.ts";
import { lenet } from "../architectures/lenet.ts";
import { resnet } from "../architectures/resnet.ts";
import { bindingText } from "./models.ts";

test("filters that are turned around are other entries of the same parameter", async () => {
  const bindings = bindingText(await verdictOn(lenet, "lenet_flipped"));
  expect(bindings).toContain("K_1 = entries of conv1.weight");
  expect(bindings).toContain("K_2 = conv2.weight");
});

test("stored statistics are those that the spec says are not trained", async () => {
  const bindings = bindingText(await verdictOn(resnet, "resnet_block"));
  expect(bindings).toEqual(
    expect.arrayContaining(["m_1 = bn1.running_mean", "v_2 = bn2.running_var", "g_2 = bn2.weight"]),
  );
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
