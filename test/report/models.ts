/** @file Equations for pages: with names that would be markup, and of a model that uses another. */
import { call, symbol } from "../../src/base/layout.ts";
import type { Equations } from "../../src/notation/document.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { Sketch } from "../arbitrary/sketch.ts";

const long = "encoder_".repeat(60);

/** Texts that a file may hold and that a page must only show. */
export const hostileTexts: readonly string[] = [
  "<script>document.title='run'</script>",
  `"><img src=x onerror="document.title='run'">`,
  "</style></title></code><svg onload=document.title='run'>",
  "'; background: url(https://example.org/x) ;'",
  "\\href{javascript:alert(1)}{x} $ % & # _ ^ ~ {",
  "a\u202eb\u0000c\nd",
  "权重 é ∑ |a| `b` ``c''",
  `${"x".repeat(49)}_for`,
  long,
];

/** A model all of whose texts are hostile. */
export function hostile(): Equations {
  const s = new Sketch();
  const x = s.input("<b>x</b>", [2, 3]);
  const parameters = hostileTexts.map((text) => s.parameter(text, [2, 3]));
  const sum = parameters.reduce((total, parameter) => s.add(total, parameter), s.apply("Tanh", [x], {}));
  const graph = s.graph("<script>Net</script>", { "<i>y</i>": sum }, hostileTexts);
  const equations = equationsOf(raise(graph), { width: 80 });
  return {
    ...equations,
    equations: equations.equations.map((equation, i) => {
      const text = hostileTexts[i % hostileTexts.length] ?? "";
      return { ...equation, origin: { file: text, line: i, code: text } };
    }),
  };
}

/** A model and its block, which it uses. */
export function withBlock(): readonly Equations[] {
  const s = new Sketch();
  const x = s.input("x", [2, 3]);
  const block = equationsOf(s.graph("Block", { y: s.linear("fc", x, 3, 3) }), { width: 80 });
  const right = call("Block", [symbol("x")], ["1"]);
  const main = block.equations.slice(0, 1).map((equation) => ({ ...equation, left: symbol("y"), right }));
  return [{ ...block, name: "Main", equations: main, parameters: [], notes: ["dropout is off"] }, block];
}
