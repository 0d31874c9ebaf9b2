/** @file The demo, end to end: the losses, the verdicts and what it prints. */
import { beforeAll, describe, expect, test } from "vitest";
import { get } from "../../src/base/assert.ts";
import { chart } from "../../src/cli/chart.ts";
import { type DemoResult, parseResult } from "../../src/result/result.ts";
import { assay, type Outcome } from "./support.ts";

let [text, json]: Outcome[] = [];

// Two runs of two trainings of some seconds each.
beforeAll(async () => {
  text = await assay("demo", "--seed", "7");
  json = await assay("demo", "--seed", "7", "--json");
}, 120_000);

const result = (): DemoResult => parseResult(JSON.parse(json?.output ?? "")) as DemoResult;
const variant = (file: string): DemoResult["variants"][number] =>
  get(new Map(result().variants.map((item) => [item.file, item])), file);

describe("assay demo", () => {
  test("ends well, with nothing on standard error", () => {
    expect([text?.code, text?.errors, json?.code, json?.errors]).toEqual([0, "", 0, ""]);
  });

  test("both losses fall, the right one to the lowest loss, the wrong one to the affine floor", () => {
    const { lowest, affine } = result();
    for (const [file, bound] of [
      ["right.ts", lowest],
      ["wrong.ts", affine],
    ] as const) {
      const [first, last] = [variant(file).curve.at(0), variant(file).curve.at(-1)];
      expect(first?.total).toBeGreaterThan(1);
      // What training leaves open; over 40 seeds the largest excess was 0.002.
      expect(Math.abs((last?.total ?? 0) - bound.total)).toBeLessThan(0.01);
      // A bound is a bound, up to the float32 of the model.
      expect(last?.total).toBeGreaterThan(bound.total - 1e-6);
    }
  });

  test("the checker proves the right one and names the bug of the wrong one", () => {
    expect(variant("right.ts").verdict.kind).toBe("equal");
    const { verdict } = variant("wrong.ts");
    expect(verdict.kind).toBe("different");
    if (verdict.kind !== "different") return;
    expect(verdict.differences.map(({ words }) => words)).toEqual(["the activation tanh is missing"]);
  });

  test("shows the equations side by side, the chart, and the losses in a table", () => {
    const output = text?.output ?? "";
    expect(output).toMatch(/h = tanh\(x W_1 \+ b_1\) +h = x W_1 \+ b_1/);
    const last = variant("wrong.ts").curve.at(-1);
    const row = [last?.crossEntropy, last?.squaredError, last?.total].map((value) => value?.toFixed(4));
    expect(output).toContain(`reached by wrong.ts             ${row.join("  ")}`);
    expect(output).toContain("lowest, any affine model        0.6931  0.0100  0.7031");
    expect(output).toContain("lowest of all models            0.3251  0.0100  0.3351");
    expect(output.split("\n").filter((line) => line.includes("•")).length).toBeGreaterThan(4);
  });

  test("is repeated by its seed", () => {
    const shown = variant("right.ts").curve.at(-1)?.crossEntropy.toFixed(4);
    expect(text?.output).toContain(`reached by right.ts             ${shown}`);
  });
});

test("a chart puts high values above low ones and levels beside their names", () => {
  const rows = chart([{ mark: "•", values: [8, 4, 2, 1] }], [{ label: "floor", value: 1 }], 4).split("\n");
  expect(rows).toHaveLength(10);
  expect(rows[0]).toBe("   8.00 •");
  expect(rows[9]).toBe("   1.00 ···•  floor");
  expect(rows.findIndex((row) => row.endsWith(" •") && row !== rows[0])).toBe(3);
});
