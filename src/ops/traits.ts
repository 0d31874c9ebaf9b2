/** @file Questions about nodes that shared code may ask, answered here where the operators are known by name. */
import { at } from "../base/assert.ts";
import { type Rational, rational, toNumber } from "../base/rational.ts";
import { type Concrete, isConcrete } from "../ir/attributes.ts";
import { bodyGraph } from "../ir/body.ts";
import type { Dim, Shape } from "../ir/dim.ts";
import { type Builder, type Graph, type Node, type NodeOf, reachable } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";

/** Whether a node is a value that the model stores. */
export const isParameter = (node: Node): node is NodeOf<"Parameter"> & Node => node.op === "Parameter";

/** The number of rows of the table that `user` reads by the integers `indices`; `undefined` when it reads none. */
export const rowsIndexed = (user: Node, indices: Node): Dim | undefined =>
  user.op === "Take" && user.inputs[1] === indices ? at(at(user.inputs, 0).type.shape, 0) : undefined;

/** Whether a node reads rows of a table by integers. */
export const readsRows = (node: Node): boolean => node.op === "Take";

/** The number of places with which `user` compares the integers `node`, as a one-hot table does; `undefined` when with none. */
export function placesCompared(user: Node, node: Node): Dim | undefined {
  if (user.op !== "Equal") return undefined;
  const [left, right] = user.inputs.map(ungathered);
  const other = left === node ? right : right === node ? left : undefined;
  return other?.op === "Iota" ? other.attrs.size : undefined;
}
function ungathered(node: Node): Node {
  let source = node;
  for (let operand = gatheredOperand(source); operand !== undefined; operand = gatheredOperand(source))
    source = operand;
  return source;
}

/** The einsum equation of a contraction. */
export const contractionOf = (node: Node): string | undefined =>
  node.op === "Contract" ? node.attrs.equation : undefined;

/** Whether a node and all that it is made of have a property; answers are kept, since nodes never change. */
function everywhere(holds: (node: Node) => boolean): (node: Node) => boolean {
  const known = new WeakMap<Node, boolean>();
  return (node) => {
    const pending = [node];
    for (let last = pending.at(-1); last !== undefined; last = pending.at(-1)) {
      const open = last.inputs.filter((input) => !known.has(input));
      pending.push(...open);
      if (open.length > 0) continue;
      known.set(last, holds(last) && last.inputs.every((input) => known.get(input) === true));
      pending.pop();
    }
    return known.get(node) === true;
  };
}

/** Whether a value is the same on every call: made of parameters and constants only. */
export const isStored: (node: Node) => boolean = everywhere(({ op }) => op !== "Input");

/** Whether a value is made of numbers and positions alone. */
export const isClosed: (node: Node) => boolean = everywhere(
  ({ op }) => op !== "Input" && op !== "Parameter" && op !== "Opaque",
);

/** Whether a value is a parameter, or one that was only rearranged. */
export const isParameterLike = (node: Node): boolean => isStored(node) && reachable([node]).some(isParameter);

const keeping: ReadonlySet<OpName> = new Set<OpName>([
  ...(["Parameter", "Constant", "NamedConstant", "Cast"] as const),
  ...(["Transpose", "Reshape", "Broadcast", "Concat", "Slice", "Pad", "Windows"] as const),
]);
/** Whether a value is a parameter or a constant, or one that was only rearranged: nothing was computed for it. */
export const isKept: (node: Node) => boolean = everywhere(({ op }) => keeping.has(op));

/** The operand of which a node holds nothing but elements, with zeros among them perhaps. */
export function gatheredOperand(node: Node): Node | undefined {
  const [first, fill] = node.inputs;
  if (node.op === "Pad") return fill !== undefined && isZero(fill) ? first : undefined;
  return gathering.has(node.op) ? first : undefined;
}
/** The number that all elements of a node are. */
export function constantOf(node: Node): Rational | undefined {
  let source: Node | undefined = node;
  while (source !== undefined && source.op !== "Constant")
    source = source.op === "Pad" ? undefined : gatheredOperand(source);
  return source?.attrs.value;
}

const isZero = (node: Node): boolean => node.op === "Constant" && toNumber(node.attrs.value) === 0;
const gathering: ReadonlySet<OpName> = new Set<OpName>([
  "Transpose",
  "Reshape",
  "Broadcast",
  "Slice",
  "Windows",
]);

