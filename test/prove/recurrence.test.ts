/**
 * @file Recurrences: the equations of papers against PyTorch's layers and against loops written by hand, one mistake at a
 * time.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { check } from "../../src/prove/check.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";
import { fixture } from "../torch/support.ts";
import { bindingText } from "./models.ts";

async function verdictOf(program: string, spec: string): Promise<Verdict> {
  const text = readFileSync(new URL(`../../specs/${spec}.md`, import.meta.url), "utf8");
  return check({
    code: await readTorchExport(fixture(program)),
    spec: (batch) => readSpec(text, `${spec}.md`, { batch }),
    seed: 1,
  });
}

// Naming a mistake takes half a minute, and finding none a whole one, on a busy machine.
const slow = { timeout: 300_000 };

describe("a right recurrence is proved", slow, () => {
  test.each([
    ["lstm_tagger", "lstm"],
    ["lstm_tagger_by_hand", "lstm"],
    ["gru_layer", "gru-reset-after"],
    ["bidirectional_lstm", "bidirectional-lstm"],
  ] as const)("%s is %s", async (program, spec) => {
    const verdict = await verdictOf(program, spec);
    expect(verdict.kind).toBe("equal");
    // A chance that no one would call a proof is none.
    expect(verdict.kind === "equal" && verdict.evidence.error).toBeLessThan(1e-9);
  });

  test("gates are rows of what PyTorch keeps in one tensor, and its two biases are one", async () => {
    const bindings = bindingText(await verdictOf("lstm_tagger", "lstm"));
    expect(bindings).toContain("W_f = lstm.weight_ih_l0[2:4, :]^T");
    expect(bindings).toContain("U_o = lstm.weight_hh_l0[6:8, :]^T");
    expect(bindings).toContain("b_g = lstm.bias_ih_l0[4:6] + lstm.bias_hh_l0[4:6]");
  });
});

/** Program, kind of the mistake, the equation of the spec, and its words. */
const wrong = [
  ["lstm_without_output_activation", "missing-activation", "6", "the activation tanh is missing"],
  ["lstm_without_forget_gate", "missing-term", "5", "is not multiplied"],
  ["lstm_without_input_gate", "missing-term", "5", "is not multiplied"],
  ["lstm_sigmoid_for_the_cell", "wrong-activation", "3", "sigmoid instead of tanh"],
  ["lstm_tanh_for_the_forget_gate", "wrong-activation", "2", "tanh instead of sigmoid"],
  ["lstm_without_bias", "missing-bias", "2", "b_f is missing"],
  ["lstm_memory_not_carried", "wrong-operand", "5", "stands in the place of c_"],
  ["lstm_one_gate_for_two", "wrong-operand", "5", "i_2 stands in the place of f_2"],
] as const;

describe("a mistake in the body of the loop is found and named", slow, () => {
  test.each(wrong)("%s: %s", async (program, kind, equation, words) => {
    const verdict = await verdictOf(program, "lstm");
    const [first] = verdict.kind === "different" ? verdict.differences : [];
    expect(first?.kind).toBe(kind);
    expect(first?.spec.place.equation).toBe(equation);
    expect(first?.words).toContain(words);
  });
});

describe("what is not decided yet", slow, () => {
  test.each([
    // No edit turns the order of the steps, changes a start value, or shifts a sequence.
    ["lstm_backwards", "lstm"],
    ["lstm_starts_at_one", "lstm"],
    ["lstm_tagged_before_its_step", "lstm"],
    // Right, but two gates come out of one sigmoid, and its halves are no values of the code.
    ["gru_as_in_the_paper", "gru"],
  ] as const)("%s", async (program, spec) => {
    expect((await verdictOf(program, spec)).kind).toBe("undecided");
  });
});
