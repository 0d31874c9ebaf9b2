/** @file Reads what torch.export.save writes (`.pt2`). Nothing in the file is executed or unpickled. */
import { at, get } from "../../base/assert.ts";
import { quoted, Unsupported } from "../../diag/diagnostic.ts";
import { shapeText, symbolsOf } from "../../ir/dim.ts";
import type { Builder, Graph, Node, NodeOf, Output, Parameter } from "../../ir/graph.ts";
import { isReal, type TensorType } from "../../ir/type.ts";
import { KnownIntegers } from "../../ops/known.ts";
import { newBuilder } from "../../ops/table.ts";
import { Contradiction } from "../common/contradiction.ts";
import { patternOf } from "../common/patterns.ts";
import type { ByteSource } from "../common/source.ts";
import { changedOperand, updateNote } from "./changes.ts";
import { type Container, openContainer } from "./container.ts";
import { restoreParameters } from "./fixed.ts";
import { literalTensor } from "./literals.ts";
import { lowerNode } from "./lower.ts";
import { isUnset } from "./operators-creation.ts";
import { outputNames } from "./outputs.ts";
import { isMade, type Placeholder } from "./placeholder.ts";
import type { InputSpec, ProgramNode } from "./schema.ts";
import { ProgramScope } from "./scope.ts";
import { Views } from "./views.ts";
import { loadValues, type Stored, storedTensors, valuesLimit } from "./weights.ts";

/**
 * The graph of an exported program. Parameters, buffers and tensor constants keep their names in the model, and have
 * values when all of them together have at most `limit` bytes.
 * @throws Diagnostic when the file is damaged or something else, Unsupported when the program is beyond what is read.
 */
export async function readTorchExport(source: ByteSource, limit: number = valuesLimit): Promise<Graph> {
  try {
    return await new ProgramReader(await openContainer(source), limit).read();
  } catch (error) {
    throw error instanceof Contradiction
      ? error.in(source.name, "A1104", "export the model again with torch.export.save")
      : error;
  }
}

class ProgramReader {
  readonly #container: Container;
  readonly #limit: number;
  readonly #file: string;
  readonly #build: Builder = newBuilder();
  readonly #scope: ProgramScope;
  readonly #stored: ReadonlyMap<string, Stored>;
  /** Names in the model by storage. */
  readonly #names: ReadonlyMap<string, readonly string[]>;
  readonly #notes = new Set<string>();

  constructor(container: Container, limit: number) {
    this.#container = container;
    this.#limit = limit;
    this.#file = container.archive.source.name;
    const { graph, signature } = container.program.graph_module;
    const results = signature.output_specs.map(({ user_output }) => user_output?.arg.as_tensor?.name ?? "");
    this.#scope = new ProgramScope(this.#file, graph, results, new KnownIntegers(this.#build));
    this.#stored = storedTensors(container);
    const byIdentity = Map.groupBy(this.#stored, ([, { identity }]) => identity);
    this.#names = new Map(
      [...byIdentity].map(([identity, tensors]) => [identity, tensors.map(([name]) => name)]),
    );
  }

