/** @file Loops and branches: what is known before any data are seen is unrolled or chosen, all else stays in the graph. */
import { at, range } from "../../../base/assert.ts";
import { nest } from "../../../ir/body.ts";
import { addDims, type Dim, equalDims, subtractDims } from "../../../ir/dim.ts";
import { type Node, type NodeOf, type Origin, reachable } from "../../../ir/graph.ts";
import { newBuilder } from "../../../ops/table.ts";
import { Contradiction } from "../contradiction.ts";
import { Maker } from "../maker.ts";
import { reversed } from "../padding.ts";
import { type Application, Refused } from "./application.ts";
import { requireNumbers } from "./arrays.ts";
import { neededResults, operandsOfProgram } from "./live.ts";
import { functionOf } from "./origin.ts";
import type { Program } from "./program.ts";

type Places = ReadonlySet<number>;

/** What runs inner programs, in the graph of the equation or in one of its own. */
export interface Runner {
  run(
    program: Program,
    args: readonly (Node | undefined)[],
    wanted: Places,
    outer: Origin,
  ): (Node | undefined)[];
  inside(make: Maker): Runner;
}

/** A program that is run step after step on values that stay the same, carries, and elements of sequences. */
interface Recurrence {
  readonly body: Program;
  readonly consts: readonly (Node | undefined)[];
  readonly carries: readonly (Node | undefined)[];
  readonly sequences: readonly (Node | undefined)[];
  readonly length: Dim;
  readonly reverse: boolean;
}

export function scanned(
  runner: Runner,
  use: Application,
  wanted: Places,
  origin: Origin,
): (Node | undefined)[] {
  const { params, operands } = use;
  const first = params.int("num_consts");
  const second = first + params.int("num_carry");
  const recurrence = {
    body: params.program("jaxpr"),
    consts: operands.slice(0, first),
    carries: operands.slice(first, second),
    sequences: operands.slice(second),
    length: params.dim("length"),
    reverse: params.flag("reverse"),
  };
  return recurred(runner, use, recurrence, wanted, origin);
}

/** A loop whose number of steps is known, as that of `fori_loop` over plain numbers. */
export function loop(runner: Runner, use: Application, wanted: Places, origin: Origin): (Node | undefined)[] {
  const { params, operands } = use;
  const first = params.int("cond_nconsts");
  const second = first + params.int("body_nconsts");
  const loop = {
    body: params.program("body_jaxpr"),
    consts: operands.slice(first, second),
    carries: operands.slice(second),
    sequences: [],
    reverse: false,
  };
  const length = stepsOf(use, params.program("cond_jaxpr"), operands.slice(0, first), loop);
  if (length === undefined) {
    throw new Refused(
      "a while loop whose number of steps depends on data",
      "loops over a known number of steps, as of scan, or of fori_loop between plain numbers",
    );
  }
  return recurred(runner, use, { ...loop, length }, wanted, origin);
}

/** How often a loop runs that counts from a known number to another: its condition is that one carry is less. */
function stepsOf(
  use: Application,
  condition: Program,
  consts: readonly (Node | undefined)[],
  { body, consts: bodyConsts, carries }: Omit<Recurrence, "length">,
): Dim | undefined {
  const [comparison, ...others] = condition.equations;
  const [result] = condition.outputs;
  const answers = result?.kind === "variable" && comparison?.outputs[0]?.id === result.id;
  if (comparison?.primitive !== "lt" || others.length > 0 || !answers) return undefined;
  const [counter, bound] = comparison.inputs;
  const own = condition.constants.length + consts.length;
  const placeOf = (id: number): number => condition.inputs.findIndex((input) => input.id === id);
  if (counter?.kind !== "variable" || bound === undefined) return undefined;
  const carry = placeOf(counter.id) - own;
  const start = carries[carry];
  if (start === undefined || !isCounter(body, bodyConsts.length, carry)) return undefined;
  const from = use.integer(start);
  const to =
    bound.kind === "number" ? bound.value : bound.kind === "variable" ? boundAt(bound.id) : undefined;
  if (from === undefined || to === undefined) return undefined;
  const steps = subtractDims(to, from);
  return typeof steps === "number" ? Math.max(steps, 0) : steps;

  function boundAt(id: number): Dim | undefined {
    const place = placeOf(id) - condition.constants.length;
    if (place < 0) return undefined;
    if (place < consts.length) return known(consts[place]);
    return isUnchanged(body, bodyConsts.length, place - consts.length)
      ? known(carries[place - consts.length])
      : undefined;
  }
  function known(node: Node | undefined): Dim | undefined {
    return node && use.integer(node);
  }
}

const inputAt = (body: Program, consts: number, carry: number): number | undefined =>
  body.inputs[body.constants.length + consts + carry]?.id;

function isUnchanged(body: Program, consts: number, carry: number): boolean {
  const next = body.outputs[carry];
  return next?.kind === "variable" && next.id === inputAt(body, consts, carry);
}

