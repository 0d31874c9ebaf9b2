/** @file The texts of the messages of this front end, each provoked by a file. */
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { changed, weightsOf, withConfig } from "./archives.ts";
import { fixtureBytes, read } from "./support.ts";

async function messageOf(name: string, bytes: Uint8Array): Promise<string> {
  try {
    await read(name, bytes);
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return `${error.message}\n`;
    throw error;
  }
  throw new Error(`${name} was read`);
}

const model = "sequential.keras";
const subclassed = JSON.stringify({ module: null, class_name: "MyModel", config: { name: "my_model" } });
/** Superblock version 2, as libver="latest" writes it. */
const newer = (): Uint8Array => weightsOf(model).with(8, 2);

describe("messages", () => {
  test.each<readonly [string, string, () => Uint8Array]>([
    ["A1400", "net.keras", () => changed(model, { "config.json": undefined })],
    ["A1401", "net.keras", () => withConfig(model, (text) => text.replace('"units": 5', '"units": 6'))],
    ["A1402", "net.keras", () => changed(model, { "model.weights.h5": weightsOf(model).slice(0, 900) })],
    [
      "A5400",
      "net.keras",
      () => withConfig(model, (text) => text.replace('"class_name": "Flatten"', '"class_name": "MyFlatten"')),
    ],
    ["A5401", "net.keras", () => changed(model, { "model.weights.h5": newer() })],
  ])("%s", async (code, name, bytes) => {
    const message = await messageOf(name, bytes());
    expect(message.startsWith(code)).toBe(true);
    await expect(message).toMatchFileSnapshot(`../errors/${code}.txt`);
  });

  test("a subclassed model is refused with the ways out", async () => {
    const message = await messageOf("net.keras", changed(model, { "config.json": subclassed }));
    expect(message).toContain("MyModel");
    expect(message).toContain("FILE.py:NAME");
  });

  test("a Lambda is never executed", async () => {
    const bytes = withConfig(model, (text) =>
      text.replace('"class_name": "Flatten"', '"class_name": "Lambda"'),
    );
    expect(await messageOf("net.keras", bytes)).toContain("not executed");
  });

  test("a class of the user with the name of one of Keras's is not taken for that", async () => {
    const own = '"module": "keras.layers", "class_name": "Add"';
    const bytes = withConfig("residual.keras", (text) =>
      text.replace(own, own.replace("keras.layers", "mine")),
    );
    const graph = await read("net.keras", bytes);
    expect(graph.notes.join("\n")).toContain("Add (block1_add) is kept as an unknown function");
    const alone = withConfig(model, (text) =>
      text.replace(
        '"module": "keras.layers", "class_name": "Dense"',
        '"module": "mine", "class_name": "Dense"',
      ),
    );
    expect(await messageOf("net.keras", alone)).toContain("a layer of class Dense");
  });

  test("whether a layer of the user hands a mask on is not guessed", async () => {
    const bytes = withConfig("masks.keras", (text) => {
      const config = JSON.parse(text) as {
        config: { layers: { name: string; module: string; inbound_nodes: unknown }[] };
      };
      for (const layer of config.config.layers) {
        if (layer.name === "dense_1") layer.module = "mine";
        if (layer.name !== "multi_head_attention") continue;
        const nodes = JSON.stringify(layer.inbound_nodes).replaceAll('["embedding",0,0]', '["dense_1",0,0]');
        layer.inbound_nodes = JSON.parse(nodes);
      }
      return JSON.stringify(config);
    });
    const message = await messageOf("net.keras", bytes);
    expect(message).toMatch(/^A5400[^]*multi_head_attention[^]*hand on or not/);
  });

  test("weights alone are no model", async () => {
    expect(await messageOf("net.h5", weightsOf(model))).toContain("weights without a model");
  });

  test("the checksum of the weights is compared", async () => {
    const bytes = fixtureBytes(model).slice();
    const place = Buffer.from(bytes).indexOf(Buffer.from(weightsOf(model).slice(-64))) + 8;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    expect(await messageOf("net.keras", bytes)).toContain("A1101");
  });
});
