/** @file Equations as text of a given width, in the form that the specification language reads back. */
import { range } from "../base/assert.ts";
import type { Layout } from "../base/layout.ts";
import { quoted, visible } from "../diag/diagnostic.ts";
import { dimText, type Dim as Size, symbolsOf } from "../ir/dim.ts";
import type { Origin } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { packed, sharedLines } from "./beside.ts";
import type { Declared, DeclaredParameter, Equation, Equations } from "./document.ts";
import { condensed } from "./notes.ts";
import { toPlainText } from "./plain.ts";
import { isGeneratedSize } from "./sizes.ts";
import { inRows, isFixed, proseOf } from "./where.ts";

export interface TextOptions {
  readonly width: number;
  /** Whether notes in the margin are dimmed, for a terminal. */
  readonly color: boolean;
  /** What stands in the margin of an equation: the shape of what it defines, unless the line of code behind it is asked for. */
  readonly margin?: Margin;
}

type Margin = "shape" | "source";

interface Page {
  readonly width: number;
  readonly margin: Margin;
  readonly dim: Dim;
}

/** What stands in a line, and beside it in the margin. */
interface Row {
  readonly indent: number;
  readonly text: string;
  readonly margin: string;
}

type Dim = (text: string) => string;

const gap = 3;
const whereWord = "where ";

const rowWidth = ({ indent, text, margin }: Row): number =>
  indent + text.length + (margin === "" ? 0 : gap + margin.length);

/** The document: each model's signature, equations, where list. Lines are at most `width` long unless a name is longer. */
export function textOf(document: Equations, { width, color, margin = "shape" }: TextOptions): string {
  const dim: Dim = (text) => (color ? `\u001b[2m${text}\u001b[22m` : text);
  const models = [document, ...document.definitions].map((model) =>
    modelText(model, model !== document, { width, margin, dim }),
  );
  const notes = condensed(document.notes).flatMap((note) => wrapped(`# ${note}`, 0, width, "# "));
  return [...models, ...(notes.length === 0 ? [] : [notes])]
    .map((lines) => lines.map((line) => `${line.replaceAll(tie, " ")}\n`).join(""))
    .join(document.definitions.length === 0 ? "" : "\n");
}

function modelText(equations: Equations, isBlock: boolean, { width, margin, dim }: Page): string[] {
  const fits = (row: Row): boolean => rowWidth(row) <= width;
  const whole = isBlock ? wholeRow(equations, margin) : undefined;
  const shared = (row: readonly DeclaredParameter[]): boolean => fits(parameterRow(row));
  const parameters = inRows(equations.parameters, shared, (row, prose) => {
    const margin = prose === 0 ? 0 : gap + prose;
    return whereWord.length + rowText(row).length + margin > width;
  });
  const where = [...valueRows(equations), ...parameters.map(parameterRow)];
  const signature = { indent: 0, text: signatureText(equations), margin: countText(equations) };
  const lines = sharedLines(equations.equations).flatMap((line) =>
    packed(line, (part) => fits(equationRow(part, margin))).flatMap((part) => {
      const row = equationRow(part, margin);
      return fits(row) ? [row] : part.flatMap((equation) => brokenRows(equation, margin));
    }),
  );
  return [
    ...(whole !== undefined && fits(whole)
      ? laid([whole], width, dim)
      : [...laid([signature], width, dim), ...laid(lines, width, dim)]),
    ...laid(where, width, dim).map((line, i) => (i === 0 ? whereWord + line.slice(whereWord.length) : line)),
  ];
}

/** A model of one equation in one line. */
function wholeRow(equations: Equations, margin: Margin): Row | undefined {
  const right = soleValue(equations);
  if (right === undefined) return undefined;
  const margins = [marginText(equations.equations, margin), countText(equations)];
  return {
    indent: 0,
    text: `${headText(equations)} = ${toPlainText(right)}`,
    margin: margins.filter((text) => text !== "").join(", "),
  };
}

/** Equations that share a line, and what the margin has of each. */
function equationRow(line: readonly Equation[], margin: Margin): Row {
  const texts = line.map((equation) => roundsText(equation) + equationText(equation));
  return { indent: 2, text: texts.join("; "), margin: marginText(line, margin) };
}

/** An equation that is too long for one line, below the rounds in which it holds. */
function brokenRows(equation: Equation, margin: Margin): Row[] {
  const head = roundsText(equation).trimEnd();
  const indent = head === "" ? 2 : 4;
  const row = { indent, text: equationText(equation), margin: marginText([equation], margin) };
  return head === "" ? [row] : [{ indent: 2, text: head, margin: "" }, row];
}

const equationText = ({ left, right }: Equation): string => `${toPlainText(left)} = ${toPlainText(right)}`;

const roundsText = ({ rounds }: Equation): string =>
  rounds === undefined ? "" : `for ${rounds.index} = 1..${rounds.count}: `;

