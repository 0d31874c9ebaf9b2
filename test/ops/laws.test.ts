/** @file Laws that hold for every operator, checked by looping over the table. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, only } from "../../src/base/assert.ts";
import { rational } from "../../src/base/rational.ts";
import { float64 } from "../../src/domain/float64.ts";
import type { NumberSystem } from "../../src/domain/number-system.ts";
import { lower } from "../../src/eval/lower.ts";
import { broadcastShapes, equalShapes, type Sizes, sizesOf } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import { isReal, typeText } from "../../src/ir/type.ts";
import { definitionOf, newBuilder, operators } from "../../src/ops/table.ts";
import { type Sample, sizes } from "./samples.ts";
import { apply, concrete, embed, names, newField, run, sampleOf } from "./support.ts";

const family = (name: OpName): string => operators[name].family;
const supplied: readonly OpName[] = ["Input", "Parameter"];
const evaluable = names.filter((name) => !supplied.includes(name));
/** In float64 an opaque function has no value. */
const inFloat64 = evaluable.filter((name) => name !== "Opaque");
/** An empty axis has no maximum, nothing is split into no heads, and there is no second neighbour of none. */
const notEmpty: readonly OpName[] = ["Max", "LogSumExp", "SplitHeads", "Rotary"];
const smallestSize = (name: OpName): number =>
  family(name) === "normalisation" || notEmpty.includes(name) ? 1 : 0;

/** Checks `law` on random applications of one operator. */
function everywhere(
  name: OpName,
  law: (sample: Sample<OpAttrs[OpName]>, sizes: Sizes, seed: number) => void,
): void {
  fc.assert(
    fc.property(sampleOf(name), sizes(smallestSize(name)), fc.nat(), (sample, given, seed) =>
      law(sample as Sample<OpAttrs[OpName]>, given, seed),
    ),
    { numRuns: 40 },
  );
}

function hasInferredType<A>(
  name: OpName,
  sample: Sample<OpAttrs[OpName]>,
  given: Sizes,
  seed: number,
  system: NumberSystem<A>,
): void {
  const application = apply(name, sample, given, seed);
  const { dtype, shape } = application.node.type;
  const value = run(application, system, given);
  expect(value.shape).toEqual(sizesOf(shape, given));
  expect(value.kind).toBe(isReal(dtype) ? "real" : "discrete");
  const length = value.kind === "real" ? system.length(value.values) : value.values.length;
  expect(length).toBe(value.shape.reduce((a, b) => a * b, 1));
}

describe("the value has the inferred type", () => {
  test.each(inFloat64)("%s in float64", (name) => {
    everywhere(name, (...sample) => hasInferredType(name, ...sample, float64));
  });
  test.each(evaluable)("%s in the prime field", (name) => {
    everywhere(name, (...sample) => hasInferredType(name, ...sample, newField(1)));
  });
  test.each(supplied)("%s is supplied by the caller", (name) => {
    everywhere(name, (...sample) => {
      expect(() => hasInferredType(name, ...sample, float64)).toThrow("no value is given for x");
    });
  });
  test("an opaque function has no value in float64", () => {
    everywhere("Opaque", (...sample) => {
      expect(() => hasInferredType("Opaque", ...sample, float64)).toThrow(RangeError);
    });
  });
});

describe("a composite is its expansion", () => {
  const composites = names.filter((name) => operators[name].kind === "composite");
  test.each(composites)("%s expands to primitives of its own type", (name) => {
    everywhere(name, (sample, given, seed) => {
      const { graph, node } = apply(name, sample, given, seed);
      const lowered = lower(graph);
      expect(lowered.graph.nodes.map((part) => definitionOf(part.op).kind)).not.toContain("composite");
      expect(typeText(only(lowered.graph.outputs).node.type)).toBe(typeText(node.type));
    });
  });
  test.each(names.filter((name) => operators[name].kind === "primitive"))("%s stays itself", (name) => {
    everywhere(name, (sample, given, seed) => {
      const { graph } = apply(name, sample, given, seed);
      expect(lower(graph).graph.nodes.map((part) => part.op)).toEqual(graph.nodes.map((part) => part.op));
    });
  });
});

test.each(names)("the same application of %s is the same node", (name) => {
  everywhere(name, ({ operands, attrs }) => {
    const builder = newBuilder();
    const inputs = operands.map(
      ({ shape, dtype }, i) => builder.node("Input", [], { name: `x${i}`, shape, dtype }) as Node,
    );
    const reordered = Object.fromEntries(Object.entries(attrs).reverse()) as typeof attrs;
    const first = builder.node<OpName>(name, inputs, attrs);
    expect(builder.node<OpName>(name, [...inputs], reordered)).toBe(first);
    expect(first.inputs.every((input) => input.id < first.id)).toBe(true);
    expect(Object.isFrozen(first) && Object.isFrozen(first.inputs) && Object.isFrozen(first.attrs)).toBe(
      true,
    );
  });
});

