/** @file One graph, function or frame of a model at one place: values by name, and the nodes that they need. */
import { at, zip } from "../../../base/assert.ts";
import { Diagnostic, quoted } from "../../../diag/diagnostic.ts";
import { equalShapes } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { isReal } from "../../../ir/type.ts";
import type { Arrangement } from "../../common/keras/layer.ts";
import { Malformed, NotCovered } from "../../common/keras/problem.ts";
import { Constants } from "./constants.ts";
import { elementwise } from "./elementwise.ts";
import { lists } from "./lists.ts";
import { type Loop, looped, type Place } from "./loop.ts";
import { type Frame, type Nodes, nodeName, operandsOf, resultIndex } from "./nodes.ts";
import { type Lower, Operation, type Scope } from "./operation.ts";
import { products } from "./products.ts";
import type { FunctionParts, Program } from "./program.ts";
import type { GraphNode } from "./schema.ts";
import { structure } from "./structure.ts";
import { isList, type Value } from "./values.ts";

const rows: ReadonlyMap<string, Lower> = new Map(
  Object.entries({ ...elementwise, ...products, ...structure, ...lists }),
);

/** Functions in functions, and loops in loops. */
const depthLimit = 64;
/** Operations after functions and loops are written out. */
const operationLimit = 2 ** 20;

/** The region around a frame. */
interface Around {
  readonly region: Region;
  readonly frame: Frame;
  readonly place: Place;
}

export class Region implements Scope {
  readonly #program: Program;
  readonly #nodes: Nodes;
  /** Where nodes are made; those of the whole graph are brought here. */
  readonly #place: Place;
  readonly #depth: number;
  readonly #around: Around | undefined;
  readonly #constants: Constants;
  readonly #results = new Map<string, readonly Value[]>();
  readonly #loops = new Map<Frame, readonly Value[]>();

