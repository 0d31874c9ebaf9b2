/** @file Equations as LaTeX with amsmath, for mathematics mode; the specification language reads it back. */

import { number } from "../base/layout.ts";
import { quoted } from "../diag/diagnostic.ts";
import { dimText } from "../ir/dim.ts";
import { isReal } from "../ir/type.ts";
import type { Declared, DeclaredParameter, Equation, Equations } from "./equations.ts";
import { texName, toTex } from "./tex.ts";
import { isFixed, prose } from "./text.ts";

/** One `align*` environment, which stands on its own in a document: of each model signature, equations, where list. */
export function latexOf(document: Equations): string {
  const rows = [document, ...document.definitions].flatMap(rowsOf);
  const notes = document.notes.map((note) => `% ${quoted(note)}\n`).join("");
  return `\\begin{align*}\n${rows.join(" \\\\\n")}\n\\end{align*}\n${notes}`;
}

function rowsOf({ name, inputs, outputs, equations, sizes, values, parameters }: Equations): string[] {
  const all = (items: readonly Declared[]): string => items.map(declared).join(",\\; ");
  const signature = `& \\operatorname{${name.replaceAll("_", "\\_")}}(${all(inputs)}) \\to ${all(outputs)}`;
  const where = [
    ...sizes.map((size) => `& ${texName(size.name)} = ${toTex(number(dimText(size.value)))}`),
    ...values.map((item) => `& ${declared(item)}`),
    ...parameters.map((item) => `& ${declared(item)}${isFixed(item) ? fixed : ""}${legend(item)}`),
  ];
  const lines = equations.flatMap(equationRows);
  return [signature, ...lines, ...(where.length === 0 ? [] : ["& \\text{where}", ...where])];
}

/** What is repeated stands deeper in the source. */
function equationRows({ left, right, rounds }: Equation): string[] {
  const line = `& ${toTex(left)} = ${toTex(right)}`;
  if (rounds === undefined) return [line];
  const { index, count } = rounds;
  return [
    `& \\text{for } ${texName(index)} = 1, \\ldots, ${count}\\colon`,
    `  & \\quad ${toTex(left)} = ${toTex(right)}`,
  ];
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
  return words === "" ? "" : ` \\quad \\text{${words}}`;
}
