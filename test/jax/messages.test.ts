/** @file The texts of the messages of this front end, each provoked by a program. */
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { readJaxpr } from "../../src/frontends/jax/read.ts";
import { caseOf, sourceOfDocument } from "./support.ts";

async function messageOf(document: unknown): Promise<string> {
  try {
    await readJaxpr(sourceOfDocument(document));
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return `${error.message}\n`;
    throw error;
  }
  throw new Error("the program was read");
}

/** The program of a case with its text changed. */
const changed = (group: string, name: string, from: string, to: string): unknown => {
  const text = JSON.stringify(caseOf(group, name).document);
  if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
  return JSON.parse(text.replaceAll(from, to));
};

/** The shape of the last result of the program. */
const withResultShape = (shape: string): unknown =>
  changed(
    "products",
    "matmul",
    '"outputs":[{"id":2,"dtype":"float64","shape":[3,5]}]',
    `"outputs":[{"id":2,"dtype":"float64","shape":${shape}}]`,
  );

describe("messages", () => {
  test.each<readonly [string, unknown]>([
    ["A1250", withResultShape("[3,4]")],
    ["A5250", caseOf("refused", "while_by_data").document],
  ])("%s", async (code, document) => {
    const message = await messageOf(document);
    expect(message.startsWith(code)).toBe(true);
    await expect(message).toMatchFileSnapshot(`../errors/${code}.txt`);
  });

  test.each<readonly [string, string]>([
    ["random_numbers", "a value of type key<fry>[]"],
    ["dropout", "a value of type key<fry>[]"],
    ["nan", "NaN in a value that the result depends on"],
    ["complex_numbers", "a value of type complex128[3, 4]"],
    ["unknown_integers", "population_count"],
    ["callback", "pure_callback"],
  ])("%s is refused", async (name, got) => {
    expect(await messageOf(caseOf("refused", name).document)).toContain(`got   ${got}`);
  });
});
