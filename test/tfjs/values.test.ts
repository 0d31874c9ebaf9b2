/** @file The graph of every fixture computes what TensorFlow.js or TensorFlow computed with the same weights in float32. */
import { describe } from "vitest";
import { testValues } from "../values.ts";
import { convertedModel, convertedNames, expectationOf, modelNames, read } from "./support.ts";

/** float32 has 24 bits; sums of some hundred terms of size 1 lose a few of them, and exp and erf are approximated. */
const tolerances = { relative: 2e-5, absolute: 2e-6 };

describe("values agree with TensorFlow.js", () => {
  testValues({ names: modelNames, read, expectationOf, ...tolerances });
});

describe("values agree with TensorFlow, for what its converter writes", () => {
  // What quantised weights give is in test/tfjs/converted.test.ts, and a loop that data end is refused.
  const names = convertedNames.filter((name) => !name.startsWith("quantised") && name !== "dynamic");
  testValues({
    names,
    read: async (name) => await convertedModel(name).read(),
    expectationOf: (name) => convertedModel(name).expectation,
    ...tolerances,
  });
});
