/**
 * @file A traced program with symbolic sizes. jax-js traces at concrete sizes only, so a model is traced at several sizes
 * of the batch and the programs are read side by side: what agrees is constant, what follows one linear law in the size is
 * symbolic, and anything else makes the model depend on its batch size.
 */
import { at, range } from "../../base/assert.ts";
import { addDims, type Dim, multiplyDims, type Shape, symbol } from "../../ir/dim.ts";
import { isVar, type Jaxpr, type JaxprEquation, type Lit, type Var } from "./module.ts";

/** A scalar in the program: a number as jax-js stores it, or a symbolic size, or one over a size (as in means). */
export type Literal =
  | { readonly kind: "number"; readonly value: number; readonly dtype: string }
  | { readonly kind: "size" | "inverse"; readonly size: Dim; readonly dtype: string };

export interface Variable {
  readonly kind: "variable";
  readonly shape: Shape;
  readonly dtype: string;
  /** The variable of the first trace, under which its source line is known. */
  readonly origin: Var;
}
export type Atom = Literal | Variable;

/** A parameter of an equation: JSON whose integers may be symbolic sizes. */
type Attribute = Dim | string | boolean | null | undefined | readonly Attribute[] | AttributeRecord;
export interface AttributeRecord {
  readonly [key: string]: Attribute;
}

export interface Equation {
  readonly primitive: string;
  readonly inputs: readonly Atom[];
  readonly attributes: AttributeRecord;
  readonly outputs: readonly Variable[];
  /** The function that an equation `jit` calls. */
  readonly called?: Called;
}
export interface Called {
  readonly name: string;
  readonly program: Program;
  /** The operator of the graph that the function is, by its name and its body. */
  readonly operator?: KnownOperator;
}
export type KnownOperator = "Tanh" | "Silu" | "Gelu" | "GeluTanh" | "Power";

export interface Program {
  readonly inputs: readonly Variable[];
  readonly equations: readonly Equation[];
  readonly outputs: readonly Atom[];
}

/** The operator that a named inner function is, if any. */
export type Recogniser = (name: string, body: Jaxpr) => KnownOperator | undefined;

/** The traces do not follow one program whose sizes are linear in the batch size. */
export class SizeDependence extends Error {}

/** Size of the batch in each trace; one entry and no symbol where the size stays concrete. */
export interface Samples {
  readonly sizes: readonly number[];
  readonly recognise: Recogniser;
}

const batch: Dim = symbol("B");

/** Reads the traces of one program side by side. Throws SizeDependence where they part. */
export function readProgram(traces: readonly Jaxpr[], samples: Samples): Program {
  return new Reader(samples).program(traces);
}

class Reader {
  readonly #samples: Samples;
  readonly #variables = new Map<Var, Variable>();

  constructor(samples: Samples) {
    this.#samples = samples;
  }

  program(traces: readonly Jaxpr[]): Program {
    const inputs = aligned(traces.map((trace) => trace.inBinders)).map((vars) => this.#define(vars));
    const equations = aligned(traces.map((trace) => trace.eqns)).map((row) => this.#equation(row));
    const outputs = aligned(traces.map((trace) => trace.outs)).map((atoms) => this.#atom(atoms));
    return { inputs, equations, outputs };
  }

  #equation(row: readonly JaxprEquation[]): Equation {
    const primitive = agreed(row.map((equation) => equation.primitive));
    const inputs = aligned(row.map((equation) => equation.inputs)).map((atoms) => this.#atom(atoms));
    const outputs = aligned(row.map((equation) => equation.outBinders)).map((vars) => this.#define(vars));
    if (primitive !== "jit") {
      const attributes = this.#attribute(row.map((equation) => equation.params)) as AttributeRecord;
      return { primitive, inputs, attributes, outputs };
    }
    const name = agreed(row.map((equation) => String(equation.params["name"])));
    const bodies = row.map((equation) => equation.params["jaxpr"] as Jaxpr);
    const operator = agreed(bodies.map((body) => this.#samples.recognise(name, body)));
    const called = { name, program: this.program(bodies), ...(operator === undefined ? {} : { operator }) };
    return { primitive, inputs, attributes: {}, outputs, called };
  }

  #define(vars: readonly Var[]): Variable {
    const made: Variable = {
      kind: "variable",
      shape: aligned(vars.map((v) => v.aval.shape)).map((sizes) => this.#integer(sizes)),
      dtype: agreed(vars.map((v) => v.aval.dtype)),
      origin: at(vars, 0),
    };
    for (const v of vars) this.#variables.set(v, made);
    return made;
  }

  #atom(atoms: readonly (Var | Lit)[]): Atom {
    const first = at(atoms, 0);
    if (isVar(first)) {
      const known = atoms.map((atom) => (isVar(atom) ? this.#variables.get(atom) : undefined));
      const variable = agreed(known);
      if (variable === undefined) throw new SizeDependence("a value is defined in one trace only");
      return variable;
    }
    const literals = atoms.map((atom) => (isVar(atom) ? undefined : Number(atom.value)));
    const values = literals.filter((value) => value !== undefined);
    if (values.length < literals.length) throw new SizeDependence("a value is constant in one trace only");
    return this.#literal(values, first.aval.dtype);
  }

  #literal(values: readonly number[], dtype: string): Literal {
    const value = at(values, 0);
    if (values.every((other) => Object.is(other, value))) return { kind: "number", value, dtype };
    if (values.every(Number.isInteger)) return { kind: "size", size: this.#integer(values), dtype };
    const counts = values.map((other) => Math.round(1 / other));
    if (!counts.every((count, i) => Math.fround(1 / count) === values[i])) {
      throw new SizeDependence(`the constant ${value} depends on the batch size`);
    }
    return { kind: "inverse", size: this.#integer(counts), dtype };
  }

  /** An integer that is constant or linear in the batch size. */
  #integer(values: readonly number[]): Dim {
    const value = at(values, 0);
    if (values.every((other) => other === value)) return value;
    const { sizes } = this.#samples;
    const slope = (at(values, 1) - value) / (at(sizes, 1) - at(sizes, 0));
    const offset = value - slope * at(sizes, 0);
    const linear = sizes.every((size, i) => offset + slope * size === values[i]);
    if (!linear || !Number.isInteger(slope)) throw new SizeDependence(`the size ${value} is not linear`);
    return addDims(multiplyDims(slope, batch), offset);
  }

  #attribute(values: readonly unknown[]): Attribute {
    const first = at(values, 0);
    if (typeof first === "number") return this.#integer(values.map(Number));
    if (typeof first === "object" && first !== null) {
      const rows = values as readonly (typeof first)[];
      if (Array.isArray(first)) {
        return aligned(rows as readonly unknown[][]).map((items) => this.#attribute(items));
      }
      const keys = Object.keys(first);
      return Object.fromEntries(
        keys.map((key) => [key, this.#attribute(rows.map((row) => (row as Record<string, unknown>)[key]))]),
      );
    }
    return agreed(values) as Attribute;
  }
}

/** Column i holds the i-th items of all lists, which must be equally long. */
function aligned<T>(lists: readonly (readonly T[])[]): T[][] {
  const length = agreed(lists.map((list) => list.length));
  return range(length).map((i) => lists.map((list) => list[i] as T));
}

function agreed<T>(values: readonly T[]): T {
  const [first] = values;
  if (values.some((value) => value !== first)) throw new SizeDependence("the traces have different forms");
  return first as T;
}
