/** @file LaTeX that Assay prints is compiled by a TeX engine without a complaint, on the page for which it is broken. */
import { beforeAll, describe, expect, test } from "vitest";
import { skipReason, texEngine } from "../../tools/typeset/engines.ts";
import { samples } from "../notation/samples.ts";
import { documents, jaxModels, modelFiles } from "./documents.ts";
import { complaints } from "./tex.ts";

const engine = texEngine();
const reason = skipReason(engine, "a TeX engine");

describe.skipIf(engine === undefined)(reason ?? "TeX", () => {
  if (engine === undefined) return;
  let all: ReadonlyMap<string, string>;
  let found: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    all = await documents();
    found = complaints(engine, all);
  }, 120_000);

  test("has nothing to say about any model", () => {
    const bad = [...found].filter(([, lines]) => lines.length > 0);
    expect(Object.fromEntries(bad)).toEqual({});
  });

  test("was asked about models of every kind", () => {
    const count = (start: string): number => [...all.keys()].filter((name) => name.startsWith(start)).length;
    expect(count("golden/")).toBeGreaterThan(Object.keys(samples).length);
    // Some have recurrences inside recurrences.
    expect(count("pt2/") + count("onnx/") + count("keras/") + count("tfjs/")).toBeGreaterThan(
      0.8 * modelFiles.length,
    );
    expect(count("jax/")).toBeGreaterThan(0.5 * jaxModels.length);
  });

  test("would have said so: a macro that is unknown, a line that is too wide", () => {
    const display = (body: string): string => `\\begin{align*}\n${body}\n\\end{align*}`;
    const bad = complaints(
      engine,
      new Map([
        ["right", display("& x = y")],
        ["unknown", display("& x = \\unknown")],
        ["wide", display(`& x = ${"abcdefgh".repeat(12)}`)],
        ["after", display("& x = y")],
      ]),
    );
    expect(bad.get("right")).toEqual([]);
    expect(bad.get("unknown")).toEqual(["! Undefined control sequence."]);
    expect(bad.get("wide")?.join()).toMatch(/^Overfull \\hbox/);
    expect(bad.get("after")).toEqual([]);
  });
});
