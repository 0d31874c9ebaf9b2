/** @file Which edits are one mistake, made to several values of the same form. */
import { expect, test } from "vitest";
import { alike, othersLike } from "../../src/prove/alike.ts";
import type { Told } from "../../src/prove/candidate.ts";
import { editsAt } from "../../src/prove/edit-catalogue.ts";
import { nameIn } from "../../src/prove/names.ts";
import { readSpec } from "../../src/spec/read.ts";

const graph = readSpec(
  `F(x : [B, 4]) -> y : [B, 4]
  q = tanh(3 * x)
  k = tanh(2 * x)
  v = x W
  y = q * k * v
where
  W : [4, 4]
`,
  "spec.txt",
);

/** The first edits of a kind at values with these names. */
const editsOf = (kind: string, ...names: readonly string[]) =>
  names.flatMap((name) =>
    graph.nodes
      .filter((node) => graph.labels.get(node) === name)
      .flatMap((node) =>
        editsAt(graph, node, nameIn(graph))
          .filter((edit) => edit.kind === kind)
          .slice(0, 2),
      ),
  );
const namesOf = (groups: ReturnType<typeof alike>): (string | undefined)[][] =>
  groups.map((group) => group.map(({ node }) => graph.labels.get(node)));

test("one edit each of values of the same form, in the order of the spec", () => {
  const both = editsOf("wrong-activation", "k", "q");
  expect(both).toHaveLength(4);
  expect(namesOf(alike(both))).toEqual([["q", "k"]]);
  expect(alike(both)[0]?.[1]).toBe(both[0]);
});

test("not of one value alone, nor of another kind, nor of another form", () => {
  expect(alike(editsOf("wrong-activation", "q"))).toEqual([]);
  const kinds = [...editsOf("wrong-activation", "q"), ...editsOf("missing-activation", "k")];
  expect(kinds.length).toBeGreaterThan(1);
  expect(alike(kinds)).toEqual([]);
  const forms = [...editsOf("missing-operation", "v"), ...editsOf("missing-operation", "y")];
  expect(forms.length).toBeGreaterThan(1);
  expect(alike(forms)).toEqual([]);
});

test("others of the form of one edit, that which says the same at each value", () => {
  const [first, second] = editsOf("wrong-activation", "q");
  const all = editsOf("wrong-activation", "q", "k");
  expect(all).toHaveLength(4);
  expect(othersLike(first as Told, all)).toEqual([all[2]]);
  expect(othersLike(second as Told, all)).toEqual([all[3]]);
  expect(othersLike(first as Told, editsOf("missing-activation", "q", "k"))).toEqual([]);
});