/** Whether a carry becomes itself plus one. */
function isCounter(body: Program, consts: number, carry: number): boolean {
  const next = body.outputs[carry];
  if (next?.kind !== "variable") return false;
  const equation = body.equations.find(({ outputs }) => outputs.some(({ id }) => id === next.id));
  const [x, y] = equation?.inputs ?? [];
  const own = inputAt(body, consts, carry);
  return (
    equation?.primitive === "add" &&
    x?.kind === "variable" &&
    x.id === own &&
    y?.kind === "number" &&
    y.value === 1
  );
}

function recurred(
  runner: Runner,
  use: Application,
  recurrence: Recurrence,
  wanted: Places,
  origin: Origin,
): (Node | undefined)[] {
  const { body, consts, carries, length } = recurrence;
  if (length === 0) {
    if ([...wanted].every((place) => place < carries.length)) return [...carries];
    throw new Refused("a loop without steps", "at least one step");
  }
  const needed = neededResults(body, consts.length, carries.length, wanted);
  if (typeof length === "number" && length <= unrolledSteps && !readsData(recurrence))
    return unrolled(runner, use, recurrence, { length, needed, wanted }, origin);
  const loop = new Loop(runner, use, recurrence, needed);
  const stacks = loop.stacks(origin);
  return body.outputs.map((_, place) => {
    if (!wanted.has(place)) return undefined;
    const counted = loop.counted(place);
    if (counted !== undefined) return use.add(counted, use.size(length, counted.type.dtype));
    const stack = stacks.get(place);
    return stack && (place < carries.length ? lastStep(use, stack, recurrence) : stack);
  });
}

/** A loop over layers has as many; one over more steps is a recurrence even if it reads no data. */
const unrolledSteps = 64;

/** Whether the elements of a loop are data, so that its steps are those of a sequence, and not layers with weights of their own. */
const readsData = ({ sequences }: Recurrence): boolean =>
  reachable(sequences.filter((sequence) => sequence !== undefined)).some(({ op }) => op === "Input");

/** All steps, one after the other. */
function unrolled(
  runner: Runner,
  use: Application,
  { body, consts, carries, sequences, reverse }: Recurrence,
  { length, needed, wanted }: { readonly length: number; readonly needed: Places; readonly wanted: Places },
  origin: Origin,
): (Node | undefined)[] {
  const stacks = body.outputs.map((): Node[] => []);
  let carried = carries;
  for (const step of range(length)) {
    const place = reverse ? length - 1 - step : step;
    const elements = sequences.map(
      (all) => all && use.reshape(use.slice(all, 0, place, place + 1), all.type.shape.slice(1)),
    );
    const results = runner.run(body, [...consts, ...carried, ...elements], needed, origin);
    for (const [index, node] of results.entries()) if (node !== undefined) stacks[index]?.push(node);
    carried = carries.map((start, carry) => {
      const count =
        start !== undefined && isCounter(body, consts.length, carry) ? use.integer(start) : undefined;
      return typeof count === "number"
        ? use.constant(count + step + 1, use.type(carry).dtype)
        : results[carry];
    });
  }
  return stacks.map((rows, index) => {
    if (!wanted.has(index)) return undefined;
    if (index < carries.length) return carried[index];
    const inOrder = reverse ? rows.toReversed() : rows;
    return use.concat(
      inOrder.map((row) => use.reshape(row, [1, ...row.type.shape])),
      0,
    );
  });
}

/** What a carry is after all steps. */
function lastStep(use: Application, stack: Node, { length, reverse }: Recurrence): Node {
  const start = reverse ? 0 : subtractDims(length, 1);
  const size = at(stack.type.shape, 0);
  const row = equalDims(size, 1) ? stack : use.slice(stack, 0, start, addDims(start, 1));
  return use.reshape(row, stack.type.shape.slice(1));
}

