/** @file Rules about recurrences that a program runs over a sequence from its end: reversed before and behind. */
import { at } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import { as, isNumber, type Make, type Rule } from "./rule.ts";

export const reversalRules: readonly Rule[] = [
  {
    name: "reversed-steps",
    algebra: "a recurrence over reversed sequences → the reverse of what it gives when it runs the other way",
    apply: (node, make) => {
      const scan = as(node, "Scan");
      if (scan === undefined) return undefined;
      const { carries, sequences, reverse } = scan.attrs;
      const given = scan.inputs.slice(carries, carries + sequences);
      const [order] = given.map((sequence) => as(sequence, "Take")?.inputs[1]);
      const sources = given.map(reversed);
      const known = sources.filter((source) => source !== undefined);
      if (order === undefined || known.length < sources.length) return undefined;
      const inputs = scan.inputs.toSpliced(carries, sequences, ...known);
      const turned = make("Scan", inputs, { ...scan.attrs, reverse: !reverse });
      return make("Take", [turned, order], {});
    },
  },
  {
    name: "reversed-twice",
    algebra: "the reverse of the reverse of a → a, along one axis that may have moved",
    apply: (node, make) => {
      const inner = reversed(node);
      return inner && unreversed(inner, 0, make);
    },
  },
];

/** What a node is along its first axis from the last element to the first. */
function reversed(node: Node): Node | undefined {
  const [source, order] = as(node, "Take")?.inputs ?? [];
  const [last, places] = as(order, "Sub")?.inputs ?? [];
  const size = as(places, "Iota")?.attrs.size;
  if (source === undefined || typeof size !== "number" || source.type.shape[0] !== size) return undefined;
  return isNumber(last, size - 1) ? source : undefined;
}

/** What a node is the reverse of along an axis. */
function unreversed(node: Node, axis: number, make: Make): Node | undefined {
  if (axis === 0 && node.op === "Take") return reversed(node);
  const transpose = as(node, "Transpose");
  if (transpose === undefined) return undefined;
  const inner = unreversed(at(transpose.inputs, 0), at(transpose.attrs.permutation, axis), make);
  return inner && make("Transpose", [inner], transpose.attrs);
}
