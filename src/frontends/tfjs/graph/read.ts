/** @file A graph-model of TensorFlow.js: a TensorFlow graph whose variables are constants. */

import { z } from "zod";
import { at } from "../../../base/assert.ts";
import { Diagnostic, quoted } from "../../../diag/diagnostic.ts";
import { type Dim, elementCount, symbol } from "../../../ir/dim.ts";
import type { Builder, Graph, Node, NodeOf, Output } from "../../../ir/graph.ts";
import { isReal } from "../../../ir/type.ts";
import { KnownIntegers } from "../../../ops/known.ts";
import { newBuilder } from "../../../ops/table.ts";
import { type Arrangement, ParameterTable } from "../../common/keras/layer.ts";
import { Malformed, NotCovered } from "../../common/keras/problem.ts";
import { numberNode } from "../../common/literals.ts";
import { Maker } from "../../common/maker.ts";
import type { StoredTensor } from "../weights.ts";
import { elementwise } from "./elementwise.ts";
import { type Lower, Operation, type Scope } from "./operation.ts";
import { products } from "./products.ts";
import {
  dtypeNamed,
  type GraphNode,
  graphDef,
  type Signature,
  signature,
  sizesOf,
  type TensorInfo,
} from "./schema.ts";
import { structure } from "./structure.ts";

const rows: ReadonlyMap<string, Lower> = new Map(
  Object.entries({ ...elementwise, ...products, ...structure }),
);

/** Integers of a graph are sizes, axes and permutations: a few each. */
const literalLimit = 64;

/** A model.json's topology and signature, with the tensors of its constants. */
export interface GraphModel {
  readonly file: string;
  readonly topology: unknown;
  readonly signature: unknown;
  readonly tensors: readonly StoredTensor[];
  readonly notes: readonly string[];
}

export function graphModel(model: GraphModel): Graph {
  return new GraphReader(model).read();
}

function parsed<T>(part: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Malformed(part, z.prettifyError(result.error), "what tensorflowjs_converter writes");
}

class GraphReader implements Scope {
  readonly #model: GraphModel;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #signature: Signature;
  readonly #build: Builder = newBuilder();
  readonly #known: KnownIntegers;
  readonly #make: Maker;
  readonly #parameters: ParameterTable;
  readonly #tensors: ReadonlyMap<string, StoredTensor>;
  readonly #results = new Map<string, readonly Node[]>();
  /** The operations that name each node among their inputs, and at which place. */
  readonly #uses = new Map<string, Set<string>>();
  readonly #notes: Set<string>;

