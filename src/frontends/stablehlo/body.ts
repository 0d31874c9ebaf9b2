/** @file The operations of a function or a region as equations of a program of JAX. */
import { Contradiction } from "../common/contradiction.ts";
import {
  type Atom,
  type Equation,
  type Param,
  Params,
  Program,
  type Variable,
  type XlaType,
} from "../common/xla/program.ts";
import type { Locations, Source } from "./locations.ts";
import type { Argument, Dense, Function, Module, Operation, Region } from "./syntax.ts";
import { constant, typeOf } from "./types.ts";
import { type Regions, type Rule, type Surroundings, Use } from "./use.ts";

/** How deep functions may call each other, and regions hold regions: their translation recurses. */
const nestingLimit = 64;

/** What is the same in all functions of a module. */
export class Functions {
  readonly module: Module;
  readonly locations: Locations;
  readonly rule: (name: string) => Rule;
  readonly #programs = new Map<string, Program>();
  #depth = 0;
  #variables = 0;

  constructor(module: Module, locations: Locations, rule: (name: string) => Rule) {
    this.module = module;
    this.locations = locations;
    this.rule = rule;
  }

  variable(type: XlaType): Variable {
    return { id: this.#variables++, type };
  }

  /** The program of a function, which is the same wherever it is called. */
  program(name: string): Program {
    const known = this.#programs.get(name);
    if (known !== undefined) return known;
    const called = this.module.functions.get(name);
    if (called === undefined)
      throw new Contradiction(`@${name}`, "a function that is not there", "a function of the module");
    const program = this.nested(() => new Body(this, undefined, new Map()).program(called.body));
    check(called, program);
    this.#programs.set(name, program);
    return program;
  }

  nested<T>(run: () => T): T {
    if (this.#depth >= nestingLimit)
      throw new Contradiction(
        "functions",
        "functions that call each other without end",
        `at most ${nestingLimit} levels`,
      );
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }
}

function check({ name, results }: Function, { outputs }: Program): void {
  if (results.length === outputs.length) return;
  throw new Contradiction(`@${name}`, `${outputs.length} results`, `${results.length} as declared`);
}

/** Values from outside of regions, each with the variable that stands for it inside. */
type Captured = Map<number, { readonly outer: Atom; readonly inner: Variable }>;

class Body implements Surroundings {
  readonly functions: Functions;
  readonly equations: Equation[] = [];
  readonly #outer: Body | undefined;
  readonly #captured: Captured;
  readonly #values = new Map<string, Atom>();
  readonly #types = new Map<number, XlaType>();
  readonly #definitions = new Map<number, Equation>();

  constructor(functions: Functions, outer: Body | undefined, captured: Captured) {
    this.functions = functions;
    this.#outer = outer;
    this.#captured = captured;
  }

  /** The program of a region without the inputs for what it captures, which regions share. */
  program(region: Region): Program {
    const inputs = region.inputs.map((input) => this.#input(input));
    const returned = this.#run(region.operations);
    return new Program([], inputs, this.equations, returned);
  }

  #input({ name, type }: Argument): Variable {
    const variable = this.functions.variable(typeOf(type));
    this.#types.set(variable.id, variable.type);
    this.#define(name, { kind: "variable", id: variable.id });
    return variable;
  }

  #define(name: string, atom: Atom): void {
    if (this.#values.has(name))
      throw new Contradiction(name, "a value that is defined again", "one definition");
    this.#values.set(name, atom);
  }

  /** What a region returns. */
  #run(operations: readonly Operation[]): readonly Atom[] {
    for (const operation of operations) {
      const operands = operation.operands.map((name) => this.value(name));
      if (operation.name.endsWith(".return")) return operands;
      const results = this.#results(operation, operands);
      if (results.length !== operation.results.length)
        throw new Contradiction(
          `line ${operation.line}`,
          `${operation.results.length} results of ${operation.name}`,
          `${results.length}`,
        );
      for (const [i, name] of operation.results.entries()) {
        const atom = results[i];
        if (atom !== undefined) this.#define(name, atom);
      }
    }
    throw new Contradiction("region", "no return at its end", "`stablehlo.return` or `return`");
  }

  #results(operation: Operation, operands: readonly Atom[]): readonly Atom[] {
    const use = new Use(this, operation, operands, this.functions.locations.of(operation.location));
    return this.functions.rule(operation.name)(use);
  }

  value(name: string): Atom {
    const own = this.#values.get(name);
    if (own !== undefined) return own;
    const outer = this.#outer?.value(name);
    if (outer === undefined)
      throw new Contradiction(name, "a value that nothing computes", "a value that is computed before");
    if (outer.kind !== "variable") return outer;
    const known = this.#captured.get(outer.id);
    const inner = known?.inner ?? this.functions.variable(this.#outer?.typeOf(outer) ?? typeless(name));
    if (known === undefined) this.#captured.set(outer.id, { outer, inner });
    this.#types.set(inner.id, inner.type);
    return { kind: "variable", id: inner.id };
  }

  typeOf(atom: Atom): XlaType {
    if (atom.kind === "number") return atom.type;
    if (atom.kind === "array") return atom.array.type;
    return this.#types.get(atom.id) ?? typeless(String(atom.id));
  }

  definition(atom: Atom): Equation | undefined {
    return atom.kind === "variable" ? this.#definitions.get(atom.id) : undefined;
  }

  emit(
    { operator, source }: { readonly operator: string; readonly source: Source },
    primitive: string,
    inputs: readonly Atom[],
    params: Readonly<Record<string, Param>>,
    types: readonly XlaType[],
    sizes: readonly string[],
  ): readonly Atom[] {
    const outputs = types.map((type) => this.functions.variable(type));
    const more = sizes.length === 0 ? {} : { sizes };
    const values = new Params(operator, params);
    const equation: Equation = { primitive, operator, inputs, params: values, outputs, ...source, ...more };
    this.equations.push(equation);
    for (const { id, type } of outputs) {
      this.#types.set(id, type);
      this.#definitions.set(id, equation);
    }
    return outputs.map(({ id }) => ({ kind: "variable", id }));
  }

  variable(type: XlaType): Variable {
    const variable = this.functions.variable(type);
    this.#types.set(variable.id, type);
    return variable;
  }
  called(name: string): Program {
    return this.functions.program(name);
  }
  constant(dense: Dense): Atom {
    return constant(this.functions.module, dense);
  }

  regions(regions: readonly Region[]): Regions {
    const captured: Captured = new Map();
    const programs = this.functions.nested(() =>
      regions.map((region) => new Body(this.functions, this, captured).program(region)),
    );
    const inner = [...captured.values()].map((one) => one.inner);
    return {
      programs: programs.map(
        ({ constants, inputs, equations, outputs }) =>
          new Program(constants, [...inner, ...inputs], equations, outputs),
      ),
      captured: [...captured.values()].map((one) => one.outer),
    };
  }
}

function typeless(name: string): never {
  throw new Contradiction(name, "a value without a type", "a type");
}
