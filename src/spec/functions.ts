/**
 * @file The functions of the notation. Where an operator's definition says how it is written, the name comes from there,
 * so that what is printed and what is read cannot differ.
 */
import { at } from "../base/assert.ts";
import { bitOperations, functionOf, functionNames as numberFunctions } from "../base/functions.ts";
import { symbol } from "../base/layout.ts";
import type { Rational } from "../base/rational.ts";
import type { Builder, Node } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import type { Notation } from "../ops/define.ts";
import { operators } from "../ops/table.ts";
import { numberOf } from "../ops/traits.ts";

/** Applies to each element; `constants` of the arguments, the last ones, must be constants. */
export interface Elementwise {
  readonly kind: "elementwise";
  readonly tensors: number;
  readonly constants: number;
  make(build: Builder, args: readonly Node[], constants: readonly Rational[]): Node;
}
/** Acts along axes, which the subscript names. */
export interface Along {
  readonly kind: "along";
  /** Without a subscript: all axes, or the only one. */
  readonly unnamed: "all" | "only";
  readonly severalAxes: boolean;
  readonly keepsAxes: boolean;
  readonly constants: number;
  make(build: Builder, x: Node, axes: readonly number[], constants: readonly Rational[]): Node;
}
export interface Structural {
  readonly kind: "structural";
  readonly name: "reshape" | "permute" | "broadcast" | "concat" | "norm" | "range";
}
/** Takes arguments by their names. */
export interface Windowed {
  readonly kind: "windowed";
  readonly name: "conv" | "max_pool" | "avg_pool" | "windows" | "pad" | "repeat" | "stack" | "causal";
}
/** Acts on the heads of attention. */
export interface Heads {
  readonly kind: "heads";
  readonly name: "split" | "merge" | "rotate_half";
}
/** Hides scores of attention, turns queries and keys, or joins sines and cosines of positions. */
export interface Attending {
  readonly kind: "attention";
  readonly name: "hide" | "rotary" | "rotary_pairs" | "interleave";
}
/** Its subscript is the axis of channels. */
interface Channels {
  readonly kind: "channels";
  readonly name: "batch_normalize" | "group_normalize";
}
/** Its subscript is the axis of classes, of which integers say which is the right one. */
interface Labelled {
  readonly kind: "labelled";
  readonly name: "cross_entropy";
}
/** Nothing is known of it but its arguments and the shape of what it gives. */
interface Unknown {
  readonly kind: "unknown";
}
export type FunctionRule =
  | Elementwise
  | Along
  | Structural
  | Windowed
  | Heads
  | Attending
  | Channels
  | Labelled
  | Unknown;

/** Names of the arguments that are no tensors. */
export const windowedOptions: Readonly<Record<Windowed["name"], readonly string[]>> = {
  conv: ["stride", "padding", "dilation", "groups"],
  max_pool: ["size", "stride", "padding", "dilation"],
  avg_pool: ["size", "stride", "padding", "countpadding"],
  windows: ["axis", "size", "step", "dilation"],
  pad: ["axis", "before", "after", "interior"],
  repeat: ["axis"],
  stack: ["axis"],
  causal: ["window"],
};

const placeholder: Notation = {
  axis: () => "a",
  joinedAxis: () => ["a"],
  operandTypes: [],
  sizeName: () => "a",
  shape: () => symbol("s"),
  size: () => symbol("s"),
  bound: () => symbol("s"),
};

/** How an operator with these attributes is written, when it is written as a call. */
function notationOf<N extends OpName>(op: N, attrs: OpAttrs[N]): string {
  const definition = operators[op];
  const count = definition.arity === "any" ? 1 : definition.arity;
  const names = ["x", "y", "z"].slice(0, count).map(symbol);
  const layout = definition.render(names, attrs, placeholder);
  if (layout?.kind !== "call") throw new Error(`${op} is not written as a call`);
  return layout.name;
}

const nodeOf = <N extends OpName>(build: Builder, op: N, args: readonly Node[], attrs: OpAttrs[N]): Node =>
  build.node(op, args, attrs) as unknown as Node;

