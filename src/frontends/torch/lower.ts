/** @file Turns the nodes of an exported program into nodes of a graph, by the operator table. */
import { at } from "../../base/assert.ts";
import { Diagnostic, quoted, Unsupported } from "../../diag/diagnostic.ts";
import { equalShapes } from "../../ir/dim.ts";
import type { Builder, Node, Origin } from "../../ir/graph.ts";
import { isReal, type TensorType, typeText } from "../../ir/type.ts";
import { Call, NotCovered } from "./call.ts";
import { Contradiction } from "./contradiction.ts";
import { rows } from "./operators.ts";
import { operatorName, originOf } from "./origin.ts";
import type { Argument, ProgramNode } from "./schema.ts";
import type { ProgramScope } from "./scope.ts";

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
}

/** Defines the results of one node in the scope. */
export function lowerNode(lowering: Lowering, node: ProgramNode): void {
  if (assertion.test(node.target) || node.outputs.every(isSize)) return;
  const origin = originOf(node);
  const { file, scope, build } = lowering;
  const names = resultNames(lowering, node);
  const declared = names.map((name) => scope.type(name));
  const call = new Call(node, build, scope, declared, lowering.note);
  const results = located(file, origin, () => build.at(origin, () => applyRow(lowering, call, origin)));
  for (const [index, name] of names.entries()) {
    const result = results[index];
    if (result === undefined) scope.defineUnknown(name, call.target);
    else scope.define(name, checked(lowering, name, result, at(declared, index)));
  }
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
    if (!(error instanceof NotCovered)) throw error;
    return [opaque(lowering, call, origin, error.message)];
  }
}

/** A function of which only the name is known. Throws Unsupported when it is not a function, or has no single real value. */
function opaque(lowering: Lowering, call: Call, origin: Origin, reason: string): Node {
  const place = placeOf(lowering.file, origin);
  const refuse = (code: "A5103" | "A5104", got: string, want: string, action?: string): Unsupported =>
    new Unsupported({ code, place, got, want, ...(action === undefined ? {} : { action }) });
  const name = operatorName(call.target);
  const base = name.split(".")[1] ?? name;
  if (/[^_]_$/.test(base)) {
    const action =
      "torch.export.save(program.run_decompositions({}), path), which writes it without mutation";
    throw refuse("A5103", "an operator that changes its input", "functions of their inputs", action);
  }
  if (random.has(base)) {
    throw refuse(
      "A5103",
      "a random operator",
      "functions of their inputs",
      "model.eval() before torch.export.export",
    );
  }
  if (call.declared.length !== 1) {
    throw refuse("A5103", `${call.declared.length} results`, "an operator of the table, or one result");
  }
  const { dtype, shape } = call.result;
  if (!isReal(dtype)) throw refuse("A5104", `${dtype} results of an unknown operator`, "real results");
  const tensors = call.allTensors();
  if (tensors.length === 0) throw refuse("A5104", "an unknown operator without tensors", "a tensor operand");
  const line = origin.line === undefined ? "" : ` (${quoted(origin.file ?? "")}:${origin.line})`;
  lowering.note(`${quoted(name)}${line} is kept as an unknown function: ${reason}`);
  return call.apply("Opaque", tensors, { name, attributes: call.attributesText(), shape, dtype });
}

const placeOf = (file: string, { file: source, line, operator, module }: Origin) => ({
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
  return build.node("Cast", [node], { dtype: declared.dtype }) as unknown as Node;
}
