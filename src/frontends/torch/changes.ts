/** @file Operators that change their operand in place: what shares its numbers comes to stand for other values. */
import { quoted } from "../../diag/diagnostic.ts";
import type { Node, Origin } from "../../ir/graph.ts";
import {
  callOf,
  changesInput,
  impure,
  isRandom,
  type Lowering,
  located,
  placeOf,
  resultsOf,
} from "./apply.ts";
import { NotCovered } from "./call.ts";
import { rows } from "./operators.ts";
import { originOf } from "./origin.ts";
import { type ProgramNode, tensorNames } from "./schema.ts";
import { writtenThrough } from "./views.ts";

/** The operand that an operator changes: those end in an underscore, as `add_.Tensor`. */
export function changedOperand({ target, inputs }: ProgramNode): string | undefined {
  const isChange = /^torch\.ops\.\w+\.\w*[^_\W]_\./.test(target) && !rows.has(target);
  return isChange ? inputs[0]?.arg.as_tensor?.name : undefined;
}

/** The same operator as one that gives a new value. */
function withoutChange(node: ProgramNode): ProgramNode {
  const target = node.target.replace(/_\./, ".");
  const inputs = node.inputs.map((input, i) =>
    i === 0 && target in otherOperands ? { ...input, name: otherOperands[target] ?? input.name } : input,
  );
  return { ...node, inputs, target: otherOverloads[target] ?? target };
}
/** Overloads and first operands that are called otherwise where the result is new. */
const otherOverloads: Readonly<Record<string, string>> = {
  "torch.ops.aten.pow.Scalar": "torch.ops.aten.pow.Tensor_Scalar",
  "torch.ops.aten.pow.Tensor": "torch.ops.aten.pow.Tensor_Tensor",
  "torch.ops.aten.float_power.Scalar": "torch.ops.aten.float_power.Tensor_Scalar",
  "torch.ops.aten.float_power.Tensor": "torch.ops.aten.float_power.Tensor_Tensor",
};
const otherOperands: Readonly<Record<string, string>> = {
  "torch.ops.aten.dropout.default": "input",
  "torch.ops.aten.feature_dropout.default": "input",
  "torch.ops.aten.alpha_dropout.default": "input",
  "torch.ops.aten.feature_alpha_dropout.default": "input",
};

/** Gives the changed tensor, all that shows it and all that it shows their new values. */
export function lowerChange(lowering: Lowering, node: ProgramNode, operand: string, origin: Origin): void {
  const { file, scope, views, build } = lowering;
  const root = views.root(operand);
  const target = withoutChange(node).target;
  if (!rows.has(target) && isRandom(target)) throw impure(placeOf(file, origin), "a random operator");
  if (lowering.foreign.has(root)) throw changesInput(placeOf(file, origin));
  const stored = scope.stored(root);
  if (stored !== undefined) lowering.note(updateNote(stored));
  const [[result, value] = []] = resultsOf(lowering, withoutChange(node), origin);
  if (result === undefined || value === undefined) throw changesInput(placeOf(file, origin));
  try {
    located(file, origin, () => build.at(origin, () => assign(lowering, operand, value)));
  } catch (error) {
    if (error instanceof NotCovered) throw changesInput(placeOf(file, origin));
    throw error;
  }
  scope.define(result, value);
  views.same(result, operand);
}

/** Defines a tensor anew, with its base and the views of either; `done` has its new value already. */
function assign(lowering: Lowering, name: string, value: Node, done?: string): void {
  const { scope, views } = lowering;
  scope.define(name, value);
  const view = views.of(name);
  if (view !== undefined && view.base !== done) {
    const call = callOf(lowering, view.node, view.node.outputs.flatMap(tensorNames));
    assign(lowering, view.base, writtenThrough(view, call, scope.tensor(view.base), value), name);
  }
  for (const other of views.showing(name)) if (other !== done) refresh(lowering, other, name);
}

/** A view of a tensor that has just changed, and what shows it in turn. */
function refresh(lowering: Lowering, name: string, base: string): void {
  const { scope, views } = lowering;
  const view = views.of(name);
  if (view === undefined) return;
  const { node, index } = view;
  const results = node.outputs.length === 0 ? undefined : resultsOf(lowering, node, originOf(node));
  const value = results === undefined ? scope.tensor(base) : results[index]?.[1];
  if (value !== undefined) assign(lowering, name, value, base);
}

/** A count or an average that the model keeps in a buffer, and that nothing else in the program reads. */
export function isUnreadUpdate({ scope, note }: Lowering, { target, inputs, outputs }: ProgramNode): boolean {
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
