/** @file The texts of the messages of this front end, and files that are damaged or forged. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { readTfjs } from "../../src/frontends/tfjs/read.ts";
import { sourceOf } from "../torch/support.ts";
import { fileOf, folderOf, read } from "./support.ts";

const textOf = (name: string): string => new TextDecoder().decode(fileOf(name, "model.json"));
const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The fixture's model.json with its text changed. */
function changed(name: string, change: (text: string) => string): Uint8Array {
  const before = textOf(name);
  const after = change(before);
  if (after === before) throw new Error("the change does not change the model");
  return encoded(after);
}

async function messageOf(name: string, model: Uint8Array): Promise<string> {
  try {
    await read(name, model);
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return `${error.message}\n`;
    throw error;
  }
  return "graph";
}

describe("messages", () => {
  test.each<readonly [string, string, (text: string) => string]>([
    ["A1403", "sequential", (text) => text.replace("modelTopology", "topology")],
    ["A1404", "sequential", (text) => text.replace('"units":5', '"units":6')],
    ["A5402", "graph-functions", (text) => text.replace('"op":"Erf"', '"op":"Digamma"')],
  ])("%s", async (code, name, change) => {
    const message = await messageOf(name, changed(name, change));
    expect(message.startsWith(code)).toBe(true);
    await expect(message).toMatchFileSnapshot(`../errors/${code}.txt`);
  });

  test("an operation that needs its own result, and a node that is not there is named", async () => {
    const loop = changed("graph-functions", (text) =>
      text.replace('"name":"exp","op":"Exp","input":["x"]', '"name":"exp","op":"Exp","input":["quotient"]'),
    );
    expect(await messageOf("graph-functions", loop)).toContain("needs its own result");
    const dangling = changed("graph-functions", (text) =>
      text.replace('"op":"Exp","input":["x"]', '"op":"Exp","input":["z"]'),
    );
    expect(await messageOf("graph-functions", dangling)).toContain("no such node");
  });

  test("weights that are cut short", async () => {
    const folder = folderOf("sequential", { "group1-shard2of2.bin": new Uint8Array(5) });
    const source = sourceOf("model.json", fileOf("sequential", "model.json"));
    await expect(readTfjs(source, folder)).rejects.toThrow("A1404");
  });
});

describe("weights", () => {
  test("numbers that are stored as small integers are brought back", async () => {
    const model = changed("tanhMlp", (text) =>
      text
        .replace(
          /"weightsManifest":.*/,
          `"weightsManifest":[{"paths":["q.bin"],"weights":[
          {"name":"dense_Dense1/kernel","shape":[4,8],"dtype":"float32","quantization":{"dtype":"uint8","scale":0.5,"min":-2}},
          {"name":"dense_Dense1/bias","shape":[8],"dtype":"float32","quantization":{"dtype":"float16"}},
          {"name":"dense_Dense2/kernel","shape":[8,2],"dtype":"float32","quantization":{"dtype":"uint16","scale":0.001,"min":0}},
          {"name":"dense_Dense2/bias","shape":[2],"dtype":"float32"}]}]}`,
        )
        .replaceAll(/dense_Dense\d+(?=")/g, (name) => name),
    );
    const names = [...new Set(textOf("tanhMlp").match(/dense_Dense\d+/g))];
    const text = new TextDecoder()
      .decode(model)
      .replaceAll("dense_Dense1/", `${names[0]}/`)
      .replaceAll("dense_Dense2/", `${names[1]}/`);
    const bytes = new Uint8Array(32 + 16 + 32 + 8);
    bytes[1] = 7;
    new DataView(bytes.buffer).setUint16(32, 0x3c00, true);
    new DataView(bytes.buffer).setUint16(48, 60_000, true);
    const folder = folderOf("tanhMlp", { "q.bin": bytes });
    const graph = await readTfjs(sourceOf("model.json", encoded(text)), folder);
    const values = graph.parameters.map((parameter) => [...(parameter.values?.() ?? [])].slice(0, 2));
    expect(values).toEqual([
      [-2, 1.5],
      [1, 0],
      [Math.fround(60), 0],
      [0, 0],
    ]);
  });
});

describe("forged models", () => {
  const words = /(?<=[:[,])(\d+|true|false|null|"[\w/=]+")/g;
  const values = ["null", "-1", "0", "1e99", "[]", "{}", '"x"', "true", "[1,2,3,4,5,6,7]", "1048577"];

  test.each(["recurrent", "graph-shapes", "graph-images"])(
    "words of %s replaced by others",
    async (name) => {
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(fc.nat(), fc.constantFrom(...values), async (nth, value) => {
          const text = textOf(name);
          const found = [...text.matchAll(words)];
          const word = found[nth % found.length];
          if (word === undefined) throw new Error("no words");
          const forged = `${text.slice(0, word.index)}${value}${text.slice(word.index + word[0].length)}`;
          seen.add((await messageOf(name, encoded(forged))).slice(0, 5));
        }),
        { seed: 5, numRuns: 300 },
      );
      expect(seen).toContain("graph");
      expect(seen).toContain("A1404");
    },
    60_000,
  );

  test("a file that is cut short anywhere", async () => {
    const whole = fileOf("graph-shapes", "model.json");
    for (let length = 0; length < whole.length - 1; length += 101)
      expect(await messageOf("graph-shapes", whole.slice(0, length)), `${length} bytes`).toMatch(/^A1404/);
  });
});
