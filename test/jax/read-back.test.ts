/** @file What is printed of every traced program reads back and is proved to be the program. */
import { describe, expect, test } from "vitest";
import { readJaxpr } from "../../src/frontends/jax/read.ts";
import { formsToProve, printed, proofOf } from "../notation/read-back.ts";
import { groups, sourceOfDocument } from "./support.ts";

const readable = [...groups].filter(([group]) => group !== "refused");

describe.each(readable)("%s", (_, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))("%s", async (__, { document }) => {
    const model = await readJaxpr(sourceOfDocument(document));
    for (const form of formsToProve(printed(model)))
      expect(proofOf(model, form), form).toMatchObject({ kind: "equal" });
  });
});
