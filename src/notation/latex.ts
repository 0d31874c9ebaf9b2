/** @file Equations as LaTeX with amsmath, for mathematics mode; the specification language reads it back. */

import { quoted } from "../diag/diagnostic.ts";
import { isReal } from "../ir/type.ts";
import type { Declared, DeclaredParameter, Equations } from "./equations.ts";
import { toPlainText } from "./plain.ts";
import { texName, toTex } from "./tex.ts";
import { inRows, isFixed, proseOf } from "./text.ts";

/** One `align*` environment, which stands on its own in a document: signature, equations, where list. */
export function latexOf(equations: Equations): string {
  const { inputs, outputs, sizes, steps, starts, values, parameters } = equations;
  const all = (items: readonly Declared[]): string => items.map(declared).join(",\\; ");
  const signature = `& \\operatorname{${equations.name.replaceAll("_", "\\_")}}(${all(inputs)}) \\to ${all(outputs)}`;
  const lines = equations.equations.map(({ left, right }) => `& ${toTex(left)} = ${toTex(right)}`);
  const where = [
    ...sizes.map(({ name, value }) => `& ${texName(name)} = ${toTex(value)}`),
    ...steps.map(({ name, length }) => `& ${texName(name)} = 1, \\ldots, ${toTex(length)}`),
    ...starts.map(({ name, value }) => `& ${texName(name)} = ${toPlainText(value)}`),
    ...values.map((item) => `& ${declared(item)}`),
    ...inRows(parameters, columns).map((row) => `& ${row.map(parameter).join(",\\; ")}${legend(row)}`),
  ];
  const rows = [signature, ...lines, ...(where.length === 0 ? [] : ["& \\text{where}", ...where])];
  const notes = equations.notes.map((note) => `% ${quoted(note)}\n`).join("");
  return `\\begin{align*}\n${rows.join(" \\\\\n")}\n\\end{align*}\n${notes}`;
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
