/** @file Equations as LaTeX with amsmath, for mathematics mode; the specification language reads it back. */

import { isPlainName } from "../base/joined-names.ts";
import { packed, sharedLines } from "./beside.ts";
import type { Declared, DeclaredParameter, Equation, Equations } from "./document.ts";
import { condensed } from "./notes.ts";
import { modelTex, texName, toTex } from "./tex.ts";
import { pageWidth, texLines } from "./tex-lines.ts";
import { declaredTex, rangeTex, separator, type WhereRow, whereRows } from "./tex-where.ts";
import { soleValue } from "./text.ts";
import { proseOf } from "./where.ts";

/**
 * One `align*` environment, which stands on its own in a document: of each model signature, equations, where list. Rows are
 * broken at `width` ems.
 */
export function latexOf(document: Equations, width: number = pageWidth): string {
  const fits: Fits = (row) => texLines(row, width).length === 1;
  const rows = [document, ...document.definitions].flatMap((model) =>
    rowsOf(model, model !== document, fits),
  );
  const notes = condensed(document.notes)
    .map((note) => `% ${note}\n`)
    .join("");
  return `\\begin{align*}\n${rows.flatMap((row) => texLines(row, width)).join(" \\\\\n")}\n\\end{align*}\n${notes}`;
}

type Fits = (row: string) => boolean;

function rowsOf(model: Equations, isBlock: boolean, fits: Fits): string[] {
  const { outputs, equations } = model;
  const head = `& ${headTex(model)}`;
  const sole = isBlock ? soleValue(model) : undefined;
  const whole = sole === undefined ? "" : `${head} = ${toTex(sole)}`;
  const where = whereRows(model, (row) => fits(behindWhere(row))).map(whereTex);
  return [
    ...(whole !== "" && fits(whole)
      ? [whole]
      : [`${head} \\to ${declaredAll(outputs)}`, ...equationRows(equations, fits)]),
    ...where.map((row, i) => `& ${i === 0 ? whereWord : ""}${row}`),
  ];
}

const declaredAll = (items: readonly Declared[]): string => items.map(declaredTex).join(separator);

/** What stands before the arrow of a signature. */
function headTex({ name, inputs, numbers }: Equations): string {
  const given = numbers.length === 0 ? "" : `;\\; ${numbers.map(texName).join(separator)}`;
  return `${modelTex(name)}(${declaredAll(inputs)}${given})`;
}

const whereWord = "\\text{where } ";

const behindWhere = (row: WhereRow): string => `& ${whereWord}${whereTex(row)}`;

const whereTex = ({ name, said, parameters }: WhereRow): string => `${name} ${said}${legend(parameters)}`;

function equationRows(equations: readonly Equation[], fits: Fits): string[] {
  const row = (line: readonly Equation[]): string =>
    `& ${line.map((equation) => behindRounds(equation, equationTex(equation))).join(";\\; ")}`;
  return sharedLines(equations).flatMap((line) =>
    packed(line, (part) => fits(row(part))).flatMap((part) =>
      fits(row(part)) ? [row(part)] : part.flatMap(brokenRows),
    ),
  );
}

/** What is repeated stands deeper in the source. */
function brokenRows(equation: Equation): string[] {
  const head = roundsTex(equation);
  const line = equationTex(equation);
  return head === "" ? [`& ${line}`] : [`& ${head}`, `  & \\quad ${line}`];
}

const equationTex = ({ left, right }: Equation): string => `${toTex(left)} = ${toTex(right)}`;

/** The rounds in which an equation holds. */
const roundsTex = ({ rounds }: Equation): string =>
  rounds === undefined
    ? ""
    : `\\text{for } ${texName(rounds.index)} = ${rangeTex(String(rounds.count))}\\colon`;

/** An equation behind its rounds in one row. */
export const behindRounds = (equation: Equation, tex: string): string =>
  equation.rounds === undefined ? tex : `${roundsTex(equation)}\\; ${tex}`;

/** The words of the margin, in pieces between which a line can end. */
function legend(row: readonly DeclaredParameter[]): string {
  const words = proseOf(row);
  const pieces = words.match(/(?:\{[^{}]*\}|.){1,50}(?:(?<=[\s.,/_])|$)|.{1,50}/gu) ?? [];
  // Braces in plain names are Assay's own, and come in pairs.
  const isPlain = row.every(({ parameter }) => parameter.names.every(isPlainName));
  const text = (piece: string): string => inText(isPlain ? piece : piece.replaceAll(/[{}]/g, "?"));
  return words === "" ? "" : ` \\quad ${pieces.map((piece) => `\\text{${text(piece)}}`).join("")}`;
}

/**
 * Text mode has no plain form of backslash, circumflex and tilde, and braces must come in pairs; its usual fonts have ASCII
 * only, with other characters in the places of some.
 */
const inText = (words: string): string =>
  words
    .replaceAll("…", "...")
    .replaceAll(/[\\^~]|[^\u0020-\u007e]/gu, "?")
    .replaceAll(/[_%&#${}]/g, (character) => `\\${character}`)
    .replaceAll(/[<>|]/g, (character) => `$${character}$`)
    // These words alone are words of the specification language.
    .replace(/^(?=(?:where|and|for)\s*$)/, "{}");
