/** @file The texts of the messages of this front end, each provoked by a file. */
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { archiveOf, changed, encode, programMember, withProgram } from "./archives.ts";
import { fixtureBytes, sourceOf } from "./support.ts";

async function messageOf(name: string, bytes: Uint8Array): Promise<string> {
  try {
    await readTorchExport(sourceOf(name, bytes));
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return `${error.message}\n`;
    throw error;
  }
  throw new Error(`${name} was read`);
}

const model = "xor_regression_model";

describe("messages", () => {
  test.each<readonly [string, string, () => Uint8Array]>([
    ["A1100", "weights.pt", () => archiveOf(new Map([["data.pkl", encode("")]]))],
    ["A1101", "net.pt2", () => fixtureBytes(model).slice(0, 9000)],
    ["A1102", "net.pt2", () => changed(model, { byteorder: undefined })],
    ["A1103", "net.pt2", () => changed(model, { [programMember]: '{"schema_version": 8}' })],
    [
      "A1104",
      "net.pt2",
      () => withProgram(model, (text) => text.replaceAll('{"name": "tanh"}', '{"name": "tan"}')),
    ],
    ["A5100", "net.pt2", () => withProgram(model, (text) => text.replace('"major": 8', '"major": 9'))],
    ["A5101", "net.pt2", () => changed(model, { "models/decoder.json": "{}" })],
    ["A5102", "net.pt2", () => fixtureBytes("refuse_floor_division")],
    ["A5103", "net.pt2", () => fixtureBytes("refuse_dropout")],
    ["A5104", "net.pt2", () => fixtureBytes("refuse_count")],
  ])("%s", async (code, name, bytes) => {
    const message = await messageOf(name, bytes());
    expect(message.startsWith(code)).toBe(true);
    await expect(message).toMatchFileSnapshot(`../errors/${code}.txt`);
  });

  test.each(["refuse_changed_input", "refuse_change_through_windows"])(
    "%s: a change that can't be followed says how to export without",
    async (name) => {
      const message = await messageOf("net.pt2", fixtureBytes(name));
      expect(message).toContain("an operator that changes its input");
      expect(message).toContain("run_decompositions");
    },
  );

  test("batch normalisation whose running mean is read in training mode says to switch to evaluation", async () => {
    expect(await messageOf("net.pt2", fixtureBytes("refuse_statistics_read"))).toContain("model.eval()");
  });

  test("a loop whose length the data decide is refused", async () => {
    expect(await messageOf("net.pt2", fixtureBytes("refuse_loop"))).toContain(
      "a loop whose length the data decide",
    );
  });

  test("an operator with several results is named", async () => {
    expect(await messageOf("net.pt2", fixtureBytes("refuse_several_results"))).toContain("aten.linalg_qr");
  });
});