describe("commutativity", () => {
  const binary = names.filter((name) => operators[name].arity === 2 && family(name) !== "structure");
  const swapped = (sample: Sample<OpAttrs[OpName]>): Sample<OpAttrs[OpName]> => ({
    ...sample,
    operands: [...sample.operands].reverse(),
  });

  test.each(binary.filter((name) => operators[name].commutative))("%s commutes as declared", (name) => {
    everywhere(name, (sample, given, seed) => {
      const forward = apply(name, sample, given, seed);
      const turned = apply(name, swapped(sample), given, seed);
      const backward = { ...turned, numbers: [...forward.numbers].reverse() };
      expect(run(backward, float64, given)).toEqual(run(forward, float64, given));
      expect(run(backward, newField(seed), given)).toEqual(run(forward, newField(seed), given));
    });
  });

  test("every binary operator that commutes says so", () => {
    const undeclared = binary.filter((name) => !operators[name].commutative && name !== "Contract");
    expect(undeclared).toEqual([
      "Sub",
      "Div",
      "Quotient",
      "Bitwise",
      "Less",
      "TakeAlong",
      "CrossEntropy",
      "Convolution",
    ]);
  });
});

describe("discrete tensors stay exact", () => {
  const someSizes: Sizes = new Map([["A", 2] as const, ["B", 3] as const, ["C", 1] as const]);
  /** A comparison of reals is a decision that each system takes by its own order. */
  const isDiscrete = (name: OpName, sample: Sample<OpAttrs[OpName]>): boolean =>
    !sample.operands.some(({ dtype }) => isReal(dtype)) &&
    !isReal(apply(name, sample, someSizes, 0).node.type.dtype);
  const discrete = inFloat64.filter((name) =>
    fc.sample(sampleOf(name), { numRuns: 50, seed: 1 }).some((sample) => isDiscrete(name, sample)),
  );

  test.each(discrete)("%s of integers and booleans is the same in both systems", (name) => {
    const samples = fc.sample(sampleOf(name), { numRuns: 100, seed: 2 });
    for (const sample of samples.filter((one) => isDiscrete(name, one))) {
      const application = apply(name, sample, someSizes, 3);
      expect(run(application, newField(4), someSizes)).toEqual(run(application, float64, someSizes));
    }
  });

  test("most operators have discrete results for discrete operands", () => {
    expect(discrete).toContain("Add");
    expect(discrete).toContain("Take");
    expect(discrete).not.toContain("Exp");
  });
});

describe("exact operators are the same function in both systems", () => {
  const exact = inFloat64.filter((name) => {
    const definition = definitionOf(name);
    return definition.kind === "primitive" && definition.field === "exact" && family(name) !== "leaf";
  });
  test.each(exact.filter((name) => name !== "Div"))("%s in float64, read as residues", (name) => {
    everywhere(name, (sample, given, seed) => {
      const application = apply(name, sample, given, seed);
      const [float, field] = [run(application, float64, given), newField(seed)];
      const exactly = run(application, field, given);
      expect(exactly.kind === "real" ? exactly.values : exactly.values).toEqual(
        float.kind === "real" ? embed(field, float.values) : float.values,
      );
    });
  });
  test("Div is multiplication by the inverse", () => {
    everywhere("Div", (sample, given, seed) => {
      const application = apply("Div", sample, given, seed);
      const field = newField(seed);
      const quotient = run(application, field, given);
      const [x, y] = application.inputs.map((node, i) => {
        const shape = sizesOf(node.type.shape, given);
        return { shape, numbers: at(application.numbers, i) };
      });
      if (x === undefined || y === undefined || quotient.kind !== "real")
        throw new Error("two real operands");
      if (!equalShapes(x.shape, y.shape)) return;
      const expected = field.concat(
        [...x.numbers].map((number, i) =>
          field.constant(rational(BigInt(number * 4), BigInt(at(y.numbers, i) * 4))),
        ),
      );
      expect(quotient.values).toEqual(expected);
    });
  });
});

describe("broadcasting is explicit broadcasting", () => {
  const elementwise = names.filter(
    (name) => ["arithmetic", "comparison"].includes(family(name)) && Number(operators[name].arity) >= 2,
  );
  test.each([...elementwise, "Maximum" as const, "Minimum" as const])("%s", (name) => {
    everywhere(name, (sample, given, seed) => {
      const shape = broadcastShapes(sample.operands.map((operand) => operand.shape)) ?? [];
      const implicit = apply(name, sample, given, seed);
      const builder = newBuilder();
      const inputs = sample.operands.map(
        (operand, i) =>
          builder.node("Input", [], { name: `x${i}`, shape: operand.shape, dtype: operand.dtype }) as Node,
      );
      const stretched = inputs.map((x) => builder.node("Broadcast", [x], { shape }) as Node);
      const node = builder.node<OpName>(name, stretched, sample.attrs) as unknown as Node;
      const graph = builder.graph({ name, inputs: [], parameters: [], outputs: [{ name: "y", node }] });
      const explicit = { ...implicit, graph, inputs, node };
      expect(run(explicit, float64, given)).toEqual(run(implicit, float64, given));
      expect(run(explicit, newField(seed), given)).toEqual(run(implicit, newField(seed), given));
    });
  });
});

describe("symbolic sizes mean what their numbers mean", () => {
  test.each(inFloat64)("%s", (name) => {
    everywhere(name, (sample, given, seed) => {
      const symbolic = apply(name, sample, given, seed);
      const numeric = apply(name, concrete(sample, given), new Map(), seed);
      expect(sizesOf(symbolic.node.type.shape, given)).toEqual(numeric.node.type.shape);
      expect(run(symbolic, float64, given)).toEqual(run(numeric, float64, new Map()));
      expect(run(symbolic, newField(seed), given)).toEqual(run(numeric, newField(seed), new Map()));
    });
  });
});
