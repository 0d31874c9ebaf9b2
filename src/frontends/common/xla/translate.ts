/** @file A program of JAX as nodes of a graph. */
import { at } from "../../../base/assert.ts";
import { Diagnostic, type Place, quoted, Unsupported } from "../../../diag/diagnostic.ts";
import { type Dim, equalDims } from "../../../ir/dim.ts";
import type { Node, Origin } from "../../../ir/graph.ts";
import { isReal, typeText } from "../../../ir/type.ts";
import { KnownIntegers } from "../../../ops/known.ts";
import { Contradiction } from "../contradiction.ts";
import type { Maker } from "../maker.ts";
import { Application, NotCovered, Refused, type Results, sized, typeOf } from "./application.ts";
import { type Held, knownArray, writtenNumber } from "./arrays.ts";
import { conditional, loop, type Runner, scanned } from "./control.ts";
import { knownFunction } from "./known.ts";
import { calledProgram, liveParts } from "./live.ts";
import { innerOrigin, originOf } from "./origin.ts";
import { type Atom, type Equation, type Program, type StoredArray, unknownSize } from "./program.ts";
import { rules } from "./rules.ts";

/** Inner programs may be run from many places, so the size of a file does not bound the work. */
const equationLimit = 2 ** 18;

/** Messages for programs beyond what is read, one for each language in which programs are written. */
export type RefusalCode = "A5250" | "A5260";

/** What is the same in all programs of a model, also in the bodies of loops. */
export interface Setting {
  readonly file: string;
  readonly refusal: RefusalCode;
  readonly held: Held;
  /** What a stored array is that is no parameter. */
  readonly stored: (make: Maker, array: StoredArray) => Node;
  readonly count: { equations: number };
}

/** The values of a program's wanted outputs, by place; `args` has a node for each input that these need. */
export class Translator implements Runner {
  readonly make: Maker;
  readonly known: KnownIntegers;
  readonly setting: Setting;

  constructor(make: Maker, setting: Setting) {
    this.make = make;
    this.setting = setting;
    this.known = new KnownIntegers(make.build);
  }

  /** A translator into another graph, such as the body of a loop. */
  inside(make: Maker): Translator {
    return new Translator(make, this.setting);
  }

  run(
    program: Program,
    args: readonly (Node | undefined)[],
    wanted: ReadonlySet<number>,
    outer: Origin,
  ): (Node | undefined)[] {
    const values = new Map<number, Node>();
    const { equations, inputs } = liveParts(program, wanted);
    const own = program.constants.map((array, place) =>
      inputs.has(place) ? this.#array(array, outer) : undefined,
    );
    for (const [place, node] of [...own, ...args].entries()) {
      const variable = program.inputs[place];
      if (variable !== undefined && node !== undefined) values.set(variable.id, node);
    }
    for (const { equation, wanted: results } of equations) {
      const origin = outer.line === undefined ? originOf(equation) : innerOrigin(outer, equation);
      const nodes = this.#equation(equation, results, values, origin);
      for (const [place, node] of nodes.entries()) {
        const variable = equation.outputs[place];
        if (variable !== undefined && node !== undefined) values.set(variable.id, node);
      }
    }
    return program.outputs.map((atom, place) =>
      wanted.has(place) ? this.#atom(atom, values, outer) : undefined,
    );
  }

