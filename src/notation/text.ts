/** @file Equations as text of a given width, in the form that the specification language reads back. */
import { range } from "../base/assert.ts";
import { quoted, visible } from "../diag/diagnostic.ts";
import { type Dim, dimText, symbolsOf } from "../ir/dim.ts";
import type { Origin } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import type { Declared, DeclaredParameter, Equation, Equations } from "./document.ts";
import { condensed } from "./notes.ts";
import { toPlainText } from "./plain.ts";
import { isGeneratedSize } from "./sizes.ts";

export interface TextOptions {
  readonly width: number;
  /** Whether notes in the margin are dimmed, for a terminal. */
  readonly color: boolean;
  /** What stands in the margin of an equation: the shape of what it defines, unless the line of code behind it is asked for. */
  readonly margin?: Margin;
}

type Margin = "shape" | "source";

/** What stands in a line, and beside it in the margin. */
interface Row {
  readonly indent: number;
  readonly text: string;
  readonly margin: string;
}

const gap = 3;

/** The document: each model's signature, equations, where list. Lines are at most `width` long unless a name is longer. */
export function textOf(document: Equations, { width, color, margin = "shape" }: TextOptions): string {
  const dim = (text: string): string => (color ? `\u001b[2m${text}\u001b[22m` : text);
  const models = [document, ...document.definitions].map((model) => modelText(model, width, margin, dim));
  const notes = condensed(document.notes).flatMap((note) => wrapped(`# ${quoted(note)}`, 0, width, "# "));
  return [...models, ...(notes.length === 0 ? [] : [notes])]
    .map((lines) => lines.map((line) => `${line.replaceAll(tie, " ")}\n`).join(""))
    .join(document.definitions.length === 0 ? "" : "\n");
}

function modelText(
  equations: Equations,
  width: number,
  margin: Margin,
  dim: (text: string) => string,
): string[] {
  const signature = { indent: 0, text: signatureText(equations), margin: countText(equations) };
  const where = [...valueRows(equations), ...inRows(equations.parameters, width).map(parameterRow)];
  return [
    ...laid([signature], width, dim),
    ...laid(
      equations.equations.flatMap((equation) => equationRows(equation, margin)),
      width,
      dim,
    ),
    ...(where.length === 0 ? [] : ["where", ...laid(where, width, dim)]),
  ];
}

function equationRows(equation: Equation, margin: Margin): Row[] {
  const { left, right, origin, rounds } = equation;
  const indent = rounds === undefined ? 2 : 4;
  const text = `${toPlainText(left)} = ${toPlainText(right)}`;
  const row = { indent, text, margin: margin === "source" ? placeText(origin) : shapeText(equation) };
  if (rounds === undefined) return [row];
  return [{ indent: 2, text: `for ${rounds.index} = 1..${rounds.count}:`, margin: "" }, row];
}

/** Sizes, and what recurrences need to be told, in one row: how many steps, where they start, what they carry. */
function valueRows({ sizes, steps, starts, values }: Equations): Row[] {
  const items = [
    ...sizes.map(({ name, value }) => `${name} = ${toPlainText(value)}`),
    ...steps.map(({ name, length }) => `${name} = 1..${toPlainText(length)}`),
    ...joined(starts.map(({ name, value }) => [name, `= ${toPlainText(value)}`])),
    ...joined(values.map((item) => [item.name, typeText(item)])),
  ];
  return items.length === 0 ? [] : [{ indent: 2, text: items.map(tied).join(", "), margin: "" }];
}

/** `a, b : [d]` for names of which the same is said. */
function joined(items: readonly (readonly [name: string, said: string])[]): string[] {
  const names = Map.groupBy(items, ([, said]) => said);
  return [...names].map(([said, own]) => `${own.map(([name]) => name).join(`,${tie}`)}${tie}${said}`);
}

const tied = (text: string): string => text.replaceAll(" ", tie);

/** A space at which no line ends, because the next would not continue it. */
const tie = "\u00a0";

const declaredText = (item: Declared): string => `${item.name}${tie}${typeText(item)}`;

const typeText = ({ shape, dtype }: Declared): string =>
  `:${tie}${toPlainText(shape)}${isReal(dtype) ? "" : `${tie}${dtype === "bool" ? "booleans" : "integers"}`}`;

