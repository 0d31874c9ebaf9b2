/**
 * @file Loops. JAX writes a scan as a `while` that counts its steps, reads a row of each sequence at each, and writes a row
 * of each stack: where a loop has this form, it is a scan again.
 */
import { equalDims } from "../../ir/dim.ts";
import { type Atom, type Equation, Program, type Variable, type XlaType } from "../common/xla/program.ts";
import { inlined } from "./inlining.ts";
import type { Rule, Use } from "./use.ts";

/** A loop whose operands are, in this order, what it captures and what it carries. */
interface Loop {
  readonly condition: Program;
  readonly body: Program;
  readonly captured: readonly Atom[];
  readonly carried: readonly Atom[];
}

export const whileLoop: Rule = (use) => {
  const { programs, captured } = use.regions();
  const [condition, written] = programs;
  if (condition === undefined || written === undefined) return use.fault("another number of regions", "two");
  const body = inlined(written, (type) => use.body.variable(type));
  if (body.outputs.length !== use.operands.length)
    return use.fault(`${body.outputs.length} results`, `as many as its ${use.operands.length} operands`);
  const loop = withoutArrays(use, { condition, body, captured, carried: use.operands });
  const count = loop.captured.length;
  const counts = { cond_nconsts: count, body_nconsts: count };
  return (
    scanned(use, loop) ??
    use.become("while", { cond_jaxpr: loop.condition, body_jaxpr: loop.body, ...counts }, [
      ...loop.captured,
      ...loop.captured,
      ...loop.carried,
    ])
  );
};

/** Arrays that the body holds come from outside. */
function withoutArrays(use: Use, loop: Loop): Loop {
  const { condition, body, captured } = loop;
  const arrays: Variable[] = [];
  const outer: Atom[] = [];
  const known = new Map<unknown, Variable>();
  const moved = (atom: Atom): Atom => {
    if (atom.kind !== "array") return atom;
    const variable = known.get(atom.array) ?? use.body.variable(atom.array.type);
    if (!known.has(atom.array)) {
      known.set(atom.array, variable);
      arrays.push(variable);
      outer.push(atom);
    }
    return { kind: "variable", id: variable.id };
  };
  const equations = body.equations.map((equation) => ({ ...equation, inputs: equation.inputs.map(moved) }));
  const outputs = body.outputs.map(moved);
  if (arrays.length === 0) return loop;
  const unused = arrays.map(({ type }) => use.body.variable(type));
  return {
    condition: new Program([], [...unused, ...condition.inputs], condition.equations, condition.outputs),
    body: new Program([], [...arrays, ...body.inputs], equations, outputs),
    captured: [...outer, ...captured],
    carried: loop.carried,
  };
}

/** A scan with the same results. */
function scanned(use: Use, loop: Loop): readonly Atom[] | undefined {
  const steps = stepsOf(loop);
  return steps && new Scan(use, loop, steps).results();
}

interface Steps {
  /** Which carry counts, from 0. */
  readonly counter: number;
  readonly length: number;
}

/** How often a loop runs that counts from 0 to a number. */
function stepsOf({ condition, body, captured, carried }: Loop): Steps | undefined {
  const [comparison, ...others] = condition.equations;
  const [i, length] = comparison?.inputs ?? [];
  const [answer] = condition.outputs;
  const isAnswer = answer?.kind === "variable" && answer.id === comparison?.outputs[0]?.id;
  if (comparison?.primitive !== "lt" || others.length > 0 || !isAnswer) return undefined;
  if (i?.kind !== "variable" || length?.kind !== "number" || !(length.value > 0)) return undefined;
  const counter = condition.inputs.findIndex(({ id }) => id === i.id) - captured.length;
  const start = carried[counter];
  const next = body.outputs[counter];
  const own = body.inputs[captured.length + counter]?.id;
  if (start?.kind !== "number" || start.value !== 0 || next?.kind !== "variable") return undefined;
  const sum = body.equations.find(({ outputs }) => outputs[0]?.id === next.id);
  const [x, y] = sum?.inputs ?? [];
  const counts = sum?.primitive === "add" && isVariable(x, own) && y?.kind === "number" && y.value === 1;
  return counts ? { counter, length: length.value } : undefined;
}

const isVariable = (atom: Atom | undefined, id: number | undefined): boolean =>
  atom?.kind === "variable" && atom.id === id;

