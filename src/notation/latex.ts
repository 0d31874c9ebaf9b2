/** @file Equations as LaTeX with amsmath, for mathematics mode; the specification language reads it back. */

import { quoted } from "../diag/diagnostic.ts";
import { isReal } from "../ir/type.ts";
import type { Declared, DeclaredParameter, Equation, Equations } from "./equations.ts";
import { toPlainText } from "./plain.ts";
import { texName, toTex } from "./tex.ts";
import { inRows, isFixed, proseOf } from "./text.ts";

/** One `align*` environment, which stands on its own in a document: of each model signature, equations, where list. */
export function latexOf(document: Equations): string {
  const rows = [document, ...document.definitions].flatMap(rowsOf);
  const notes = document.notes.map((note) => `% ${quoted(note)}\n`).join("");
  return `\\begin{align*}\n${rows.join(" \\\\\n")}\n\\end{align*}\n${notes}`;
}

function rowsOf(model: Equations): string[] {
  const { name, inputs, outputs, equations, sizes, steps, starts, values, parameters } = model;
  const all = (items: readonly Declared[]): string => items.map(declared).join(",\\; ");
  const signature = `& \\operatorname{${name.replaceAll("_", "\\_")}}(${all(inputs)}) \\to ${all(outputs)}`;
  const where = [
    ...sizes.map((size) => `& ${texName(size.name)} = ${toTex(size.value)}`),
    ...steps.map((index) => `& ${texName(index.name)} = 1, \\ldots, ${toTex(index.length)}`),
    ...starts.map((start) => `& ${texName(start.name)} = ${toPlainText(start.value)}`),
    ...values.map((item) => `& ${declared(item)}`),
    ...inRows(parameters, columns).map((row) => `& ${row.map(parameter).join(",\\; ")}${legend(row)}`),
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

/** How many columns of text a row of parameters may have. */
const columns = 80;

const parameter = (item: DeclaredParameter): string => `${declared(item)}${isFixed(item) ? fixed : ""}`;

const fixed = "\\ \\mathrm{not}\\ \\mathrm{trained}";

/** `x \in \mathbb{R}^{B \times 3}`. */
function declared({ name, shape, dtype }: Declared): string {
  const sizes = shape.kind === "list" ? shape.items.map(toTex) : [];
  if (dtype === "bool") return `${texName(name)} : ${toTex(shape)}\\ \\mathrm{booleans}`;
  const set = isReal(dtype) ? "\\mathbb{R}" : "\\mathbb{Z}";
  return `${texName(name)} \\in ${set}${sizes.length === 0 ? "" : `^{${sizes.join(" \\times ")}}`}`;
}

/** Text mode knows these as commands; it has no plain form of braces, backslash, circumflex and tilde. */
function legend(row: readonly DeclaredParameter[]): string {
  const words = proseOf(row)
    .replaceAll(/[\\{}^~]/g, "?")
    .replaceAll(/[_%&#$]/g, (character) => `\\${character}`);
  return words === "" ? "" : ` \\quad \\text{${words}}`;
}
