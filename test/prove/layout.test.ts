/** @file The same numbers in another layout are found, and are a difference. */
import { expect, test } from "vitest";
import { kindsOf, verdictOn } from "./models.ts";

const head = (shape: string, right: string, weight: string): string => `Head(x : [B, 3]) -> y : ${shape}
  y = ${right}
where
  w : ${weight}
`;

test("[B] instead of [B, 1]", () => {
  const verdict = verdictOn(head("[B]", "x w", "[3]"), head("[B, 1]", "x w", "[3, 1]"));
  expect(verdict).toMatchObject({
    kind: "different",
    differences: [{ kind: "output-layout", spec: { text: "y : [4, 1]" }, code: { text: "y : [4]" } }],
  });
});

test("a transposed output", () => {
  const verdict = verdictOn(head("[2, B]", "(x w)^T", "[3, 2]"), head("[B, 2]", "x w", "[3, 2]"));
  expect(kindsOf(verdict)).toEqual(["output-layout"]);
});

test("beyond four axes, the last two swapped", () => {
  const stack = (shape: string, order: string): string => `Stack(x : [2, 3, 5, 7, 11]) -> y : ${shape}
  y = permute(x * 2, [${order}])
`;
  const verdict = verdictOn(
    stack("[2, 3, 5, 11, 7]", "0, 1, 2, 4, 3"),
    stack("[2, 3, 5, 7, 11]", "0, 1, 2, 3, 4"),
  );
  expect(kindsOf(verdict)).toEqual(["output-layout"]);
});

test("the same numbers in another order are other numbers", () => {
  const pair = (right: string): string => `Pair(x : [B, n]) -> y : [B, n]
  y = ${right}
where
  n = 2
`;
  expect(verdictOn(pair("concat_n(x[:, 1:2], x[:, 0:1])"), pair("2 * x / 2")).kind).toBe("different");
});

test("a lost activation and another layout are two differences", () => {
  const network = (shape: string, h: string, y: string, v: string): string => `Net(x : [B, 3]) -> y : ${shape}
  h = ${h}
  y = ${y}
where
  W : [3, 5]
  v : ${v}
`;
  const verdict = verdictOn(
    network("[B]", "x W", "h v", "[5]"),
    network("[B, 1]", "tanh(x W)", "h v", "[5, 1]"),
  );
  expect(kindsOf(verdict)).toEqual(["missing-activation", "output-layout"]);
});
