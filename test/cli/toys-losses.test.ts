/** @file The losses that models in jax-js are trained with are those that Assay judges by, for every kind of head. */
import * as jax from "@jax-js/jax";
import { defaultDevice, init } from "@jax-js/jax";
import { expect, test } from "vitest";
import { lossOf } from "../../src/cli/toys/jaxjs-losses.ts";
import { arrayOf } from "../../src/cli/toys/jaxjs-model.ts";
import { headsOfEveryKind } from "./heads-of-every-kind.ts";

await init("wasm");
defaultDevice("wasm");

test.each(headsOfEveryKind)("of a head of kind %s", async (_, { description, said, known, loss }) => {
  const found = lossOf(
    jax,
    description,
    { y: arrayOf(jax, said) },
    { y: { target: arrayOf(jax, known.target), share: arrayOf(jax, known.share) } },
  );
  expect((await found.data())[0]).toBeCloseTo(loss, 5);
});
