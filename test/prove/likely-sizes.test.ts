/** @file Sizes that nothing found gives, guessed by the shapes that the code has. */
import { expect, test } from "vitest";
import { likelySizes } from "../../src/prove/likely-sizes.ts";
import type { SpecSizes } from "../../src/prove/pairing.ts";
import { laidOver } from "./parts.ts";

const spec = `F(x : [B, 4]) -> y : [B]
  q[b,h,d] = exp(sum_j x[b,j] W[j,h,d])
  s[b,h] = sum_d q[b,h,d]
  y[b] = sum_h s[b,h]^2
where
  W : [4, H, D]
`;
/** The code has no exp, and after it nothing of the spec; beside it something else of three axes. */
const code = (heads: number, width: number): string => `F(x : [B, 4]) -> y : [B]
  q[b,h,d] = tanh(sum_j x[b,j] W[j,h,d] + c[d])
  s[b,h] = sum_d q[b,h,d] q[b,h,d]
  r[b,k,e] = tanh(sum_j x[b,j] V[j,k,e])
  y[b] = sum_h s[b,h] + sum_{k,e} r[b,k,e]
where
  W : [4, ${heads}, ${width}]
  V : [4, 7, 6]
  c : [${width}]
`;

function guessed(heads: number, width: number): SpecSizes {
  const { lowered, overlay, world } = laidOver(code(heads, width), spec);
  const given: SpecSizes = new Map([...overlay.sizes].filter(([name]) => name === "B"));
  return likelySizes(lowered, { ...overlay, sizes: given }, given, world);
}

test("sizes of the shapes that are in the code", () => {
  expect(Object.fromEntries(guessed(2, 5))).toMatchObject({ H: 2, D: 5 });
  expect(Object.fromEntries(guessed(5, 2))).toMatchObject({ H: 5, D: 2 });
});
