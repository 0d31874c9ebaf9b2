/** @file Equations as LaTeX with amsmath, for mathematics mode; the specification language reads it back. */

import { number } from "../base/layout.ts";
import { quoted } from "../diag/diagnostic.ts";
import { dimText } from "../ir/dim.ts";
import { isReal } from "../ir/type.ts";
import type { Declared, DeclaredParameter, Equations } from "./equations.ts";
import { texName, toTex } from "./tex.ts";
import { pageWidth, texLines } from "./tex-lines.ts";
import { isFixed, prose } from "./text.ts";

/**
 * One `align*` environment, which stands on its own in a document: signature, equations, where list. Rows are broken at
 * `width` ems.
 */
export function latexOf(equations: Equations, width: number = pageWidth): string {
  const { inputs, outputs, sizes, values, parameters } = equations;
  const all = (items: readonly Declared[]): string => items.map(declared).join(",\\; ");
  const signature = `& \\operatorname{${equations.name.replaceAll("_", "\\_")}}(${all(inputs)}) \\to ${all(outputs)}`;
  const lines = equations.equations.map(({ left, right }) => `& ${toTex(left)} = ${toTex(right)}`);
  const where = [
    ...sizes.map(({ name, value }) => `& ${texName(name)} = ${toTex(number(dimText(value)))}`),
    ...values.map((item) => `& ${declared(item)}`),
    ...parameters.map((item) => `& ${declared(item)}${isFixed(item) ? fixed : ""}${legend(item)}`),
  ];
  const rows = [signature, ...lines, ...(where.length === 0 ? [] : ["& \\text{where}", ...where])];
  const notes = equations.notes.map((note) => `% ${quoted(note)}\n`).join("");
  return `\\begin{align*}\n${rows.flatMap((row) => texLines(row, width)).join(" \\\\\n")}\n\\end{align*}\n${notes}`;
}

const fixed = "\\ \\mathrm{not}\\ \\mathrm{trained}";

/** `x \in \mathbb{R}^{B \times 3}`. */
function declared({ name, shape, dtype }: Declared): string {
  const sizes = shape.kind === "list" ? shape.items.map(toTex) : [];
  if (dtype === "bool") return `${texName(name)} : ${toTex(shape)}\\ \\mathrm{booleans}`;
  const set = isReal(dtype) ? "\\mathbb{R}" : "\\mathbb{Z}";
  return `${texName(name)} \\in ${set}${sizes.length === 0 ? "" : `^{${sizes.join(" \\times ")}}`}`;
}

/** Text mode knows these as commands; it has no plain form of braces, backslash, circumflex and tilde. */
function legend(item: DeclaredParameter): string {
  const words = prose(item)
    .replaceAll(/[\\{}^~]/g, "?")
    .replaceAll(/[_%&#$]/g, (character) => `\\${character}`);
  if (words === "") return "";
  // A line can end between two pieces of text.
  const pieces = words.match(/.{1,50}(?<!\\)(?:(?<=[\s.,/_])|$)|.{1,50}(?<!\\)/g) ?? [];
  return ` \\quad ${pieces.map((piece) => `\\text{${piece}}`).join("")}`;
}
