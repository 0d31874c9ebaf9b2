/** @file Every message has a golden text and a page, and there are no texts or pages of messages that don't exist. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Code, catalogue } from "../../src/diag/catalogue.ts";

const root = join(import.meta.dirname, "..", "..");
const codes = Object.keys(catalogue) as Code[];
const namesIn = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => /^A\d{4}/.test(name))
    .map((name) => name.replace(ending, ""))
    .toSorted();

test("each code has a golden text, and each golden text a code", () => {
  expect(namesIn("test/errors", ".txt")).toEqual(codes.toSorted());
});

test("each code has a page, and each page a code", () => {
  expect(namesIn("docs/messages", ".md")).toEqual(codes.toSorted());
});

test("codes are sorted, so that the next free one is easy to see", () => {
  expect(codes).toEqual(codes.toSorted());
});

describe("golden texts and pages belong to their code", () => {
  test.each(codes)("%s", (code) => {
    const text = readFileSync(join(root, "test/errors", `${code}.txt`), "utf8");
    expect(text.split("\n")[0]).toBe(`${code}  ${catalogue[code]}`);
    const page = readFileSync(join(root, "docs/messages", `${code}.md`), "utf8");
    expect(page.split("\n")[0]).toBe(`# ${code}: ${catalogue[code]}`);
  });
});
