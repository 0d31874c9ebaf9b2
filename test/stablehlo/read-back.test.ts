/** @file What is printed of every program that JAX lowers reads back and is proved to be the program. */
import { describe, expect, test } from "vitest";
import { printed, proofOf } from "../notation/read-back.ts";
import { graphWithValues, groups } from "./support.ts";

const readable = [...groups].filter(([group]) => group !== "refused");

describe.each(readable)("%s", (_, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))("%s", async (__, one) => {
    const model = await graphWithValues(one);
    const { text, latex } = printed(model);
    expect(proofOf(model, text), text).toMatchObject({ kind: "equal" });
    expect(proofOf(model, latex), latex).toMatchObject({ kind: "equal" });
  });
});
