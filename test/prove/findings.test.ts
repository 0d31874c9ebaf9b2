/** @file Every kind of finding has a page, and every page a finding. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findingKinds } from "../../src/result/findings.ts";

const folder = new URL("../../docs/findings/", import.meta.url);

test("each finding has a page and each page a finding", () => {
  const pages = readdirSync(folder).filter((file) => file !== "README.md");
  expect(pages.map((page) => page.replace(".md", "")).sort()).toEqual([...findingKinds].sort());
});

test("the index lists every page", () => {
  const index = readFileSync(new URL("README.md", folder), "utf8");
  for (const kind of findingKinds) expect(index).toContain(`(${kind}.md)`);
});
