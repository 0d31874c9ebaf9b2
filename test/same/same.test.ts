/** @file Exports of one model to several formats are proved to be one function; a model with one thing changed is not. */
import { expect, test } from "vitest";
import { pairs, verdictOn } from "./pairs.ts";

test.each(pairs)(
  "$first and $second: $expected",
  async (pair) => {
    expect((await verdictOn(pair)).kind).toBe(pair.expected);
  },
  120_000,
);
