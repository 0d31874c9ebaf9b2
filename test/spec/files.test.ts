/** @file The specifications that come with Assay, and the description of the language. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { functionNames } from "../../src/spec/functions.ts";
import { readSpec } from "../../src/spec/read.ts";
import { pairs } from "./models.ts";
import { graphText, read } from "./support.ts";

const root = join(import.meta.dirname, "..", "..");
const textOf = (...path: string[]): string => readFileSync(join(root, ...path), "utf8");
const description = textOf("docs", "spec-language.md");

describe("specs", () => {
  test.each(readdirSync(join(root, "specs")).filter((name) => name.endsWith(".md")))("%s", (name) => {
    const graph = readSpec(textOf("specs", name), `specs/${name}`);
    expect(graph.notes).toEqual([]);
    expect(graph.parameters.length).toBeGreaterThan(0);
  });
});

describe("the description of the language", () => {
  test("has an example that can be read", () => {
    const mlp = pairs.find(({ name }) => name === "mlp")?.plain ?? "";
    expect(graphText(read(description))).toBe(graphText(read(mlp)));
  });
  test.each(functionNames)("names %s", (name) => {
    expect(description).toMatch(new RegExp(`\\b${name}(?:\\b|_[VkdjBHC{])`));
  });
});
