/** @file Which equations share a line, and how many lines a model takes. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadModel } from "../../src/cli/load.ts";
import { unfold } from "../../src/eval/unfold.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { textOf } from "../../src/notation/text.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, isOneGraph } from "../arbitrary/agreement.ts";
import { printedPairs } from "./read-back.ts";

const width = 100;

/** The lines of the equations of a specification, as they are printed without their places. */
function lines(equations: readonly string[], columns = width, parameters = "W, V"): string[] {
  const spec = `M(x : [n, n], u : [n, n]) -> y : [n, n]\n  ${equations.join("\n  ")}\nwhere ${parameters} : [n, n]\n`;
  const graph = fold(raise(readSpec(spec, "s")));
  const printed = textOf(equationsOf(graph, { width: columns }), { width: columns, color: false });
  const read = readSpec(printed, "printed.txt");
  const pairs = printedPairs(graph, equationsOf(graph, { width: columns }), read);
  expect(agreement(graph, read, pairs, 1), printed).toBe("equal");
  return printed
    .split("\n")
    .filter((line) => line.startsWith("  ") && !line.startsWith("    #"))
    .map((line) => line.trimStart().replace(/ {3,}\S.*$/, ""));
}

test("heads that one product makes have no axis more than heads have", () => {
  const spec = `F(x : [B, T, 6]) -> y : [B, T, 6]
  h = permute(reshape(x W, [B, T, 3, 2, 3]), [2, 0, 3, 1, 4])
  a = softmax_{-1}(h[0] h[1]^T)
  y = reshape(permute(a h[2], [0, 2, 1, 3]), [B, T, 6])
where W : [6, 18]
`;
  const text = textOf(equationsOf(fold(raise(readSpec(spec, "s"))), { width }), { width, color: false });
  const own = text.split("\n").filter((line) => line.startsWith("  "));
  expect(own.slice(0, 5).map((line) => line.trim().replace(/ {3,}\S.*$/, ""))).toEqual([
    "h = x W",
    "q = split_H(h[:, :, 0:d]); k = split_H(h[:, :, d:2 d])",
    "v = split_H(h[:, :, 2 d:3 d])",
    "a = softmax_{-1}(q k^T)",
    "y = merge_H(a v)",
  ]);
});

describe("equations", () => {
  test("of one formula and one thing share a line, also where one stands between that is not needed", () => {
    expect(lines(["q = x W + x", "s = u q", "k = x V + x", "y = s k + q"])).toEqual([
      "q = x W + x; k = x V + x",
      "s = u q",
      "y = s k + q",
    ]);
  });
  test("stand in the order of their parameters", () => {
    const equations = ["h_2 = x W_2 + x", "h_3 = x W_3 + x", "h_1 = x W_1 + x", "y = h_1 h_2 h_3"];
    expect(lines(equations, width, "W_1, W_2, W_3")[0]).toBe(
      "h_1 = x W_1 + x; h_2 = x W_2 + x; h_3 = x W_3 + x",
    );
  });
  test("share one if they are different functions of one formula", () => {
    expect(lines(["i = tanh(x W + x)", "f = sigmoid(x V + x)", "y = i f"])[0]).toBe(
      "i = tanh(x W + x); f = sigmoid(x V + x)",
    );
  });
  test.each([
    ["what is between is needed", ["q = x W + x", "s = tanh(q) V", "k = x s + x", "y = s k + q"]],
    ["one needs the other", ["q = x W + x", "k = q V + q", "y = k + u"]],
    ["they share nothing", ["q = x W + x", "k = u V + u", "y = k q"]],
    ["their formulas differ", ["q = x W + x", "k = x V - x", "y = k q"]],
    ["one is the output", ["q = x W + x", "s = tanh(q) + u V", "y = x V + x"]],
  ])("stand alone where %s", (_, equations) => {
    expect(lines(equations).filter((line) => line.includes(";"))).toEqual([]);
  });
  test("stand alone where both are too long for one line", () => {
    const equations = ["q = x W + x", "k = x V + x", "y = q k"];
    expect(lines(equations, 44)[0]).toBe("q = x W + x; k = x V + x");
    expect(lines(equations, 28).slice(1, 3)).toEqual(["q = x W + x", "k = x V + x"]);
  });
});

test("an index is called as no input is, where axes have names", () => {
  const graph = readSpec("M(i : [2]) -> y : [2, 2]\n  y = broadcast(i + i, [2, 2])\n", "s");
  const equations = equationsOf(graph, { width, notation: "named" });
  const text = textOf(equations, { width, color: false });
  const read = readSpec(text, "printed.txt");
  expect(agreement(graph, read, printedPairs(graph, equations, read), 1), text).toBe("equal");
});

describe("models", () => {
  const fixtures = join(import.meta.dirname, "..", "fixtures");
  test.each([
    ["pt2/gpt2.pt2", 21],
    ["pt2/llama_grouped_query.pt2", 21],
    ["pt2/two_layer_mlp.pt2", 4],
    ["stripped/resnet_stages.pt2", 31],
  ])("%s takes at most %i lines beside its notes, and reads back", async (file, most) => {
    const whole = raise(await loadModel(join(fixtures, file)));
    const folded = fold(whole);
    expect(isOneGraph(unfold(folded).graph, whole)).toBe(true);
    const equations = equationsOf(folded, { width });
    const text = textOf(equations, { width, color: false });
    const counted = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(counted.length, text).toBeLessThanOrEqual(most);
    const spec = readSpec(text, "printed.txt");
    expect(agreement(folded, spec, printedPairs(folded, equations, spec), 1), text).toBe("equal");
  });
});
