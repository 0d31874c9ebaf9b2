/**
 * @file The equations of thirty architectures as `read` prints them: in golden files that people compare with the papers, and
 * read back, as text and as LaTeX, as the same functions.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadModel } from "../../src/cli/load.ts";
import { unfold } from "../../src/eval/unfold.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { textOf } from "../../src/notation/text.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { reroll } from "../../src/rewrite/reroll.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, isOneGraph } from "../arbitrary/agreement.ts";
import { printedPairs } from "./read-back.ts";

const width = 100;
const fixtures = join(import.meta.dirname, "..", "fixtures");

const architectures = [
  "pt2/two_layer_mlp.pt2",
  "pt2/lenet.pt2",
  "pt2/resnet_block.pt2",
  "pt2/lstm_tagger.pt2",
  "pt2/lstm_language_model.pt2",
  "pt2/lstm_tagger_by_hand.pt2",
  "pt2/gru_layer.pt2",
  "pt2/bidirectional_lstm.pt2",
  "pt2/encoder_by_hand.pt2",
  "pt2/gpt2.pt2",
  "pt2/gpt2_einsum.pt2",
  "pt2/llama_by_hand.pt2",
  "pt2/llama_grouped_query.pt2",
  "pt2/llama_interleaved.pt2",
  "pt2/vae_written_out.pt2",
  "pt2/experts_everyone.pt2",
  "pt2/gcn.pt2",
  "pt2/s4d_step_by_step.pt2",
  "pt2/attention.pt2",
  "keras/lenet.keras",
  "keras/transformer.keras",
  "keras/segmentation.keras",
  "keras/residual.keras",
  "keras/nested_models.keras",
  "keras/sequential.keras",
  "stablehlo/flax_networks_encoder.mlir",
  "stablehlo/flax_networks_lstm.mlir",
  "stablehlo/flax_networks_gru.mlir",
  "stablehlo/flax_networks_lenet.mlir",
  "onnx/gpt2.dynamo.onnx",
  "onnx/resnet_block.script.onnx",
  "onnx/encoder_by_hand.script.onnx",
  "onnx/llama_grouped_query.dynamo.onnx",
  "pt2/decoder_by_hand.pt2",
];

describe.each(architectures)("%s", (file) => {
  const models = async () => {
    const whole = reroll(raise(await loadModel(join(fixtures, file))));
    return { whole, folded: fold(whole) };
  };

  test("looks as in the golden file", async () => {
    const { folded } = await models();
    const text = textOf(equationsOf(folded, { width }), { width, color: false });
    const name = file.replace(/\.(?:pt2|keras|mlir|onnx)$/, "").replaceAll(/[/.]/g, "-");
    await expect(text).toMatchFileSnapshot(`../golden/architectures/${name}.txt`);
  });

  test("is the model that it was folded from", async () => {
    const { whole, folded } = await models();
    expect(isOneGraph(unfold(folded).graph, whole)).toBe(true);
  });

  test.each(["matrix", "index", "named"] as const)("reads back in the notation %s", async (notation) => {
    const { folded } = await models();
    const equations = equationsOf(folded, { width, notation });
    for (const text of [textOf(equations, { width, color: false }), latexOf(equations)]) {
      const spec = readSpec(text, "printed.txt");
      expect(agreement(folded, spec, printedPairs(folded, equations, spec), 1), text).toBe("equal");
    }
  });
});
