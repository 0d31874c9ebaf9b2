/**
 * @file The edit catalogue: small changes of a spec, each of which is a bug that people make. A bug is named by finding
 * the edit that turns the spec into the code. Edits are made from traits of operators (activations, reductions,
 * normalisations, what may be left out of a sum), not from a list of operators.
 */
import { at, range } from "../base/assert.ts";
import { type Rational, rational, toText } from "../base/rational.ts";
import { equalShapes } from "../ir/dim.ts";
import { applied, type Builder, type Graph, type Node, reachable, rebuild, transform } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import type { Definition } from "../ops/define.ts";
import { definitionOf, newBuilder } from "../ops/table.ts";
import { isParameter, isParameterLike, isStored } from "../ops/traits.ts";
import type { FindingKind } from "../result/findings.ts";
import type { Namer } from "./names.ts";

export interface Edit {
  readonly kind: FindingKind;
  /** The node of the spec that the edit changes. */
  readonly node: Node;
  /** What the code does instead, in words. */
  readonly words: string;
  /** What stands for the node, made from its copied operands; throws a Diagnostic where types do not fit. */
  readonly make: (builder: Builder, inputs: readonly Node[], imageOf: (node: Node) => Node) => Node;
}

/** A spec with an edit applied, and where each of its nodes went. */
export interface Mutant {
  readonly edit: Edit;
  readonly graph: Graph;
  readonly image: ReadonlyMap<Node, Node>;
}

/**
 * Throws a Diagnostic when the edited spec is not well typed. `own` leads from the nodes that the edit speaks of to those of
 * `spec`, when they are not the same.
 */
export function applyEdit(spec: Graph, edit: Edit, own: (node: Node) => Node | undefined = (n) => n): Mutant {
  const builder = newBuilder();
  const seen = new Map<Node, Node>();
  const imageOf = (node: Node): Node => seen.get(own(node) ?? node) ?? node;
  const place = own(edit.node);
  const { graph, image } = transform(spec, builder, (node, inputs) => {
    const made = node === place ? edit.make(builder, inputs, imageOf) : rebuild(builder, node, inputs);
    seen.set(node, made);
    return made;
  });
  const known = new Set<Node>(graph.parameters.map((parameter) => parameter.node as Node));
  const added = graph.nodes.filter(isParameter).filter((node) => !known.has(node));
  const parameters = [
    ...graph.parameters,
    ...added.map((node) => ({ node, names: [node.attrs.name], trainable: true })),
  ];
  return { edit, graph: { ...graph, parameters }, image };
}

/** An operator with fixed attributes, for putting in another's place. */
interface Variant {
  readonly op: OpName;
  readonly words: string;
  readonly apply: (builder: Builder, x: Node) => Node;
}

function variant<N extends OpName>(op: N, attrs: OpAttrs[N], words: string = op.toLowerCase()): Variant {
  return { op, words, apply: (builder, x) => applied(builder, op, [x], attrs) };
}

/** Every activation of the operator table, with the attributes that frameworks use by default. */
const activations: readonly Variant[] = [
  variant("Tanh", {}),
  variant("Sigmoid", {}),
  variant("Relu", {}),
  variant("LeakyRelu", { slope: rational(1, 100) }, "leaky_relu"),
  variant("Elu", {}),
  variant("Silu", {}),
  variant("Gelu", { approximate: "none" }, "gelu (erf form)"),
  variant("Gelu", { approximate: "tanh" }, "gelu (tanh form)"),
  variant("Softplus", {}),
];

/** Other functions of one real number. */
const functions: readonly Variant[] = [
  variant("Exp", {}),
  variant("Log", {}),
  variant("Sqrt", {}),
  variant("Square", {}),
  variant("Abs", {}),
  variant("Erf", {}),
  variant("Sin", {}),
  variant("Cos", {}),
];

const binaryOperators: readonly OpName[] = ["Add", "Sub", "Mul", "Div"];
const binaryWords: Readonly<Record<string, string>> = {
  Add: "added",
  Sub: "subtracted",
  Mul: "multiplied",
  Div: "divided",
};
const reductions: readonly OpName[] = ["Sum", "Mean", "Max"];

const definition = (node: Node): Definition<OpName> => definitionOf(node.op);
const opWords = (node: Node): string => activationWords(node) ?? node.op.toLowerCase();

