/** @file Turns the nodes of an ONNX graph into nodes of a graph, by the operator table; functions of the model are inlined. */
import { Diagnostic, type Place, quoted, Unsupported } from "../../diag/diagnostic.ts";
import type { Node, Origin } from "../../ir/graph.ts";
import { isReal, type TensorType } from "../../ir/type.ts";
import { KnownIntegers } from "../../ops/known.ts";
import { Body } from "../common/body.ts";
import type { Maker } from "../common/maker.ts";
import { type BodyParts, Call, type Lower, type Subgraphs } from "./call.ts";
import { Contradiction, DataDependent, NotCovered } from "./contradiction.ts";
import type { AttributeProto, FunctionProto, GraphProto, NodeProto, TensorProto } from "./onnx_pb.ts";
import { rows } from "./operators.ts";
import { operatorName } from "./origin.ts";
import { absent, Scope, tensor, type Unknown, type Value } from "./scope.ts";
import { originsOf } from "./silent.ts";

/** Functions in functions, and graphs in nodes. */
const depthLimit = 64;
/** Nodes after functions and loops are written out. */
const nodeLimit = 2 ** 20;

export interface Program {
  readonly file: string;
  /** By domain, name and overload. */
  readonly functions: ReadonlyMap<string, FunctionProto>;
  /** The node of a tensor that an attribute or an inner graph holds. */
  readonly constant: (tensor: TensorProto, name: string) => Node;
  readonly values: (parameter: Node) => Float64Array | undefined;
  /** Types that the model declares for its values. */
  readonly declared: ReadonlyMap<string, TensorType>;
}

/** Where in functions and inner graphs a node stands. */
interface Frame {
  readonly scope: Scope;
  readonly versions: ReadonlyMap<string, number>;
  /** Of the function around, by name. */
  readonly attributes: ReadonlyMap<string, AttributeProto>;
  readonly depth: number;
  /** Of the call of the function around. */
  readonly origin?: Origin;
}

export const functionKey = (domain: string, name: string, overload: string): string =>
  JSON.stringify([domain === "ai.onnx" ? "" : domain, name, overload]);

export class Lowering {
  readonly #program: Program;
  readonly #maker: Maker;
  readonly #known: KnownIntegers;
  #count = 0;

  constructor(program: Program, maker: Maker) {
    [this.#program, this.#maker] = [program, maker];
    this.#known = new KnownIntegers(maker.build);
  }

  /** Defines the results of the nodes in the scope. */
  run(nodes: readonly NodeProto[], scope: Scope, versions: ReadonlyMap<string, number>): void {
    this.#run(nodes, { scope, versions, attributes: new Map(), depth: 0 });
  }

  #run(nodes: readonly NodeProto[], frame: Frame): void {
    if (frame.depth > depthLimit) throw this.#contradicts({}, `graphs nested ${frame.depth} deep`);
    for (const [node, own] of originsOf(nodes)) {
      const origin: Origin = { ...frame.origin, ...own };
      if (++this.#count > nodeLimit) throw this.#contradicts(origin, `more than ${nodeLimit} nodes`);
      const results = this.#maker.build.at(origin, () => this.#node(node, frame, origin));
      for (const [index, name] of node.output.entries()) {
        const value = results[index] ?? { kind: "unknown", operator: node.opType };
        frame.scope.define(name, value);
      }
    }
  }

  #node(node: NodeProto, frame: Frame, origin: Origin): readonly (Value | Unknown)[] {
    try {
      const attributes = attributesOf(node, frame.attributes);
      const inputs = node.input.map((name) => (name === "" ? undefined : frame.scope.value(name)));
      const called = this.#program.functions.get(functionKey(node.domain, node.opType, node.overload));
      if (called !== undefined) return this.#function(called, inputs, attributes, { ...frame, origin });
      return this.#operator(node, inputs, attributes, frame, origin);
    } catch (error) {
      throw this.#located(error, origin);
    }
  }