/** Whether a node makes integers of real numbers. */
export const isTruncation = (node: Node): boolean =>
  node.op === "Cast" && !isReal(node.type.dtype) && isReal(at(node.inputs, 0).type.dtype);

/** Whether a graph makes integers of real numbers that depend on inputs or parameters. */
export function truncatesData(graph: Graph): boolean {
  const isReals = (node: Node): boolean =>
    (node.op === "Input" || node.op === "Parameter" || node.op === "Opaque") && isReal(node.type.dtype);
  return graph.nodes.some((node) => isTruncation(node) && reachable([node]).some(isReals));
}

/** The real number that the node is. */
export const numberOf = (node: Node): Rational | undefined =>
  node.op === "Constant" && isReal(node.attrs.dtype) ? node.attrs.value : undefined;

/** The shape that a reshape gives. */
export const reshapeOf = (node: Node): Shape | undefined =>
  node.op === "Reshape" ? node.attrs.shape : undefined;

/** How a convolution or pool lays windows over the last axes; sizes are those of a kernel where there is one. */
export interface Windowing {
  readonly words: string;
  readonly sizes: readonly number[] | undefined;
  readonly strides: readonly number[];
  readonly padding: readonly (readonly [before: number, after: number])[];
  readonly dilation: readonly number[] | undefined;
  readonly groups: number | undefined;
  /** The operator with other windows; a kernel of other sizes is another parameter. */
  readonly rebuild: (builder: Builder, inputs: readonly Node[], other: Windowing) => Node;
}

/** Over how many of the last axes a convolution or a pool lays windows. */
export const spatialAxes = ({ attrs }: Node): number | undefined =>
  "strides" in attrs ? attrs.strides.length : undefined;

/** Whether a node lays a kernel over windows, and that is this operand. */
export const isKernelOf = (node: Node, operand: Node): boolean =>
  spatialAxes(node) !== undefined && node.inputs[0] !== operand && node.inputs[1] === operand;

export function windowingOf(node: Node): Windowing | undefined {
  const none = { dilation: undefined, groups: undefined };
  if (node.op === "Convolution") return convolutionWindows(node);
  if (node.op === "MaxPool" && isConcrete(node.attrs)) {
    return {
      ...none,
      ...node.attrs,
      words: "the max pool",
      rebuild: (b, inputs, { strides, padding, sizes, dilation }) =>
        b.node("MaxPool", inputs, {
          strides,
          padding,
          sizes: sizes ?? node.attrs.sizes,
          dilation: dilation ?? node.attrs.dilation,
        }),
    };
  }
  if (node.op !== "AveragePool" || !isConcrete(node.attrs)) return undefined;
  return {
    ...none,
    ...node.attrs,
    words: "the average pool",
    rebuild: (b, inputs, { strides, padding, sizes }) =>
      b.node("AveragePool", inputs, { ...node.attrs, strides, padding, sizes: sizes ?? node.attrs.sizes }),
  };
}

function convolutionWindows(node: NodeOf<"Convolution">): Windowing | undefined {
  if (!isConcrete(node.attrs)) return undefined;
  const kernel = at(node.inputs, 1);
  const sizes = kernel.type.shape.slice(2).filter((size) => typeof size === "number");
  return {
    ...node.attrs,
    words: "the convolution",
    sizes: isParameter(kernel) && sizes.length === node.attrs.strides.length ? sizes : undefined,
    rebuild: (builder, [x, w], { strides, padding, dilation, groups, sizes: wanted }) => {
      const used =
        w !== undefined && isParameter(w) && wanted !== undefined ? resized(builder, w, wanted) : w;
      return builder.node(
        "Convolution",
        [x, used].filter((input) => input !== undefined),
        {
          strides,
          padding,
          dilation: dilation ?? node.attrs.dilation,
          groups: groups ?? node.attrs.groups,
        },
      );
    },
  };
}

function resized(builder: Builder, w: NodeOf<"Parameter"> & Node, sizes: readonly number[]): Node {
  return builder.node("Parameter", [], { ...w.attrs, shape: [...w.attrs.shape.slice(0, 2), ...sizes] });
}

