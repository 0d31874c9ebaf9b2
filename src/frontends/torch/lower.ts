/** @file Turns the nodes of an exported program into nodes of a graph, by the operator table. */
import { at, zip } from "../../base/assert.ts";
import { Diagnostic, type Place, quoted, Unsupported } from "../../diag/diagnostic.ts";
import { equalShapes, symbolsOf } from "../../ir/dim.ts";
import type { Builder, Node, Origin } from "../../ir/graph.ts";
import { isReal, type TensorType, typeText } from "../../ir/type.ts";
import { Call, NotAFunction, NotCovered } from "./call.ts";
import { Contradiction } from "./contradiction.ts";
import { freshTensors } from "./fresh.ts";
import { rows } from "./operators.ts";
import { operatorName, originOf } from "./origin.ts";
import { type Argument, type ProgramNode, tensorNames } from "./schema.ts";
import { ProgramScope } from "./scope.ts";

/** Checks of sizes and dtypes that the exporter inserts; they compute nothing. */
const assertion = /\b(_assert\w*|_check\w*|sym_constrain_range\w*)\./;
const random = new Set(
  (
    "rand rand_like randn randn_like randint randint_like randperm bernoulli multinomial normal poisson binomial " +
    "dropout alpha_dropout feature_dropout feature_alpha_dropout native_dropout rrelu rrelu_with_noise"
  ).split(" "),
);

export interface Lowering {
  readonly file: string;
  readonly build: Builder;
  readonly scope: ProgramScope;
  readonly note: (text: string) => void;
  /** Tensors that may be changed in place. */
  readonly fresh: ReadonlySet<string>;
}

/** Defines the results of one node in the scope. */
export function lowerNode(lowering: Lowering, node: ProgramNode): void {
  if (assertion.test(node.target) || node.outputs.every(isSize)) return;
  if (isUnreadUpdate(lowering, node)) return;
  const origin = originOf(node);
  const { file, scope, build } = lowering;
  if (node.target === gradientSwitch) return lowerRegion(lowering, node);
  if (node.target.startsWith("torch.ops.higher_order.")) {
    throw unsupportedValue(file, node.target, "a branch or a loop, which is a graph inside the graph");
  }
  const names = resultNames(lowering, node);
  const declared = names.map((name) => scope.type(name));
  const call = new Call(withoutMutation(lowering, node), build, scope, declared, lowering.note);
  const results = located(file, origin, () => build.at(origin, () => applyRow(lowering, call, origin)));
  for (const [index, name] of names.entries()) {
    const result = results[index];
    if (result === undefined) scope.defineUnknown(name, call.target);
    else scope.define(name, checked(lowering, name, result, at(declared, index)));
  }
}

/** The operator that gives what one that changes its operand leaves there, if nobody else sees the operand. */
function withoutMutation({ fresh }: Lowering, node: ProgramNode): ProgramNode {
  const target = node.target.replace(/(?<=[^_])_(?=\.)/, "");
  const changed = node.inputs[0]?.arg.as_tensor?.name ?? "";
  return target !== node.target && rows.has(target) && fresh.has(changed) ? { ...node, target } : node;
}

/** A count or an average that the model keeps in a buffer, and that nothing else in the program reads. */
function isUnreadUpdate({ scope, note }: Lowering, { target, inputs, outputs }: ProgramNode): boolean {
  const [changed] = inputs.slice(0, 1).flatMap(({ arg }) => tensorNames(arg));
  if (!/[^_]_\./.test(target) || changed === undefined) return false;
  const stored = scope.tensor(changed);
  const names = [changed, ...outputs.flatMap(tensorNames)];
  if (stored.op !== "Parameter" || names.flatMap((name) => scope.readers(name)).length > 1) return false;
  note(updateNote(stored.attrs.name));
  return true;
}

/** What is said of a buffer that the program changes. */
export const updateNote = (name: string): string =>
  `the program updates ${quoted(name)}, and what it becomes is not compared`;

/** The body of `with torch.no_grad():`, called with whether gradients flow, the body, and the body's operands. */
const gradientSwitch = "torch.ops.higher_order.wrap_with_set_grad_enabled";

/** Lowers the body in place. What leaves a block without gradients has none. */
function lowerRegion(lowering: Lowering, node: ProgramNode): void {
  const [enabled, body, ...operands] = node.inputs.map(({ arg }) => arg);
  const region = body?.as_graph?.graph;
  const names = resultNames(lowering, node);
  if (region === undefined || enabled?.as_bool === undefined) {
    throw new Contradiction(node.target, "no body", "whether gradients flow, and a body");
  }
  const fresh = freshTensors(region.nodes, region.outputs);
  const results = region.outputs.flatMap(tensorNames);
  const inner = { ...lowering, fresh, scope: new ProgramScope(lowering.file, region, results) };
  for (const [parameter, operand] of zipped(node.target, region.inputs, operands)) {
    if (parameter.as_tensor !== undefined && operand.as_tensor !== undefined) {
      inner.scope.define(parameter.as_tensor.name, lowering.scope.tensor(operand.as_tensor.name));
    }
  }
  for (const each of region.nodes) lowerNode(inner, each);
  for (const [name, output] of zipped(node.target, names, region.outputs)) {
    const result = inner.scope.tensor(output.as_tensor?.name ?? "");
    const stopped = !enabled.as_bool && isReal(result.type.dtype);
    lowering.scope.define(name, stopped ? stopGradient(lowering.build, result) : result);
  }
}

