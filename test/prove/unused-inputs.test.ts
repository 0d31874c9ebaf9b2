/** @file A mask that code takes and forgets is a missing mask, not an input of another shape. */
import { expect, test } from "vitest";
import { kindsOf, verdictOn } from "./models.ts";

const spec = `Pool(x : [B, T, 3], hidden : [B, T] booleans) -> y : [B, 3]
  s[b,t] = sum_c x[b,t,c]
  a[b,t] = softmax_t(where(hidden[b,t], -inf, s[b,t]))
  y[b,c] = sum_t a[b,t] x[b,t,c]
`;
const forgotten = (shape: string): string => `Pool(x : [B, T, 3], hidden : ${shape} booleans) -> y : [B, 3]
  s[b,t] = sum_c x[b,t,c]
  a[b,t] = softmax_t(s[b,t])
  y[b,c] = sum_t a[b,t] x[b,t,c]
`;

test("axes of an input that is not read get the spec's sizes", () => {
  const verdict = verdictOn(forgotten("[P, Q]"), spec);
  expect(kindsOf(verdict)).toEqual(["missing-operation"]);
  expect(kindsOf(verdictOn(forgotten("[B, T]"), spec))).toEqual(["missing-operation"]);
});

test("what is a number is no other, and so does what another input needs", () => {
  expect(kindsOf(verdictOn(forgotten("[B, 4]"), spec))).toEqual(["interface"]);
  const other = `Pool(x : [B, T, 3], hidden : [T, B] booleans) -> y : [B, 3]
  y[b,c] = sum_t where(hidden[t,b], 0, x[b,t,c])
`;
  expect(kindsOf(verdictOn(other, spec))).toEqual(["interface"]);
});
