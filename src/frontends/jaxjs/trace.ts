/** @file The front end of jax-js: traces a model that a user's module exports, and gives its graph. */
import { at, zip } from "../../base/assert.ts";
import { Diagnostic, type Place, quoted } from "../../diag/diagnostic.ts";
import type { Builder, Graph, Node, NodeOf, Origin, Parameter } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { newBuilder } from "../../ops/table.ts";
import { Maker } from "../common/maker.ts";
import { Constants, reader } from "./constants.ts";
import { dtypeOf } from "./dtypes.ts";
import { newRecogniser } from "./known.ts";
import { type Frame, recordingLines, userFrames } from "./lines.ts";
import { type CheckedModel, checkModel, describe, resolveModel } from "./model.ts";
import {
  adapt,
  type ClosedJaxpr,
  isArray,
  type Jax,
  type JaxArray,
  type JaxModelSource,
  type JaxModule,
  type Var,
} from "./module.ts";
import { type Recogniser, readProgram, SizeDependence, type Variable } from "./program.ts";
import { type Sources, translate } from "./translate.ts";
import { leavesOf, replaceLeaves } from "./tree.ts";

/** Where the model comes from. */
export interface JaxPlace {
  /** The user's file, for messages about the model as a whole. */
  readonly file?: string;
  /** The export's name; names the graph when the model has no name. */
  readonly part?: string;
  /** The text of a line of a source file, which is given as in a stack trace: a URL or a path. */
  readonly readSourceLine?: (file: string, line: number) => string | undefined;
}

// Sizes that models do not use themselves: equal sizes of different meaning would be taken for one another.
const batchSizes = [53, 59, 61];

/**
 * The graph of a model written in jax-js. `jax` must be the copy of the library that the model was made with. Where all
 * inputs share their first size and the model follows it, that size becomes the symbol B; a note says so where it cannot.
 * Throws a Diagnostic when the model is malformed or throws, and Unsupported on primitives without a meaning.
 */
export async function traceJaxjs(
  jax: JaxModule,
  source: JaxModelSource,
  place: JaxPlace = {},
): Promise<Graph> {
  const library = adapt(jax);
  await library.init("cpu");
  const device = library.defaultDevice();
  library.defaultDevice("cpu");
  try {
    const model = await resolveModel(source, placeOf(place));
    return new Tracing(library, checkModel(library, model, placeOf(place)), place).graph();
  } finally {
    library.defaultDevice(device);
  }
}

const placeOf = ({ file, part }: JaxPlace): Place => ({
  ...(file === undefined ? {} : { file }),
  ...(part === undefined ? {} : { part }),
});

interface Trace {
  readonly program: ClosedJaxpr;
  readonly outputs: readonly string[];
}

class Tracing {
  readonly #jax: Jax;
  readonly #checked: CheckedModel;
  readonly #place: JaxPlace;
  readonly #recognise: Recogniser;
  readonly #lines = new Map<Var, readonly Frame[]>();

  constructor(jax: Jax, checked: CheckedModel, place: JaxPlace) {
    this.#jax = jax;
    this.#checked = checked;
    this.#place = place;
    this.#recognise = newRecogniser(jax);
  }

