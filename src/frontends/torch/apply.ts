/** @file What one node of an exported program gives: the row of the operator table, or an unknown function. */
import { at } from "../../base/assert.ts";
import { Diagnostic, type Place, quoted, Unsupported } from "../../diag/diagnostic.ts";
import { elementCount, equalShapes, symbolsOf } from "../../ir/dim.ts";
import type { Builder, Node, Origin } from "../../ir/graph.ts";
import { isReal, type TensorType, typeText } from "../../ir/type.ts";
import { Contradiction } from "../common/contradiction.ts";
import { Call, NotAFunction, NotCovered } from "./call.ts";
import { rows } from "./operators.ts";
import { operatorName } from "./origin.ts";
import type { ProgramNode } from "./schema.ts";
import type { ProgramScope } from "./scope.ts";
import type { Views } from "./views.ts";

const random = new Set(
  (
    "rand rand_like randn randn_like randint randint_like randperm bernoulli multinomial normal poisson binomial " +
    "uniform exponential geometric cauchy log_normal random dropout alpha_dropout feature_dropout feature_alpha_dropout native_dropout rrelu rrelu_with_noise"
  ).split(" "),
);

export const isRandom = (target: string): boolean => random.has(operatorName(target).split(".")[1] ?? "");

export interface Lowering {
  readonly file: string;
  readonly build: Builder;
  readonly scope: ProgramScope;
  readonly note: (text: string) => void;
  readonly views: Views;
  /** Tensors that the caller, or the code around a region, gives: a change would be seen there. */
  readonly foreign: ReadonlySet<string>;
}

/** The results of a node by their names, those without a meaning as `undefined`. */
export function resultsOf(
  lowering: Lowering,
  node: ProgramNode,
  origin: Origin,
): (readonly [string, Node | undefined])[] {
  const { file, build } = lowering;
  const names = resultNames(lowering, node);
  const call = callOf(lowering, node, names);
  const results = located(file, origin, () => build.at(origin, () => applyRow(lowering, call, origin)));
  return names.map((name, index) => {
    const result = results[index];
    return [
      name,
      result && build.at(origin, () => checked(lowering, name, result, at(call.declared, index))),
    ];
  });
}
export function callOf({ build, scope, note }: Lowering, node: ProgramNode, names: readonly string[]): Call {
  const declared = names.map((name) => scope.type(name));
  return new Call(node, build, scope, declared, note);
}

export function resultNames({ file }: Lowering, node: ProgramNode): string[] {
  return node.outputs.flatMap((output) => {
    if (output.as_tensor !== undefined) return [output.as_tensor.name];
    if (output.as_tensors !== undefined) return output.as_tensors.map((tensor) => tensor.name);
    if (output.as_none !== undefined) return [];
    throw unsupportedValue(file, node.target, "a result that is no tensor");
  });
}

export const unsupportedValue = (file: string, part: string, got: string): Unsupported =>
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

export const impure = (place: Place, got: string): Unsupported =>
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
  const want = "tensors to real numbers";
  if ([...symbolsOf(shape)].some((symbol) => /^u\d/.test(symbol))) {
    const got = `an unknown operator whose result has as many elements as the data say: ${reason}`;
    throw new Unsupported({ code: "A5104", place, got: quoted(got), want });
  }
  if (!isReal(dtype) || tensors.length === 0) {
    const got = `an unknown operator from ${tensors.length} tensors to ${dtype}: ${reason}`;
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
  if (/[^_]_$/.test(name)) {
    if (changed?.op === "Parameter") throw impure(place, "a model that changes its buffers");
    throw changesInput(place);
  }
  if (results !== 1)
    throw new Unsupported({ code: "A5103", place, got: `${results} results`, want: oneResult });
}
const oneResult = "operators that are functions with one result";

/** An operator whose change of its operand can't be followed. */
export function changesInput(place: Place): Unsupported {
  const action = "save program.run_decompositions({}), which writes the same without mutation";
  return new Unsupported({
    code: "A5103",
    place,
    got: "an operator that changes its input",
    want: oneResult,
    action,
  });
}

export const placeOf = (file: string, { file: source, line, operator, module }: Origin): Place => ({
  file: quoted(source ?? file),
  ...(line === undefined ? {} : { line }),
  part: quoted([operator, module].filter((part) => part !== undefined).join(" in ")),
});

/** Gives Diagnostics of the type rules the place in the user's code. */
export function located<T>(file: string, origin: Origin, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof Diagnostic) || error.report.code !== "A2001") throw error;
    const part = `${placeOf(file, origin).part}: ${error.report.place.part}`;
    throw new Diagnostic({ ...error.report, place: { ...placeOf(file, origin), part } });
  }
}

/** The node, in the dtype that the file declares. The shapes must agree. */
export function checked(lowering: Lowering, name: string, node: Node, declared: TensorType): Node {
  const { build } = lowering;
  // Operators along axis 0 of a scalar see a vector of one element.
  if (declared.shape.length === 0 && node.type.shape.length > 0 && elementCount(node.type.shape) === 1)
    return checked(lowering, name, build.node("Reshape", [node], { shape: [] }), declared);
  const isRounded = isReal(node.type.dtype) && !isReal(declared.dtype);
  if (!equalShapes(node.type.shape, declared.shape) || isRounded) {
    throw new Contradiction(name, `declared as ${typeText(declared)}`, typeText(node.type));
  }
  if (node.type.dtype === declared.dtype) return node;
  return build.node("Cast", [node], { dtype: declared.dtype });
}
