/** @file Irrational constants of a program are what they were computed from, and other numbers are what they are. */
import { describe, expect, test } from "vitest";
import { at, only } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { irrational, type Precision } from "../../src/frontends/common/irrationals.ts";
import { Maker } from "../../src/frontends/common/maker.ts";
import { newBuilder } from "../../src/ops/table.ts";

/** What a number is read as: in words, and as a number. */
function read(value: number, precision: Precision): { words: string; value: number } | undefined {
  const builder = newBuilder();
  const notes: string[] = [];
  const node = irrational(new Maker(builder, (note) => notes.push(note)), value, precision, precision);
  if (node === undefined) return undefined;
  const graph = builder.graph({ name: "g", inputs: [], parameters: [], outputs: [{ name: "y", node }] });
  const result = only(outputsOf(graph, evaluate(graph, float64, new Map(), new Map())));
  const words = only(notes).replace(`the constant ${value} is read as `, "");
  return { words, value: at(result.values, 0) };
}

// As Python computes them.
const known: readonly (readonly [number, string])[] = [
  [1 / Math.sqrt(8), "sqrt(0.125)"],
  [Math.sqrt(2), "sqrt(2)"],
  [Math.PI, "pi"],
  [2 * Math.PI, "2 pi"],
  [64 * Math.PI, "64 pi"],
  [-Math.PI / 3, "-1/3 pi"],
  [1 / Math.PI, "1 / pi"],
  [Math.sqrt(2 * Math.PI), "sqrt(2 pi)"],
  [Math.sqrt(2 / Math.PI), "sqrt(2 / pi)"],
  [Math.log(2 * Math.PI), "log(2 pi)"],
  [0.5 * Math.log(2 * Math.PI), "0.5 log(2 pi)"],
  [-Math.log(10000), "-log(10000)"],
  [-Math.log(10000) / 8, "-0.125 log(10000)"],
  [Math.log(2), "log(2)"],
  [1 / Math.sqrt(Math.sqrt(24)), "(1/24)^(1/4)"],
];

describe.each(["float64", "float32"] as const)("in %s", (precision) => {
  const held = (value: number): number => (precision === "float32" ? Math.fround(value) : value);
  test.each(known)("%f is %s", (value, words) => {
    const found = read(held(value), precision);
    expect(found?.words).toBe(words);
    const last = precision === "float32" ? 2 ** -23 : 2 ** -50;
    expect(Math.abs(Number(found?.value) - value)).toBeLessThanOrEqual(last * Math.abs(value));
  });

  test("a number that is none of them stays what it is", () => {
    const source = random(1);
    const numbers = Array.from({ length: 2000 }, () => held(Math.exp(8 * source.uniform() - 4)));
    expect(numbers.filter((number) => read(number, precision) !== undefined)).toEqual([]);
  });
});