/** A pool of another kind over the same windows. */
interface OtherPool {
  readonly words: string;
  readonly make: (builder: Builder, inputs: readonly Node[]) => Node;
}

/** Pools of other kinds over the same windows. */
export function otherPools(node: Node): OtherPool[] {
  if (node.op === "MaxPool" && node.attrs.dilation.every((step) => step === 1)) {
    const { dilation: _, ...attrs } = node.attrs;
    const make: OtherPool["make"] = (b, x) => b.node("AveragePool", x, { ...attrs, countPadding: true });
    return [{ words: "the average instead of the largest", make }];
  }
  if (node.op !== "AveragePool" || !isConcrete(node.attrs)) return [];
  const { countPadding: _, ...attrs }: Concrete<OpAttrs["AveragePool"]> = node.attrs;
  const dilation = attrs.sizes.map(() => 1);
  const places = attrs.sizes.reduce((product, size) => product * size, 1);
  return [
    {
      words: "the largest instead of the average",
      make: (b, x) => b.node("MaxPool", x, { ...attrs, dilation }),
    },
    {
      words: "the sum instead of the average",
      make: (b, x) => {
        const average = b.node("AveragePool", x, { ...attrs, countPadding: true });
        const count = b.node("Constant", [], { value: rational(places), dtype: node.type.dtype });
        return b.node("Mul", [average, count], {});
      },
    },
  ];
}

/** Whether a node adds or subtracts its two operands. */
export const isAdditive = (node: Node): boolean => node.op === "Add" || node.op === "Sub";

/** Functions that can only be written with each other. */
const kindred: Partial<Record<OpName, string>> = {
  Exp: "exponential",
  Log: "logarithm",
  Sin: "angle",
  Cos: "angle",
  Erf: "error function",
  Sqrt: "root",
  Power: "root",
};

/** What kinds of functions that can't be written with others these primitives compute of a model's inputs. */
export const functionKinds = (nodes: readonly Node[]): ReadonlySet<string> =>
  new Set(nodes.flatMap((node) => (isStored(node) ? [] : (kindred[node.op] ?? []))));

/** The number that e to the power of nothing is, where a node is an exponential: its power series begins with it and the operand. */
export const startOfSeries = (node: Node): Rational | undefined =>
  node.op === "Exp" ? rational(1) : undefined;

/** Whether a node is a recurrence. */
export const isScan = (node: Node): node is NodeOf<"Scan"> & Node => node.op === "Scan";

/** Whether a node is a use of a block. */
export const isCall = (node: Node): node is NodeOf<"Call"> & Node => node.op === "Call";

/** Whether a node is a result of a use of a block that has several. */
export const isOneOfSeveral = (node: Node): boolean =>
  isCall(node) && bodyGraph(node.attrs.body).outputs.length > 1;

/** What a use of a block is given, without the parameters of its own. */
export const argumentsOf = (call: NodeOf<"Call">): readonly Node[] =>
  call.inputs.slice(0, bodyGraph(call.attrs.body).inputs.length);

/** The operands that a node takes for angles. */
export function anglesOf(node: Node): readonly Node[] {
  if (node.op === "Sin" || node.op === "Cos") return node.inputs;
  return node.op === "Rotary" ? node.inputs.slice(1) : [];
}

/** Whether a node is a softmax. */
export const isSoftmax = (node: Node): boolean => node.op === "Softmax";

/** Whether a node hides the scores of later keys. */
export const isCausal = (node: Node): boolean => node.op === "Causal";

/** Whether a node hides scores of keys, be it later ones or those that are marked. */
export const hidesScores = (node: Node): boolean => isCausal(node) || node.op === "Hide";

/** Whether a node splits an axis into the heads of an attention. */
export const isSplit = (node: Node): boolean => node.op === "SplitHeads";

/** Whether a node puts the heads of an attention side by side. */
export const isMerge = (node: Node): boolean => node.op === "MergeHeads";

/** Whether a node gives the heads of an attention, or turns or copies them. */
export const isOfHeads = (node: Node): boolean =>
  isSplit(node) || node.op === "Repeat" || node.op === "Rotary";

/** Whether a node turns pairs of elements of its first operand's last axis. */
export const isTurned = (node: Node): boolean => node.op === "Rotary";

