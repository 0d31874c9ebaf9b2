/** @file A graph-model of TensorFlow.js: a TensorFlow graph whose variables are constants. */

import { z } from "zod";
import { type Dim, symbol } from "../../../ir/dim.ts";
import type { Builder, Graph, NodeOf, Output } from "../../../ir/graph.ts";
import { KnownIntegers } from "../../../ops/known.ts";
import { newBuilder } from "../../../ops/table.ts";
import { ParameterTable } from "../../common/keras/layer.ts";
import { Malformed, NotCovered } from "../../common/keras/problem.ts";
import { Maker } from "../../common/maker.ts";
import type { StoredTensor } from "../weights.ts";
import { Nodes, nodeName } from "./nodes.ts";
import { Region } from "./region.ts";
import { dtypeNamed, graphDef, type Signature, signature, sizesOf, type TensorInfo } from "./schema.ts";
import { isList } from "./values.ts";

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

class GraphReader {
  readonly #model: GraphModel;
  readonly #nodes: Nodes;
  readonly #signature: Signature;
  readonly #build: Builder = newBuilder();
  readonly #parameters: ParameterTable;
  readonly #region: Region;
  readonly #notes: Set<string>;

  constructor(model: GraphModel) {
    this.#model = model;
    const { node, library } = parsed("modelTopology", graphDef, model.topology);
    this.#signature = parsed("signature", signature, model.signature ?? {});
    this.#nodes = new Nodes("modelTopology", node);
    this.#notes = new Set(model.notes);
    this.#parameters = new ParameterTable(this.#build);
    const functions = (library?.function ?? []).map((definition) => {
      const { name } = definition.signature;
      return [name, { definition, nodes: new Nodes(name, definition.nodeDef ?? []) }] as const;
    });
    const program = {
      file: model.file,
      functions: new Map(functions),
      tensors: new Map(model.tensors.map((tensor) => [tensor.name, tensor])),
      parameters: this.#parameters,
      count: { operations: 0 },
    };
    const maker = new Maker(this.#build, (text) => this.#notes.add(text));
    const known = new KnownIntegers(this.#build);
    this.#region = new Region(program, this.#nodes, { maker, known, imported: (one) => one });
  }

  read(): Graph {
    const inputs = this.#inputs();
    const outputs = this.#outputs().map(({ name, reference }): Output => {
      const node = this.#region.needed(reference);
      if (isList(node)) throw new NotCovered("a list of tensors as an output", name);
      return { name, node };
    });
    if (outputs.length === 0) throw new Malformed("signature", "no outputs", "one or more");
    const name = this.#model.file.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "");
    return this.#build.graph({
      name,
      inputs,
      // The converter computes what is made of weights alone.
      parameters: this.#parameters.all().map((parameter) => ({ ...parameter, mayBeComputed: true })),
      outputs,
      notes: [...this.#notes],
    });
  }

  /** Inputs in the order of the signature, else of the graph. */
  #inputs(): NodeOf<"Input">[] {
    const places = this.#nodes.all().filter(({ op }) => op.startsWith("Placeholder"));
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
      this.#region.define(name, [node]);
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
    const ends = this.#nodes.all().filter(({ name }) => this.#nodes.uses(name).size === 0);
    return ends.map(({ name }, index) => ({
      name: ends.length === 1 ? "output" : `output_${index}`,
      reference: name,
    }));
  }
}

const sizeName = (axis: number, input: number): string => {
  if (axis === 0) return "B";
  return input === 0 ? `N_${axis}` : `N_${axis}_${input + 1}`;
};
