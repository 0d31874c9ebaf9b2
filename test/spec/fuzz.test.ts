/** @file Whatever a text holds, reading it gives a graph or a message, and soon. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/assert.ts";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { lower } from "../../src/eval/lower.ts";
import { pairs } from "./models.ts";
import { read } from "./support.ts";

/** Anything but a message of the language itself is a defect; so is a graph that can't be lowered. */
function readsOrComplains(text: string): "graph" | "message" {
  try {
    lower(read(text, { batch: text.length % 2 === 0 }));
    return "graph";
  } catch (error) {
    const expected = error instanceof Diagnostic || error instanceof Unsupported;
    if (!expected) throw error;
    if (!error.report.code.startsWith("A3")) throw error;
    return "message";
  }
}

const words = [
  ..."x y z W b n d k i j T B M e pi 0 1 2 3 64 0.5 1e-5 1e999 -1".split(" "),
  ..."( ) [ ] { } , ; : = + - * / . ^ | < > == <= -> & # % _ ' ` ~ \\ \\\\ $ ∑ √ ∈ ℝ × α ₁ ² ᵀ ‖".split(" "),
  ..."\\frac \\sqrt \\sum_{k} \\sum_{k=1}^{n} \\tanh \\text{ \\mathrm{ \\left( \\right) \\begin{aligned} \\end{aligned} \\tag{1} \\quad".split(
    " ",
  ),
  ..."where and or not integers softmax_n softmax sum sum_k sum_{i,j} mean max norm reshape concat_n permute where( ^T x[ [i,j]".split(
    " ",
  ),
  ..."```math ``` ~~~".split(" ").map((fence) => `\n${fence}\n`),
  " ",
  "  ",
  "    ",
  "\n",
  "\n  ",
  "\t",
  "\r\n",
  "\u0000",
  "\u202e",
  "\ud800",
  "where\n  W : [n, d]\n",
  "where\n  W : {n, d}\n",
  "{n}",
  "y{n, d} = ",
  "M(x : [n]) -> y : [n]\n  y = ",
];
const soup = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join(""));
const spacedSoup = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join(" "));

/** A model with some of its characters removed, doubled, or replaced by a word. */
const mutated = fc
  .record({
    pair: fc.constantFrom(...pairs),
    latex: fc.boolean(),
    edits: fc.array(fc.record({ at: fc.nat(), length: fc.nat(6), word: fc.constantFrom("", ...words) }), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map(({ pair, latex, edits }) =>
    edits.reduce(
      (text, edit) => {
        const place = edit.at % (text.length + 1);
        return text.slice(0, place) + edit.word + text.slice(place + edit.length);
      },
      latex ? pair.latex : pair.plain,
    ),
  );

const inModel = spacedSoup.map(
  (expression) =>
    `M(x : [n], W : [n, n]) -> y\n  y = ${expression.replaceAll("\n", " ")}\nwhere z : [n, d], T : [3], d = 2\n`,
);

describe("random texts", () => {
  test.each([
    ["characters", fc.string({ unit: "binary", maxLength: 200 })],
    ["words", soup],
    ["words with spaces", spacedSoup],
    ["words as an expression", inModel],
  ])("%s", (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(["graph", "message"]).toContain(readsOrComplains(text));
      }),
      { numRuns: 1000 },
    );
  });

  test("models with typing errors, of which some stay models", () => {
    const counts = { graph: 0, message: 0 };
    fc.assert(
      fc.property(mutated, (text) => {
        counts[readsOrComplains(text)]++;
      }),
      { numRuns: 1500 },
    );
    expect(counts.graph).toBeGreaterThan(0);
    expect(counts.message).toBeGreaterThan(counts.graph / 10);
  });
});

describe("large texts", () => {
  const size = 2 ** 17;
  const filled = (unit: string): string => unit.repeat(Math.floor(size / unit.length));
  const model = (expression: string): string => `M(x : [n]) -> y : [n]\n  y = ${expression}\n`;
  /** Generous: each takes well under a second on a quiet machine. */
  const limit = 20_000;

  test.each([
    ["brackets", model(filled("("))],
    ["closing brackets", model(filled(")"))],
    ["braces behind subscripts", model(filled("x_{"))],
    ["text macros", model(filled("\\text{x} "))],
    ["environments", filled("\\begin{aligned}")],
    ["fractions", model(filled("\\frac"))],
    ["signs", model(filled("-"))],
    ["transpositions", model(`x${filled("^T")}`)],
    ["sums", model(filled("sum_k "))],
    ["a chain", model(`x${filled(" + x")}`)],
    ["a product", model(`x${filled(" x")}`)],
    ["a large number", model(filled("9"))],
    ["powers of powers", model("((((9^999)^999)^999)^999)^999")],
    ["sums of large numbers", model(filled("1e300 + "))],
    ["many new axes", model(`reshape(x, [${filled("1, ")}n])`)],
    ["many arguments", model(`concat_n(${filled("x, ")}x)`)],
    ["many indices", model(`x[${filled("i, ")}i]`)],
    ["a long name", model(filled("x"))],
    ["many names", model(filled("x_1 y "))],
    ["many sizes", `M(x : [${filled("n, ")}n]) -> y\n  y = x\n`],
    ["a large size", `M(x : [${filled("n m ")}]) -> y\n  y = x\n`],
    [
      "a sum of sizes",
      `M(x : [${Array.from({ length: 60000 }, (_, i) => `n${i}`).join(" + ")}]) -> y\n  y = x\n`,
    ],
    [
      "sizes that grow",
      `M(x : [n]) -> y\n  y = x\nwhere\n${Array.from({ length: 60 }, (_, i) => `  a${i} = a${i + 1} a${i + 1}\n`).join("")}`,
    ],
    ["many declarations", `M(x : [n]) -> y\n  y = x\nwhere ${filled("W : [n], ")}`],
    [
      "many equations",
      `M(x : [n]) -> y\n${Array.from({ length: 20000 }, (_, i) => `  h${i} = x + ${i}\n`).join("")}  y = x\n`,
    ],
    [
      "one deep value",
      `M(x : [n]) -> y\n  h0 = x\n${Array.from({ length: 20000 }, (_, i) => `  h${i + 1} = tanh(h${i})\n`).join("")}  y = x\n`,
    ],
    [
      "row indices that share their parts",
      `M(i : [n] integers, E : [n]) -> y\n  h0 = i + 1\n${Array.from({ length: 5000 }, (_, i) => `  h${i + 1} = h${i} + h${i}\n`).join("")}  y = E[h5000 + 1]\n`,
    ],
    ["fences", filled("```math\n```\n")],
    ["bars", model(filled("|"))],
    ["lines", filled("\n")],
    ["spaces", filled(" ")],
  ])(
    "%s",
    (_, text) => {
      const start = performance.now();
      expect(["graph", "message"]).toContain(readsOrComplains(text));
      expect(performance.now() - start).toBeLessThan(limit);
    },
    limit,
  );
});

test("every model survives the loss of any one line", () => {
  for (const { plain } of pairs) {
    const lines = plain.split("\n");
    for (const index of lines.keys()) {
      const rest = lines.filter((line) => line !== at(lines, index)).join("\n");
      expect(["graph", "message"]).toContain(readsOrComplains(rest));
    }
  }
});