  constructor(model: GraphModel) {
    this.#model = model;
    const { node } = parsed("modelTopology", graphDef, model.topology);
    this.#signature = parsed("signature", signature, model.signature ?? {});
    this.#nodes = new Map(node.map((one) => [one.name, one]));
    if (this.#nodes.size !== node.length)
      throw new Malformed("modelTopology", "two nodes of one name", "different names");
    for (const { op, input = [] } of node) {
      for (const [place, name] of input.entries()) {
        const source = nodeName(name);
        const uses = this.#uses.get(source) ?? new Set();
        this.#uses.set(source, uses.add(`${op} ${place}`));
      }
    }
    this.#known = new KnownIntegers(this.#build);
    this.#notes = new Set(model.notes);
    this.#make = new Maker(this.#build, (text) => this.#notes.add(text));
    this.#parameters = new ParameterTable(this.#build);
    this.#tensors = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  }

  read(): Graph {
    const inputs = this.#inputs();
    const outputs = this.#outputs().map(({ name, reference }): Output => {
      this.#evaluate(nodeName(reference));
      return { name, node: this.tensor(reference) };
    });
    if (outputs.length === 0) throw new Malformed("signature", "no outputs", "one or more");
    const name = this.#model.file.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "");
    return this.#build.graph({
      name,
      inputs,
      parameters: this.#parameters.all(),
      outputs,
      notes: [...this.#notes],
    });
  }

  /** Inputs in the order of the signature, else of the graph. */
  #inputs(): NodeOf<"Input">[] {
    const places = [...this.#nodes.values()].filter(({ op }) => op.startsWith("Placeholder"));
    const named = Object.entries(this.#signature.inputs ?? {}).map(([name, info]) => ({ shown: name, info }));
    const listed =
      named.length > 0 ? named : places.map(({ name }) => ({ shown: name, info: { name } as TensorInfo }));
    return listed.map(({ shown, info }, index) => {
      const name = nodeName(info.name);
      const place = this.#nodes.get(name);
      if (place === undefined)
        throw new Malformed(shown, `no node ${name}`, "the placeholders that the signature names");
      const sizes = sizesOf(info.tensorShape ?? place.attr?.["shape"]?.shape ?? { unknownRank: true });
      if (sizes === undefined) throw new NotCovered("an input whose shape is not known", shown);
      const shape = sizes.map((size, axis): Dim => (size >= 0 ? size : symbol(sizeName(axis, index))));
      const dtype = dtypeNamed(shown, info.dtype ?? place.attr?.["dtype"]?.type);
      const node = this.#build.node("Input", [], { name: shown.replace(/:\d+$/, ""), shape, dtype });
      this.#results.set(name, [node]);
      return node;
    });
  }

  #outputs(): { readonly name: string; readonly reference: string }[] {
    const named = Object.entries(this.#signature.outputs ?? {});
    if (named.length > 0) {
      // A saved model calls its outputs Identity, Identity_1, … for want of names.
      const isBare = named.every(([name]) => /^(Identity|output)(_\d+)?(:\d+)?$/.test(name));
      return named.map(([name, info], index) => {
        const plain = named.length === 1 ? "output" : `output_${index}`;
        return { name: isBare ? plain : name.replace(/:\d+$/, ""), reference: info.name };
      });
    }
    const ends = [...this.#nodes.keys()].filter((name) => !this.#uses.has(name));
    return ends.map((name, index) => ({
      name: ends.length === 1 ? "output" : `output_${index}`,
      reference: name,
    }));
  }

  /** Everything that a node needs, operands first, without recursion. */
  #evaluate(target: string): void {
    const open = new Set<string>();
    const pending = [target];
    for (let name = pending.at(-1); name !== undefined; name = pending.at(-1)) {
      const node = this.#nodes.get(name);
      if (node === undefined) throw new Malformed(name, "no such node", "the nodes that inputs name");
      const needed = this.#results.has(name)
        ? []
        : (node.input ?? []).filter((input) => !input.startsWith("^")).map(nodeName);
      const missing = needed.filter((input) => !this.#results.has(input));
      if (missing.length === 0) {
        if (!this.#results.has(name)) this.#results.set(name, this.#lowered(node));
        open.delete(name);
        pending.pop();
        continue;
      }
      if (open.has(name)) throw new NotCovered("a loop", name);
      open.add(name);
      pending.push(...missing);
    }
  }

  #lowered(node: GraphNode): readonly Node[] {
    // What is stored becomes a node when it is known how it is used.
    if (node.op === "Const") return [];
    const lower = rows.get(node.op);
    const part = `${node.name} (${node.op})`;
    if (lower === undefined) throw new NotCovered(`the operation ${node.op}`, part);
    const operation = new Operation(node, this.#build, this, this.#known, this.#make.note);
    const origin = { operator: node.op, module: node.name };
    try {
      const made = this.#build.at(origin, () => lower(operation));
      return "id" in made ? [made] : made;
    } catch (error) {
      if (error instanceof NotCovered) throw new NotCovered(error.message, error.part ?? part, error.action);
      if (!(error instanceof Diagnostic) || error.report.code !== "A2001") throw error;
      const place = { file: this.#model.file, part: `${quoted(part)}: ${error.report.place.part ?? ""}` };
      throw new Diagnostic({ ...error.report, place });
    }
  }

  tensor(reference: string): Node {
    const name = nodeName(reference);
    if (this.#nodes.get(name)?.op === "Const") return this.#constant(name);
    const index = Number(/:(\d+)$/.exec(reference)?.[1] ?? 0);
    const found = this.#results.get(name)?.[index];
    if (found === undefined) throw new NotCovered(`result ${index} of ${name}`);
    return found;
  }
  arranged(reference: string, arrange: (shape: readonly number[]) => Arrangement): Node | undefined {
    const name = this.#storedName(nodeName(reference));
    if (name === undefined) return undefined;
    const tensor = this.#stored(name);
    return this.#parameters.node(tensor, true, arrange(tensor.shape));
  }
  /** The constant that a name stands for, through operations that give what they take, if all who read it do so in one way. */
  #storedName(name: string): string | undefined {
    const node = this.#nodes.get(name);
    const uses = new Set([...(this.#uses.get(name) ?? [])].map(wayOf));
    if (uses.size > 1 || node === undefined) return undefined;
    if (node.op === "Const") return name;
    const [input, ...rest] = node.input ?? [];
    return node.op === "Identity" && input !== undefined && rest.length === 0
      ? this.#storedName(nodeName(input))
      : undefined;
  }
  #stored(name: string): StoredTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new Malformed(name, "no stored tensor", "one for each constant");
    return tensor;
  }

  /** Few integers and single numbers are what they are; everything else is a parameter. */
  #constant(name: string): Node {
    const tensor = this.#stored(name);
    const { shape, dtype, values } = tensor;
    const count = Number(elementCount(shape));
    const isLiteral = isReal(dtype) ? shape.length === 0 : count <= literalLimit && count > 0;
    if (!isLiteral || values === undefined) return this.#parameters.node(tensor, isReal(dtype));
    const numbers = [...values()].map((value) =>
      numberNode(this.#make, value, dtype, { file: this.#model.file, part: name }),
    );
    if (shape.length === 0) return at(numbers, 0);
    const singles = numbers.map((number) => this.#make.reshape(number, [1]));
    return this.#make.reshape(this.#make.concat(singles, 0), shape);
  }
}

/** Convolutions of one kind take their filters in one way, whatever is fused to them. */
const wayOf = (use: string): string =>
  /Conv[23]D(Native)? 1$/i.test(use) ? (use.includes("Depthwise") ? "depthwise filter" : "filter") : use;

const nodeName = (reference: string): string => reference.replace(/^\^/, "").replace(/:\d+$/, "");
const sizeName = (axis: number, input: number): string => {
  if (axis === 0) return "B";
  return input === 0 ? `N_${axis}` : `N_${axis}_${input + 1}`;
};
