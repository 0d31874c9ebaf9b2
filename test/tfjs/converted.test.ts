/** @file What tensorflowjs_converter writes of loops, branches and quantised weights, beside its values (test/tfjs/values.test.ts). */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { zip } from "../../src/base/assert.ts";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { run } from "../run.ts";
import { convertedModel, convertedNames } from "./support.ts";

const operators = async (name: string): Promise<Set<string>> =>
  new Set((await convertedModel(name).read()).nodes.map(({ op }) => op));

async function messageOf(name: string, change: (text: string) => string = (text) => text): Promise<string> {
  const { files, read } = convertedModel(name);
  const before = new TextDecoder().decode(files["model.json"]);
  const after = change(before);
  try {
    await read(new TextEncoder().encode(after));
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return error.message;
    throw error;
  }
  return before === after ? "graph" : "graph of a changed model";
}

describe("loops", () => {
  test.each(convertedNames.filter((name) => /^(lstm|gru|map|bidirectional)/.test(name)))(
    "%s is a recurrence",
    async (name) => {
      expect(await operators(name)).toContain("Scan");
    },
  );
  test.each(["while", "while-functions"])("%s is written out, since it reads no sequence", async (name) => {
    expect(await operators(name)).not.toContain("Scan");
  });
  test("a loop that data end is refused", async () => {
    const message = await messageOf("dynamic");
    expect(message).toMatch(/^A5402/);
    expect(message).toContain("a loop whose number of rounds depends on data");
  });
});

describe("branches", () => {
  test.each(["cond", "cond-functions"])("%s is a choice by the condition", async (name) => {
    expect(await operators(name)).toContain("Where");
  });
});

describe("damaged control flow", () => {
  test.each<readonly [string, string, (text: string) => string, string]>([
    [
      "a function that is missing",
      "while-functions",
      (text) =>
        text.replaceAll('"signature": {"name": "__inference_while_body', '"signature": {"name": "other'),
      "no such function",
    ],
    ["a branch that calls itself", "cond-functions", callsItself, "calls in each other"],
    [
      "a loop without a condition",
      "while",
      (text) => text.replaceAll('"op": "LoopCond"', '"op": "Identity"'),
      "A1404",
    ],
    [
      "a frame that is never entered",
      "while",
      (text) => text.replaceAll('"op": "Enter"', '"op": "Identity"'),
      "A1404",
    ],
    [
      "a merge of values that no condition tells apart",
      "cond",
      (text) => text.replaceAll('"op": "Switch"', '"op": "IdentityN"'),
      "A5402",
    ],
  ])("%s", async (_, name, change, want) => {
    expect(await messageOf(name, change)).toContain(want);
  });

  /** Every function of the library becomes a call of the first branch. */
  function callsItself(text: string): string {
    const model = JSON.parse(text) as { modelTopology: { library: { function: LibraryFunction[] } } };
    for (const { signature, nodeDef, ret } of model.modelTopology.library.function) {
      const call = {
        name: "again",
        op: "PartitionedCall",
        input: signature.inputArg.map(({ name }) => name),
      };
      nodeDef.push({ ...call, attr: { f: { func: { name: signature.name } } } });
      for (const key of Object.keys(ret)) ret[key] = "again:output:0";
    }
    return JSON.stringify(model);
  }
});
interface LibraryFunction {
  readonly signature: { readonly name: string; readonly inputArg: readonly { readonly name: string }[] };
  readonly nodeDef: object[];
  readonly ret: Record<string, string>;
}

describe("quantised weights are those that TensorFlow.js computes with", () => {
  beforeAll(async () => {
    await tf.setBackend("cpu");
  });

  test.each(["float16", "uint8", "uint16"])("%s", async (kind) => {
    const { files, expectation, read } = convertedModel(`quantised-${kind}`);
    const { modelTopology, weightsManifest, ...rest } = JSON.parse(
      new TextDecoder().decode(files["model.json"]),
    ) as tf.io.ModelJSON;
    const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
    const weightData = Uint8Array.from(files["group1-shard1of1.bin"] ?? []).buffer;
    const artifacts = { ...rest, modelTopology, weightSpecs, weightData } as tf.io.ModelArtifacts;
    const model = await tf.loadGraphModel({ load: async () => await Promise.resolve(artifacts) });
    const inputs = expectation.inputs.map(({ shape, values }) => tf.tensor([...values], [...shape]));
    const want = [model.predict(inputs)].flat() as tf.Tensor[];
    const got = run(await read(), expectation.inputs);
    expect(got.length).toBe(1);
    for (const [ours, theirs] of zip(got, want)) {
      // float32 against float64 over sums of some ten terms.
      for (const [a, b] of zip([...ours.values], [...theirs.dataSync()]))
        expect(Math.abs(a - b), `${a} against ${b}`).toBeLessThanOrEqual(2e-6 + 2e-5 * Math.abs(b));
    }
  });
});
