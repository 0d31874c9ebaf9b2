/**
 * @file The equations of thirty architectures as `read` prints them: in golden files that people compare with the papers, and
 * read back, as text and as LaTeX, as the same functions.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadModel } from "../../src/cli/load.ts";
import { unfold } from "../../src/eval/unfold.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, isOneGraph } from "../arbitrary/agreement.ts";
import { goldens } from "./goldens.ts";
import { formsToProve, printed, printedPairs, proofOf } from "./read-back.ts";

const fixtures = join(import.meta.dirname, "..", "fixtures");
const modelIn = (file: string): ReturnType<typeof loadModel> => loadModel(join(fixtures, file));

describe.each(goldens)("%s", (file) => {
  test("looks as in the golden file", async () => {
    const { text } = printed(await modelIn(file));
    const name = file.replace(/\.(?:pt2|keras|mlir|onnx)$/, "").replaceAll(/[/.]/g, "-");
    await expect(text).toMatchFileSnapshot(`../golden/architectures/${name}.txt`);
  });

  test("is the model that it was folded from", async () => {
    const { whole, folded } = printed(await modelIn(file));
    expect(isOneGraph(unfold(folded).graph, whole)).toBe(true);
  });

  test.each(["matrix", "index", "named"] as const)("reads back in the notation %s", async (notation) => {
    const { folded, equations, text, latex } = printed(await modelIn(file), notation);
    for (const form of [text, latex]) {
      const spec = readSpec(form, "printed.txt");
      expect(agreement(folded, spec, printedPairs(folded, equations, spec), 1), form).toBe("equal");
    }
  });

  test("is proved to be what its text and its LaTeX say", async () => {
    const model = await modelIn(file);
    for (const form of formsToProve(printed(model)))
      expect(proofOf(model, form), form).toMatchObject({ kind: "equal" });
  });
});
