/** @file The line of the code that a difference is placed at, where the edited value alone does not tell. */
import { describe, expect, test } from "vitest";
import { only } from "../../src/base/assert.ts";
import type { Origin } from "../../src/ir/graph.ts";
import { placeOfUse } from "../../src/prove/left-out.ts";
import { verdictOn } from "./models.ts";

const head = "F(x : [B, 4], u : [B, 4]) -> y : [B, 4]";

/** The words of the only difference, and the line of the code that it is placed at. */
function told(code: string, spec: string): string {
  const text = (lines: string): string => [head, ...lines.split("; ")].join("\n  ");
  const verdict = verdictOn(text(code), text(spec));
  if (verdict.kind !== "different") return verdict.kind;
  const { words, code: side } = only(verdict.differences);
  return `${words} @ ${side.place.code}`;
}

test.for([
  [
    "at the first value that only the code has",
    "y = x + exp(tanh(x) * u)",
    "a = tanh(x); b = a + u; y = x + exp(b)",
    "tanh(x) and u are added, not multiplied @ b = a + u",
  ],
  [
    "at what is made of a value that the code sums in another order",
    "a = tanh(x); c = a + exp(x) * u; y = sin(c)",
    "a = tanh(x); b = a + u; c = b + exp(x); y = sin(c)",
    "exp(x) and u are added, not multiplied @ c = b + exp(x)",
  ],
  [
    "at what is made of an operand that comes out as it was",
    "a = exp(x); b = tanh(u); y = a * (1 + b)",
    "a = exp(x); b = tanh(u); c = sin(a + b); y = a * b",
    "the constant is 0 instead of 1 @ y = a * b",
  ],
  [
    "of several lines that read what something is left out behind, at the one that leads to the difference",
    "a = exp(x); b = a + u; y = b * (u * tanh(a))",
    "a = exp(x); b = a + u; c = u * a; y = b * c",
    "the activation tanh is missing @ c = u * a",
  ],
] as const)("is %s", ([, spec, code, expected]) => {
  expect(told(code, spec)).toBe(expected);
});

test("is that of a block where what is left out and what it stands behind are both in it", () => {
  const block = (norm: string): string =>
    `F(x : [B, T, d]) -> y : [B, T, d]
  u = Norm(x)
  y = tanh(u)

Norm(x : [d]) -> y : [d]
  y = ${norm}
where
  gamma : [d]
`;
  const verdict = verdictOn(
    block("rms_normalize(x, 1e-6)").replace("where\n  gamma : [d]\n", ""),
    block("rms_normalize(x, 1e-6) * gamma"),
  );
  expect(verdict.kind === "different" && only(verdict.differences)).toMatchObject({
    kind: "missing-bias",
    code: { place: { code: "y = rms_normalize(x, 1e-6)" } },
  });
});

describe("the place of a use", () => {
  const inNorm = (line: number, norm = "norm"): Origin => ({
    file: "net.py",
    line: 9,
    calls: [{ into: norm, file: "net.py", line }],
  });
  test.for([
    ["from where the line is come to that another use is of", inNorm(3), inNorm(4), 4],
    ["the line itself where no other use is of it", { ...inNorm(3), line: 8 }, inNorm(4), 9],
    ["the line itself without another use", undefined, inNorm(4), 9],
  ] as const)("is %s", ([, other, use, line]) => {
    expect(placeOfUse(use, other).line).toBe(line);
  });
});