/** Sizes, and what recurrences need to be told, in one row: how many steps, where they start, what they carry. */
function valueRows({ sizes, steps, starts, values }: Equations): Row[] {
  const items = [
    ...sizes.map(({ name, value }) => `${name} = ${toPlainText(value)}`),
    ...steps.map(({ name, length }) => `${name} = 1..${toPlainText(length)}`),
    ...joined(starts.map(({ name, value }) => [name, `= ${toPlainText(value)}`])),
    ...joined(values.map((item) => [item.name, typeText(item)])),
  ];
  return items.length === 0
    ? []
    : [{ indent: whereWord.length, text: items.map(tied).join(", "), margin: "" }];
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

const fixedTexts = new WeakMap<DeclaredParameter, string>();

function fixedText(item: DeclaredParameter): string {
  const known = fixedTexts.get(item) ?? `${typeText(item)}${isFixed(item) ? `${tie}not${tie}trained` : ""}`;
  fixedTexts.set(item, known);
  return known;
}

const signatureText = (equations: Equations): string =>
  `${headText(equations)} -> ${equations.outputs.map(declaredText).join(", ")}`;

function headText({ name, inputs, numbers }: Equations): string {
  const given = numbers.length === 0 ? "" : `; ${numbers.join(", ")}`;
  return `${name}(${inputs.map(declaredText).join(", ")}${given})`;
}

/** The value of a model of real numbers that has one equation, which holds at once and not from step to step. */
export function soleValue({ equations, outputs, steps }: Equations): Layout | undefined {
  const [equation, ...others] = equations;
  // The shape of what an unknown function gives is declared, and nowhere else.
  const isUnknown = equation?.right.kind === "call" && equation.right.name === "unknown";
  const isWhole =
    !isUnknown &&
    equation?.left.kind === "symbol" &&
    equation.rounds === undefined &&
    others.length + steps.length === 0;
  return isWhole && outputs.length === 1 && outputs.every(({ dtype }) => isReal(dtype))
    ? equation.right
    : undefined;
}

const parameterRow = (items: readonly DeclaredParameter[]): Row => ({
  indent: whereWord.length,
  text: rowText(items),
  margin: proseOf(items),
});

function rowText(items: readonly DeclaredParameter[]): string {
  const texts = items.map((item, i) => {
    const next = items[i + 1];
    const isShared = next !== undefined && fixedText(next) === fixedText(item);
    return isShared ? item.name : `${item.name}${tie}${fixedText(item)}`;
  });
  return texts.join(", ");
}

/** How many numbers training finds: `1.2 M parameters`; empty without any. */
export function countText({ count, parameters }: Equations): string {
  if (parameters.length === 0 || isOfArguments(count)) return "";
  if (count === 1) return "1 parameter";
  if (typeof count !== "number" || count < 1e6) return `${dimText(count)} parameters`;
  return `${(count / 1e6).toFixed(1)} M parameters`;
}

/** A block for arguments of several sizes has no number of its own. */
const isOfArguments = (count: Size): boolean => [...symbolsOf([count])].some(isGeneratedSize);

/** The shapes of what an equation defines; empty where its left side names the axes. */
function shapeTexts({ left, shapes }: Equation): string[] {
  const sides = left.kind === "names" ? left.items : [left];
  return sides.map((side, i) => {
    const shape = shapes[i];
    const isSaid = shape === undefined || (side.kind === "index" && side.named === true);
    return isSaid ? "" : toPlainText(shape);
  });
}

/** The line in the file, whose folders only the structured form has. */
export function placeText(origin: Origin | undefined): string {
  if (origin?.file === undefined) return origin?.equation === undefined ? "" : `(${origin.equation})`;
  // Where a function of the model makes several layers, the lines that call it tell them apart.
  const { file, line } = origin.caller ?? origin;
  const name = file?.split(/[\\/]/).at(-1) ?? "";
  return quoted(line === undefined ? name : `${name}:${line}`);
}

/** What the margin says of equations in one line. */
function marginText(line: readonly Equation[], margin: Margin): string {
  return margin === "source" ? [...placesOf(line).values()].join(", ") : shapesText(line);
}

/** The shape that all values of a line have, or that of each. */
export function shapesText(line: readonly Equation[]): string {
  const shapes = line.flatMap(shapeTexts).filter((text) => text !== "");
  return (new Set(shapes).size === 1 ? shapes.slice(0, 1) : shapes).join(", ");
}

/** The places of equations in one line, each with how it is written behind the others: `net.py:7, 9`. */
export function placesOf(line: readonly Equation[]): ReadonlyMap<string, string> {
  const places = [...new Set(line.map(({ origin }) => placeText(origin)))].filter((text) => text !== "");
  const fileOf = (place: string): string => place.replace(/:\d+$/, "");
  return new Map(
    places.map((place, i) => {
      const isOfSame = i > 0 && fileOf(places[i - 1] ?? "") === fileOf(place) && fileOf(place) !== place;
      return [place, isOfSame ? place.slice(fileOf(place).length + 1) : place] as const;
    }),
  );
}

/** The source line at `placeText`, if it is known. */
export const codeText = (origin: Origin | undefined): string | undefined => {
  const { code } = origin?.caller ?? origin ?? {};
  return code === undefined ? undefined : visible(code);
};

/** Rows with their margins in one column, or as far right as they fit. */
function laid(rows: readonly Row[], width: number, dim: Dim): string[] {
  const end = ({ indent, text }: Row): number => indent + text.length;
  const fitting = rows.filter((row) => row.margin !== "" && rowWidth(row) <= width);
  const column = Math.max(0, ...fitting.map(end));
  return rows.flatMap(({ indent, text, margin }) => {
    const lines = wrapped(text, indent, width, " ".repeat(indent + 4));
    if (margin === "") return lines;
    const last = lines.at(-1) ?? "";
    const place = Math.max(Math.min(column + gap, width - margin.length), last.length + gap);
    if (place + margin.length <= width) return [...lines.slice(0, -1), last.padEnd(place) + dim(margin)];
    const hang = `${" ".repeat(Math.min(indent, 2) + 4)}# `;
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
