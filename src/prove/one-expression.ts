/**
 * @file Two graphs that are the same operations on the same values, one by one, compute the same whatever these operations are:
 * also where an exact comparison has no numbers for them, as for infinities.
 */
import { get, zip } from "../base/assert.ts";
import { lower } from "../eval/lower.ts";
import { mapDims } from "../ir/attributes.ts";
import { type Dim, dimText, substitute } from "../ir/dim.ts";
import { attributeText, type Graph, type Node, type Parameter } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { type Dtype, isReal } from "../ir/type.ts";
import { definitionOf } from "../ops/table.ts";
import { conditionCounted, isParameter } from "../ops/traits.ts";
import type { Evidence, Verdict } from "../result/verdict.ts";
import { nameIn } from "./names.ts";
import { isClash, type Pairing, pair } from "./pairing.ts";
import type { Sides } from "./steps.ts";

/** No numbers were compared, so none can have agreed by chance. */
const evidence: Evidence = {
  runs: 0,
  primes: [],
  elements: 0,
  stages: 0,
  error: 0,
  assumptions: ["arithmetic on real numbers: rounding is not compared"],
};

/** The verdict on two models that are one expression; `undefined` where they are not. */
export function asWritten(sides: Sides, notes: string[]): Verdict | undefined {
  const [spec, code] = [lower(sides.spec).graph, lower(sides.code).graph];
  const pairing = pair(spec, code);
  const parameters = isClash(pairing) ? undefined : oneExpression(spec, code, pairing);
  if (parameters === undefined) return undefined;
  const nameOf = nameIn(spec).value;
  const stored = new Map<Node, Parameter>(code.parameters.map((record) => [record.node, record]));
  const bindings = [...parameters].map(([own, found]) => ({
    parameter: nameOf(own),
    shape: own.type.shape.map(Number),
    is: get(stored, found).names.join(" = "),
  }));
  return { kind: "equal", bindings, evidence, notes };
}

/** Each parameter that the spec reads with the code's, if the two are one expression; `undefined` if they are not. */
function oneExpression(spec: Graph, code: Graph, pairing: Pairing): ReadonlyMap<Node, Node> | undefined {
  const sizes = sizesOfInputs(pairing);
  const trained = new Map(
    [...spec.parameters, ...code.parameters].map((one) => [one.node as Node, one.trainable]),
  );
  const known = new Map<Node, Node>(pairing.inputs.map(([s, c]) => [s as Node, c as Node]));
  const isOne = (s: Node, c: Node): boolean =>
    headOf(s, sizes) === headOf(c) &&
    s.inputs.length === c.inputs.length &&
    trained.get(s) === trained.get(c);
  const open = pairing.outputs.map(([s, c]) => [s.node, c.node] as const);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [s, c] = [asNumber(next[0]), asNumber(next[1])];
    const before = known.get(s);
    if (before === c) continue;
    const [asked, found] = [conditionCounted(s), conditionCounted(c)];
    const areConditions = asked !== undefined && found !== undefined;
    if (before !== undefined || !(areConditions || isOne(s, c))) return undefined;
    known.set(s, c);
    if (areConditions) open.push([asked, found]);
    else open.push(...zip(isTurned(s, c, sizes) ? s.inputs.toReversed() : s.inputs, c.inputs));
  }
  const parameters = [...known].filter(([s]) => isParameter(s));
  // One tensor in two places of the code is not two tensors.
  return new Set(parameters.map(([, c]) => c)).size === parameters.length ? new Map(parameters) : undefined;
}

/** The code's sizes for the symbols of the spec that are whole sizes of an input. */
function sizesOfInputs({ inputs }: Pairing): ReadonlyMap<string, Dim> {
  const pairs = inputs.flatMap(([s, c]) => zip<Dim, Dim>(s.type.shape, c.type.shape));
  return new Map(pairs.map(([size, is]) => [dimText(size), is]));
}

/** Whole numbers are real numbers, whether the program says so or not. */
function asNumber(node: Node): Node {
  const [from] = node.inputs;
  const isSame = node.op === "Cast" && isReal(node.attrs.dtype) && from?.type.dtype !== "bool";
  return isSame && from !== undefined ? asNumber(from) : node;
}

/** Whether two operands whose order is no matter stand the other way round. */
function isTurned(s: Node, c: Node, sizes: ReadonlyMap<string, Dim>): boolean {
  const [a, b] = c.inputs.map((node) => headOf(asNumber(node)));
  const first = s.inputs[0] && headOf(asNumber(s.inputs[0]), sizes);
  const isEither = "commutative" in definitionOf(s.op) && s.inputs.length === 2;
  return isEither && first !== a && first === b;
}

/** What a node does, whatever its operands are; what a parameter is called and how precise a number is stored is left out. */
function headOf(node: Node, sizes: ReadonlyMap<string, Dim> = new Map()): string {
  const attrs = {
    ...mapDims<OpAttrs[OpName]>(node.attrs, (size) => substitute(size, sizes)),
    ...("dtype" in node.attrs ? { dtype: kindOf(node.attrs.dtype, node.op === "Cast") } : {}),
    ...(isParameter(node) ? { name: "" } : {}),
  };
  const shape = node.type.shape.map((size) => dimText(substitute(size, sizes)));
  return `${node.op} ${attributeText(attrs)} ${kindOf(node.type.dtype, false)}[${shape.join()}]`;
}

/** A number becomes an integer by losing its fraction. */
const kindOf = (dtype: Dtype, isMade: boolean): string =>
  dtype === "bool" ? dtype : isMade && !isReal(dtype) ? "integer" : "number";
