/** @file Einsum of any number of tensors: diagonals, sums of one operand alone, and products of two at a time. */
import { at } from "../../base/assert.ts";
import type { Node } from "../../ir/graph.ts";
import { contraction } from "./contraction.ts";
import type { Maker } from "./maker.ts";
import { numbersAlong } from "./order.ts";

interface Term {
  readonly node: Node;
  /** One for each axis. */
  readonly labels: readonly string[];
}

/** Labels of the operands' axes and of the result's; `undefined` where the equation does not fit the operands. */
function parse(
  equation: string,
  ranks: readonly number[],
): { operands: string[][]; out: string[] } | undefined {
  const [left = "", right] = equation.replaceAll(/\s/g, "").split("->");
  const terms = left.split(",");
  if (terms.length !== ranks.length) return undefined;
  const operands = terms.map((term, index) => {
    const given = term.replace("...", "").length;
    const open = term.includes("...") ? at(ranks, index) - given : 0;
    // Axes of an ellipsis are counted from the last.
    const ellipsis = Array.from({ length: Math.max(open, 0) }, (_, i) => `.${open - i}`);
    const [before = "", after] = term.split("...");
    return after === undefined ? [...before] : [...before, ...ellipsis, ...after];
  });
  if (operands.some((labels, index) => labels.length !== at(ranks, index))) return undefined;
  const all = operands.flat();
  const dots = [...new Set(all.filter((label) => label.startsWith(".")))].toSorted(
    (a, b) => Number(b.slice(1)) - Number(a.slice(1)),
  );
  if (right !== undefined) {
    const [before = "", after] = right.split("...");
    return { operands, out: after === undefined ? [...before] : [...before, ...dots, ...after] };
  }
  // Without an arrow the result has the letters that stand once, in their order.
  const once = [...new Set(all)].filter(
    (label) => !label.startsWith(".") && all.filter((other) => other === label).length === 1,
  );
  return { operands, out: [...dots, ...once.toSorted()] };
}

/** The diagonal where a letter stands twice in one operand, and the sum over letters that nobody else has. */
function alone(make: Maker, { node, labels }: Term, needed: ReadonlySet<string>): Term {
  const twice = labels.findIndex((label, axis) => labels.indexOf(label) < axis);
  if (twice >= 0) {
    const first = labels.indexOf(at(labels, twice));
    const rank = labels.length;
    const [rows, columns] = [first, twice].map((axis) =>
      numbersAlong(make, at(node.type.shape, axis), axis, rank),
    );
    const isDiagonal = make.equal(rows as Node, columns as Node);
    const kept = make.where(isDiagonal, node, make.constant(0, node.type.dtype));
    const sum = make.apply("Sum", [kept], { axes: [twice] });
    return alone(make, { node: sum, labels: labels.toSpliced(twice, 1) }, needed);
  }
  const axes = labels.flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  if (axes.length === 0) return { node, labels };
  return {
    node: make.apply("Sum", [node], { axes }),
    labels: labels.filter((label) => needed.has(label)),
  };
}

/** `undefined` where the equation does not fit the operands or has more than 26 letters. */
export function einsum(make: Maker, equation: string, tensors: readonly Node[]): Node | undefined {
  const parsed = parse(
    equation,
    tensors.map((node) => node.type.shape.length),
  );
  if (parsed === undefined) return undefined;
  const { operands, out } = parsed;
  const terms = tensors.map((node, index): Term => ({ node, labels: at(operands, index) }));
  const [first, ...rest] = terms;
  if (first === undefined) return undefined;
  let result = first;
  for (const [index, term] of rest.entries()) {
    const later = new Set([...out, ...rest.slice(index + 1).flatMap(({ labels }) => labels)]);
    const x = alone(make, result, new Set([...later, ...term.labels]));
    const y = alone(make, term, new Set([...later, ...result.labels]));
    const labels = [...new Set([...x.labels, ...y.labels])].filter((label) => later.has(label));
    const isLast = index === rest.length - 1;
    const kept = isLast ? out.filter((label) => labels.includes(label)) : labels;
    const node = contraction(make, x.node, y.node, [x.labels, y.labels, kept]);
    if (node === undefined) return undefined;
    result = { node, labels: kept };
  }
  const { node, labels } = alone(make, result, new Set(out));
  if (out.some((label) => !labels.includes(label))) return undefined;
  return make.transpose(
    node,
    out.map((label) => labels.indexOf(label)),
  );
}
