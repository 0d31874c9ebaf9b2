/** @file Equations as text of a given width, in the form that the specification language reads back. */
import { range } from "../base/assert.ts";
import { quoted, visible } from "../diag/diagnostic.ts";
import { dimText } from "../ir/dim.ts";
import type { Origin } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import type { Declared, DeclaredParameter, Equations } from "./equations.ts";
import { toPlainText } from "./plain.ts";

export interface TextOptions {
  readonly width: number;
  /** Whether notes in the margin are dimmed, for a terminal. */
  readonly color: boolean;
}

/** What stands in a line, and beside it in the margin. */
interface Row {
  readonly indent: number;
  readonly text: string;
  readonly margin: string;
}

const gap = 3;

/** The document: signature, equations, where list. Lines are at most `width` long unless a single name is longer. */
export function textOf(equations: Equations, { width, color }: TextOptions): string {
  const signature = { indent: 0, text: signatureText(equations), margin: countText(equations) };
  const lines = equations.equations.map(({ left, right, origin }): Row => {
    return { indent: 2, text: `${toPlainText(left)} = ${toPlainText(right)}`, margin: placeText(origin) };
  });
  const where = [
    ...equations.sizes.map(
      ({ name, value }): Row => ({ indent: 2, text: `${name} = ${dimText(value)}`, margin: "" }),
    ),
    ...equations.values.map((item): Row => ({ indent: 2, text: declaredText(item), margin: "" })),
    ...equations.parameters.map(
      (item): Row => ({ indent: 2, text: parameterText(item), margin: prose(item) }),
    ),
  ];
  const dim = (text: string): string => (color ? `\u001b[2m${text}\u001b[22m` : text);
  return [
    ...laid([signature], width, dim),
    ...laid(lines, width, dim),
    ...(where.length === 0 ? [] : ["where", ...laid(where, width, dim)]),
    ...equations.notes.flatMap((note) => wrapped(`# ${quoted(note)}`, 0, width, "# ")),
  ]
    .map((line) => `${line.replaceAll(tie, " ")}\n`)
    .join("");
}

/** A space at which no line ends, because the next would not continue it. */
const tie = "\u00a0";

const declaredText = ({ name, shape, dtype }: Declared): string =>
  `${name}${tie}:${tie}${toPlainText(shape)}${isReal(dtype) ? "" : `${tie}${dtype === "bool" ? "booleans" : "integers"}`}`;

const parameterText = (item: DeclaredParameter): string =>
  `${declaredText(item)}${isFixed(item) ? `${tie}not${tie}trained` : ""}`;

/** A buffer of real numbers; integers can't be trained anyway. */
export const isFixed = ({ dtype, parameter }: DeclaredParameter): boolean =>
  isReal(dtype) && !parameter.trainable;

const signatureText = ({ name, inputs, outputs }: Equations): string =>
  `${name}(${inputs.map(declaredText).join(", ")}) -> ${outputs.map(declaredText).join(", ")}`;

/** How many numbers training finds: `1.2 M parameters`; empty without any. */
export function countText({ count, parameters }: Equations): string {
  if (parameters.length === 0) return "";
  if (count === 1) return "1 parameter";
  if (typeof count !== "number" || count < 1e6) return `${dimText(count)} parameters`;
  return `${(count / 1e6).toFixed(1)} M parameters`;
}

/** The line in the file, whose folders only the structured form has. */
export function placeText(origin: Origin | undefined): string {
  if (origin?.file === undefined) return origin?.equation === undefined ? "" : `(${origin.equation})`;
  // Where a function of the model makes several layers, the lines that call it tell them apart.
  const { file, line } = origin.caller ?? origin;
  const name = file?.split(/[\\/]/).at(-1) ?? "";
  return quoted(line === undefined ? name : `${name}:${line}`);
}

/** The source line at `placeText`, if it is known. */
export const codeText = (origin: Origin | undefined): string | undefined => {
  const { code } = origin?.caller ?? origin ?? {};
  return code === undefined ? undefined : visible(code);
};

/** The code's names and what is special. Without `=`, `:` and commas before them, which would declare something. */
export function prose(item: DeclaredParameter): string {
  const source = quoted(item.parameter.names.join(" and "));
  return [...(source === item.name ? [] : [source]), ...remarks(item)].join(", ");
}

/** What is special about a parameter. */
export const remarks = ({ parameter, transposed, used }: DeclaredParameter): readonly string[] => [
  ...(parameter.names.length > 1 ? ["tied"] : []),
  ...(transposed ? ["stored transposed"] : []),
  ...(used ? [] : ["unused"]),
];

/** Rows with their margins in one column, or as far right as they fit. */
function laid(rows: readonly Row[], width: number, dim: (text: string) => string): string[] {
  const end = ({ indent, text }: Row): number => indent + text.length;
  const fitting = rows.filter((row) => row.margin !== "" && end(row) + gap + row.margin.length <= width);
  const column = Math.max(0, ...fitting.map(end));
  return rows.flatMap(({ indent, text, margin }) => {
    const lines = wrapped(text, indent, width, " ".repeat(indent + 4));
    if (margin === "") return lines;
    const last = lines.at(-1) ?? "";
    const place = Math.max(Math.min(column + gap, width - margin.length), last.length + gap);
    if (place + margin.length <= width) return [...lines.slice(0, -1), last.padEnd(place) + dim(margin)];
    const hang = `${" ".repeat(indent + 4)}# `;
    return [...lines, ...wrapped(hang + margin, 0, width, hang).map(dim)];
  });
}

/** Breaks a text at spaces, outside of brackets if it can; what follows the first line begins with `hang`. */
function wrapped(text: string, indent: number, width: number, hang: string): string[] {
  const lines: string[] = [];
  let [rest, head] = [text, " ".repeat(indent)];
  while (head.length + rest.length > width) {
    const place = breakPlace(rest, width - head.length);
    if (place === undefined) break;
    lines.push(head + rest.slice(0, place));
    [rest, head] = [rest.slice(place + 1), hang];
  }
  return [...lines, head + rest];
}

/** The last space of least bracket depth in the later half of the room, else the last in the room, else the first of all. */
function breakPlace(text: string, room: number): number | undefined {
  const spaces: { readonly place: number; readonly cost: number }[] = [];
  let depth = 0;
  for (const place of range(text.length)) {
    const character = text.charAt(place);
    if ("([{".includes(character)) depth++;
    if (")]}".includes(character)) depth--;
    if (character !== " ") continue;
    // A line that begins with an operator shows that it continues.
    const beginsWithOperator = /^(?:[-+*/.<]|==|and) /.test(text.slice(place + 1));
    spaces.push({
      place,
      cost: 2 * depth + (beginsWithOperator || /[,>]$/.test(text.slice(0, place)) ? 0 : 1),
    });
  }
  const within = spaces.filter(({ place }) => place <= room);
  const late = within.filter(({ place }) => place > room / 2);
  const candidates = late.length > 0 ? late : within.slice(-1);
  const least = Math.min(...candidates.map(({ cost }) => cost));
  return candidates.findLast(({ cost }) => cost === least)?.place ?? spaces[0]?.place;
}
