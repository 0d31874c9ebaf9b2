/** @file The use of a block, whose meaning is its body. */
import { at, get, zip } from "../base/assert.ts";
import { call as callLayout, infix } from "../base/layout.ts";
import { mapIntegers } from "../ir/attributes.ts";
import { bodyGraph } from "../ir/body.ts";
import {
  type Dim,
  equalShapes,
  exactQuotient,
  type Shape,
  substitute,
  symbol,
  symbolsOf,
} from "../ir/dim.ts";
import { attributeText, type Builder, type Graph, type Node } from "../ir/graph.ts";
import type { Given, OpAttrs } from "../ir/operators.ts";
import { type TensorType, typeText } from "../ir/type.ts";
import { misfit, type Nested } from "./define.ts";

/** The values of the symbols of a block: those that its use gives by name, and then those that stand in an argument with known factors. */
export function sizesOfUse(
  { inputs }: Graph,
  operands: readonly TensorType[],
  given: readonly Given[],
): ReadonlyMap<string, Dim> {
  const sizes = new Map<string, Dim>(given);
  for (const [place, { type }] of inputs.entries()) {
    for (const [axis, size] of type.shape.entries()) {
      const got = operands[place]?.shape[axis];
      const [name, ...others] = [...symbolsOf([size])].filter((own) => !sizes.has(own));
      if (got === undefined || name === undefined || others.length > 0) continue;
      const factor = factorOf(size, name);
      const value = factor && exactQuotient(got, substitute(factor, sizes));
      if (value !== undefined) sizes.set(name, value);
    }
  }
  return sizes;
}

/** What a symbol is multiplied by in a size that is a multiple of it. */
function factorOf(size: Dim, name: string): Dim | undefined {
  const factor = exactQuotient(size, symbol(name));
  return factor === undefined || symbolsOf([factor]).has(name) ? undefined : factor;
}

export const call: Nested<"Call"> = {
  name: "Call",
  kind: "nested",
  doc: "A block used as a function: its body with the arguments in the place of inputs, and with parameters of its own.",
  family: "nested",
  arity: "any",
  infer: (inputs, { body, given, output }) => {
    const graph = bodyGraph(body);
    const { name } = graph;
    const wanted = [...graph.inputs, ...graph.parameters.map(({ node }) => node)].map(({ type }) => type);
    if (inputs.length !== wanted.length)
      throw misfit(
        name,
        `${inputs.length} operands`,
        `${wanted.length}, an operand for each input and parameter`,
      );
    const sizes = sizesOfUse(graph, inputs, given);
    const fitted = (shape: Shape): Shape => shape.map((size) => substitute(size, sizes));
    for (const [got, want] of zip(inputs, wanted)) {
      if (!equalShapes(got.shape, fitted(want.shape))) throw misfit(name, typeText(got), typeText(want));
    }
    const { dtype, shape } = at(graph.outputs, output).node.type;
    return { dtype, shape: fitted(shape) };
  },
  axes: (inputs, _, result) => ({
    operands: inputs.map(({ shape }) => shape.map(() => undefined)),
    result: result.shape.map(() => undefined),
  }),
  render: (args, { body, instance, given }, notation) => {
    const { name, inputs } = bodyGraph(body);
    const numbers = given.map(([own, value]) => infix("=", notation.size(symbol(own)), notation.size(value)));
    const all = [...args.slice(0, inputs.length), ...numbers];
    return callLayout(name, all, instance === 0 ? [] : [String(instance)]);
  },
};

/** Uses of blocks in a builder that stand for what their bodies compute; the results of one use are made once. */
export class Embedding {
  readonly #builder: Builder;
  readonly #make: (node: Node, inputs: readonly Node[]) => Node;
  readonly #made = new Map<string, Map<string, readonly Node[]>>();

  /** `make` makes the nodes of bodies. */
  constructor(builder: Builder, make: (node: Node, inputs: readonly Node[]) => Node) {
    [this.#builder, this.#make] = [builder, make];
  }

  /** What stands for a result of a use with these operands; `meaning` stands for the body. */
  result(
    { body, given, output }: OpAttrs["Call"],
    operands: readonly Node[],
    meaning: Graph = bodyGraph(body),
  ): Node {
    const ofBody = this.#made.get(body.key) ?? new Map<string, readonly Node[]>();
    this.#made.set(body.key, ofBody);
    const use = `${operands.map(({ id }) => id).join()} ${attributeText(given)}`;
    const made = ofBody.get(use) ?? embed(this.#builder, meaning, operands, given, this.#make);
    ofBody.set(use, made);
    return at(made, output);
  }
}

/** What a use of a block computes, in a builder: the outputs of the body with operands and sizes in the place of its own. */
function embed(
  builder: Builder,
  body: Graph,
  operands: readonly Node[],
  given: readonly Given[],
  make: (node: Node, inputs: readonly Node[]) => Node,
): Node[] {
  const leaves: readonly Node[] = [...body.inputs, ...body.parameters.map(({ node }) => node)];
  const images = new Map<Node, Node>(zip(leaves, operands));
  const sizes = sizesOfUse(
    body,
    operands.map(({ type }) => type),
    given,
  );
  for (const node of body.nodes) {
    if (images.has(node)) continue;
    const inputs = node.inputs.map((input) => get(images, input));
    const label = body.labels.get(node);
    const sized = { ...node, attrs: mapIntegers(node.attrs, (value) => substitute(value, sizes)) } as Node;
    const made = builder.at(body.origins.get(node), () => make(sized, inputs));
    if (label !== undefined) builder.label(made, label);
    images.set(node, made);
  }
  return body.outputs.map(({ node }) => get(images, node));
}