/** a · step + b. */
interface Line {
  readonly a: number;
  readonly b: number;
}

/** A row of a sequence in the place of what reads it. */
interface Read {
  readonly equation: Equation;
  readonly sequence: Atom;
  readonly row: Variable;
}

class Scan {
  readonly #use: Use;
  readonly #loop: Loop;
  readonly #length: number;
  readonly #definitions = new Map<number, Equation>();
  /** The operand that an input stands for, of those that are the same at all steps. */
  readonly #fixed = new Map<number, Atom>();
  readonly #lines = new Map<number, Line>();
  #reverse: boolean | undefined;

  constructor(use: Use, loop: Loop, { counter, length }: Steps) {
    [this.#use, this.#loop, this.#length] = [use, loop, length];
    const { body, captured, carried } = loop;
    for (const equation of body.equations)
      for (const { id } of equation.outputs) this.#definitions.set(id, equation);
    for (const [place, { id }] of body.inputs.entries()) {
      const carry = place - captured.length;
      const operand = carry < 0 ? captured[place] : carried[carry];
      const isFixed = carry < 0 || isVariable(body.outputs[carry], id);
      if (isFixed && operand !== undefined) this.#fixed.set(id, operand);
    }
    const counting = body.inputs[captured.length + counter];
    if (counting !== undefined) this.#lines.set(counting.id, { a: 1, b: 0 });
  }

  results(): readonly Atom[] | undefined {
    const { body, captured, carried } = this.#loop;
    const stacks = new Map<number, Atom>();
    for (const carry of carried.keys()) {
      const row = this.#written(carry);
      if (row !== undefined) stacks.set(carry, row);
    }
    const reads = body.equations.flatMap((equation) => this.#read(equation) ?? []);
    if (stacks.size === 0 && reads.length === 0) return undefined;
    const isCarried = (carry: number): boolean =>
      !stacks.has(carry) && !this.#fixed.has(body.inputs[captured.length + carry]?.id ?? -1);
    const carries = [...carried.keys()].filter(isCarried);
    const fixed = body.inputs.filter(({ id }) => this.#fixed.has(id));
    const inputs = [
      ...fixed,
      ...carries.flatMap((carry) => body.inputs[captured.length + carry] ?? []),
      ...reads.map(({ row }) => row),
    ];
    const outputs = [...carries.map((carry) => body.outputs[carry]), ...stacks.values()].filter(isAtom);
    const operands = [
      ...fixed.flatMap(({ id }) => this.#fixed.get(id) ?? []),
      ...carries.map((carry) => carried[carry]).filter(isAtom),
      ...reads.map(({ sequence }) => sequence),
    ];
    const params = {
      jaxpr: new Program([], inputs, this.#withRows(reads), outputs),
      num_consts: fixed.length,
      num_carry: carries.length,
      length: this.#length,
      reverse: this.#reverse ?? false,
    };
    const order = [...carries, ...stacks.keys()];
    const types = order.map((carry) => this.#use.results[carry]).filter((type) => type !== undefined);
    const found = this.#use.body.emit(this.#use, "scan", operands, params, types, []);
    return [...carried.keys()].map((carry) => found[order.indexOf(carry)] ?? carried[carry]).filter(isAtom);
  }

  /** The body's equations, with a row laid out as a slice in the place of each that reads one. */
  #withRows(reads: readonly Read[]): Equation[] {
    const rows = new Map(reads.map((read) => [read.equation, read.row]));
    return this.#loop.body.equations.map((equation) => {
      const row = rows.get(equation);
      if (row === undefined) return equation;
      return { ...equation, primitive: "reshape", inputs: [{ kind: "variable", id: row.id }] };
    });
  }

  /** A whole row of a value that is the same at all steps, at the place of the step. */
  #read(equation: Equation): Read | undefined {
    const [x, place, ...others] = equation.inputs;
    const sequence = x?.kind === "variable" ? this.#fixed.get(x.id) : undefined;
    if (equation.primitive !== "dynamic_slice" || sequence === undefined || place === undefined)
      return undefined;
    const type = this.#use.typeOf(sequence);
    const [size, ...rest] = equation.params.dims("slice_sizes");
    const isRow =
      size === 1 &&
      this.#isWhole(type, others) &&
      rest.every((dim, i) => equalDims(dim, type.shape[i + 1] ?? -1));
    if (!isRow || !this.#isInStep(place)) return undefined;
    return { equation, sequence, row: this.#use.body.variable({ ...type, shape: type.shape.slice(1) }) };
  }

  /** The row that is written over one of a stack at each step, of which nothing else is read. */
  #written(carry: number): Atom | undefined {
    const { body, captured } = this.#loop;
    const [stack, next] = [body.inputs[captured.length + carry], body.outputs[carry]];
    const write = next?.kind === "variable" ? this.#definitions.get(next.id) : undefined;
    const [x, block, place, ...others] = write?.inputs ?? [];
    if (write?.primitive !== "dynamic_update_slice" || stack === undefined || !isVariable(x, stack.id))
      return undefined;
    const uses = body.equations.filter(({ inputs }) => inputs.some((input) => isVariable(input, stack.id)));
    const returned = body.outputs.filter(
      (output) => isVariable(output, stack.id) || isVariable(output, write.outputs[0]?.id),
    );
    const rows = block?.kind === "variable" ? this.#definitions.get(block.id) : undefined;
    const row = rows?.inputs[0];
    const shape = stack.type.shape.slice(1);
    const isRow =
      (rows?.primitive === "broadcast_in_dim" || rows?.primitive === "reshape") &&
      this.#shapeOf(row).join() === shape.join() &&
      rows.outputs[0]?.type.shape[0] === 1;
    const isAlone = uses.length === 1 && returned.length === 1 && this.#isWhole(stack.type, others);
    return isRow && isAlone && place !== undefined && this.#isInStep(place) ? row : undefined;
  }

  #shapeOf(atom: Atom | undefined): readonly unknown[] {
    if (atom?.kind !== "variable") return ["none"];
    const { body } = this.#loop;
    const defined = this.#definitions.get(atom.id)?.outputs ?? body.inputs;
    return defined.find(({ id }) => id === atom.id)?.type.shape ?? ["none"];
  }

  /** Whether places along the other axes are their starts, and there are as many rows as steps. */
  #isWhole({ shape }: XlaType, others: readonly Atom[]): boolean {
    return shape[0] === this.#length && others.every((atom) => atom.kind === "number" && atom.value === 0);
  }

  /** Whether a place is that of the step, from the one end or from the other: all do alike. */
  #isInStep(place: Atom): boolean {
    const line = this.#lineOf(place, 0);
    const reverse = line?.a === -1 && line.b === this.#length - 1;
    if (!(reverse || (line?.a === 1 && line.b === 0))) return false;
    this.#reverse ??= reverse;
    return this.#reverse === reverse;
  }

