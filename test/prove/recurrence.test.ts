/** @file What the weights of PyTorch's recurrent layers are found to be. */
import { expect, test } from "vitest";
import { verdictOn } from "../architectures/architecture.ts";
import { lstm } from "../architectures/lstm.ts";
import { bindingText } from "./models.ts";

test("gates are rows of what PyTorch keeps in one tensor, and its two biases are one", async () => {
  const bindings = bindingText(await verdictOn(lstm, "lstm_tagger"));
  expect(bindings).toContain("W_f = lstm.weight_ih_l0[2:4, :]^T");
  expect(bindings).toContain("U_o = lstm.weight_hh_l0[6:8, :]^T");
  expect(bindings).toContain("b_g = lstm.bias_ih_l0[4:6] + lstm.bias_hh_l0[4:6]");
});
