/**
 * @file Files that are damaged, forged or something else. Each gives a Diagnostic or Unsupported, reads a bounded number
 * of bytes and returns soon; nothing else may be thrown.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { readKeras, readKerasHdf5 } from "../../src/frontends/keras/read.ts";
import { sourceOf } from "../torch/support.ts";
import { changed, weightsOf, withConfig } from "./archives.ts";
import { fixtureBytes } from "./support.ts";

const fuzzTimeout = 60_000;

/** Code of the message; "graph" when the file was read. */
async function outcomeOf(file: string, bytes: Uint8Array): Promise<string> {
  const source = sourceOf(file, bytes);
  const reader = file.endsWith(".h5") ? readKerasHdf5 : readKeras;
  try {
    await reader(source);
    return "graph";
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return error.report.code;
    throw error;
  } finally {
    // The archive, its end several times, and each page of the weights.
    expect(source.bytesRead()).toBeLessThanOrEqual(6 * bytes.length + 2 ** 20);
  }
}

const flipped = (bytes: Uint8Array, places: readonly (readonly [number, number])[]): Uint8Array => {
  const copy = bytes.slice();
  for (const [place, mask] of places) copy[place % copy.length] = (copy[place % copy.length] ?? 0) ^ mask;
  return copy;
};
const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 });

describe("damaged files", () => {
  test("an archive that is cut short anywhere", async () => {
    const whole = fixtureBytes("sequential.keras");
    for (let length = 0; length < whole.length; length += 997)
      expect(await outcomeOf("net.keras", whole.slice(0, length)), `${length} bytes`).toBe("A1101");
  });

  test("weights that are cut short anywhere", async () => {
    const whole = weightsOf("sequential.keras");
    for (let length = 0; length < whole.length; length += 499) {
      const bytes = changed("sequential.keras", { "model.weights.h5": whole.slice(0, length) });
      expect(await outcomeOf("net.keras", bytes), `${length} bytes`).toBe("A1402");
    }
  });

  test("noise", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (noise) => {
        expect(await outcomeOf("net.keras", noise)).toBe("A1101");
        const signed = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10, ...noise);
        expect(["A1402", "A5401"]).toContain(await outcomeOf("net.h5", signed));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test(
    "flipped bytes of weights",
    async () => {
      const seen = new Set<string>();
      const whole = weightsOf("wrappers.keras");
      await fc.assert(
        fc.asyncProperty(damage, async (places) => {
          const bytes = changed("wrappers.keras", { "model.weights.h5": flipped(whole, places) });
          seen.add(await outcomeOf("net.keras", bytes));
        }),
        { seed: 2, numRuns: 300 },
      );
      // Most bytes are numbers or padding; the others are places and sizes.
      expect(seen).toContain("graph");
      expect(seen).toContain("A1402");
    },
    fuzzTimeout,
  );

  test(
    "flipped bytes of the headers of an .h5 file",
    async () => {
      const seen = new Set<string>();
      const whole = fixtureBytes("sequential.h5");
      await fc.assert(
        fc.asyncProperty(damage, async (places) => {
          const near = places.map(([place, mask]) => [place % 8192, mask] as const);
          seen.add(await outcomeOf("net.h5", flipped(whole, near)));
        }),
        { seed: 3, numRuns: 300 },
      );
      expect(seen.size).toBeGreaterThan(2);
    },
    fuzzTimeout,
  );

  const words = /(?<=[:[,] ?)(\d+|true|false|null|"[\w/]+")/g;
  const values = [
    "null",
    "-1",
    "0",
    "1e99",
    "[]",
    "{}",
    '"causal"',
    "true",
    "2.5",
    "[1, 2, 3, 4, 5]",
    "1048577",
    "12345678901234567890",
  ];

  test.each([
    "activations",
    "attention",
    "convolutions",
    "masks",
    "merging",
    "nested_models",
    "operations",
    "wrappers",
  ])(
    "words of the configuration of %s replaced by others",
    async (name) => {
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(fc.nat(), fc.constantFrom(...values), async (nth, value) => {
          const bytes = withConfig(`${name}.keras`, (config) => {
            const found = [...config.matchAll(words)];
            const word = found[nth % found.length];
            if (word === undefined) throw new Error("no words");
            return `${config.slice(0, word.index)} ${value}${config.slice(word.index + word[0].length)}`;
          });
          seen.add(await outcomeOf("net.keras", bytes));
        }),
        { seed: 4, numRuns: 150 },
      );
      expect(seen).toContain("graph");
      expect(seen).toContain("A1401");
    },
    fuzzTimeout,
  );
});

describe("forged files", () => {
  test("a tensor that is no reference", async () => {
    const bytes = withConfig("activations.keras", (text) =>
      text.replace('"keras_history": ["x", 0, 0]', '"history": 0'),
    );
    expect(await outcomeOf("net.keras", bytes)).toBe("A1401");
  });

  test("a configuration that is nested very deep", async () => {
    const bytes = changed("sequential.keras", { "config.json": "[".repeat(100_000) });
    expect(await outcomeOf("net.keras", bytes)).toBe("A1401");
  });

  test("models inside models without end", async () => {
    const inner = (depth: number): object =>
      depth === 0
        ? { class_name: "Dense", config: { name: "d", units: 1 } }
        : { class_name: "Sequential", config: { name: `s${depth}`, layers: [inner(depth - 1)] } };
    const bytes = changed("sequential.keras", { "config.json": JSON.stringify(inner(40)) });
    expect(await outcomeOf("net.keras", bytes)).toBe("A1401");
  });

  test("a call that needs its own result", async () => {
    const bytes = withConfig("residual.keras", (text) =>
      text.replaceAll('["zero_padding2d", 0, 0]', '["logits", 0, 0]'),
    );
    expect(await outcomeOf("net.keras", bytes)).toBe("A1401");
  });

  test("a tensor that claims to be huge", async () => {
    const bytes = weightsOf("sequential.keras").slice();
    // The sizes of the dense kernel, 8 and 5, in its dataspace.
    const sizes = new Uint8Array(16);
    new DataView(sizes.buffer).setBigUint64(0, 8n, true);
    new DataView(sizes.buffer).setBigUint64(8, 5n, true);
    const place = Buffer.from(bytes).indexOf(sizes);
    expect(place).toBeGreaterThan(0);
    new DataView(bytes.buffer).setBigUint64(place, 2n ** 45n, true);
    expect(await outcomeOf("net.keras", changed("sequential.keras", { "model.weights.h5": bytes }))).toBe(
      "A1402",
    );
  });
});
