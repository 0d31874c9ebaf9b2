/** @file Formulas of TeX as HTML that needs no script, and the fonts for it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import katex from "katex";
import { Markup } from "./markup.ts";

/**
 * A formula that stands in a line and may be broken behind operators, and behind commas outside of square brackets.
 * Screen readers get MathML.
 */
export function formula(tex: string): Markup {
  const parts = tex.split(/(\[[^[\]]*\])/).map((part) => {
    // A colon in brackets is no relation, but the range of an index.
    return part.startsWith("[") ? part.replaceAll(":", "{:}") : part.replaceAll(", ", ",\\allowbreak ");
  });
  const text = `\\displaystyle ${parts.join("")}`;
  return new Markup(
    katex.renderToString(text, {
      strict: "ignore",
      // Links go to definitions of the same page, and nowhere else.
      trust: ({ command, ...context }) =>
        command === "\\href" && "url" in context && context.url.startsWith("#"),
    }),
  );
}

/** The faces of KaTeX that `src/notation` can need. */
const faces = new Set([
  "KaTeX_AMS-Regular",
  "KaTeX_Main-Regular",
  "KaTeX_Main-Italic",
  "KaTeX_Math-Italic",
  "KaTeX_Size1-Regular",
  "KaTeX_Size2-Regular",
  "KaTeX_Size3-Regular",
  "KaTeX_Size4-Regular",
]);

/** KaTeX's style sheet with its fonts inside. */
export function formulaStyle(): string {
  const { resolve } = createRequire(import.meta.url);
  const fileOf = (name: string): string => resolve(`katex/dist/${name}`);
  const sheet = readFileSync(fileOf("katex.min.css"), "utf8");
  return sheet.replace(/@font-face\{[^}]*\}/g, (rule) => {
    const [, name = ""] = /url\(fonts\/([\w-]+)\.woff2\)/.exec(rule) ?? [];
    if (!faces.has(name)) return "";
    const data = readFileSync(fileOf(`fonts/${name}.woff2`)).toString("base64");
    return rule.replace(/src:.*(?=\})/, `src:url(data:font/woff2;base64,${data}) format("woff2")`);
  });
}