  graph(): Graph {
    // Errors in the model are reported for the sizes that the user gave.
    const own = this.#trace();
    const size = this.#batchSize();
    if (size === undefined) return this.#concrete(own, []);
    try {
      const traces = batchSizes.map((other) => this.#trace(other));
      return this.#build(traces, batchSizes, []);
    } catch (error) {
      if (!(error instanceof SizeDependence) && !(error instanceof Diagnostic)) throw error;
      return this.#concrete(own, [`specialised to batch size ${size}: the code follows no other size`]);
    }
  }

  /** The first size of all inputs, if they share one. */
  #batchSize(): number | undefined {
    const sizes = new Set(this.#checked.inputs.map(({ shape }) => shape[0]));
    return sizes.size === 1 ? [...sizes][0] : undefined;
  }

  #concrete(own: Trace, notes: readonly string[]): Graph {
    try {
      return this.#build([own, this.#trace()], [0, 0], notes);
    } catch (error) {
      if (!(error instanceof SizeDependence)) throw error;
      const [got, want] = ["two traces with the same sizes differ", "the same program on every call"];
      const action = "draw random numbers from a key that is an input or a parameter";
      throw new Diagnostic({ code: "A1203", place: placeOf(this.#place), got, want, action });
    }
  }

  /** One run of the model on tracers; `size` replaces the first size of every input. */
  #trace(size?: number): Trace {
    const { inputs, tensors } = this.#checked;
    const args = [
      ...tensors.map(({ array }) => array),
      ...inputs.map(({ shape, dtype }) => {
        return this.#jax.numpy.zeros(size === undefined ? shape : [size, ...shape.slice(1)], { dtype });
      }),
    ];
    let outputs: readonly string[] = [];
    const run = (...tracers: JaxArray[]): unknown => {
      const leaves = recordingLines(tracers[0], this.#lines, () => this.#apply(tracers));
      outputs = leaves.map(({ name }) => name);
      return leaves.map(({ value }) => value);
    };
    const { jaxpr } = this.#jax.makeJaxpr(run)(...args);
    for (const array of args.slice(tensors.length)) array.dispose();
    return { program: jaxpr, outputs };
  }

  /** Calls the user's function. The leaves of its result, named. */
  #apply(tracers: readonly JaxArray[]): { name: string; value: JaxArray | number }[] {
    const { model, tensors, positions } = this.#checked;
    const used = new Set<JaxArray>();
    // Every use of an array consumes a reference, so a tied parameter needs one more for each further place.
    const handOut = (tracer: JaxArray): JaxArray =>
      used.has(tracer) ? tracer.ref : (used.add(tracer), tracer);
    const next = positions.values();
    const params = replaceLeaves(model.params, () => handOut(at(tracers, next.next().value ?? 0)));
    let result: unknown;
    try {
      result = model.apply(params as never, ...(tracers.slice(tensors.length) as never[]));
    } catch (error) {
      throw this.#thrown(error);
    }
    return leavesOf(result).map(({ path, value }) => {
      if (!isArray(value) && typeof value !== "number") throw this.#noArray(path, value);
      return { name: outputName(path), value };
    });
  }

  #thrown(error: unknown): Error {
    if (error instanceof Diagnostic) return error;
    const [frame] = error instanceof Error ? userFrames(error.stack) : [];
    return new Diagnostic({
      code: "A1200",
      place: { ...placeOf(this.#place), ...(frame && positionOf(frame)) },
      got: quoted(error instanceof Error ? `${error.name}: ${error.message}` : describe(error)),
      want: "a model that runs on inputs of the given shapes",
    });
  }

  #noArray(path: readonly string[], value: unknown): Diagnostic {
    const where = path.length === 0 ? "" : ` at ${quoted(path.join("."))}`;
    const got = `${describe(value)}${where}`;
    return new Diagnostic({
      code: "A1201",
      place: placeOf(this.#place),
      got,
      want: "an array or a tree of arrays",
    });
  }

  #build(traces: readonly Trace[], sizes: readonly number[], notes: readonly string[]): Graph {
    const first = at(traces, 0);
    const samples = { sizes, recognise: this.#recognise };
    const program = readProgram(
      traces.map((trace) => trace.program.jaxpr),
      samples,
    );
    const said = new Set<string>();
    const make = new Maker(newBuilder(), (text) => said.add(text));
    const constants = new Constants(
      make,
      traces.map((trace) => trace.program.consts),
    );
    const count = first.program.consts.length;
    const captured = program.inputs.slice(0, count).map((variable, index) => constants.node(variable, index));
    const { inputs, parameters } = this.#leaves(make.build, program.inputs.slice(count));
    const args = [
      ...captured,
      ...parameters.map(({ node }) => node as Node),
      ...inputs.map((node) => node as Node),
    ];
    const outputs = translate(make, program, args, this.#sources());
    const graph = make.build.graph({
      name: this.#checked.model.name ?? this.#place.part ?? "Model",
      inputs,
      parameters: [...parameters, ...constants.parameters],
      outputs: zip(first.outputs, outputs).map(([name, node]) => ({ name, node })),
    });
    return { ...graph, notes: [...notes, ...said, ...unused(graph)] };
  }

  #leaves(
    build: Builder,
    variables: readonly Variable[],
  ): { inputs: NodeOf<"Input">[]; parameters: Parameter[] } {
    const { inputs, tensors } = this.#checked;
    const typeOf = ({ shape, dtype }: Variable) => ({ shape, dtype: dtypeOf(dtype) });
    const parameters = tensors.map(({ names, array }, index) => {
      const type = typeOf(at(variables, index));
      const node = build.node("Parameter", [], { name: at(names, 0), ...type });
      return { node, names, trainable: isReal(type.dtype), values: reader(array) };
    });
    const nodes = inputs.map(({ name }, index) =>
      build.node("Input", [], { name, ...typeOf(at(variables, tensors.length + index)) }),
    );
    return { inputs: nodes, parameters };
  }

  #sources(): Sources {
    const place = (frame: Frame): NonNullable<Origin["caller"]> => {
      const code = this.#place.readSourceLine?.(frame.file, frame.line)?.trim();
      return { ...positionOf(frame), ...(code === undefined ? {} : { code }) };
    };
    const origin = ([inner, caller]: readonly Frame[]): Origin => ({
      ...(inner && place(inner)),
      ...(caller && { caller: place(caller) }),
    });
    return { lines: this.#lines, origin };
  }
}

const positionOf = ({ file, line }: Frame): { file: string; line: number } => ({
  file: decodeURIComponent(file.split("?")[0]?.split("/").at(-1) ?? file),
  line,
});

/** A single result is y, those of a list y_1, y_2, …; entries of records have their keys. */
function outputName(path: readonly string[]): string {
  const [head, ...rest] = path;
  if (head === undefined) return "y";
  const numbered = /^\d+$/.test(head) ? `y_${Number(head) + 1}` : head;
  return [numbered, ...rest].join(".");
}

function unused(graph: Graph): string[] {
  const used = new Set([
    ...graph.nodes.flatMap((node) => node.inputs),
    ...graph.outputs.map(({ node }) => node),
  ]);
  return graph.parameters
    .filter(({ node }) => !used.has(node))
    .map(({ names }) => `the parameter ${names.join(" = ")} is not used`);
}
