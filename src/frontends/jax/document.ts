/** @file Reads the bridge's JSON into programs, whose inner programs stand before those that run them. */
import { at } from "../../base/assert.ts";
import type { Dim } from "../../ir/dim.ts";
import { Contradiction } from "../common/contradiction.ts";
import { parseJson } from "../common/json.ts";
import type { XlaModel } from "../common/xla/model.ts";
import {
  type Atom,
  type Equation,
  type Frame,
  type Param,
  Params,
  Program,
  StoredArray,
  type Variable,
  type XlaType,
  xlaType,
  xlaTypeText,
} from "../common/xla/program.ts";
import {
  type Document,
  schema,
  type WrittenArray,
  type WrittenAtom,
  type WrittenEquation,
  type WrittenNumber,
  type WrittenSize,
  type WrittenType,
  type WrittenVariable,
} from "./schema.ts";
import { parseSize } from "./sizes.ts";

/** How deep programs may hold programs: their lowering recurses. */
const nestingLimit = 64;

/** The model in the JSON text. Throws a Contradiction where it is malformed. */
export function readDocument(bytes: Uint8Array): XlaModel {
  const value = parseJson(bytes, (got, want) => new Contradiction("JSON", got, want));
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const part = issue?.path.join(".") ?? "";
    throw new Contradiction(part === "" ? "JSON" : part, issue?.message ?? "", "the schema assay/jaxpr@1");
  }
  return new Reader(parsed.data).model();
}

class Reader {
  readonly #document: Document;
  readonly #arrays: readonly StoredArray[];
  readonly #programs: Program[] = [];
  readonly #depths: number[] = [];
  /** For each line those from which its function is called. */
  readonly #callers = new Map<number, Set<number>>();

  constructor(document: Document) {
    this.#document = document;
    for (const { frames: [own, caller] = [] } of document.programs.flatMap((program) => program.equations)) {
      if (own === undefined || caller === undefined) continue;
      this.#callers.set(own, (this.#callers.get(own) ?? new Set()).add(caller));
    }
    this.#arrays = document.arrays.map(storedArray);
  }