function activationWords(node: Node): string | undefined {
  const made = activations.filter(({ op }) => op === node.op);
  return (made.find(({ apply }) => sameAttrs(apply, node)) ?? made[0])?.words;
}
const sameAttrs = (apply: Variant["apply"], node: Node): boolean => {
  const builder = newBuilder();
  const x = builder.node("Input", [], { name: "x", shape: [], dtype: "float32" }) as Node;
  return JSON.stringify(apply(builder, x).attrs, bigintText) === JSON.stringify(node.attrs, bigintText);
};
const bigintText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}` : value);

/** Edits at one node, the likeliest first. */
export function editsAt(spec: Graph, node: Node, names: Namer): Edit[] {
  if (isParameter(node)) return shareEdits(spec, node, names);
  if (!isReal(node.type.dtype) || definition(node).family === "leaf") return [];
  return [
    ...dropEdits(node),
    ...arithmeticEdits(node, names),
    ...axisEdits(node, names),
    ...reductionEdits(node),
    ...separateEdits(spec, node, names),
    ...extraBiasEdits(node, names),
    ...functionEdits(node),
    ...bypassEdits(node, names),
    ...insertEdits(spec, node, names),
  ];
}

/** Leaves out a function of one operand: an activation, a normalisation. */
function dropEdits(node: Node): Edit[] {
  const { family, arity } = definition(node);
  if (arity !== 1 || !equalShapes(node.type.shape, at(node.inputs, 0).type.shape)) return [];
  const make: Edit["make"] = (_, inputs) => at(inputs, 0);
  if (family === "activation") {
    return [{ kind: "missing-activation", node, words: `the activation ${opWords(node)} is missing`, make }];
  }
  if (family === "normalisation") {
    return [{ kind: "missing-normalisation", node, words: `${opWords(node)} is missing`, make }];
  }
  return family === "function" || family === "arithmetic"
    ? [{ kind: "missing-operation", node, words: `${opWords(node)} is missing`, make }]
    : [];
}

/** Another function in the place of a function of one operand. */
function functionEdits(node: Node): Edit[] {
  const { family, arity } = definition(node);
  if (arity !== 1 || (family !== "activation" && family !== "function")) return [];
  const own = opWords(node);
  return [...activations, ...functions]
    .filter(({ words }) => words !== own)
    .map((other) => ({
      kind: family === "activation" ? "wrong-activation" : "wrong-operation",
      node,
      words: `the ${family} is ${other.words} instead of ${own}`,
      make: (builder, inputs) => other.apply(builder, at(inputs, 0)),
    }));
}

function arithmeticEdits(node: Node, names: Namer): Edit[] {
  const { algebra } = definition(node);
  if (algebra === undefined) return [];
  const removals = algebra.removable
    .filter((index) => equalShapes(at(node.inputs, 1 - index).type.shape, node.type.shape))
    .flatMap((index) => removalEdits(node, index, names));
  const replacements = binaryOperators
    .filter((op) => op !== node.op)
    .map((op): Edit => {
      const [x, y] = [names.value(at(node.inputs, 0)), names.value(at(node.inputs, 1))];
      const words = `${x} and ${y} are ${binaryWords[op]}, not ${binaryWords[node.op]}`;
      return {
        kind: "wrong-operation",
        node,
        words,
        make: (b, inputs) => applied(b, op, inputs, {}),
      };
    });
  return [...removals, ...replacements];
}

function removalEdits(node: Node, index: number, names: Namer): Edit[] {
  const [gone, kept] = [at(node.inputs, index), at(node.inputs, 1 - index)];
  const drop: Edit["make"] = (_, inputs) => at(inputs, 1 - index);
  if (isParameterLike(gone) && !isStored(kept)) {
    const name = names.value(gone);
    return [
      { kind: "missing-bias", node, words: `${name} is missing`, make: drop },
      {
        kind: "bias-added-twice",
        node,
        words: `${name} is ${binaryWords[node.op]} twice`,
        make: (builder, inputs) => {
          const once = rebuild(builder, node, inputs);
          return rebuild(builder, node, index === 1 ? [once, at(inputs, 1)] : [at(inputs, 0), once]);
        },
      },
    ];
  }
  if (reachable([kept]).includes(gone) && definition(node).commutative) {
    return [
      {
        kind: "missing-skip-connection",
        node,
        words: `the skip connection from ${names.value(gone)} is missing`,
        make: drop,
      },
    ];
  }
  return [
    { kind: "missing-term", node, words: `${names.value(gone)} is not ${binaryWords[node.op]}`, make: drop },
  ];
}

const axesOf = (attrs: object): unknown => ("axes" in attrs ? attrs.axes : "axis" in attrs ? attrs.axis : []);

/** The same operator along other axes. */
function axisEdits(node: Node, names: Namer): Edit[] {
  const operand = at([...node.inputs, node], 0);
  const rank = operand.type.shape.length;
  const axisWords = (axes: unknown): string =>
    [axes]
      .flat()
      .map((axis) => names.axis(operand, Number(axis)))
      .join(", ");
  const attrs = node.attrs as Readonly<Record<string, unknown>>;
  const edits = (changed: readonly object[]): Edit[] =>
    changed.map((other) => ({
      kind: "wrong-axis",
      node,
      words: `${opWords(node)} runs along ${axisWords(axesOf(other))} instead of ${axisWords(axesOf(attrs))}`,
      make: (builder, inputs) => applied(builder, node.op, inputs, other),
    }));
  if (typeof attrs["axis"] === "number" && definition(node).family !== "structure") {
    return edits(
      range(rank)
        .filter((axis) => axis !== attrs["axis"])
        .map((axis) => ({ ...attrs, axis })),
    );
  }
  const { axes } = attrs;
  if (!Array.isArray(axes)) return [];
  const single = range(rank).map((axis) => [axis]);
  const all = rank > 1 ? [range(rank)] : [];
  return edits(
    [...single, ...all]
      .filter((other) => other.join() !== axes.join())
      .map((other) => ({ ...attrs, axes: other })),
  );
}

function reductionEdits(node: Node): Edit[] {
  if (!reductions.includes(node.op)) return [];
  return reductions
    .filter((op) => op !== node.op)
    .map((op) => ({
      kind: "wrong-reduction",
      node,
      words: `the reduction is ${op.toLowerCase()} instead of ${opWords(node)}`,
      make: (builder, inputs) => applied(builder, op, inputs, node.attrs),
    }));
}

/** Another parameter of the same shape in the place of this one. */
function shareEdits(spec: Graph, node: Node, names: Namer): Edit[] {
  return spec.parameters
    .map((parameter) => parameter.node as Node)
    .filter((other) => other !== node && other.id < node.id && equalShapes(other.type.shape, node.type.shape))
    .map((other) => ({
      kind: "shared-parameter",
      node,
      words: `${names.value(other)} is used in the place of ${names.value(node)}: one parameter where the spec has two`,
      make: (_, __, imageOf) => imageOf(other),
    }));
}

/** A parameter of its own where the spec uses one in several places. */
function separateEdits(spec: Graph, node: Node, names: Namer): Edit[] {
  return node.inputs.flatMap((input, index) => {
    const users = spec.nodes.filter((user) => user.inputs.includes(input));
    if (!isParameter(input) || users.length < 2) return [];
    return [
      {
        kind: "separate-parameters" as const,
        node,
        words: `${names.value(input)} is a parameter of its own here, where the spec shares it`,
        make: (builder: Builder, inputs: readonly Node[]): Node => {
          const attrs = { ...input.attrs, name: `${input.attrs.name}'` };
          const own = builder.node("Parameter", [], attrs) as Node;
          return rebuild(
            builder,
            node,
            inputs.map((x, i) => (i === index ? own : x)),
          );
        },
      },
    ];
  });
}

