/** @file The graph of a model: a program with what its inputs and outputs are. */
import { at } from "../../../base/assert.ts";
import { quoted, Unsupported } from "../../../diag/diagnostic.ts";
import { shapeText, symbolsOf } from "../../../ir/dim.ts";
import type { Graph, Node, Output, Parameter } from "../../../ir/graph.ts";
import type { OpAttrs } from "../../../ir/operators.ts";
import { isReal, type TensorType } from "../../../ir/type.ts";
import { newBuilder } from "../../../ops/table.ts";
import { Contradiction } from "../contradiction.ts";
import { withNames } from "../input-names.ts";
import { Maker } from "../maker.ts";
import { Refused, typeOf } from "./application.ts";
import { type Held, requireNumbers } from "./arrays.ts";
import { liveParts } from "./live.ts";
import type { Program, StoredArray, Variable } from "./program.ts";
import { type RefusalCode, Translator } from "./translate.ts";

interface StoredParameter {
  readonly names: readonly string[];
  readonly trained: boolean;
  readonly array: StoredArray;
}

/** A program with what its inputs and outputs are. */
export interface XlaModel {
  readonly name: string;
  /** It is a function of several models. */
  readonly isSetUp?: boolean;
  /** What the first inputs of the program are, behind its constants. */
  readonly parameters: readonly StoredParameter[];
  /** Names of the inputs behind these, where they have any. */
  readonly inputs: readonly (string | undefined)[];
  /** Paths of the first outputs; further ones are what becomes of parameters. */
  readonly outputs: readonly (readonly string[])[];
  readonly updates: readonly string[];
  /** What arrays are that the program itself holds. */
  readonly held: Held;
  readonly notes: readonly string[];
  readonly program: Program;
}

/** The graph of a model; `file` and `refusal` are for messages. */
export function graphOf(file: string, model: XlaModel, refusal: RefusalCode): Graph {
  return new ModelReader(file, model, refusal).graph();
}

class ModelReader {
  readonly #file: string;
  readonly #model: XlaModel;
  readonly #refusal: RefusalCode;
  readonly #notes = new Set<string>();
  readonly #make: Maker = new Maker(newBuilder(), (text) => this.#notes.add(text));
  /** Parameters and arrays that the code holds. */
  readonly #parameters: Parameter[] = [];
  readonly #constants = new Map<StoredArray, Node>();

  constructor(file: string, model: XlaModel, refusal: RefusalCode) {
    this.#file = file;
    this.#model = model;
    this.#refusal = refusal;
  }

  graph(): Graph {
    const { name, program, parameters, inputs, outputs, updates, notes, isSetUp } = this.#model;
    const first = program.constants.length;
    const count = parameters.length + inputs.length;
    if (program.inputs.length !== first + count || program.outputs.length < outputs.length) {
      const got = `${program.inputs.length} inputs and ${program.outputs.length} outputs`;
      throw new Contradiction("main", got, `${first + count} and at least ${outputs.length}`);
    }
    const wanted = new Set(outputs.keys());
    const needed = liveParts(program, wanted).inputs;
    const args = program.inputs.slice(first).map((variable, place) => {
      const stored = parameters[place];
      return stored === undefined
        ? this.#input(inputs[place - parameters.length] ?? unnamed(place), variable)
        : this.#parameter(stored, variable, needed.has(first + place));
    });
    const setting = {
      file: this.#file,
      refusal: this.#refusal,
      held: this.#model.held,
      stored: (make: Maker, array: StoredArray) => this.#stored(make, array),
      count: { equations: 0 },
    };
    const results = new Translator(this.#make, setting).run(program, args, wanted, {});
    for (const path of updates)
      this.#notes.add(`the program updates ${quoted(path)}, and what it becomes is not compared`);
    const whole = this.#make.build.graph({
      name: name === "" ? "Model" : name,
      inputs: args.flatMap((node) => (node?.op === "Input" ? [node] : [])),
      parameters: this.#parameters,
      outputs: this.#outputs(results),
      isSetUp: isSetUp === true,
    });
    this.#refusable(name, () => requireNumbers(whole.nodes));
    const graph = withNames(whole, isUnnamed);
    const sizes = graph.inputs.flatMap(({ attrs }) => fixedSizes(attrs));
    return {
      ...graph,
      parameters: inOrderOfUse(graph),
      notes: [...new Set([...notes, ...sizes, ...this.#notes])],
    };
  }

  #input(name: string, variable: Variable): Node {
    const { shape, dtype } = this.#typeOf(name, variable);
    return this.#make.apply("Input", [], { name, shape, dtype });
  }

  #typeOf(name: string, variable: Variable): TensorType {
    return this.#refusable(name, () => typeOf(variable));
  }