  model(): XlaModel {
    const { name, parameters, inputs, outputs, updates, main, set_up: isSetUp = false } = this.#document;
    for (const written of this.#document.programs) {
      this.#depths.push(0);
      const constants = written.constants.map((index) => this.#array(index));
      const equations = written.equations.map((equation) => this.#equation(equation));
      const outputAtoms = written.outputs.map((atom) => this.#atom(atom));
      this.#programs.push(new Program(constants, written.inputs.map(variable), equations, outputAtoms));
      if (at(this.#depths, this.#depths.length - 1) > nestingLimit)
        throw new Contradiction("programs", "programs nested deeper", `at most ${nestingLimit} levels`);
    }
    const program = this.#programs[main];
    if (program === undefined) throw new Contradiction("main", `program ${main}`, "a program of the file");
    const stored = parameters.map(({ names, trained, array }) => ({
      names,
      trained,
      array: this.#array(array),
    }));
    return {
      name,
      isSetUp,
      parameters: stored,
      inputs,
      outputs,
      updates,
      held: "constants",
      notes: [],
      program,
    };
  }

  #array(index: number): StoredArray {
    const array = this.#arrays[index];
    if (array === undefined) throw new Contradiction("arrays", `array ${index}`, "an array of the file");
    return array;
  }

  #equation({ primitive, inputs, params, outputs, scope, frames = [] }: WrittenEquation): Equation {
    const [own = -1, caller] = frames;
    const isShared = (this.#callers.get(own)?.size ?? 0) > 1;
    return {
      primitive,
      operator: `jax.${primitive}`,
      inputs: inputs.map((atom) => this.#atom(atom)),
      params: new Params(primitive, this.#record(primitive, params)),
      outputs: outputs.map(variable),
      scope: (scope ?? "").split("/").filter((part) => part !== ""),
      frames: frames.map((index) => this.#frame(index)),
      ...(isShared && caller !== undefined ? { caller: this.#frame(caller) } : {}),
    };
  }

  #frame(index: number): Frame {
    const frame = this.#document.frames[index];
    if (frame === undefined) throw new Contradiction("frames", `frame ${index}`, "a frame of the file");
    return frame;
  }

  #atom(atom: WrittenAtom): Atom {
    if (typeof atom === "number") return { kind: "variable", id: atom };
    if ("array" in atom) return { kind: "array", array: this.#array(atom.array) };
    return { kind: "number", value: numberOf(atom.literal), type: typeOf(atom) };
  }

  #record(primitive: string, record: object): Record<string, Param> {
    return Object.fromEntries(
      Object.entries(record).map(([key, value]) => [key, this.#param(primitive, value)]),
    );
  }

  #param(primitive: string, value: unknown): Param {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    if (Array.isArray(value)) return value.map((item) => this.#param(primitive, item));
    if (typeof value !== "object") throw new Contradiction(primitive, typeof value, "JSON");
    if ("size" in value && typeof value.size === "string") return parseSize(value.size);
    if ("number" in value) return specialNumber(String(value.number));
    if ("array" in value && typeof value.array === "number") return this.#array(value.array);
    if ("program" in value && typeof value.program === "number") return this.#inner(value.program);
    return this.#record(primitive, value);
  }

  /** Programs hold only those that stand before them, so that none runs itself. */
  #inner(index: number): Program {
    const [program, depth] = [this.#programs[index], this.#depths[index]];
    if (program === undefined || depth === undefined)
      throw new Contradiction("programs", `program ${index}`, "a program that stands before");
    const own = this.#depths.length - 1;
    this.#depths[own] = Math.max(at(this.#depths, own), depth + 1);
    return program;
  }
}

const sizeOf = (size: WrittenSize): Dim => (typeof size === "number" ? size : parseSize(size.size));

const typeOf = ({ dtype, shape }: WrittenType): XlaType => xlaType(dtype, shape.map(sizeOf));

const variable = (written: WrittenVariable): Variable => ({ id: written.id, type: typeOf(written) });

function numberOf(value: WrittenNumber): number {
  if (typeof value !== "object") return Number(value);
  return "number" in value ? specialNumber(value.number) : Number.NaN;
}

/** Numbers that JSON can't write. */
const specialNumber = (text: string): number => Number(text.replace("inf", "Infinity"));

/** Numbers are stored as float32, float64 or int64, whichever holds the dtype's. */
function storedArray(written: WrittenArray, index: number): StoredArray {
  const type = typeOf(written);
  const { values } = written;
  if (values === undefined) return new StoredArray(type, undefined);
  const bytes = decoded(values);
  const count = type.shape.reduce<number>((product, size) => product * Number(size), 1);
  const width = bytesOf[storage(type.name)];
  if (bytes === undefined || bytes.length !== count * width) {
    const got = `values of ${xlaTypeText(type)} that are not as many`;
    throw new Contradiction(`arrays.${index}`, got, `${count} numbers of ${width} bytes in base64`);
  }
  return new StoredArray(type, () => numbersIn(bytes, storage(type.name)));
}

type Storage = "float32" | "float64" | "int64";
const bytesOf: Readonly<Record<Storage, number>> = { float32: 4, float64: 8, int64: 8 };

function storage(dtype: string): Storage {
  if (dtype === "float64") return "float64";
  return /float/.test(dtype) ? "float32" : "int64";
}

function decoded(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    // Not base64: the caller says so.
    return undefined;
  }
}

function numbersIn(bytes: Uint8Array, kind: Storage): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = bytesOf[kind];
  const read = {
    float32: (place: number) => view.getFloat32(place, true),
    float64: (place: number) => view.getFloat64(place, true),
    int64: (place: number) => Number(view.getBigInt64(place, true)),
  }[kind];
  return Float64Array.from({ length: bytes.length / width }, (_, i) => read(i * width));
}