  constructor(program: Program, nodes: Nodes, place: Place, depth = 0, around?: Around) {
    [this.#program, this.#nodes, this.#place, this.#depth] = [program, nodes, place, depth];
    this.#around = around;
    this.#constants = new Constants(program, nodes, place);
    if (depth > depthLimit)
      throw new Malformed(nodes.part, `more than ${depthLimit} calls in each other`, "fewer");
  }

  define(name: string, values: readonly Value[]): void {
    this.#results.set(name, values);
  }

  /** What a name stands for, with everything that it needs. */
  needed(reference: string): Value {
    this.#evaluate(nodeName(reference));
    return this.value(reference);
  }

  /** Everything that a node needs, operands first, without recursion. */
  #evaluate(target: string): void {
    const open = new Set<string>();
    const pending = [target];
    for (let name = pending.at(-1); name !== undefined; name = pending.at(-1)) {
      const node = this.#nodes.get(name);
      if (node === undefined && !this.#results.has(name))
        throw new Malformed(name, "no such node", "the nodes that inputs name");
      const needed = node === undefined || this.#results.has(name) ? [] : this.#needs(node).map(nodeName);
      const missing = needed.filter((input) => !this.#results.has(input));
      if (missing.length === 0) {
        if (node !== undefined && !this.#results.has(name)) this.#results.set(name, this.#lowered(node));
        open.delete(name);
        pending.pop();
        continue;
      }
      if (open.has(name))
        throw new Malformed(name, "an operation that needs its own result", "loops as frames");
      open.add(name);
      pending.push(...missing);
    }
  }
  #needs(node: GraphNode): readonly string[] {
    if (node.op === "Exit") return this.#frameOf(node).entering;
    // The frame around has what enters.
    return node.op === "Enter" && this.#around !== undefined ? [] : operandsOf(node);
  }

  #lowered(node: GraphNode): readonly Value[] {
    // What is stored becomes a node when it is known how it is used.
    if (node.op === "Const") return [];
    const part = `${node.name} (${node.op})`;
    const { maker, known } = this.#place;
    if (++this.#program.count.operations > operationLimit)
      throw new NotCovered(`more than ${operationLimit} operations once loops are written out`, part);
    const operation = new Operation(node, maker.build, this, known, maker.note);
    const origin = { operator: node.op, module: node.name };
    try {
      const made = maker.build.at(origin, () => this.#made(node, operation));
      return Array.isArray(made) ? (made as readonly Value[]) : [made as Value];
    } catch (error) {
      if (error instanceof NotCovered) throw new NotCovered(error.message, error.part ?? part, error.action);
      if (!(error instanceof Diagnostic) || error.report.code !== "A2001") throw error;
      const place = { file: this.#program.file, part: `${quoted(part)}: ${error.report.place.part ?? ""}` };
      throw new Diagnostic({ ...error.report, place });
    }
  }

  #made(node: GraphNode, o: Operation): Value | readonly Value[] {
    switch (node.op) {
      case "While":
      case "StatelessWhile":
        return looped(this.#place, this.#loopOfFunctions(o));
      case "If":
      case "StatelessIf":
        return this.#branches(o);
      case "PartitionedCall":
      case "StatefulPartitionedCall":
        return this.#called(this.#here(), o.called("f"), o.values());
      case "Enter":
        return this.#entered(node);
      case "Exit":
        return this.#left(node);
      case "Switch": {
        const [value] = o.values(0, 1);
        return value === undefined ? [] : [value, value];
      }
      case "Merge":
        return this.#merged(node, o);
      default: {
        const lower = rows.get(node.op);
        if (lower === undefined) throw new NotCovered(`the operation ${node.op}`);
        return lower(o);
      }
    }
  }

  // Functions

  /** The results of a function for its arguments, at a place inside this one. */
  #called(place: Place, name: string, values: readonly Value[]): Value[] {
    const { nodes, definition } = this.#function(name);
    const { inputArg = [], outputArg = [] } = definition.signature;
    if (inputArg.length !== values.length)
      throw new Malformed(name, `${values.length} values`, `${inputArg.length} arguments`);
    const region = new Region(this.#program, nodes, this.#inner(place), this.#depth + 1);
    for (const [argument, value] of zip(inputArg, values)) region.define(argument.name, [value]);
    return outputArg.map((result) => {
      const reference = definition.ret?.[result.name];
      if (reference === undefined)
        throw new Malformed(name, `no result ${result.name}`, "what the signature names");
      return region.needed(reference);
    });
  }
  #function(name: string): FunctionParts {
    const found = this.#program.functions.get(name);
    if (found === undefined) throw new Malformed(name, "no such function", "the functions of the library");
    return found;
  }
  /** A place inside this one, for nodes of the whole graph. */
  #inner(place: Place): Place {
    return { ...place, imported: (node) => place.imported(this.#place.imported(node)) };
  }

  #loopOfFunctions(o: Operation): Loop {
    const [condition, body] = [o.called("cond"), o.called("body")];
    const { nodes, definition } = this.#function(body);
    const { inputArg = [], outputArg = [] } = definition.signature;
    const starts = o.values();
    if (inputArg.length !== starts.length || outputArg.length !== starts.length)
      throw new Malformed(body, `${outputArg.length} results`, `one for each of ${starts.length} variables`);
    const courses = zip(inputArg, outputArg).map(([argument, result]) =>
      nodes.course(argument.name, definition.ret?.[result.name] ?? "", this.#isOne),
    );
    return {
      starts,
      courses,
      condition: (place, values) => tensorOf(at(this.#called(place, condition, values), 0)),
      body: (place, values) => this.#called(place, body, values),
    };
  }

  #branches(o: Operation): Value[] {
    const condition = o.tensor(0);
    const known = o.known(condition)?.[0];
    const [yes, no] = ["then_branch", "else_branch"].map(
      (name) => () => this.#called(this.#here(), o.called(name), o.values(1)),
    );
    if (yes === undefined || no === undefined) return [];
    if (typeof known === "number") return known === 0 ? no() : yes();
    return zip(yes(), no()).map(([left, right]) => this.#picked(condition, left, right));
  }
  #here(): Place {
    return { ...this.#place, imported: (node) => node };
  }
  #picked(condition: Node, yes: Value, no: Value): Node {
    if (isList(yes) || isList(no)) throw new NotCovered("a list that depends on a branch");
    if (!equalShapes(yes.type.shape, no.type.shape))
      throw new NotCovered("a result whose shape depends on which branch is taken");
    const { maker } = this.#place;
    return maker.where(maker.reshape(maker.truth(condition), []), yes, no);
  }

  readonly #isOne = (name: string): boolean => {
    const { dtype, shape, values } = this.#program.tensors.get(name) ?? {};
    return dtype !== undefined && !isReal(dtype) && shape?.length === 0 && values?.()[0] === 1;
  };

  // Frames

  /** What comes into this frame from the region around. */
  #entered(node: GraphNode): Value {
    const [source = ""] = operandsOf(node);
    if (this.#around === undefined)
      throw new Malformed(node.name, "a frame that is not left", "an Exit for it");
    const value = this.#around.region.needed(source);
    return isList(value) ? value : this.#around.place.imported(value);
  }

  #frameOf(exit: GraphNode): Frame {
    const frame = this.#nodes.frameOf(nodeName(operandsOf(exit)[0] ?? ""));
    if (frame === undefined) throw new Malformed(exit.name, "an Exit of no loop", "a Switch of a loop");
    return frame;
  }
  #left(exit: GraphNode): Value {
    const frame = this.#frameOf(exit);
    const results = this.#loops.get(frame) ?? looped(this.#place, this.#loopOfFrame(frame));
    this.#loops.set(frame, results);
    const own = nodeName(operandsOf(exit)[0] ?? "");
    return at(
      results,
      frame.variables.findIndex((variable) => variable.switch === own),
    );
  }
  #loopOfFrame(frame: Frame): Loop {
    const { variables, condition } = frame;
    if (condition === undefined) throw new Malformed(frame.name, "a loop without a condition", "a LoopCond");
    const inside = (place: Place, values: readonly Value[]): Region => {
      const around = { region: this, frame, place };
      const region = new Region(this.#program, this.#nodes, this.#inner(place), this.#depth + 1, around);
      for (const [variable, value] of zip(variables, values)) {
        region.define(variable.merge, [value]);
        if (variable.switch !== undefined) region.define(variable.switch, [value, value]);
      }
      return region;
    };
    return {
      starts: variables.map(({ enter }) => this.value(enter)),
      courses: variables.map((own) => this.#nodes.course(own.switch, own.next, this.#isOne)),
      condition: (place, values) => tensorOf(inside(place, values).needed(condition)),
      body: (place, values) => {
        const region = inside(place, values);
        return variables.map(({ next }) => region.needed(next));
      },
    };
  }

  /** The value of the branch that was taken: both are computed, since they have no effects. */
  #merged(node: GraphNode, o: Operation): Value {
    const [left, right] = operandsOf(node).map((name) => this.#nodes.sides(name));
    const [x, y, ...more] = o.values();
    if (left === undefined || right === undefined || x === undefined || y === undefined || more.length > 0)
      throw new NotCovered("a choice between other than two values");
    const conditions = [...left].filter(([name, side]) => (right.get(name) ?? side) !== side);
    const [condition, ...others] = conditions;
    if (condition === undefined || others.length > 0)
      throw new NotCovered("a choice between values whose condition is not known");
    const [name, side] = condition;
    const flag = tensorOf(this.needed(name));
    const [yes, no] = side === 1 ? [x, y] : [y, x];
    const known = o.known(flag)?.[0];
    if (typeof known === "number") return known === 0 ? no : yes;
    return this.#picked(flag, yes, no);
  }

  // Values

  value(reference: string): Value {
    const name = nodeName(reference);
    if (this.#nodes.get(name)?.op === "Const") return this.#constants.value(name);
    const found = this.#results.get(name)?.[resultIndex(reference)];
    if (found === undefined) throw new NotCovered(`result ${resultIndex(reference)} of ${name}`);
    return found;
  }
  arranged(reference: string, arrange: (shape: readonly number[]) => Arrangement): Node | undefined {
    return this.#constants.arranged(reference, arrange);
  }
}

function tensorOf(value: Value): Node {
  if (!isList(value)) return value;
  throw new NotCovered("a condition that is a list");
}
