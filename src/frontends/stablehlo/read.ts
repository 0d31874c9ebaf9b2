/** @file The front end of StableHLO: the graph of a module in MLIR's text. */
import { at } from "../../base/assert.ts";
import { quoted } from "../../diag/diagnostic.ts";
import type { Graph } from "../../ir/graph.ts";
import { Contradiction } from "../common/contradiction.ts";
import type { ByteSource } from "../common/source.ts";
import { graphOf, type XlaModel } from "../common/xla/model.ts";
import { Program, StoredArray } from "../common/xla/program.ts";
import { Functions } from "./body.ts";
import { namedArguments, typesOfInputs } from "./inputs.ts";
import { Locations } from "./locations.ts";
import { inputName, isNumbered, isParameter, isTrained, parameterName, pathOf, resultPath } from "./names.ts";
import { ruleOf } from "./operations.ts";
import { parseModule } from "./parse.ts";
import type { Function, Module } from "./syntax.ts";

/** Weights are written as two digits for each byte. */
const textLimit = 256 * 2 ** 20;

/**
 * The graph of a module. Throws a Diagnostic where the text is malformed, and Unsupported where the program is beyond what is
 * read.
 */
export async function readStableHlo(source: ByteSource): Promise<Graph> {
  const { name, size } = source;
  try {
    if (size > textLimit) throw new Contradiction("text", `${size} bytes`, `at most ${textLimit} bytes`);
    const module = parseModule(textOf(await source.read(0, size)));
    return graphOf(name, modelOf(module), "A5260");
  } catch (error) {
    throw error instanceof Contradiction ? error.in(quoted(name), "A1260") : error;
  }
}

/** Other files of this kind hold the same module as bytes. */
function textOf(bytes: Uint8Array): string {
  const isBytecode = bytes[0] === 0x4d && bytes[1] === 0x4c && bytes[2] === 0xef && bytes[3] === 0x52;
  if (isBytecode) throw new Contradiction("", "MLIR bytecode", "MLIR text, as `as_text()` writes it");
  return new TextDecoder().decode(bytes);
}

function modelOf(module: Module): XlaModel {
  const main = mainOf(module);
  const locations = new Locations(module);
  const program = new Functions(module, locations, ruleOf).program(main.name);
  const named = namedArguments(module, main);
  const names = named.map(({ location }) => locations.nameOf(location));
  const paths = names.map((name, place) => pathOf(name ?? `arg${place}`));
  const places = program.inputs.map((_, place) => place);
  const isStored = (place: number): boolean => isParameter(at(paths, place));
  const [stored, given] = [places.filter(isStored), places.filter((place) => !isStored(place))];
  const types = typesOfInputs(module, main, program);
  const inputs = [...stored, ...given].map((place) => ({
    id: at(program.inputs, place).id,
    type: at(types, place),
  }));
  const hasTrees = new Set(stored.map((place) => at(paths, place).root)).size > 1;
  return {
    name: nameOf(module, locations),
    parameters: stored.map((place) => {
      const path = at(paths, place);
      const name = hasTrees ? inputName(path) : parameterName(path);
      return { names: [name], trained: isTrained(path), array: new StoredArray(at(types, place), undefined) };
    }),
    inputs: given.map((place) => (isNumbered(at(paths, place)) ? undefined : inputName(at(paths, place)))),
    outputs: outputPaths(main, program),
    updates: [],
    // A module without parameters among its arguments holds them itself.
    held: stored.length === 0 ? "weights" : "constants",
    notes: names.some((name) => name !== undefined) || places.length < 2 ? [] : [withoutNames],
    program: new Program([], inputs, program.equations, program.outputs),
  };
}

const withoutNames =
  "the arguments have no names, so that all are read as inputs: as_text(debug_info=True) writes the names of parameters";

/** The one function that is not private, or the one called main. */
function mainOf({ functions }: Module): Function {
  const main = functions.get("main");
  if (main !== undefined) return main;
  const [only, ...others] = [...functions.values()].filter(({ isPublic }) => isPublic);
  if (only !== undefined && others.length === 0) return only;
  throw new Contradiction("module", `${functions.size} functions`, "a function @main, or one that is public");
}

/** JAX calls the module of f `jit_f`, and that of a lambda `jit__lambda`; what Flax applies is the module around all operations. */
function nameOf({ name }: Module, locations: Locations): string {
  const own = name.replace(/^jit_/, "");
  const isLambda = /^(?:_lambda|_lambda_|<lambda>|)$/.test(own);
  const outermost = isLambda || own === "apply" || own === "main" ? locations.outermost() : undefined;
  return outermost ?? (isLambda ? "" : own);
}

function outputPaths({ results }: Function, { outputs }: Program): (readonly string[])[] {
  const isOne = outputs.length === 1;
  return outputs.map(
    (_, place) => resultPath(results[place]?.attributes ?? new Map()) ?? (isOne ? [] : [String(place)]),
  );
}