  #lineOf(atom: Atom, depth: number): Line | undefined {
    if (atom.kind === "number") return { a: 0, b: atom.value };
    if (atom.kind !== "variable" || depth > 8) return undefined;
    const known = this.#lines.get(atom.id);
    const equation = this.#definitions.get(atom.id);
    if (known !== undefined || equation === undefined) return known;
    const of = (input: Atom | undefined): Line | undefined => input && this.#lineOf(input, depth + 1);
    const [x, y] = [of(equation.inputs[0]), of(equation.inputs[1])];
    switch (equation.primitive) {
      case "add":
        return x && y && { a: x.a + y.a, b: x.b + y.b };
      case "sub":
        return x && y && { a: x.a - y.a, b: x.b - y.b };
      case "convert_element_type":
        return x;
      case "select_n":
        return this.#isNegative(equation.inputs[0], depth) === false ? y : undefined;
      default:
        return undefined;
    }
  }

  /** Whether a place counts from the end: "i < 0", which no place of a step does. */
  #isNegative(question: Atom | undefined, depth: number): boolean | undefined {
    const equation = question?.kind === "variable" ? this.#definitions.get(question.id) : undefined;
    const [x, zero] = equation?.inputs ?? [];
    if (equation?.primitive !== "lt" || zero?.kind !== "number" || zero.value !== 0 || x === undefined)
      return undefined;
    const line = this.#lineOf(x, depth + 1);
    if (line === undefined) return undefined;
    const last = this.#length - 1;
    return Math.min(line.b, line.a * last + line.b) >= 0 ? false : undefined;
  }
}

const isAtom = (atom: Atom | undefined): atom is Atom => atom !== undefined;
