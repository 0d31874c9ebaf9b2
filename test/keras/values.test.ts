/** @file The graph of every fixture computes in float64 what Keras computed with the same weights. */
import { describe } from "vitest";
import { testValues } from "../values.ts";
import { expectationOf, modelFiles, read } from "./support.ts";

describe("values agree with Keras", () => {
  // Both sides are float64 and differ in the order of sums of some hundred terms: see test/torch/values.test.ts.
  testValues({ names: modelFiles, read, expectationOf, relative: 1e-12, absolute: 1e-13 });
});