/** The axis of channels, along which a node has averages or groups of its own. */
export const channelAxis = (node: Node): number | undefined =>
  node.op === "BatchNormalize" || node.op === "GroupNormalize" ? node.attrs.axis : undefined;

/** The axes that a node normalises. */
export const normalisedAxes = (node: Node): readonly number[] | undefined =>
  node.op === "Normalize" || node.op === "RmsNormalize" ? node.attrs.axes : undefined;

/** Whether a node multiplies its two operands element by element. */
export const isElementwiseProduct = (node: Node): boolean => node.op === "Mul";

/** The size of the axis whose places the node lists, 0, 1, and so on. */
export const positionsOf = (node: Node): Dim | undefined =>
  node.op === "Iota" ? node.attrs.size : undefined;

/** The integer that the node is. */
export const integerOf = (node: Node): number | undefined =>
  node.op === "Constant" && !isReal(node.attrs.dtype) ? toNumber(node.attrs.value) : undefined;

/** Whether a value is a function of positions: made of these and of numbers only. */
export const isPositional = (node: Node): boolean =>
  isOfPositionalLeaves(node) && reachable([node]).some(({ op }) => op === "Iota");
const isOfPositionalLeaves: (node: Node) => boolean = everywhere(
  ({ op, inputs }) => inputs.length > 0 || positionalLeaves.has(op),
);
const positionalLeaves: ReadonlySet<OpName> = new Set<OpName>(["Iota", "Constant", "NamedConstant"]);

/** Whether a value is computed of numbers alone. */
export const isConstant: (node: Node) => boolean = everywhere(
  ({ op, inputs }) => inputs.length > 0 || op === "Constant" || op === "NamedConstant",
);

/** Which operands an operator is linear in: in all together, in each by itself, or in those at some positions. */
const linearity: { readonly [N in OpName]?: "all" | "each" | readonly number[] } = {
  Add: "all",
  Sub: "all",
  Neg: "all",
  Sum: "all",
  Cast: "all",
  StopGradient: "all",
  Transpose: "all",
  Reshape: "all",
  Broadcast: "all",
  Concat: "all",
  Slice: "all",
  Pad: "all",
  Windows: "all",
  Mul: "each",
  Contract: "each",
  Div: [0],
  Take: [0],
  Where: [1, 2],
};

/** Whether a node that depends on operands `inside` is a linear function of these, and a constant. */
export function isLinearIn(node: Node, inside: (operand: Node) => boolean): boolean {
  const varying = node.inputs.flatMap((input, index) => (inside(input) ? [index] : []));
  const linear = linearity[node.op];
  if (linear === undefined || linear === "all") return linear === "all";
  return linear === "each" ? varying.length === 1 : varying.every((index) => linear.includes(index));
}

/** Whether a node is linear in each of its operands, so that nothing comes of it where one is zero. */
export const isProduct = (node: Node): boolean => linearity[node.op] === "each";

/** The axis along which a node ranks its operand. */
export const rankedAxis = (node: Node): number | undefined =>
  node.op === "Rank" ? node.attrs.axis : undefined;

/** Whether a node is the logical negation of its operand. */
export const isLogicalNot = (node: Node): boolean => node.op === "Not";

/** Whether a node is a slice whose bounds are numbers. */
export const isFixedPart = (node: Node): boolean =>
  node.op === "Slice" && typeof node.attrs.start === "number" && typeof node.attrs.stop === "number";

/** Where a slice ends, and the size of the axis that it cuts. */
export const sliceOf = (node: Node): { readonly end: Dim; readonly size: Dim } | undefined =>
  node.op === "Slice"
    ? { end: node.attrs.stop, size: at(at(node.inputs, 0).type.shape, node.attrs.axis) }
    : undefined;

/** The condition whose truth a node counts as 1. */
export function conditionCounted({ op, inputs }: Node): Node | undefined {
  const [first, one, zero] = inputs;
  if (op === "Cast") return first?.type.dtype === "bool" ? first : undefined;
  const isCount = op === "Where" && isWhole(one, 1n) && isWhole(zero, 0n);
  return isCount ? first : undefined;
}

const isWhole = (node: Node | undefined, value: bigint): boolean =>
  node?.op === "Constant" && node.attrs.value.numerator === value && node.attrs.value.denominator === 1n;