  async read(): Promise<Graph> {
    const { graph, signature } = this.#container.program.graph_module;
    const specs = signature.input_specs.map((spec) => ({ spec, placeholder: this.#placeholder(spec) }));
    const inputs = specs.flatMap(({ spec, placeholder }) => (placeholder ? [] : this.#input(spec)));
    const parameters = await this.#parameters(specs.flatMap(({ placeholder }) => placeholder ?? []));
    const note = (text: string): void => {
      this.#notes.add(text);
    };
    const foreign = new Set(inputs.map((input) => input.attrs.name));
    const lowering = {
      file: this.#file,
      build: this.#build,
      scope: this.#scope,
      note,
      views: new Views(),
      foreign,
    };
    for (const node of graph.nodes) lowerNode(lowering, node);
    const outputs = this.#outputs();
    const root = rootClass(graph.nodes);
    const name = root?.split(".").at(-1) ?? this.#file.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "");
    const isSetUp = root?.startsWith(setUpModule) === true;
    const parts = { name, inputs, parameters, outputs, isSetUp };
    if (this.#build.graph(parts).nodes.some(isUnset)) throw this.#unset();
    const used = new Set(this.#build.graph(parts).nodes.flatMap((node) => node.inputs));
    for (const { node, names, trainable } of parameters) {
      if (trainable && !used.has(node)) this.#notes.add(`no output depends on ${quoted(names.join(", "))}`);
    }
    return this.#build.graph({ ...parts, notes: [...this.#notes] });
  }

  /** `undefined` for what the caller supplies. */
  #placeholder({ parameter, buffer, tensor_constant }: InputSpec): Placeholder | undefined {
    if (parameter !== undefined) {
      const { requires_grad } = this.#scope.meta(parameter.arg.name);
      const kind = requires_grad ? "trainable" : "frozen";
      return this.#located(parameter.arg.name, parameter.parameter_name, kind);
    }
    if (buffer !== undefined) return this.#located(buffer.arg.name, buffer.buffer_name, "buffer");
    if (tensor_constant === undefined) return undefined;
    return this.#located(tensor_constant.arg.name, tensor_constant.tensor_constant_name, "constant");
  }
  #located(value: string, name: string, kind: Placeholder["kind"]): Placeholder {
    const stored = this.#stored.get(name);
    if (stored === undefined)
      throw new Contradiction(name, "no stored tensor", "an entry in the weights' table");
    return { value, name, stored, kind };
  }

  #input({ user_input, constant_input }: InputSpec): NodeOf<"Input">[] {
    if (constant_input !== undefined) {
      this.#notes.add(`the argument ${quoted(constant_input.name)} was fixed when the model was exported`);
      return [];
    }
    const name = user_input?.arg.as_tensor?.name;
    if (name === undefined) {
      const place = { file: this.#file, part: "inputs" };
      const got = "an input that is a number, an object or a token";
      throw new Unsupported({ code: "A5104", place, got, want: "tensors as inputs" });
    }
    const { shape, dtype } = this.#scope.type(name);
    const node = this.#build.node("Input", [], { name, shape, dtype });
    this.#scope.define(name, node);
    if (shape.length > 0 && symbolsOf(shape).size === 0) {
      this.#notes.add(`every size of input ${quoted(name)} was fixed by the export: ${shapeText(shape)}`);
    }
    return [node];
  }

  /** One parameter for each storage, under the first of its names. */
  async #parameters(placeholders: readonly Placeholder[]): Promise<Parameter[]> {
    const valuesOf = (some: readonly Placeholder[]): ReturnType<typeof loadValues> =>
      loadValues(
        this.#container,
        some.map(({ stored }) => stored),
        this.#limit,
      );
    const values = await valuesOf(placeholders);
    // What the code made is small beside the weights, and is read for what it says; a file may come without its values.
    const held = new Set(this.#container.archive.names);
    const made =
      values ?? (await valuesOf(placeholders.filter((one) => isMade(one) && held.has(one.stored.member))));
    if (values === undefined) {
      this.#notes.add(
        this.#container.isPickled
          ? "the weights are stored as a pickle, which is never opened: they have no values, and which of them are tied is not known"
          : `the weights exceed ${this.#limit / 2 ** 20} MiB, so their values are not read`,
      );
    }
    const { graph } = this.#container.program.graph_module;
    const restored = values && restoreParameters(graph, placeholders, values);
    for (const note of restored?.notes ?? []) this.#notes.add(note);
    const byIdentity = Map.groupBy(restored?.placeholders ?? placeholders, ({ stored }) => stored.identity);
    return [...byIdentity].flatMap(([identity, tied]) =>
      this.#parameter(tied, values && get(values, identity), made?.get(identity)),
    );
  }
  /** The parameter, or nothing for a small constant that the code holds, which becomes the numbers themselves. */
  #parameter(
    tied: readonly Placeholder[],
    values: (() => Float64Array) | undefined,
    made: (() => Float64Array) | undefined,
  ): Parameter[] {
    const { name, value, stored, kind } = at(tied, 0);
    const type = this.#scope.type(value);
    if (shapeText(type.shape) !== shapeText(stored.placement.sizes)) {
      const want = `the stored ${shapeText(stored.placement.sizes)}`;
      throw new Contradiction(name, `declared as ${shapeText(type.shape)}`, want);
    }
    if (kind !== "constant")
      for (const placeholder of tied) this.#scope.store(placeholder.value, placeholder.name);
    const known = made && this.#known(at(tied, 0), made, type);
    if (known !== undefined) {
      for (const placeholder of tied) this.#scope.define(placeholder.value, known);
      return [];
    }
    const node = this.#build.node("Parameter", [], { name, ...type });
    for (const placeholder of tied) this.#scope.define(placeholder.value, node);
    const aliases = get(this.#names, stored.identity).filter((alias) => alias !== name);
    const trainable = tied.some((placeholder) => placeholder.kind === "trainable");
    return [{ node, names: [name, ...aliases], trainable, ...(values === undefined ? {} : { values }) }];
  }

  /** Whether the program reads a tensor, and puts no other numbers into it, as into a count of batches. */
  #isOnlyRead({ name, value }: Placeholder): boolean {
    const { graph, signature } = this.#container.program.graph_module;
    return (
      this.#scope.readers(value).length > 0 &&
      !signature.output_specs.some(({ buffer_mutation }) => buffer_mutation?.buffer_name === name) &&
      !graph.nodes.some((node) => changedOperand(node) === value)
    );
  }

  /** What a tensor that the code made is: a formula, or a few numbers. Integers in a buffer that nothing writes to are such, too. */
  #known(
    placeholder: Placeholder,
    values: () => Float64Array,
    { shape, dtype }: TensorType,
  ): Node | undefined {
    const { name, kind } = placeholder;
    if (!isMade(placeholder)) return undefined;
    const pattern = patternOf(this.#build, values(), shape.map(Number), dtype);
    if (pattern !== undefined)
      this.#notes.add(`the stored tensor ${quoted(name)} is read as its formula: ${pattern.words}`);
    const isFixed = kind === "constant" || (!isReal(dtype) && this.#isOnlyRead(placeholder));
    if (pattern !== undefined || !isFixed) return pattern?.node;
    return literalTensor(this.#build, values(), shape, dtype);
  }

  #outputs(): Output[] {
    const { signature, module_call_graph } = this.#container.program.graph_module;
    for (const { buffer_mutation } of signature.output_specs) {
      if (buffer_mutation !== undefined) this.#notes.add(updateNote(buffer_mutation.buffer_name));
    }
    const returned = signature.output_specs.filter(({ buffer_mutation }) => buffer_mutation === undefined);
    const results = returned.map(({ user_output, loss_output }) => {
      const name = user_output?.arg.as_tensor?.name ?? loss_output?.arg.name;
      if (name !== undefined) return name;
      throw this.#unsupportedOutput(user_output !== undefined);
    });
    const names = outputNames(this.#file, module_call_graph, results.length);
    return results.map((result, index) => ({ name: at(names, index), node: this.#scope.tensor(result) }));
  }
  #unset(): Unsupported {
    return new Unsupported({
      code: "A5103",
      place: { file: this.#file, part: "outputs" },
      got: "numbers that the program reads and has not set, as torch.empty makes them",
      want: "operators that are functions of their inputs",
    });
  }
  #unsupportedOutput(isValue: boolean): Unsupported {
    const place = { file: this.#file, part: "outputs" };
    if (isValue) {
      const got = "an output that is no tensor";
      return new Unsupported({ code: "A5104", place, got, want: "tensors as outputs" });
    }
    return new Unsupported({
      code: "A5103",
      place,
      got: "a model that changes its parameters or inputs",
      want: "a function of inputs and parameters",
      action: "model.eval() before torch.export.export",
    });
  }
}

/** Class of the root module, with the module of Python that it is in. */
const rootClass = (nodes: readonly ProgramNode[]): string | undefined =>
  nodes.flatMap(({ metadata }) => /^[^,;]*,,([^;]+)/.exec(metadata["nn_module_stack"] ?? "")?.[1] ?? [])[0];

/** Where the bridge makes one module of several models. */
const setUpModule = "assay_bridge.set_up.";