/** A parameter of its own added to what a layer computes. */
function extraBiasEdits(node: Node, names: Namer): Edit[] {
  const width = node.type.shape.at(-1);
  if (definition(node).family !== "contraction" || width === undefined) return [];
  return [
    {
      kind: "extra-bias",
      node,
      words: `a bias is added to ${names.value(node)}`,
      make: (builder, inputs) => {
        const attrs = { name: "b'", shape: [width], dtype: node.type.dtype };
        const bias = builder.node("Parameter", [], attrs);
        return builder.node("Add", [rebuild(builder, node, inputs), bias], {});
      },
    },
  ];
}

/** How far back a computation may be skipped. */
const longestBypass = 5;

/** A value some steps back, of the same type, in the place of this one. */
function bypassEdits(node: Node, names: Namer): Edit[] {
  // What the operands themselves could stand for is covered by other edits, but for contractions.
  const direct = new Set(definition(node).family === "contraction" ? [] : node.inputs);
  let front = new Set<Node>([node]);
  const found = new Set<Node>();
  for (let step = 0; step <= longestBypass; step++) {
    front = new Set([...front].flatMap((n) => n.inputs));
    for (const ancestor of front) if (!direct.has(ancestor)) found.add(ancestor);
  }
  return [...found]
    .filter((ancestor) => equalShapes(ancestor.type.shape, node.type.shape) && !isStored(ancestor))
    .map((ancestor) => ({
      kind: "missing-operation",
      node,
      words: `what leads from ${names.value(ancestor)} to ${names.value(node)} is missing`,
      make: (_, __, imageOf) => imageOf(ancestor),
    }));
}

/** A function where the spec has none. */
function insertEdits(spec: Graph, node: Node, names: Namer): Edit[] {
  const output = spec.outputs.find((o) => o.node === node);
  const place = output === undefined ? names.value(node) : `the output ${output.name}`;
  return [...activations, ...functions].map((extra) => ({
    kind: activations.includes(extra) ? "extra-activation" : "wrong-operation",
    node,
    words: `${place} goes through ${extra.words}`,
    make: (builder, inputs) => extra.apply(builder, rebuild(builder, node, inputs)),
  }));
}

/** The node times a constant that was solved for. */
export function scaleEdit(node: Node, factor: Rational, names: Namer): Edit {
  return {
    kind: "wrong-scale",
    node,
    words: `${names.value(node)} is multiplied by ${toText(factor)}`,
    make: (builder, inputs) => {
      const value = rebuild(builder, node, inputs);
      const constant = builder.node("Constant", [], { value: factor, dtype: node.type.dtype }) as Node;
      return builder.node("Mul", [constant, value], {}) as Node;
    },
  };
}
