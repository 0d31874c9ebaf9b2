/** @file One model as StableHLO and in other forms is proved to be one function, and to be its paper's. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadModel } from "../../src/cli/load.ts";
import { readJaxpr } from "../../src/frontends/jax/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { asSpec } from "../../src/prove/as-spec.ts";
import { check } from "../../src/prove/check.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";
import { caseOf as jaxprOf, sourceOfDocument } from "../jax/support.ts";
import { caseOf, graphOf, groups, textOf } from "./support.ts";

/** An encoder is proved in some seconds. */
const proofTimeout = 300_000;
const root = join(import.meta.dirname, "..", "..");

function checked(code: Graph, spec: string): Verdict {
  const text = readFileSync(join(root, "specs", `${spec}.md`), "utf8");
  return check({ code, spec: (batched) => readSpec(text, `${spec}.md`, { batch: batched }), seed: 1 });
}

describe("architectures in flax are those of their papers", () => {
  test.each([
    ["flax_networks_lstm", "lstm"],
    ["flax_networks_lstm.exported", "lstm"],
    ["flax_networks_gru", "gru-reset-after"],
    ["flax_networks_gru.exported", "gru-reset-after"],
    ["flax_networks_lenet", "lenet"],
    ["flax_networks_encoder", "transformer-encoder-pre-norm"],
    ["flax_networks_encoder.exported", "transformer-encoder-pre-norm"],
    ["flax_networks_encoder.held", "transformer-encoder-pre-norm"],
  ])(
    "%s",
    async (name, spec) => {
      expect(checked(await graphOf(textOf(name)), spec).kind).toBe("equal");
    },
    proofTimeout,
  );
});

describe("the same network in PyTorch", () => {
  const compared = async (name: string): Promise<Verdict> => {
    const first = join(root, "test/fixtures/pt2/two_layer_mlp.pt2");
    const spec = asSpec(await loadModel(first), first);
    return check({ code: await graphOf(textOf(name)), spec: () => spec, seed: 1 });
  };

  test.each(["two_layer_jax_mlp", "two_layer_jax_mlp.exported"])("%s", async (name) => {
    expect((await compared(name)).kind).toBe("equal");
  });

  test("with another activation is told with its line", async () => {
    const verdict = await compared("two_layer_jax_wrongactivation");
    expect(verdict).toMatchObject({
      kind: "different",
      differences: [
        { kind: "wrong-activation", code: { place: { file: "examples/two_layer_jax.py", line: 28 } } },
      ],
    });
  });
});

describe("the same network as a jaxpr", () => {
  const models = (groups.get("models") ?? []).filter(({ name }) => name !== "tied_symbolic");
  test.each(models.map(({ name, text }) => [name, text] as const))(
    "%s",
    async (name, text) => {
      const spec = asSpec(await readJaxpr(sourceOfDocument(jaxprOf("models", name).document)), "net.py");
      const verdict = check({ code: await graphOf(text), spec: () => spec, seed: 1 });
      expect(verdict.kind).toBe("equal");
    },
    proofTimeout,
  );

  test("with one array as two arguments has two parameters", async () => {
    const spec = asSpec(
      await readJaxpr(sourceOfDocument(jaxprOf("models", "tied_symbolic").document)),
      "net.py",
    );
    const verdict = check({
      code: await graphOf(caseOf("models", "tied_symbolic").text),
      spec: () => spec,
      seed: 1,
    });
    expect(verdict).toMatchObject({ kind: "different", differences: [{ kind: "separate-parameters" }] });
  });
});
