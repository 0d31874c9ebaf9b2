/**
 * @file A sample of PyTorch's own operator tests, values and gradients: Assay computes in float64 what PyTorch computed. The whole is
 * compared by `npm run opinfo`, which writes docs/torch-opinfo.md and this sample.
 */
import { readFileSync } from "node:fs";
import { gunzipSync, unzipSync } from "fflate";
import { expect, test } from "vitest";
import { get } from "../../src/base/assert.ts";
import { type Case, judge } from "../../tools/torch/judge.ts";
import { decode } from "./archives.ts";
import { sourceOf } from "./support.ts";

const sample = new Map(
  Object.entries(
    unzipSync(
      gunzipSync(new Uint8Array(readFileSync(new URL("../fixtures/opinfo.zip.gz", import.meta.url)))),
    ),
  ),
);
const names = [...sample.keys()]
  .filter((name) => name.endsWith(".pt2"))
  .map((name) => name.slice(0, -".pt2".length));
const caseOf = (name: string): Case => JSON.parse(decode(get(sample, `${name}.json`))) as Case;
const outcomeOf = (name: string, own: Case): ReturnType<typeof judge> =>
  judge(sourceOf(`${name}.pt2`, get(sample, `${name}.pt2`)), own);

test("the sample holds most operators", () => {
  expect(names.filter((name) => name.endsWith("-float64")).length).toBeGreaterThan(250);
  expect(names.filter((name) => name.endsWith("-gradient")).length).toBeGreaterThan(100);
});

test.each(names)("%s", async (name) => {
  const own = caseOf(name);
  expect(await outcomeOf(name, own)).toMatchObject({ kind: "equal" });
  // The judge sees a number that is off.
  const [first, ...rest] = own.outputs;
  if (first === undefined || typeof first.values[0] !== "number") return;
  const values = [first.values[0] + 1, ...first.values.slice(1)];
  expect(await outcomeOf(name, { ...own, outputs: [{ ...first, values }, ...rest] })).toMatchObject({
    kind: "wrong",
  });
});