  #function(
    called: FunctionProto,
    inputs: readonly (Value | undefined)[],
    given: ReadonlyMap<string, AttributeProto>,
    frame: Frame,
  ): readonly Value[] {
    const scope = new Scope();
    for (const [index, name] of called.input.entries()) scope.define(name, inputs[index] ?? absent);
    const defaults = called.attributeProto.map((attribute) => [attribute.name, attribute] as const);
    const attributes = new Map([...defaults, ...given]);
    const versions = versionsOf(called.opsetImport);
    this.#run(called.node, { ...frame, scope, versions, attributes, depth: frame.depth + 1 });
    return called.output.map((name) => scope.value(name));
  }

  #operator(
    node: NodeProto,
    inputs: readonly (Value | undefined)[],
    attributes: ReadonlyMap<string, AttributeProto>,
    frame: Frame,
    origin: Origin,
  ): readonly Value[] {
    const { constant, values, file } = this.#program;
    const lower = rows.get(operatorName(node));
    const call = new Call({
      node,
      version: frame.versions.get(node.domain === "ai.onnx" ? "" : node.domain) ?? 1,
      inputs,
      attributes,
      constant: (proto) => constant(proto, node.output[0] ?? ""),
      values,
      known: this.#known,
      subgraphs: this.#subgraphs(frame, origin),
      maker: this.#maker,
    });
    try {
      return applied(lower, call).map((value) => this.#plain(value));
    } catch (error) {
      if (!(error instanceof NotCovered)) throw error;
      return [this.#opaque(call, node, placeOf(file, origin), error.message)];
    }
  }

  /** An integer that is known before there is data, as the size that it is rather than how exporters compute it. */
  #plain(value: Value): Value {
    if (value.kind !== "tensor" || isReal(value.node.type.dtype) || value.node.type.dtype === "bool")
      return value;
    const { shape, dtype } = value.node.type;
    const [dim, ...others] = this.#known.of(value.node) ?? [];
    if (dim === undefined || others.length > 0) return value;
    return tensor(this.#maker.reshape(this.#maker.size(dim, dtype), shape));
  }

  #subgraphs(frame: Frame, origin: Origin): Subgraphs {
    return {
      inline: (graph, inputs) => {
        const scope = new Scope(frame.scope);
        for (const [index, { name }] of graph.input.entries()) scope.define(name, inputs[index] ?? absent);
        for (const initializer of graph.initializer) {
          scope.define(initializer.name, tensor(this.#program.constant(initializer, initializer.name)));
        }
        this.#run(graph.node, { ...frame, scope, depth: frame.depth + 1, origin });
        return graph.output.map(({ name }) => scope.value(name));
      },
      body: (graph, types) => this.#body(graph, types, frame),
    };
  }

  /** A graph in a builder of its own, for values of any step. */
  #body(graph: GraphProto, types: readonly TensorType[], frame: Frame): BodyParts {
    const body = new Body(this.#maker.note);
    const constant = (proto: TensorProto, name: string): Node =>
      body.imported(this.#program.constant(proto, name));
    // Parameters of the graph around are inputs here.
    const values = (): undefined => undefined;
    const lowering = new Lowering({ ...this.#program, constant, values }, body.maker);
    const scope = new Scope(frame.scope, (value) => imported(body, value));
    const inputs = types.map((type, index) => body.input(graph.input[index]?.name ?? `x${index}`, type));
    for (const [index, { name }] of graph.input.entries()) {
      const input = inputs[index];
      scope.define(name, input === undefined ? absent : tensor(input));
    }
    for (const each of graph.initializer) scope.define(each.name, tensor(constant(each, each.name)));
    lowering.#run(graph.node, { ...frame, scope, depth: frame.depth + 1 });
    const outputs = graph.output.map(({ name }) => {
      const value = scope.value(name);
      if (value.kind !== "tensor") throw new NotCovered("a body whose results are no tensors");
      return value.node;
    });
    return { maker: body.maker, known: lowering.#known, inputs, outputs, captured: body.captured };
  }

  /** A function of which only the name is known: it needs one real result of a declared shape. */
  #opaque(call: Call, node: NodeProto, place: Place, reason: string): Value {
    const declared = this.#program.declared.get(node.output[0] ?? "");
    const results = node.output.filter((name) => name !== "").length;
    const operands = call.inputs.flatMap((value) => (value?.kind === "tensor" ? [value.node] : []));
    if (declared === undefined || !isReal(declared.dtype) || results !== 1 || operands.length === 0) {
      throw new Unsupported({
        code: "A5303",
        place,
        got: quoted(reason),
        want: "a known operator, or one with a single real result whose shape the model declares",
      });
    }
    this.#maker.note(`${quoted(operatorName(node))} is kept as an unknown function: ${quoted(reason)}`);
    const name = `onnx.${operatorName(node)}`;
    const attrs = { name, attributes: call.attributesText(), ...declared };
    return tensor(call.apply("Opaque", operands, attrs));
  }

  #contradicts(origin: Origin, got: string): Diagnostic {
    return new Contradiction(got, "a model of reasonable size").at(placeOf(this.#program.file, origin));
  }

  /** Gives errors the place in the model. */
  #located(error: unknown, origin: Origin): unknown {
    const place = placeOf(this.#program.file, origin);
    if (error instanceof Contradiction || error instanceof DataDependent) return error.at(place);
    // A row reads operands, attributes and axes that the operator always has.
    if (error instanceof RangeError)
      return new Contradiction(error.message, `what ${origin.operator} has`).at(place);
    const isMisfit = error instanceof Diagnostic && error.report.code === "A2001";
    if (!isMisfit || error.report.place.file !== undefined) return error;
    return new Diagnostic({
      ...error.report,
      place: { ...place, part: `${place.part}: ${error.report.place.part}` },
    });
  }
}

/** What the row of an operator gives. */
function applied(lower: Lower | undefined, call: Call): readonly Value[] {
  if (lower === undefined) throw new NotCovered("it is not in the operator table");
  const result = lower(call);
  if (!Array.isArray(result)) return [tensor(result as Node)];
  return (result as readonly (Node | Value)[]).map((value) => ("kind" in value ? value : tensor(value)));
}

/** The node's own attributes, with those of the function around put in the place of references to them. */
function attributesOf(
  node: NodeProto,
  outer: ReadonlyMap<string, AttributeProto>,
): ReadonlyMap<string, AttributeProto> {
  return new Map(
    node.attribute.flatMap((attribute) => {
      if (attribute.refAttrName === "") return [[attribute.name, attribute] as const];
      const given = outer.get(attribute.refAttrName);
      return given === undefined ? [] : [[attribute.name, given] as const];
    }),
  );
}

export const versionsOf = (
  imports: readonly { readonly domain: string; readonly version: bigint }[],
): ReadonlyMap<string, number> =>
  new Map(imports.map(({ domain, version }) => [domain === "ai.onnx" ? "" : domain, Number(version)]));

const placeOf = (file: string, { file: source, line, operator, module }: Origin): Place => ({
  file: quoted(source ?? file),
  ...(line === undefined ? {} : { line }),
  part: quoted([operator, module].filter((part) => part !== undefined).join(" in ")),
});

/** What stands in a body for a value of the graph around. */
function imported(body: Body, value: Value): Value {
  if (value.kind === "sequence") throw new NotCovered("a body that uses a list from outside");
  return value.kind === "absent" ? value : tensor(body.imported(value.node));
}
