/** @file The operator table: one definition for each name of the closed list. */
import { Builder, type Infer, type Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import * as attention from "./attention.ts";
import { call } from "./call.ts";
import * as channels from "./channels.ts";
import * as comparison from "./comparison.ts";
import * as composite from "./composite.ts";
import * as convolution from "./convolution.ts";
import { broadcastAxes, type Definition, misfit, type Table } from "./define.ts";
import * as elementwise from "./elementwise.ts";
import { crossEntropy } from "./entropy.ts";
import * as functions from "./functions.ts";
import * as heads from "./heads.ts";
import * as leaves from "./leaves.ts";
import { rank } from "./order.ts";
import * as places from "./places.ts";
import * as reduction from "./reduction.ts";
import { scan } from "./scan.ts";
import { stack } from "./stack.ts";
import * as structure from "./structure.ts";
import * as windows from "./windows.ts";

export const operators: Table = {
  Input: leaves.input,
  Parameter: leaves.parameter,
  Constant: leaves.constant,
  NamedConstant: leaves.namedConstant,
  Iota: leaves.iota,
  Opaque: leaves.opaque,
  Scan: scan,
  Call: call,
  Add: elementwise.add,
  Sub: elementwise.sub,
  Mul: elementwise.mul,
  Div: elementwise.div,
  Neg: elementwise.neg,
  Exp: elementwise.exp,
  Log: elementwise.log,
  Sqrt: elementwise.sqrt,
  Power: elementwise.power,
  Sin: elementwise.sin,
  Cos: elementwise.cos,
  Erf: elementwise.erf,
  Abs: elementwise.abs,
  Function: functions.named,
  Quotient: functions.quotient,
  Bitwise: functions.bitwise,
  Maximum: elementwise.maximum,
  Minimum: elementwise.minimum,
  Less: comparison.less,
  Equal: comparison.equal,
  Not: comparison.not,
  And: comparison.and,
  Where: comparison.where,
  Cast: elementwise.cast,
  StopGradient: elementwise.stopGradient,
  Sum: reduction.sum,
  Max: reduction.max,
  LogSumExp: reduction.logSumExp,
  Rank: rank,
  Contract: reduction.contract,
  Transpose: structure.transpose,
  Reshape: structure.reshape,
  Broadcast: structure.broadcast,
  Concat: structure.concat,
  Stack: stack,
  Slice: structure.slice,
  Pad: windows.pad,
  Windows: windows.windows,
  Take: structure.take,
  PowerOf: composite.powerOf,
  Reciprocal: composite.reciprocal,
  Square: composite.square,
  Tanh: composite.tanh,
  Sigmoid: composite.sigmoid,
  Relu: composite.relu,
  LeakyRelu: composite.leakyRelu,
  Elu: composite.elu,
  Silu: composite.silu,
  Gelu: composite.gelu,
  Softplus: composite.softplus,
  Mean: composite.mean,
  Variance: composite.variance,
  Softmax: composite.softmax,
  LogSoftmax: composite.logSoftmax,
  TakeAlong: places.takeAlong,
  Argmax: places.argmax,
  Argmin: places.argmin,
  CrossEntropy: crossEntropy,
  Normalize: composite.normalize,
  RmsNormalize: composite.rmsNormalize,
  SplitHeads: heads.splitHeads,
  MergeHeads: heads.mergeHeads,
  Repeat: heads.repeat,
  RotateHalf: heads.rotateHalf,
  Interleave: heads.interleave,
  Causal: attention.causal,
  Hide: attention.hide,
  Rotary: attention.rotary,
  Convolution: convolution.convolution,
  BiasedConvolution: channels.biasedConvolution,
  BatchNormalize: channels.batchNormalize,
  GroupNormalize: channels.groupNormalize,
  MaxPool: convolution.maxPool,
  AveragePool: convolution.averagePool,
};

/** The definition of an operator whose name is not known statically. */
export const definitionOf = (op: OpName): Definition<OpName> => operators[op];

/** Whether the operator acts on each element, with NumPy broadcasting. */
export function isElementwise(node: Node): boolean {
  const { axes, family, rearranges } = definitionOf(node.op);
  return (
    axes === broadcastAxes && rearranges !== true && family !== "normalisation" && node.inputs.length > 0
  );
}

/** The type rule that builders use. */
const infer: Infer = (op, inputs, attrs) => {
  const definition = operators[op];
  const { arity } = definition;
  const fits = arity === "any" ? inputs.length >= 1 : inputs.length === arity;
  if (!fits) throw misfit(op, `${inputs.length} operands`, `${arity}`);
  return definition.infer(
    inputs.map((input) => input.type),
    attrs,
  );
};

export const newBuilder = (): Builder => new Builder(infer);
