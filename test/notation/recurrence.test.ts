/** @file A model with a recurrence is refused by the printer, in words, and is compared all the same. */
import { expect, test } from "vitest";
import { Unsupported } from "../../src/diag/diagnostic.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { fixture } from "../torch/support.ts";

test("the message names the line and a way out", async () => {
  const graph = raise(await readTorchExport(fixture("lstm_tagger")));
  const refused = (): unknown => equationsOf(graph, { width: 80 });
  expect(refused).toThrow(Unsupported);
  const message = (() => {
    try {
      return String(refused());
    } catch (error) {
      return error instanceof Error ? `${error.message}\n` : "";
    }
  })();
  await expect(message).toMatchFileSnapshot("../errors/A5005.txt");
});
