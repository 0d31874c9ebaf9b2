/** @file Constants of a graph: few integers and single numbers are what they are, everything else is a parameter. */
import { at } from "../../../base/assert.ts";
import { elementCount } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { isReal } from "../../../ir/type.ts";
import type { Arrangement } from "../../common/keras/layer.ts";
import { Malformed } from "../../common/keras/problem.ts";
import { numberNode } from "../../common/literals.ts";
import type { StoredTensor } from "../weights.ts";
import type { Place } from "./loop.ts";
import { type Nodes, nodeName } from "./nodes.ts";
import type { Program } from "./program.ts";

/** Integers of a graph are sizes, axes and permutations: a few each. */
const literalLimit = 64;

export class Constants {
  readonly #program: Program;
  readonly #nodes: Nodes;
  readonly #place: Place;

  constructor(program: Program, nodes: Nodes, place: Place) {
    [this.#program, this.#nodes, this.#place] = [program, nodes, place];
  }

  value(name: string): Node {
    const tensor = this.#stored(name);
    const { shape, dtype, values } = tensor;
    const { maker, imported } = this.#place;
    const count = Number(elementCount(shape));
    const isLiteral = isReal(dtype) ? shape.length === 0 : count <= literalLimit && count > 0;
    if (!isLiteral || values === undefined)
      return imported(this.#program.parameters.node(tensor, isReal(dtype)));
    const numbers = [...values()].map((value) =>
      numberNode(maker, value, dtype, { file: this.#program.file, part: name }),
    );
    if (shape.length === 0) return at(numbers, 0);
    const singles = numbers.map((number) => maker.reshape(number, [1]));
    return maker.reshape(maker.concat(singles, 0), shape);
  }

  /** A stored tensor in another order, if nothing else reads it; `undefined` for any other value. */
  arranged(reference: string, arrange: (shape: readonly number[]) => Arrangement): Node | undefined {
    const name = this.#storedName(nodeName(reference));
    if (name === undefined) return undefined;
    const tensor = this.#stored(name);
    return this.#place.imported(this.#program.parameters.node(tensor, true, arrange(tensor.shape)));
  }
  /** The constant that a name stands for, through operations that give what they take, if all who read it do so in one way. */
  #storedName(name: string): string | undefined {
    const node = this.#nodes.get(name);
    const uses = new Set([...this.#nodes.uses(name)].map(wayOf));
    if (uses.size > 1 || node === undefined) return undefined;
    if (node.op === "Const") return name;
    const [input, ...rest] = node.input ?? [];
    return node.op === "Identity" && input !== undefined && rest.length === 0
      ? this.#storedName(nodeName(input))
      : undefined;
  }
  #stored(name: string): StoredTensor {
    const tensor = this.#program.tensors.get(name);
    if (tensor === undefined) throw new Malformed(name, "no stored tensor", "one for each constant");
    return tensor;
  }
}

/** Convolutions of one kind take their filters in one way, whatever is fused to them. */
const wayOf = (use: string): string =>
  /Conv[23]D(Native)? 1$/i.test(use) ? (use.includes("Depthwise") ? "depthwise filter" : "filter") : use;
