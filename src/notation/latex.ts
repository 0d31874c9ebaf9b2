/** @file Equations as LaTeX with amsmath, for mathematics mode; the specification language reads it back. */

import { quoted } from "../diag/diagnostic.ts";
import { isReal } from "../ir/type.ts";
import type { Declared, DeclaredParameter, Equation, Equations } from "./document.ts";
import { condensed } from "./notes.ts";
import { toPlainText } from "./plain.ts";
import { modelTex, texName, toTex } from "./tex.ts";
import { pageWidth, texLines } from "./tex-lines.ts";
import { inRows, isFixed, proseOf } from "./text.ts";

/**
 * One `align*` environment, which stands on its own in a document: of each model signature, equations, where list. Rows are
 * broken at `width` ems.
 */
export function latexOf(document: Equations, width: number = pageWidth): string {
  const rows = [document, ...document.definitions].flatMap(rowsOf);
  const notes = condensed(document.notes)
    .map((note) => `% ${quoted(note)}\n`)
    .join("");
  return `\\begin{align*}\n${rows.flatMap((row) => texLines(row, width)).join(" \\\\\n")}\n\\end{align*}\n${notes}`;
}

function rowsOf(model: Equations): string[] {
  const { name, inputs, outputs, equations, sizes, steps, starts, values, parameters } = model;
  const all = (items: readonly Declared[]): string => items.map(declaredTex).join(",\\; ");
  const signature = `& ${modelTex(name)}(${all(inputs)}) \\to ${all(outputs)}`;
  const where = [
    ...sizes.map((size) => `& ${texName(size.name)} = ${toTex(size.value)}`),
    ...steps.map((index) => `& ${texName(index.name)} = ${rangeTex(toTex(index.length))}`),
    ...starts.map((start) => `& ${texName(start.name)} = ${toPlainText(start.value)}`),
    ...values.map((item) => `& ${declaredTex(item)}`),
    ...inRows(parameters, columns).map((row) => `& ${row.map(parameter).join(",\\; ")}${legend(row)}`),
  ];
  const lines = equations.flatMap(equationRows);
  return [signature, ...lines, ...(where.length === 0 ? [] : ["& \\text{where}", ...where])];
}

export const rangeTex = (last: string): string => `1, \\ldots, ${last}`;

/** What is repeated stands deeper in the source. */
function equationRows({ left, right, rounds }: Equation): string[] {
  const line = `${toTex(left)} = ${toTex(right)}`;
  if (rounds === undefined) return [`& ${line}`];
  return [
    `& \\text{for } ${texName(rounds.index)} = ${rangeTex(String(rounds.count))}\\colon`,
    `  & \\quad ${line}`,
  ];
}

/** How many columns of text a row of parameters may have. */
const columns = 80;

const parameter = (item: DeclaredParameter): string => `${declaredTex(item)}${isFixed(item) ? fixed : ""}`;

const fixed = "\\ \\mathrm{not}\\ \\mathrm{trained}";

/** `x \in \mathbb{R}^{B \times 3}`. */
export const declaredTex = (item: Declared): string =>
  `${texName(item.name)} ${item.dtype === "bool" ? ":" : "\\in"} ${kindTex(item)}`;

/** What a value is an element of, `\mathbb{R}^{B \times 3}`; of booleans their shape. */
export function kindTex({ shape, dtype }: Declared): string {
  const sizes = shape.kind !== "list" ? [] : shape.named ? [toTex(shape)] : shape.items.map(toTex);
  if (dtype === "bool") return `${toTex(shape)}\\ \\mathrm{booleans}`;
  const set = isReal(dtype) ? "\\mathbb{R}" : "\\mathbb{Z}";
  return `${set}${sizes.length === 0 ? "" : `^{${sizes.join(" \\times ")}}`}`;
}

/** The words of the margin, in pieces between which a line can end. */
function legend(row: readonly DeclaredParameter[]): string {
  const words = proseOf(row);
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
