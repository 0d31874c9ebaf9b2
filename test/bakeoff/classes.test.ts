/** @file Implementations of one model are sorted by what they compute. */
import { expect, test } from "vitest";
import { classesOf, type Implementation } from "../../src/bakeoff/classes.ts";
import { readSpec } from "../../src/spec/read.ts";
import { mlp } from "../prove/models.ts";

const implementation = (name: string, text: string): Implementation => ({
  name,
  graph: readSpec(text, name),
});

const transposed = mlp.replace("x W_1", "x W_1^T").replace("W_1 : [4, H]", "W_1 : [H, 4]");
const doubled = mlp.replace("h W_2 + b_2", "2 * (h W_2 + b_2)");
const entries = [
  implementation("doubled", doubled),
  implementation("plain", mlp),
  implementation("transposed", transposed),
];

test("the majority is a class, and the other one's difference from it is named", () => {
  const classes = classesOf(entries, { seed: 1 });
  expect(classes.map(({ members }) => members)).toEqual([["plain", "transposed"], ["doubled"]]);
  expect(classes.map(({ difference }) => difference?.kind)).toEqual([undefined, "different"]);
  expect(classes[1]?.difference).toMatchObject({ differences: [{ kind: "wrong-scale" }] });
});

test("a spec says which class is right, whatever the majority", () => {
  const classes = classesOf(entries, { seed: 1, spec: () => readSpec(doubled, "spec") });
  expect(classes.map(({ onSpec }) => onSpec?.kind)).toEqual(["different", "equal"]);
});

test("implementations that all agree are one class", () => {
  expect(classesOf(entries.slice(1), { seed: 1 })).toHaveLength(1);
});
