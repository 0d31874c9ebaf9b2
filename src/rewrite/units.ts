/** @file Rules about axes of size 1: what is done beside them is done without them. */
import { at, only, range } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { canonicalEquation, parseContraction } from "../ops/reduction.ts";
import { unitAxisMap } from "../ops/structure.ts";
import { isElementwise } from "../ops/table.ts";
import { as, type Rule, reshaped } from "./rule.ts";

export const unitRules: readonly Rule[] = [
  {
    name: "transpose-of-units",
    algebra: "transpose(reshape(a)) → reshape(a), where only axes of size 1 are added and move",
    apply: (node, make) => {
      const transpose = as(node, "Transpose");
      const reshape = as(transpose?.inputs[0], "Reshape");
      if (transpose === undefined || reshape === undefined) return undefined;
      const { shape } = reshape.type;
      if (unitAxisMap(at(reshape.inputs, 0).type.shape, shape) === undefined) return undefined;
      const others = transpose.attrs.permutation.filter((axis) => shape[axis] !== 1);
      const isInOrder = others.every((axis, i) => i === 0 || axis > at(others, i - 1));
      return isInOrder ? make("Reshape", reshape.inputs, { shape: node.type.shape }) : undefined;
    },
  },
  {
    name: "reshape-of-copies",
    algebra: "reshape(broadcast(c)) → broadcast(c) for a scalar c",
    apply: (node, make) => {
      const copies = as(as(node, "Reshape")?.inputs[0], "Broadcast");
      return copies?.inputs[0]?.type.shape.length === 0
        ? make("Broadcast", copies.inputs, { shape: node.type.shape })
        : undefined;
    },
  },
  {
    name: "stretch-by-units",
    algebra: "broadcast(a) → reshape(a), where it only adds axes of size 1 and a is no reshape",
    apply: (node, make) => {
      const [source] = as(node, "Broadcast")?.inputs ?? [];
      // With a reshape it would be one, of which NumPy does a part by itself.
      if (source === undefined || source.type.shape.length === 0 || source.op === "Reshape") return undefined;
      const { shape } = node.type;
      return unitAxisMap(source.type.shape, shape) && make("Reshape", [source], { shape });
    },
  },
  {
    name: "softmax-inside",
    algebra:
      "softmax(reshape(a)) → reshape(softmax(a)) along an axis of a, where the reshape only adds axes of size 1",
    apply: (node, make) => {
      const softmax = as(node, "Softmax");
      const source = as(softmax?.inputs[0], "Reshape")?.inputs[0];
      const axes = source && unitAxisMap(source.type.shape, node.type.shape);
      if (softmax === undefined || source === undefined || axes === undefined) return undefined;
      const axis = axes.get(softmax.attrs.axis);
      if (axis === undefined || source.type.shape.length >= node.type.shape.length) return undefined;
      return make("Reshape", [make("Softmax", [source], { axis })], { shape: node.type.shape });
    },
  },
  {
    name: "reduction-inside",
    algebra:
      "Σ reshape(a) → reshape(Σ a), likewise mean and max; where the reshape only adds or drops axes of size 1",
    apply: (node, make) => {
      const reduction = as(node, "Sum") ?? as(node, "Mean") ?? as(node, "Max");
      const source = as(reduction?.inputs[0], "Reshape")?.inputs[0];
      if (reduction === undefined || source === undefined) return undefined;
      const { shape } = source.type;
      const places = unitAxisMap(shape, only<Node>(reduction.inputs).type.shape);
      if (places === undefined) return undefined;
      const reduced = reduction.attrs.axes.flatMap((axis) => places.get(axis) ?? []);
      const axes = range(shape.length).filter((axis) => shape[axis] === 1 || reduced.includes(axis));
      // Without axes it would read as a sum of everything.
      if (axes.length === 0 && source.type.dtype !== node.type.dtype) return undefined;
      const made = axes.length === 0 ? source : make(reduction.op, [source], { axes });
      return reshaped(made, node.type.shape, make);
    },
  },
  {
    name: "units-in-front",
    algebra:
      "f(a, reshape(b)) → reshape(f(a, reshape(b))) for elementwise f, where b has axes of size 1 in front that a has not",
    apply: (node, make) => {
      const rank = node.type.shape.length;
      const added =
        rank -
        Math.min(...node.inputs.map(({ type }) => (type.shape.length === 0 ? rank : type.shape.length)));
      if (!isElementwise(node) || added <= 0 || !node.type.shape.slice(0, added).every((size) => size === 1))
        return undefined;
      const isLonger = ({ type }: Node): boolean => type.shape.length > rank - added;
      if (!node.inputs.every((input) => !isLonger(input) || input.op === "Reshape")) return undefined;
      const inputs = node.inputs.map((input) =>
        isLonger(input)
          ? make("Reshape", [input], {
              shape: input.type.shape.slice(input.type.shape.length - rank + added),
            })
          : input,
      );
      return make("Reshape", [make<OpName>(node.op, inputs, node.attrs)], { shape: node.type.shape });
    },
  },
  {
    name: "product-beside-units",
    algebra: "Σ reshape(a) b → reshape(Σ a b), where the reshape gives a axes of size 1 that b has not",
    apply: (node, make) => {
      const product = as(node, "Contract");
      if (product === undefined) return undefined;
      const { left, right, out } = parseContraction(product.attrs.equation);
      const letters = [left, right];
      for (const place of [0, 1]) {
        const own = at(letters, place);
        const operand = at(product.inputs, place);
        const source = as(operand, "Reshape")?.inputs[0];
        const isUnit = (letter: string, axis: number): boolean =>
          operand.type.shape[axis] === 1 && !at(letters, 1 - place).includes(letter) && out.includes(letter);
        const rest = own.filter((letter, axis) => !isUnit(letter, axis));
        const shape = operand.type.shape.filter((_, axis) => rest.includes(at(own, axis)));
        if (source === undefined || rest.length === own.length || !equalShapes(source.type.shape, shape))
          continue;
        const result = out.filter((letter) => rest.includes(letter) || !own.includes(letter));
        const terms = letters.with(place, rest).map((term) => term.join(""));
        const equation = canonicalEquation(`${terms.join()}->${result.join("")}`);
        const made = make("Contract", product.inputs.with(place, source), { equation });
        return make("Reshape", [made], { shape: node.type.shape });
      }
      return undefined;
    },
  },
];