/** The operands of a scan, with the inputs of its body that stand for them. */
class Loop {
  readonly #runner: Runner;
  readonly #use: Application;
  readonly #recurrence: Recurrence;
  readonly #needed: Places;
  /** Start values of the carries that count the steps. */
  readonly #counters = new Map<number, Node>();
  readonly #inner: Maker;
  readonly #groups: Record<"carry" | "sequence" | "constant", { outer: Node; inner: NodeOf<"Input"> }[]> = {
    carry: [],
    sequence: [],
    constant: [],
  };
  /** For each input of the body behind its constants what stands for it. */
  readonly #args: (Node | undefined)[] = [];

  constructor(runner: Runner, use: Application, recurrence: Recurrence, needed: Places) {
    [this.#runner, this.#use, this.#recurrence, this.#needed] = [runner, use, recurrence, needed];
    this.#inner = new Maker(newBuilder(), use.note);
    const { body, consts, carries, sequences } = recurrence;
    for (const [carry, start] of carries.entries()) {
      const isCounted = start !== undefined && isCounter(body, consts.length, carry);
      if (isCounted && use.integer(start) !== undefined) this.#counters.set(carry, start);
    }
    const read = operandsOfProgram(body, needed);
    for (const [place, outer] of [...consts, ...carries, ...sequences].entries())
      this.#args.push(read.has(place) || this.#isNeeded(place) ? this.#input(place, outer) : undefined);
    if (this.#groups.sequence.length === 0) this.#pair("sequence", "step", this.#steps());
  }

  counted(carry: number): Node | undefined {
    return this.#counters.get(carry);
  }

  /** Whether a place is that of a carry whose last value is wanted. */
  #isNeeded(place: number): boolean {
    const carry = place - this.#recurrence.consts.length;
    return carry >= 0 && carry < this.#recurrence.carries.length && this.#needed.has(carry);
  }

  #input(place: number, outer: Node | undefined): Node {
    const { consts, carries } = this.#recurrence;
    if (outer === undefined)
      throw new Contradiction(
        this.#use.equation.primitive,
        "fewer operands",
        "one for each input of the body",
      );
    const carry = place - consts.length;
    if (carry < 0) return this.#constant(place, outer);
    if (carry >= carries.length) return this.#pair("sequence", `x_${carry - carries.length}`, outer);
    const start = this.#counters.get(carry);
    if (start === undefined) return this.#pair("carry", `carry_${carry}`, outer);
    return this.#pair("sequence", "step", this.#use.add(start, this.#steps()));
  }

  /** A plain number is the same number inside, and so is a size. */
  #constant(place: number, outer: Node): Node {
    const size = outer.type.shape.length === 0 ? this.#use.integer(outer) : undefined;
    if (size !== undefined) return this.#inner.size(size, outer.type.dtype);
    return outer.op === "Constant"
      ? this.#inner.constant(outer.attrs.value, outer.type.dtype)
      : this.#pair("constant", `const_${place}`, outer);
  }

  #pair(kind: "carry" | "sequence" | "constant", name: string, outer: Node): Node {
    const { dtype, shape } = outer.type;
    const inner = this.#inner.build.node("Input", [], {
      name,
      shape: kind === "sequence" ? shape.slice(1) : shape,
      dtype,
    });
    this.#groups[kind].push({ outer, inner });
    return inner;
  }

  /** 0, 1, 2, … in the order of the steps. */
  #steps(): Node {
    const { length, reverse } = this.#recurrence;
    const steps = this.#use.apply("Iota", [], { size: length, dtype: "int64" });
    return reverse ? reversed(this.#use, steps, 0) : steps;
  }

  /** The results of the body, over all steps, by place. */
  stacks(origin: Origin): ReadonlyMap<number, Node> {
    const { body, carries, reverse } = this.#recurrence;
    const wanted = new Set([...this.#needed].filter((place) => !this.#counters.has(place)));
    if (wanted.size === 0) return new Map();
    const results = this.#runner.inside(this.#inner).run(body, this.#args, wanted, origin);
    const places = range(body.outputs.length).filter((place) => wanted.has(place));
    const { carry, sequence, constant } = this.#groups;
    const all = [...carry, ...sequence, ...constant];
    const graph = this.#inner.build.graph({
      name: functionOf(body) ?? "step",
      inputs: all.map(({ inner }) => inner),
      parameters: [],
      outputs: places.map((place) => ({
        name: place < carries.length ? `carry_${place}` : `y_${place - carries.length}`,
        node: this.#result(results, place),
      })),
    });
    requireNumbers(graph.nodes);
    const attrs = { body: nest(graph), carries: carry.length, sequences: sequence.length, reverse };
    const operands = all.map(({ outer }) => outer);
    return new Map(
      places.map((place, output) => [place, this.#use.apply("Scan", operands, { ...attrs, output })]),
    );
  }

  #result(results: readonly (Node | undefined)[], place: number): Node {
    const node = results[place];
    const declared = this.#recurrence.body.outputs[place];
    if (node === undefined || declared === undefined)
      throw new Contradiction(this.#use.equation.primitive, "fewer results", "one for each carry");
    return node;
  }
}

/** One of several programs: the known one, or all of them and a choice by the data. */
export function conditional(
  runner: Runner,
  use: Application,
  wanted: Places,
  origin: Origin,
): (Node | undefined)[] {
  const branches = use.params.programs("branches");
  const index = use.x;
  const rest = use.operands.slice(1);
  const known = use.integer(index);
  const last = branches.length - 1;
  const run = (place: number): (Node | undefined)[] => runner.run(at(branches, place), rest, wanted, origin);
  if (branches.length === 0) throw new Contradiction("cond", "no branches", "at least one");
  if (typeof known === "number") return run(Math.min(Math.max(known, 0), last));
  const results = branches.map((_, place) => run(place));
  const chosen = (place: number, branch: number): Node | undefined => {
    const own = results[branch]?.[place];
    if (branch === last || own === undefined) return own;
    const others = chosen(place, branch + 1);
    return others && use.where(isBranch(use, index, branch), own, others);
  };
  return use.equation.outputs.map((_, place) => (wanted.has(place) ? chosen(place, 0) : undefined));
}

/** Whether an index means a branch or one before it. An index from a truth value is 0 where that is false. */
function isBranch(use: Application, index: Node, branch: number): Node {
  const from = index.op === "Cast" ? at(index.inputs, 0) : index;
  if (branch === 0 && from.type.dtype === "bool") return use.not(from);
  return use.less(index, use.constant(branch + 1, index.type.dtype));
}
