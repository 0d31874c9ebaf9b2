/** @file Reads ONNX models. Weights are read only where they are small, and only data is read: nothing in a model is run. */
import { fromBinary } from "@bufbuild/protobuf";
import { Diagnostic, type Place, quoted, Unsupported } from "../../diag/diagnostic.ts";
import { type Dim, dimText, equalDims, shapeText, substitute, symbolsOf } from "../../ir/dim.ts";
import type { Graph, NodeOf, Output, Parameter } from "../../ir/graph.ts";
import { newBuilder } from "../../ops/table.ts";
import { Maker } from "../common/maker.ts";
import type { ByteSource, ModelFolder } from "../common/source.ts";
import { Contradiction } from "./contradiction.ts";
import { EqualSizes } from "./equal-sizes.ts";
import { functionKey, Lowering, versionsOf } from "./lower.ts";
import { type GraphProto, type ModelProto, ModelProtoSchema, type ValueInfoProto } from "./onnx_pb.ts";
import { modelClass, originOf } from "./origin.ts";
import { Scope, tensor, type Value } from "./scope.ts";
import { Malformed, skeletonOf } from "./skeleton.ts";
import { type Fixed, isAnonymous, Stored, valuesLimit } from "./stored.ts";
import { declaredType, typesOf } from "./types.ts";

/** Sizes that are found to be equal to others, for each of which the model is read once more. */
const equalLimit = 64;

/** The oldest operator set whose operators are known throughout. */
const oldestOpset = 7;

/**
 * The graph of a model. `fixed` inputs become the numbers given, as where a shape depends on them. Values of more than `limit` bytes
 * together are not read.
 * @throws Diagnostic when the file is damaged or something else, Unsupported when the model is beyond what is read.
 */
export async function readOnnx(
  source: ByteSource,
  folder: ModelFolder,
  fixed: ReadonlyMap<string, Fixed> = new Map(),
  limit: number = valuesLimit,
): Promise<Graph> {
  try {
    const model = await decode(source);
    const equal = new Map<string, Dim>();
    for (;;) {
      try {
        return await new ModelReader(model, source, folder, equal).read(fixed, limit);
      } catch (error) {
        if (!(error instanceof EqualSizes) || equal.size >= equalLimit) throw error;
        equal.set(error.symbol, error.size);
      }
    }
  } catch (error) {
    throw inFile(error, { file: quoted(source.name) });
  }
}

/** Gives errors the file where they have no place in it. */
function inFile(error: unknown, place: Place): unknown {
  if (error instanceof Contradiction) return error.at(place);
  const known = error instanceof Diagnostic || error instanceof Unsupported;
  if (!known || error.report.place.file !== undefined) return error;
  const report = { ...error.report, place: { ...place, ...error.report.place } };
  return error instanceof Unsupported ? new Unsupported(report) : new Diagnostic(report);
}

/** Throws a Diagnostic where the file is no ONNX model. */
async function decode(source: ByteSource): Promise<ModelProto & { readonly graph: GraphProto }> {
  const refuse = (got: string): Diagnostic =>
    new Diagnostic({
      code: "A1110",
      place: { file: quoted(source.name) },
      got: quoted(got),
      want: "an ONNX model (a ModelProto message)",
      action: "export the model again, or check that the file was copied whole",
    });
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, await skeletonOf(source), { readUnknownFields: false });
  } catch (error) {
    if (error instanceof Malformed) throw refuse(error.message);
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  const { graph } = model;
  if (graph === undefined) throw refuse(source.size === 0 ? "an empty file" : "a message without a graph");
  return { ...model, graph };
}

class ModelReader {
  readonly #model: ModelProto & { readonly graph: GraphProto };
  readonly #source: ByteSource;
  readonly #folder: ModelFolder;
  readonly #equal: ReadonlyMap<string, Dim>;
  readonly #notes = new Set<string>();
  readonly #maker: Maker = new Maker(newBuilder(), (text) => this.#notes.add(text));