  #equation(
    equation: Equation,
    wanted: ReadonlySet<number>,
    values: ReadonlyMap<number, Node>,
    origin: Origin,
  ): readonly (Node | undefined)[] {
    if (++this.setting.count.equations > equationLimit) {
      const got = `more than ${equationLimit} equations, once inner programs stand where they are run`;
      throw this.#unsupported(origin, got, "a smaller program");
    }
    return this.#located(origin, () =>
      this.make.build.at(origin, () => {
        const operands = equation.inputs.map((atom) => this.#operand(atom, values, origin));
        const use = sized(new Application(this.make, this.known, equation, operands));
        const results = listed(this.#results(use, wanted, origin));
        for (const place of wanted) check(use.equation, place, results[place]);
        return results;
      }),
    );
  }

  #results(use: Application, wanted: ReadonlySet<number>, origin: Origin): Results {
    const { equation } = use;
    const called = calledProgram(equation);
    if (called !== undefined)
      return knownFunction(use, called) ?? this.run(called, use.operands, wanted, origin);
    switch (equation.primitive) {
      case "scan":
        return scanned(this, use, wanted, origin);
      case "while":
        return loop(this, use, wanted, origin);
      case "cond":
        return conditional(this, use, wanted, origin);
      default:
        return this.#applied(use, wanted, origin);
    }
  }

  #applied(use: Application, wanted: ReadonlySet<number>, origin: Origin): Results {
    const { primitive } = use.equation;
    const rule = Object.hasOwn(rules, primitive) ? rules[primitive] : undefined;
    if (rule === undefined) return this.#opaque(use, wanted, origin, "");
    try {
      return rule(use);
    } catch (error) {
      if (!(error instanceof NotCovered)) throw error;
      return this.#opaque(use, wanted, origin, `: ${error.message}`);
    }
  }

  /** A function of which only the name is known. It gives real numbers: integers must be known exactly. */
  #opaque(use: Application, wanted: ReadonlySet<number>, origin: Origin, reason: string): Results {
    const { primitive, operator, params, outputs } = use.equation;
    const types = new Map([...wanted].map((place) => [place, use.type(place)]));
    const isImpure = /random|rng|threefry|callback|infeed/.test(primitive);
    if (isImpure || ![...types.values()].every(({ dtype }) => isReal(dtype))) {
      const want = isImpure
        ? "a function: the same inputs give the same outputs"
        : "arithmetic, comparisons, reductions, products, indexing, or a function of real numbers";
      throw this.#unsupported(origin, `${primitive}${reason}`, want);
    }
    const line = origin.line === undefined ? "" : ` (${quoted(origin.file ?? "")}:${origin.line})`;
    this.make.note(`${quoted(operator)}${line} is kept as an unknown function${reason}`);
    return outputs.map((_, place) => {
      const type = types.get(place);
      const name = outputs.length === 1 ? operator : `${operator}.${place}`;
      return type && this.make.apply("Opaque", use.all, { name, attributes: String(params), ...type });
    });
  }

  #operand(atom: Atom, values: ReadonlyMap<number, Node>, origin: Origin): Node | undefined {
    return atom.kind === "variable" ? values.get(atom.id) : this.#atom(atom, values, origin);
  }

  #atom(atom: Atom, values: ReadonlyMap<number, Node>, origin: Origin): Node {
    if (atom.kind === "variable") {
      const node = values.get(atom.id);
      if (node === undefined)
        throw new Contradiction(`variable ${atom.id}`, "a value that nothing computes", "a computed value");
      return node;
    }
    if (atom.kind === "array") return this.#array(atom.array, origin);
    const { dtype, shape } = this.#located(origin, () => typeOf({ id: 0, type: atom.type }));
    return this.make.stretch(writtenNumber(this.make, atom.value, dtype, this.#place(origin)), shape);
  }

  #array(array: StoredArray, origin: Origin): Node {
    return this.#located(
      origin,
      () => knownArray(this.make, array, this.setting.held) ?? this.setting.stored(this.make, array),
    );
  }

  /** Gives messages the place in the user's code. */
  #located<T>(origin: Origin, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof Refused) throw this.#unsupported(origin, error.message, error.want);
      if (error instanceof Diagnostic && error.report.code === "A2001")
        throw new Contradiction(origin.operator ?? "program", error.report.got, error.report.want);
      // An axis or a position that is not there.
      if (error instanceof RangeError)
        throw new Contradiction(
          origin.operator ?? "program",
          error.message,
          "parameters that fit the operands",
        );
      throw error;
    }
  }

  #unsupported(origin: Origin, got: string, want: string): Unsupported {
    return new Unsupported({
      code: this.setting.refusal,
      place: this.#place(origin),
      got: quoted(got),
      want,
    });
  }

  #place({ file, line, module, operator }: Origin): Place {
    const part = [operator, module].filter((text) => text !== undefined).join(" in ");
    return {
      file: quoted(file ?? this.setting.file),
      ...(line === undefined ? {} : { line }),
      ...(part === "" ? {} : { part: quoted(part) }),
    };
  }
}

const listed = (results: Results): readonly (Node | undefined)[] => ("op" in results ? [results] : results);

/** A result has the declared shape, and is real or discrete as declared. */
function check({ primitive, outputs }: Equation, place: number, node: Node | undefined): void {
  const variable = outputs[place];
  if (node === undefined || variable === undefined)
    throw new Contradiction(primitive, "fewer results", "as many as declared");
  const [{ type }, declared] = [node, typeOf(variable)];
  const fits = (size: Dim, i: number): boolean => size === unknownSize || equalDims(size, at(type.shape, i));
  const isSame = type.shape.length === declared.shape.length && declared.shape.every(fits);
  if (isSame && isReal(type.dtype) === isReal(declared.dtype)) return;
  throw new Contradiction(primitive, `declared as ${typeText(declared)}`, typeText(type));
}