const stopGradient = (build: Builder, node: Node): Node => build.node("StopGradient", [node], {});

function zipped<A, B>(part: string, left: readonly A[], right: readonly B[]): (readonly [A, B])[] {
  if (left.length === right.length) return zip(left, right);
  throw new Contradiction(part, `${left.length} names for ${right.length} values`, "a name for each value");
}

/** Sizes are known from the file without computing them. */
const isSize = (output: Argument): boolean =>
  output.as_sym_int !== undefined || output.as_sym_ints !== undefined;

function resultNames({ file }: Lowering, node: ProgramNode): string[] {
  return node.outputs.flatMap((output) => {
    if (output.as_tensor !== undefined) return [output.as_tensor.name];
    if (output.as_tensors !== undefined) return output.as_tensors.map((tensor) => tensor.name);
    throw unsupportedValue(file, node.target, "a result that is no tensor");
  });
}

const unsupportedValue = (file: string, part: string, got: string): Unsupported =>
  new Unsupported({ code: "A5104", place: { file, part: quoted(part) }, got, want: "tensors and sizes" });

/** The results that have a meaning, in order. */
function applyRow(lowering: Lowering, call: Call, origin: Origin): readonly Node[] {
  const lower = rows.get(call.target);
  if (lower === undefined) return [opaque(lowering, call, origin, "it is not in the operator table")];
  try {
    const result = lower(call);
    return "id" in result ? [result] : result;
  } catch (error) {
    if (error instanceof NotAFunction) throw impure(placeOf(lowering.file, origin), error.message);
    if (!(error instanceof NotCovered)) throw error;
    return [opaque(lowering, call, origin, error.message)];
  }
}

const impure = (place: Place, got: string): Unsupported =>
  new Unsupported({
    code: "A5103",
    place,
    got,
    want: "operators that are functions of their inputs",
    action: "model.eval() before torch.export.export",
  });

/** A function of which only the name is known. Throws Unsupported when it is not a function, or has no single real value. */
function opaque(lowering: Lowering, call: Call, origin: Origin, reason: string): Node {
  const place = placeOf(lowering.file, origin);
  const name = operatorName(call.target);
  const tensors = call.allTensors();
  checkFunction(place, name.split(".")[1] ?? name, tensors, call.declared.length);
  const { dtype, shape } = call.result;
  if (!isReal(dtype) || tensors.length === 0) {
    const got = `an unknown operator from ${tensors.length} tensors to ${dtype}: ${reason}`;
    const want = "tensors to real numbers";
    throw new Unsupported({ code: "A5104", place, got: quoted(got), want, ...fixedSizeAction(call.result) });
  }
  const line = origin.line === undefined ? "" : ` (${quoted(origin.file ?? "")}:${origin.line})`;
  lowering.note(`${quoted(name)}${line} is kept as an unknown function: ${quoted(reason)}`);
  return call.apply("Opaque", tensors, { name, attributes: call.attributesText(), shape, dtype });
}

const fixedSizeAction = ({ shape }: TensorType): { readonly action?: string } =>
  symbolsOf(shape).size === 0
    ? {}
    : {
        action: `export with ${[...symbolsOf(shape)].join(", ")} fixed, that is without dynamic_shapes for it`,
      };

function checkFunction(place: Place, name: string, [changed]: readonly Node[], results: number): void {
  if (random.has(name)) throw impure(place, "a random operator");
  if (/[^_]_$/.test(name) && changed?.op === "Parameter")
    throw impure(place, "a model that changes its buffers");
  const want = "operators that are functions with one result";
  if (/[^_]_$/.test(name)) {
    const action = "save program.run_decompositions({}), which writes the same without mutation";
    throw new Unsupported({ code: "A5103", place, got: "an operator that changes its input", want, action });
  }
  if (results !== 1) throw new Unsupported({ code: "A5103", place, got: `${results} results`, want });
}

const placeOf = (file: string, { file: source, line, operator, module }: Origin): Place => ({
  file: quoted(source ?? file),
  ...(line === undefined ? {} : { line }),
  part: quoted([operator, module].filter((part) => part !== undefined).join(" in ")),
});

/** Gives Diagnostics of the type rules the place in the user's code. */
function located<T>(file: string, origin: Origin, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Diagnostic) || error.report.code !== "A2001") throw error;
    const part = `${placeOf(file, origin).part}: ${error.report.place.part}`;
    throw new Diagnostic({ ...error.report, place: { ...placeOf(file, origin), part } });
  }
}

/** The node, in the dtype that the file declares. The shapes must agree. */
function checked({ build }: Lowering, name: string, node: Node, declared: TensorType): Node {
  if (!equalShapes(node.type.shape, declared.shape) || isReal(node.type.dtype) !== isReal(declared.dtype)) {
    throw new Contradiction(name, `declared as ${typeText(declared)}`, typeText(node.type));
  }
  if (node.type.dtype === declared.dtype) return node;
  return build.node("Cast", [node], { dtype: declared.dtype });
}