/** Operators that apply elementwise and have no attributes. */
const plainOperators = [
  ...(["Exp", "Log", "Sqrt", "Sin", "Cos", "Erf", "Abs", "Tanh", "Sigmoid", "Relu", "Elu", "Silu"] as const),
  ...(["Softplus", "Maximum", "Minimum", "Where", "Not", "StopGradient"] as const),
];

function elementwise<N extends OpName>(
  op: N,
  attrs: OpAttrs[N],
  tensors = Number(operators[op].arity),
): [string, Elementwise] {
  const make: Elementwise["make"] = (build, args) => nodeOf(build, op, args, attrs);
  return [notationOf(op, attrs), { kind: "elementwise", tensors, constants: 0, make }];
}

type AxesOperator = {
  [N in OpName]: OpAttrs[N] extends { readonly axes: readonly number[] } ? N : never;
}[OpName];
type AxisOperator = "Softmax" | "LogSoftmax" | "LogSumExp" | "Rank" | "Argmax" | "Argmin";

function alongAxes<N extends AxesOperator>(
  op: N,
  rule: Pick<Along, "unnamed" | "keepsAxes" | "constants">,
  attrs: (axes: readonly number[], constants: readonly Rational[]) => OpAttrs[N],
): [string, Along] {
  const make: Along["make"] = (build, x, axes, constants) => nodeOf(build, op, [x], attrs(axes, constants));
  const example = attrs([0], [{ numerator: 1n, denominator: 1n }]);
  return [notationOf(op, example), { ...rule, kind: "along", severalAxes: true, make }];
}

function alongAxis<N extends AxisOperator>(op: N, keepsAxes: boolean): [string, Along] {
  const attrs = (axis: number): OpAttrs[N] => ({ axis });
  const make: Along["make"] = (build, x, axes) => nodeOf(build, op, [x], attrs(at(axes, 0)));
  const rule = { kind: "along", unnamed: "only", severalAxes: false, keepsAxes, constants: 0 } as const;
  return [notationOf(op, attrs(0)), { ...rule, make }];
}

const reduces = { unnamed: "all", keepsAxes: false, constants: 0 } as const;
const normalises = { unnamed: "only", keepsAxes: true, constants: 1 } as const;

const along: readonly (readonly [string, Along])[] = [
  alongAxes("Sum", reduces, (axes) => ({ axes })),
  alongAxes("Max", reduces, (axes) => ({ axes })),
  alongAxes("Mean", reduces, (axes) => ({ axes })),
  alongAxes("Variance", reduces, (axes) => ({ axes, correction: 0 })),
  alongAxes("Variance", reduces, (axes) => ({ axes, correction: 1 })),
  alongAxes("Normalize", normalises, (axes, constants) => ({ axes, epsilon: at(constants, 0) })),
  alongAxes("RmsNormalize", normalises, (axes, constants) => ({ axes, epsilon: at(constants, 0) })),
  alongAxis("Softmax", true),
  alongAxis("LogSoftmax", true),
  alongAxis("LogSumExp", false),
  alongAxis("Rank", true),
  alongAxis("Argmax", false),
  alongAxis("Argmin", false),
];

const leakyRelu: Elementwise = {
  kind: "elementwise",
  tensors: 1,
  constants: 1,
  make: (build, args, constants) => nodeOf(build, "LeakyRelu", args, { slope: at(constants, 0) }),
};

/** The integer of a real number towards 0, which a graph has as a cast. */
const truncation: readonly [string, Elementwise] = [
  "trunc",
  {
    kind: "elementwise",
    tensors: 1,
    constants: 0,
    make: (build, args) => nodeOf(build, "Cast", args, { dtype: "int64" }),
  },
];

/** Numbers among the arguments are integers, which elsewhere are real numbers. */
function ofIntegers([name, rule]: readonly [string, Elementwise]): [string, Elementwise] {
  const integer = (build: Builder, arg: Node): Node => {
    const value = numberOf(arg);
    const isWhole = value !== undefined && value.denominator === 1n;
    return isWhole ? (build.node("Constant", [], { value, dtype: "int64" }) as Node) : arg;
  };
  const make: Elementwise["make"] = (build, args, constants) =>
    rule.make(
      build,
      args.map((arg) => integer(build, arg)),
      constants,
    );
  return [name, { ...rule, make }];
}

