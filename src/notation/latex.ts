/** @file Equations as LaTeX with amsmath, for mathematics mode; the specification language reads it back. */

import { number } from "../base/layout.ts";
import { quoted } from "../diag/diagnostic.ts";
import { type Dim, dimText } from "../ir/dim.ts";
import { isReal } from "../ir/type.ts";
import type { Declared, DeclaredParameter, Equations } from "./equations.ts";
import { modelTex, texName, toTex } from "./tex.ts";
import { pageWidth, texLines } from "./tex-lines.ts";
import { isFixed, prose } from "./text.ts";

/**
 * One `align*` environment, which stands on its own in a document: signature, equations, where list. Rows are broken at
 * `width` ems.
 */
export function latexOf(equations: Equations, width: number = pageWidth): string {
  const { name, inputs, outputs, sizes, values, parameters } = equations;
  const all = (items: readonly Declared[]): string => items.map(declaredTex).join(",\\; ");
  const signature = `& ${modelTex(name)}(${all(inputs)}) \\to ${all(outputs)}`;
  const lines = equations.equations.map(({ left, right }) => `& ${toTex(left)} = ${toTex(right)}`);
  const where = [
    ...sizes.map(({ name, value }) => `& ${texName(name)} = ${sizeTex(value)}`),
    ...values.map((item) => `& ${declaredTex(item)}`),
    ...parameters.map((item) => `& ${declaredTex(item)}${isFixed(item) ? fixed : ""}${legend(item)}`),
  ];
  const rows = [signature, ...lines, ...(where.length === 0 ? [] : ["& \\text{where}", ...where])];
  const notes = equations.notes.map((note) => `% ${quoted(note)}\n`).join("");
  return `\\begin{align*}\n${rows.flatMap((row) => texLines(row, width)).join(" \\\\\n")}\n\\end{align*}\n${notes}`;
}

export const sizeTex = (value: Dim): string => toTex(number(dimText(value)));

const fixed = "\\ \\mathrm{not}\\ \\mathrm{trained}";

/** `x \in \mathbb{R}^{B \times 3}`. */
export const declaredTex = (item: Declared): string =>
  `${texName(item.name)} ${item.dtype === "bool" ? ":" : "\\in"} ${kindTex(item)}`;

/** What a value is an element of, `\mathbb{R}^{B \times 3}`; of booleans their shape. */
export function kindTex({ shape, dtype }: Declared): string {
  const sizes = shape.kind === "list" ? shape.items.map(toTex) : [];
  if (dtype === "bool") return `${toTex(shape)}\\ \\mathrm{booleans}`;
  const set = isReal(dtype) ? "\\mathbb{R}" : "\\mathbb{Z}";
  return `${set}${sizes.length === 0 ? "" : `^{${sizes.join(" \\times ")}}`}`;
}

/** The words of the margin, in pieces between which a line can end. */
function legend(item: DeclaredParameter): string {
  const words = prose(item);
  const pieces = words.match(/.{1,50}(?:(?<=[\s.,/_])|$)|.{1,50}/gu) ?? [];
  return words === "" ? "" : ` \\quad ${pieces.map((piece) => `\\text{${inText(piece)}}`).join("")}`;
}

/**
 * Text mode has no plain form of braces, backslash, circumflex and tilde; its usual fonts have ASCII only, with other
 * characters in the places of some.
 */
const inText = (words: string): string =>
  words
    .replaceAll("…", "...")
    .replaceAll(/[\\{}^~]|[^\u0020-\u007e]/gu, "?")
    .replaceAll(/[_%&#$]/g, (character) => `\\${character}`)
    .replaceAll(/[<>|]/g, (character) => `$${character}$`)
    // These words alone are words of the specification language.
    .replace(/^(?=(?:where|and|for)\s*$)/, "{}");
