/** @file The use of a block, whose meaning is its body. */
import { at, get, zip } from "../base/assert.ts";
import { call as callLayout } from "../base/layout.ts";
import { mapDims } from "../ir/attributes.ts";
import { bodyGraph } from "../ir/body.ts";
import {
  type Dim,
  equalShapes,
  exactQuotient,
  multiplyDims,
  type Shape,
  substitute,
  symbol,
  symbolsOf,
} from "../ir/dim.ts";
import type { Builder, Graph, Node } from "../ir/graph.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { type TensorType, typeText } from "../ir/type.ts";
import { misfit, type Nested } from "./define.ts";

/** The values that arguments give to the sizes of a block: those of symbols that stand alone or with a factor. */
export function sizesOfUse({ inputs }: Graph, operands: readonly TensorType[]): ReadonlyMap<string, Dim> {
  const sizes = new Map<string, Dim>();
  for (const [place, { type }] of inputs.entries()) {
    for (const [axis, size] of type.shape.entries()) {
      const got = operands[place]?.shape[axis];
      const [name, ...others] = symbolsOf([size]);
      if (got === undefined || name === undefined || others.length > 0 || sizes.has(name)) continue;
      const value = exactQuotient(multiplyDims(got, symbol(name)), size);
      if (value !== undefined) sizes.set(name, value);
    }
  }
  return sizes;
}

export const call: Nested<"Call"> = {
  name: "Call",
  kind: "nested",
  doc: "A block used as a function: its body with the arguments in the place of inputs, and with parameters of its own.",
  family: "nested",
  arity: "any",
  infer: (inputs, { body, output }) => {
    const graph = bodyGraph(body);
    const { name } = graph;
    const wanted = [...graph.inputs, ...graph.parameters.map(({ node }) => node)].map(({ type }) => type);
    if (inputs.length !== wanted.length)
      throw misfit(
        name,
        `${inputs.length} operands`,
        `${wanted.length}, an operand for each input and parameter`,
      );
    const sizes = sizesOfUse(graph, inputs);
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
  render: (args, { body, instance }) => {
    const { name, inputs } = bodyGraph(body);
    return callLayout(name, args.slice(0, inputs.length), instance === 0 ? [] : [String(instance)]);
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
    { body, output }: OpAttrs["Call"],
    operands: readonly Node[],
    meaning: Graph = bodyGraph(body),
  ): Node {
    const ofBody = this.#made.get(body.key) ?? new Map<string, readonly Node[]>();
    this.#made.set(body.key, ofBody);
    const use = operands.map(({ id }) => id).join();
    const made = ofBody.get(use) ?? embed(this.#builder, meaning, operands, this.#make);
    ofBody.set(use, made);
    return at(made, output);
  }
}

/** What a use of a block computes, in a builder: the outputs of the body with operands and sizes in the place of its own. */
function embed(
  builder: Builder,
  body: Graph,
  operands: readonly Node[],
  make: (node: Node, inputs: readonly Node[]) => Node,
): Node[] {
  const leaves: readonly Node[] = [...body.inputs, ...body.parameters.map(({ node }) => node)];
  const images = new Map<Node, Node>(zip(leaves, operands));
  const sizes = sizesOfUse(
    body,
    operands.map(({ type }) => type),
  );
  for (const node of body.nodes) {
    if (images.has(node)) continue;
    const inputs = node.inputs.map((input) => get(images, input));
    const label = body.labels.get(node);
    const sized: Node = { ...node, attrs: mapDims(node.attrs, (size) => substitute(size, sizes)) } as Node;
    const made = builder.at(body.origins.get(node), () => make(sized, inputs));
    if (label !== undefined) builder.label(made, label);
    images.set(node, made);
  }
  return body.outputs.map(({ node }) => get(images, node));
}