const pointwise: readonly (readonly [string, Elementwise])[] = [
  ...plainOperators.map((op) => elementwise(op, {})),
  ...numberFunctions.map((name) => elementwise("Function", { name }, functionOf(name).arity)),
  ofIntegers(elementwise("Quotient", {}, 2)),
  ...bitOperations.map((operation) => ofIntegers(elementwise("Bitwise", { operation }))),
  truncation,
  elementwise("Gelu", { approximate: "none" }),
  elementwise("Gelu", { approximate: "tanh" }),
  [notationOf("LeakyRelu", { slope: { numerator: 1n, denominator: 1n } }), leakyRelu],
];

const structural = (["reshape", "permute", "broadcast", "concat", "norm", "range"] as const).map(
  (name) => [name, { kind: "structural", name }] as const,
);

const heads = (["split", "merge", "rotate_half"] as const).map(
  (name) => [name, { kind: "heads", name }] as const,
);

const attention = (["hide", "rotary", "rotary_pairs", "interleave"] as const).map(
  (name) => [name, { kind: "attention", name }] as const,
);

const windowedFunctions = (Object.keys(windowedOptions) as Windowed["name"][]).map(
  (name) => [name, { kind: "windowed", name }] as const,
);

/** Functions without a subscript or with one that names axes; `max` is both a function of two and one along axes. */
const pointwiseNames: ReadonlyMap<string, Elementwise> = new Map(pointwise);
type Other = Exclude<FunctionRule, Elementwise>;
const otherNames: ReadonlyMap<string, Other> = new Map<string, Other>([
  ...along,
  ...structural,
  ...heads,
  ...attention,
  ["batch_normalize", { kind: "channels", name: "batch_normalize" }],
  ["group_normalize", { kind: "channels", name: "group_normalize" }],
  ["cross_entropy", { kind: "labelled", name: "cross_entropy" }],
  ["unknown", { kind: "unknown" }],
  ...windowedFunctions,
]);

/** Names under which papers write functions of the table. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["sigma", "sigmoid"],
  ["leakyrelu", "leaky_relu"],
  ["logsoftmax", "log_softmax"],
  ["crossentropy", "cross_entropy"],
  ["layernorm", "normalize"],
  ["rmsnorm", "rms_normalize"],
]);

/** The name in the table for a name as written, in any case. */
export function functionName(written: string): string | undefined {
  const lower = written.toLowerCase();
  const name = aliases.get(lower) ?? lower;
  return pointwiseNames.has(name) || otherNames.has(name) ? name : undefined;
}

/** The rule of a function that is called with so many arguments, with or without a subscript. */
export function functionRule(name: string, args: number, subscripted: boolean): FunctionRule | undefined {
  const [point, other] = [pointwiseNames.get(name), otherNames.get(name)];
  const takesPoint = other === undefined || (!subscripted && args > 1);
  return point !== undefined && takesPoint ? point : other;
}

const wholeKinds: ReadonlySet<string | undefined> = new Set([
  "structural",
  "windowed",
  "heads",
  "attention",
  "unknown",
]);

/** Whether a function acts on whole tensors, whose axes have places. */
export const takesWholes = (name: string): boolean =>
  name === inGroups || wholeKinds.has(otherNames.get(name)?.kind);

/** Whether a function takes arguments by their names. */
export const takesOptions = (name: string): boolean =>
  name === inGroups || otherNames.get(name)?.kind === "windowed";

/** The one of the functions of channels that acts on more than an axis. */
const inGroups: Channels["name"] = "group_normalize";

/** Functions that may stand before a product without parentheses, as a sum sign does. */
export function takesProduct(name: string): boolean {
  const rule = otherNames.get(name);
  return rule?.kind === "along" && rule.unnamed === "all";
}

export const functionNames: readonly string[] = [
  ...new Set([...pointwiseNames.keys(), ...otherNames.keys()]),
];
