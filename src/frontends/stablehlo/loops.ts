/**
 * @file Loops. JAX writes a scan as a `while` that counts its steps, reads a row of each sequence at each, and writes a row
 * of each stack: where a loop has this form, it is a scan again.
 */
import { type Dim, equalDims, shapeText } from "../../ir/dim.ts";
import {
  type Atom,
  type Equation,
  Program,
  unknownSize,
  type Variable,
  type XlaType,
} from "../common/xla/program.ts";
import { inlined } from "./inlining.ts";
import { definitionsIn, StepPlaces, step } from "./step-places.ts";
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

/** A row of a sequence in the place of what reads it. */
interface Read {
  readonly equation: Equation;
  readonly sequence: Atom;
  readonly row: Variable;
  /** The sizes of the slice where they are computed. */
  readonly sizes?: Atom;
}

class Scan {
  readonly #use: Use;
  readonly #loop: Loop;
  readonly #length: number;
  readonly #definitions: ReadonlyMap<number, Equation>;
  /** The operand that an input stands for, of those that are the same at all steps. */
  readonly #fixed = new Map<number, Atom>();
  readonly #places: StepPlaces;
  #reverse: boolean | undefined;

  constructor(use: Use, loop: Loop, { counter, length }: Steps) {
    [this.#use, this.#loop, this.#length] = [use, loop, length];
    const { body, captured, carried } = loop;
    this.#definitions = definitionsIn(body);
    for (const [place, { id }] of body.inputs.entries()) {
      const carry = place - captured.length;
      const operand = carry < 0 ? captured[place] : carried[carry];
      const isFixed = carry < 0 || isVariable(body.outputs[carry], id);
      if (isFixed && operand !== undefined) this.#fixed.set(id, operand);
    }
    const counting = body.inputs[captured.length + counter]?.id;
    this.#places = new StepPlaces(body, counting, new Set(this.#fixed.keys()), length);
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
    const result = (carry: number): Atom | undefined => {
      const own = found[order.indexOf(carry)];
      return own === undefined || !stacks.has(carry) ? own : this.#asLarge(own, carried[carry]);
    };
    return [...carried.keys()].map((carry) => result(carry) ?? carried[carry]).filter(isAtom);
  }

  /** A stack that is as large as the one that its rows are written over, which the graph sees where sizes are unknown. */
  #asLarge(stack: Atom, start: Atom | undefined): Atom {
    const type = this.#use.typeOf(stack);
    if (start === undefined || !type.shape.includes(unknownSize)) return stack;
    return this.#use.step("as_large", [stack, start], type);
  }

  /** The body's equations, with a row laid out as a slice in the place of each that reads one. */
  #withRows(reads: readonly Read[]): Equation[] {
    const rows = new Map(reads.map((read) => [read.equation, read]));
    return this.#loop.body.equations.map((equation) => {
      const read = rows.get(equation);
      if (read === undefined) return equation;
      const { sizes: _, ...reshape } = { ...equation, primitive: "reshape" };
      const row: Atom = { kind: "variable", id: read.row.id };
      return read.sizes === undefined
        ? { ...reshape, inputs: [row] }
        : { ...reshape, inputs: [row, read.sizes], sizes: ["shape"] };
    });
  }

  /** A whole row of a value that is the same at all steps, at the place of the step. */
  #read(equation: Equation): Read | undefined {
    const [x, ...others] = equation.inputs;
    const sequence = x?.kind === "variable" ? this.#fixed.get(x.id) : undefined;
    if (sequence === undefined) return undefined;
    const type = this.#use.typeOf(sequence);
    const row = (): Variable => this.#use.body.variable({ ...type, shape: type.shape.slice(1) });
    if (equation.primitive === "dynamic_slice") {
      const sizes = equation.params.dims("slice_sizes");
      const places = others.map((atom) => this.#places.at(atom, 0));
      return this.#isRow(type, sizes, places) ? { equation, sequence, row: row() } : undefined;
    }
    if (equation.primitive !== "slice" || equation.sizes === undefined) return undefined;
    // x[start : start + sizes]; of an axis of unknown size the graph sees later that it is whole.
    const [start, stop, strides] = others;
    const sizes = start && this.#addedTo(start, stop);
    if (start === undefined || sizes === undefined || strides === undefined) return undefined;
    const each = (atom: Atom): readonly (Dim | undefined)[] =>
      type.shape.map((_, i) => this.#places.at(atom, i));
    const isRow = each(strides).every((one) => one === 1) && this.#isRow(type, each(sizes), each(start));
    return isRow ? { equation, sequence, row: row(), sizes } : undefined;
  }

  /** b of the sum a + b. */
  #addedTo(a: Atom, sum: Atom | undefined): Atom | undefined {
    const equation = sum?.kind === "variable" ? this.#definitions.get(sum.id) : undefined;
    const [x, y] = equation?.primitive === "add" ? equation.inputs : [];
    return a.kind === "variable" && isVariable(x, a.id) ? y : undefined;
  }

  #isRow(
    { shape }: XlaType,
    [size, ...sizes]: readonly (Dim | undefined)[],
    [place, ...places]: readonly (Dim | undefined)[],
  ): boolean {
    const isWhole = sizes.every((own, i) => {
      const all = shape[i + 1];
      return own !== undefined && all !== undefined && (all === unknownSize || equalDims(own, all));
    });
    const isStart = places.every((one) => one === 0);
    return size === 1 && shape[0] === this.#length && isWhole && isStart && this.#isInStep(place);
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
      this.#places.shapeOf(row) === shapeText(shape) &&
      rows.outputs[0]?.type.shape[0] === 1;
    const isAlone = uses.length === 1 && returned.length === 1 && stack.type.shape[0] === this.#length;
    const isStart = others.every((atom) => this.#places.at(atom, 0) === 0);
    const isStacked =
      isRow && isAlone && isStart && place !== undefined && this.#isInStep(this.#places.at(place, 0));
    return isStacked ? row : undefined;
  }

  /** Whether a place is that of the step, from the one end or from the other: all do alike. */
  #isInStep(place: Dim | undefined): boolean {
    const reverse = place !== undefined && equalDims(place, this.#places.last);
    if (place === undefined || !(reverse || equalDims(place, step))) return false;
    this.#reverse ??= reverse;
    return this.#reverse === reverse;
  }
}

const isAtom = (atom: Atom | undefined): atom is Atom => atom !== undefined;