const fixedText = (item: DeclaredParameter): string =>
  `${typeText(item)}${isFixed(item) ? `${tie}not${tie}trained` : ""}`;

/** A buffer of real numbers; integers can't be trained anyway. */
export const isFixed = ({ dtype, parameter }: DeclaredParameter): boolean =>
  isReal(dtype) && !parameter.trainable;

const signatureText = ({ name, inputs, outputs }: Equations): string =>
  `${name}(${inputs.map(declaredText).join(", ")}) -> ${outputs.map(declaredText).join(", ")}`;

/** How many numbers training finds: `1.2 M parameters`; empty without any. */
export function countText({ count, parameters }: Equations): string {
  if (parameters.length === 0 || isOfArguments(count)) return "";
  if (count === 1) return "1 parameter";
  if (typeof count !== "number" || count < 1e6) return `${dimText(count)} parameters`;
  return `${(count / 1e6).toFixed(1)} M parameters`;
}

/** A block for arguments of several sizes has no number of its own. */
const isOfArguments = (count: Dim): boolean => [...symbolsOf([count])].some(isGeneratedSize);

/** The shape of what an equation defines; empty where its left side names the axes. */
export const shapeText = ({ left, shape }: Equation): string =>
  left.kind === "index" && left.named === true ? "" : toPlainText(shape);

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

/** Neighbours that share a module, or a shape where no module has names for them, as far as they fit into one row. */
export function inRows(parameters: readonly DeclaredParameter[], width: number): DeclaredParameter[][] {
  const rows: DeclaredParameter[][] = [];
  for (const item of parameters) {
    const row = rows.at(-1);
    if (row?.every((other) => shareRow(other, item)) && fits(parameterRow([...row, item]), width))
      row.push(item);
    else rows.push([item]);
  }
  return rows;
}

const fits = ({ indent, text, margin }: Row, width: number): boolean =>
  indent + text.length + (margin === "" ? 0 : gap + margin.length) <= width;

function shareRow(first: DeclaredParameter, item: DeclaredParameter): boolean {
  const [one, other] = [moduleOf(first), moduleOf(item)];
  if (one === undefined || one !== other) return false;
  // Of matrices in one row either all are stored transposed or none.
  if (rankOf(first) === 2 && rankOf(item) === 2 && first.transposed !== item.transposed) return false;
  // Weights come before biases: behind these another layer begins.
  if (rankOf(first) < 2 && rankOf(item) >= 2) return false;
  return one !== "" || typeText(first) === typeText(item);
}

const rankOf = ({ parameter }: DeclaredParameter): number => parameter.node.type.shape.length;

/** The module that has a parameter, "" for what needs no other name; `undefined` where more is to be said of it. */
function moduleOf(item: DeclaredParameter): string | undefined {
  const { parameter, name, used } = item;
  const [source = "", ...more] = parameter.names;
  if (!used || more.length > 0 || isFixed(item)) return undefined;
  return source === name ? "" : /^(.*[./])[^./]+$/.exec(source)?.[1];
}

function parameterRow(items: readonly DeclaredParameter[]): Row {
  const texts = items.map((item, i) => {
    const next = items[i + 1];
    const isShared = next !== undefined && fixedText(next) === fixedText(item);
    return isShared ? item.name : `${item.name}${tie}${fixedText(item)}`;
  });
  return { indent: 2, text: texts.join(", "), margin: proseOf(items) };
}

/** The code's names and what is special. Without `=`, `:` and commas before them, which would declare something. */
export function proseOf(items: readonly DeclaredParameter[]): string {
  const [first, ...others] = items;
  if (first === undefined) return "";
  const last = others.at(-1);
  if (last === undefined) return prose(first);
  if (moduleOf(first) === "") return "";
  const within = (item: DeclaredParameter): string => nameOf(item).slice(moduleOf(first)?.length);
  const names =
    others.length > 1 ? `${nameOf(first)} … ${within(last)}` : `${nameOf(first)}, ${within(last)}`;
  return items.some(({ transposed }) => transposed) ? `${names}, transposed` : names;
}

const nameOf = ({ parameter }: DeclaredParameter): string => quoted(parameter.names[0] ?? "");

function prose(item: DeclaredParameter): string {
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