  constructor(
    model: ModelProto & { readonly graph: GraphProto },
    source: ByteSource,
    folder: ModelFolder,
    equal: ReadonlyMap<string, Dim>,
  ) {
    [this.#model, this.#source, this.#folder, this.#equal] = [model, source, folder, equal];
    for (const [symbol, size] of equal) {
      this.#notes.add(`the sizes ${quoted(symbol)} and ${dimText(size)} must be equal, and are read as one`);
    }
  }

  async read(fixed: ReadonlyMap<string, Fixed>, limit: number): Promise<Graph> {
    const { graph, functions, opsetImport } = this.#model;
    const versions = versionsOf(opsetImport);
    this.#checkVersion(versions.get("") ?? 1);
    const files = { model: this.#source, folder: this.#folder };
    const stored = await Stored.of(this.#model, this.#maker, files, limit);
    const scope = new Scope();
    const names = new Set(graph.initializer.map(({ name }) => name));
    const free = graph.input.filter(({ name }) => !names.has(name));
    const inputs = free.flatMap((input) => {
      if (!fixed.has(input.name)) return [this.#input(input, scope)];
      scope.define(input.name, stored.fixed(input.name, fixed.get(input.name)));
      this.#notes.add(`the input ${quoted(input.name)} was fixed when the model was read`);
      return [];
    });
    for (const each of graph.initializer) scope.define(each.name, tensor(stored.parameter(each)));
    for (const each of graph.sparseInitializer) {
      scope.define(each.values?.name ?? "", tensor(stored.sparse(each)));
    }
    const program = {
      file: this.#source.name,
      functions: new Map(
        functions.map((each) => [functionKey(each.domain, each.name, each.overload), each] as const),
      ),
      constant: stored.constant.bind(stored),
      values: stored.valuesOf.bind(stored),
      declared: typesOf([...graph.valueInfo, ...graph.output]),
    };
    new Lowering(program, this.#maker).run(graph.node, scope, versions);
    return this.#graph(inputs, this.#outputs(scope), stored);
  }

  /** Exporters number the weights that they transpose; the module of the operator that reads one says which it is. */
  #named(parameter: Parameter): Parameter {
    const [name = ""] = parameter.names;
    const user = isAnonymous(name)
      ? this.#model.graph.node.find(({ input }) => input.includes(name))
      : undefined;
    const module = user && originOf(user).module;
    return module === undefined ? parameter : { ...parameter, names: [`${module}.${name}`] };
  }

  #checkVersion(version: number): void {
    if (version >= oldestOpset) return;
    throw new Unsupported({
      code: "A5300",
      place: { file: quoted(this.#source.name) },
      got: `operator set ${version}`,
      want: `operator set ${oldestOpset} or later`,
      action: "onnx.version_converter.convert_version(model, 21)",
    });
  }

  #input({ name, type }: ValueInfoProto, scope: Scope): NodeOf<"Input"> {
    const declared = declaredType(name, type);
    const { dtype } = declared;
    const shape = declared.shape.map((dim) => this.#equalSize(dim));
    const node = this.#maker.build.node("Input", [], { name, shape, dtype });
    scope.define(name, tensor(node));
    if (declared.shape.length > 0 && symbolsOf(declared.shape).size === 0) {
      this.#notes.add(
        `every size of input ${quoted(name)} was fixed by the export: ${shapeText(declared.shape)}`,
      );
    }
    return node;
  }

  #equalSize(dim: Dim): Dim {
    const replaced = substitute(dim, this.#equal);
    return equalDims(replaced, dim) ? dim : this.#equalSize(replaced);
  }

  #outputs(scope: Scope): Output[] {
    const { node, output } = this.#model.graph;
    const makers = new Map(node.flatMap((each) => each.output.map((name) => [name, each.name] as const)));
    return output.flatMap(({ name }, place) => {
      const own = isNumbered(name, makers.get(name)) ? `output${output.length > 1 ? `_${place}` : ""}` : name;
      return outputsOf(own, scope.value(name));
    });
  }

  #graph(inputs: readonly NodeOf<"Input">[], outputs: readonly Output[], stored: Stored): Graph {
    const all = stored.parameters.map((parameter) => this.#named(parameter));
    const file = this.#source.name.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "");
    const name = modelClass(this.#model.graph.node) ?? file;
    const whole = this.#maker.build.graph({ name, inputs, parameters: all, outputs });
    const used = new Set(whole.nodes.flatMap((node) => node.inputs));
    // What the exporter numbered and only shapes needed is no part of the model.
    const parameters = all.filter(({ node }) => used.has(node) || !isAnonymous(node.attrs.name));
    for (const { node, names } of parameters) {
      if (!used.has(node)) this.#notes.add(`no output depends on ${quoted(names.join(", "))}`);
    }
    return this.#maker.build.graph({ name, inputs, parameters, outputs, notes: [...this.#notes] });
  }
}

/** Whether an exporter counted instead of giving a name: those of PyTorch write `28` or `onnx::Log_28`, or call the node of `add_3` `node_add_3`. */
const isNumbered = (name: string, maker: string | undefined): boolean =>
  /^\d+$/.test(name) || isAnonymous(name) || maker === `node_${name}`;

/** A sequence as an output is each of its tensors. */
function outputsOf(name: string, value: Value): Output[] {
  if (value.kind === "tensor") return [{ name, node: value.node }];
  if (value.kind === "absent") return [];
  return value.items.map((node, index) => ({ name: `${name}.${index}`, node }));
}
