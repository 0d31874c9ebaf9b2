/** @file The prover on random models: no false alarm on a model against itself, no miss on a model that was changed. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { hashText, random } from "../../src/base/random.ts";
import { Diagnostic } from "../../src/diag/diagnostic.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { sizesOf } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { isReal } from "../../src/ir/type.ts";
import { count, discrete, real, type Tensor } from "../../src/ops/tensor.ts";
import { check } from "../../src/prove/check.ts";
import { applyEdit } from "../../src/prove/edit.ts";
import { editsAt } from "../../src/prove/edit-catalogue.ts";
import { nameIn } from "../../src/prove/names.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { graphs } from "../arbitrary/graphs.ts";

const models = graphs({ without: ["Opaque"], steps: 8 });
const against = (code: Graph, spec: Graph): Verdict => check({ code, spec: () => spec, seed: 1 });
const slow = 60_000;

test("a model is itself, or nothing can be said", { timeout: slow }, () => {
  const kinds: string[] = [];
  fc.assert(
    fc.property(models, (graph) => {
      const { kind } = against(graph, graph);
      kinds.push(kind);
      expect(kind).not.toBe("different");
    }),
    { numRuns: 150, seed: 1 },
  );
  // What stays open divides by zero everywhere, or has a parameter that only a constant output reads.
  expect(kinds.filter((kind) => kind === "equal").length).toBeGreaterThan(135);
});

test("a model is its expansion into primitives", { timeout: slow }, () => {
  fc.assert(
    fc.property(models, (graph) => {
      expect(against(lower(graph).graph, graph).kind).not.toBe("different");
    }),
    { numRuns: 100, seed: 2 },
  );
});

/** The model with one random edit of the catalogue; `undefined` where the one drawn is not well typed. */
function changed(graph: Graph, seed: number): Graph | undefined {
  const source = random(seed);
  const edits = graph.nodes.flatMap((node) => editsAt(graph, node, nameIn(graph)));
  const edit = edits[source.below(Math.max(1, edits.length))];
  if (edit === undefined) return undefined;
  try {
    return applyEdit(graph, edit).graph;
  } catch (error) {
    if (error instanceof Diagnostic) return undefined;
    throw error;
  }
}

/** Outputs in float64 at several points, with values that depend only on the point and a leaf's name. */
const floats = (graph: Graph): number[] =>
  [0, 1, 2, 3, 4, 5, 6, 7].flatMap((point) => floatsAt(graph, point));

function floatsAt(graph: Graph, point: number): number[] {
  const { graph: lowered } = lower(graph);
  const sizes = new Map([["B", 3]]);
  const leaves = [...lowered.inputs, ...lowered.parameters.map((parameter) => parameter.node)];
  const given = new Map(
    leaves.map((leaf): readonly [Node, Tensor<Float64Array>] => {
      const source = random(hashText(`${leaf.attrs.name}/${point}`));
      const shape = sizesOf(leaf.type.shape, sizes);
      const make = (draw: () => number): Float64Array => Float64Array.from({ length: count(shape) }, draw);
      const value = isReal(leaf.type.dtype)
        ? real(
            shape,
            make(() => source.normal()),
          )
        : discrete<Float64Array>(
            shape,
            make(() => source.below(2)),
          );
      return [leaf, value];
    }),
  );
  return outputsOf(lowered, evaluate(lowered, float64, given, sizes)).flatMap(({ values }) => [...values]);
}

/** Differences that no single input shows. */
const familyKinds = ["shared-parameter", "scaled-parameter", "untrained-parameter"];

const close = (a: number, b: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

test("a model that was changed is not equal, unless it computes the same", { timeout: 2 * slow }, () => {
  let different = 0;
  fc.assert(
    fc.property(models, fc.nat(), (graph, seed) => {
      const code = changed(graph, seed);
      if (code === undefined) return;
      const verdict = against(code, graph);
      const [now, before] = [floats(code), floats(graph)];
      const same =
        now.length === before.length && now.every((value, i) => close(value, before[i] ?? Number.NaN));
      // Under another binding than that by name, the same family may have other values here.
      const byName = verdict.bindings.every(({ parameter, is }) => parameter === is);
      if (!same && byName) expect(verdict.kind).not.toBe("equal");
      if (verdict.kind !== "different") return;
      different++;
      const inFamily = verdict.differences.every(({ kind }) => familyKinds.includes(kind));
      expect(inFamily || verdict.witness !== undefined).toBe(true);
    }),
    { numRuns: 60, seed: 3 },
  );
  expect(different).toBeGreaterThan(25);
});