  #refusable<T>(part: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const place = { file: quoted(this.#file), part: quoted(part) };
      throw new Unsupported({ code: this.#refusal, place, got: quoted(error.message), want: error.want });
    }
  }

  /** Of what is not trained only what is used. */
  #parameter(
    { names, trained, array }: XlaModel["parameters"][number],
    variable: Variable,
    isNeeded: boolean,
  ): Node | undefined {
    if (!isNeeded && !trained) return undefined;
    const name = at(names, 0);
    const { shape, dtype } = this.#typeOf(name, variable);
    const node = this.#make.build.node("Parameter", [], { name, shape, dtype });
    if (!isNeeded) this.#notes.add(`no output depends on ${quoted(names.join(", "))}`);
    const { values } = array;
    const trainable = trained && isReal(dtype);
    this.#parameters.push({ node, names, trainable, ...(values === undefined ? {} : { values }) });
    return node;
  }

  /** An array that the code holds and that follows no formula. */
  #stored(make: Maker, array: StoredArray): Node {
    const known = this.#constants.get(array);
    if (known !== undefined) return known;
    if (make.build !== this.#make.build)
      throw new Refused("a stored array inside of a loop", "stored arrays outside, or as parameters");
    const { shape, dtype } = typeOf({ id: 0, type: array.type });
    const name = `const_${this.#constants.size + 1}`;
    const node = make.build.node("Parameter", [], { name, shape, dtype });
    const { values } = array;
    this.#parameters.push({
      node,
      names: [name],
      trainable: this.#model.held === "weights" && isReal(dtype),
      ...(values === undefined ? {} : { values }),
    });
    this.#constants.set(array, node);
    return node;
  }

  #outputs(results: readonly (Node | undefined)[]): Output[] {
    const { outputs } = this.#model;
    const names = outputNames(outputs);
    return outputs.map((_, place) => {
      const node = results[place];
      if (node === undefined) throw new Contradiction("outputs", `no output ${place}`, "a value");
      return { name: at(names, place), node };
    });
  }
}

/** Until it is known what is done with it, an input without a name is called by its place, as no program calls anything. */
const unnamed = (place: number): string => `<${place}>`;
const isUnnamed = (name: string): boolean => /^<\d+>$/.test(name);

function fixedSizes({ name, shape }: OpAttrs["Input"]): string[] {
  const isFixed = shape.length > 0 && symbolsOf(shape).size === 0;
  return isFixed ? [`every size of input ${quoted(name)} was fixed by the trace: ${shapeText(shape)}`] : [];
}

/** JAX sorts parameters by name, which puts a bias before its weights. */
function inOrderOfUse({ nodes, parameters }: Graph): Parameter[] {
  const operands = [...new Set(nodes.flatMap((node) => node.inputs))];
  const places = new Map(operands.map((node, place) => [node, place]));
  const place = ({ node }: Parameter): number => places.get(node) ?? operands.length;
  return parameters.toSorted((a, b) => place(a) - place(b));
}

/** Keys of dicts, else `output`, or `output_0`, `output_1`, … as for models of PyTorch. */
function outputNames(paths: readonly (readonly string[])[]): string[] {
  return paths.map((path) => {
    const name = path.join(".");
    return name === "" ? "output" : /^\d/.test(name) ? `output_${name}` : name;
  });
}
