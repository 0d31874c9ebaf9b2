/** @file The notations in indices and with named axes, in golden files that people read beside those of whole tensors. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadModel } from "../../src/cli/load.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { textOf } from "../../src/notation/text.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { reroll } from "../../src/rewrite/reroll.ts";

const width = 100;
const models = ["gpt2", "llama_grouped_query", "lstm_language_model", "lenet", "gcn", "decoder_by_hand"];
const cases = models.flatMap((name) =>
  (["index", "named"] as const).map((notation) => [name, notation] as const),
);

test.for(cases)("%s in the notation %s", async ([name, notation]) => {
  const file = join(import.meta.dirname, "..", "fixtures", "pt2", `${name}.pt2`);
  const equations = equationsOf(fold(reroll(raise(await loadModel(file)))), { width, notation });
  const golden = `../golden/profiles/${name}-${notation}`;
  await expect(textOf(equations, { width, color: false })).toMatchFileSnapshot(`${golden}.txt`);
  await expect(latexOf(equations)).toMatchFileSnapshot(`${golden}.tex`);
});
