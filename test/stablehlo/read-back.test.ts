/** @file What is printed of every program that JAX lowers reads back and is proved to be the program. */
import { describe, expect, test } from "vitest";
import { formsToProve, printed, proofOf } from "../notation/read-back.ts";
import { graphWithValues, groups } from "./support.ts";

const readable = [...groups].filter(([group]) => group !== "refused");

describe.each(readable)("%s", (_, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))("%s", async (__, one) => {
    const model = await graphWithValues(one);
    for (const form of formsToProve(printed(model)))
      expect(proofOf(model, form), form).toMatchObject({ kind: "equal" });
  });
});
