/** @file Equalities are confirmed by a checker that shares no code with the prover, and tampered ones are refuted. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/assert.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { check } from "../../src/prove/check.ts";
import type { Claim } from "../../src/prove/verify.ts";
import { readSpec } from "../../src/spec/read.ts";
import { fixtureBytes, sourceOf } from "../torch/support.ts";
import { identities } from "./identities.ts";
import { mlp, right } from "./models.ts";
import { modelOf } from "./pairs.ts";
import { type Certificate, certificateOf, confirms, type Entry } from "./recheck.ts";

interface Proof {
  readonly code: Graph;
  readonly spec: Graph;
  readonly certificate: Certificate;
}

/** What an equality rests on, for the graphs as they were read. */
function proofOf(code: Graph, text: string): Proof {
  let spec = readSpec(text, "spec.md");
  const claims: Claim[] = [];
  const read = (batch: boolean): Graph => {
    spec = readSpec(text, "spec.md", { batch });
    return spec;
  };
  check({ code, spec: read, seed: 1, onEqual: (claim) => claims.push(claim) });
  return { code, spec, certificate: certificateOf(at(claims, 0)) };
}

const specText = (name: string): string =>
  readFileSync(new URL(`../../specs/${name}.md`, import.meta.url), "utf8");

const proofOfFixture = async (name: string, spec: string): Promise<Proof> =>
  proofOf(await readTorchExport(sourceOf(`${name}.pt2`, fixtureBytes(name))), specText(spec));

const holds = ({ code, spec, certificate }: Proof): boolean => confirms(code, spec, certificate);

type Parameters = Map<number, readonly (readonly Entry[])[]>;

function tampered(proof: Proof, change: (parameters: Parameters) => void): Proof {
  const parameters = new Map(proof.certificate.parameters);
  change(parameters);
  return { ...proof, certificate: { ...proof.certificate, parameters } };
}

const positionOf = ({ spec }: Proof, name: string): number =>
  spec.parameters.findIndex(({ names }) => names.includes(name));

const slow = { timeout: 60_000 };

describe("an equality is confirmed", slow, () => {
  test.for(right)("%s is %s", async ([name, spec]) => {
    expect(holds(await proofOfFixture(name, spec))).toBe(true);
  });

  test.for(identities)("%s = %s", ([left, right]) => {
    expect(holds(proofOf(readSpec(modelOf(left), "code.txt"), modelOf(right)))).toBe(true);
  });
});

describe("what is not equal is refuted", slow, () => {
  /** Every weight of the code is laid out the other way round, and stands under another name. */
  const code = readSpec(
    `Net(x : [B, 4]) -> y : [B, 2]
  h = tanh(x A^T + c)
  y = h D^T + e_0
where
  A : [5, 4]
  c : [5]
  D : [2, 5]
  e_0 : [2]
`,
    "code.txt",
  );
  const proof = proofOf(code, mlp);

  test("the binding itself is right", () => {
    expect(holds(proof)).toBe(true);
  });

  test("a transposed parameter", () => {
    const weight = positionOf(proof, "W_1");
    const wrong = tampered(proof, (parameters) => {
      const entries = parameters.get(weight) ?? [];
      // [4, 5] read as if it were [5, 4].
      parameters.set(
        weight,
        entries.map((_, i) => at(entries, (i % 5) * 4 + Math.floor(i / 5))),
      );
    });
    expect(holds(wrong)).toBe(false);
  });

  test.for(["W_1", "b_1", "W_2", "b_2"])("two swapped entries of %s", (name) => {
    const position = positionOf(proof, name);
    const wrong = tampered(proof, (parameters) => {
      const [first = [], second = [], ...rest] = parameters.get(position) ?? [];
      parameters.set(position, [second, first, ...rest]);
    });
    expect(holds(wrong)).toBe(false);
  });

  test("one parameter in place of another", () => {
    const wrong = tampered(proof, (parameters) => {
      const hidden = parameters.get(positionOf(proof, "b_1")) ?? [];
      parameters.set(positionOf(proof, "b_2"), hidden.slice(0, 2));
    });
    expect(holds(wrong)).toBe(false);
  });

  test("outputs in another order", () => {
    const outputs = new Map(
      [...proof.certificate.outputs].map(([position, { code, places }]) => {
        return [position, { code, places: places.toReversed() }] as const;
      }),
    );
    expect(holds({ ...proof, certificate: { ...proof.certificate, outputs } })).toBe(false);
  });

  test.for([
    ["tanh", "sigmoid"],
    ["h W_2 + b_2", "h W_2 - b_2"],
    ["h W_2", "(h + h) W_2"],
    ["tanh(x W_1 + b_1)", "x W_1 + b_1"],
  ] as const)("a spec with %s replaced by %s", ([from, to]) => {
    expect(mlp).toContain(from);
    const spec = readSpec(mlp.replace(from, to), "spec.txt");
    expect(holds({ ...proof, spec })).toBe(false);
  });

  test.for(right)("%s, when one entry of a parameter of %s is another", async ([name, spec]) => {
    const found = await proofOfFixture(name, spec);
    for (const [position, entries] of found.certificate.parameters) {
      const [first = [], second = [], ...rest] = entries;
      if (entries.length < 2) continue;
      const wrong = tampered(found, (parameters) => parameters.set(position, [second, second, ...rest]));
      expect(first).not.toEqual(second);
      expect(holds(wrong)).toBe(false);
    }
  });
});
