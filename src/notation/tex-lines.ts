/**
 * @file Breaks a row of TeX that is wider than the page. What follows begins with an operator or stands in an open
 * bracket, by which the specification language sees that it goes on.
 */
import { at } from "../base/assert.ts";

/** Width of a text in ems of its font: 390 points at 10, a little less than pages of NeurIPS and ICLR have. */
export const pageWidth = 39;
/** Width of `\qquad` before what goes on. */
const hang = 2;

interface Place {
  /** Where the next line begins. */
  readonly place: number;
  /** Width of the row up to here. */
  readonly width: number;
  readonly cost: number;
}

/** The lines of one row, each beginning with `&`, without `\\`. A piece that nothing breaks may be wider than `room`. */
export function texLines(row: string, room: number): string[] {
  if (scan(row).width <= room) return [row];
  // A pair that grows must end in its own line.
  const source = row.replaceAll("\\left", "\\Bigl").replaceAll("\\right", "\\Bigr");
  const { places, width } = scan(source);
  const lines: string[] = [];
  let [start, done, next] = [0, 0, 0];
  while (hangBefore(start) + width - done > room) {
    const own = room - hangBefore(start);
    let end = next;
    while (end < places.length && at(places, end).width - done <= own) end++;
    // Where nothing fits, the line is as short as it can be.
    const within = places.slice(next, Math.max(end, next + 1));
    if (within.length === 0) break;
    const late = within.filter((place) => place.width - done > own / 2);
    const candidates = late.length > 0 ? late : within.slice(-1);
    const least = Math.min(...candidates.map(({ cost }) => cost));
    const chosen = candidates.findLast(({ cost }) => cost === least) ?? at(candidates, 0);
    lines.push(lineOf(source.slice(start, chosen.place), start));
    next = places.indexOf(chosen, next) + 1;
    [start, done] = [chosen.place, chosen.width];
  }
  return [...lines, lineOf(source.slice(start), start)];
}

const hangBefore = (start: number): number => (start === 0 ? 0 : hang);
/** The empty group makes what follows a binary operator, with its spaces. */
const lineOf = (text: string, start: number): string => {
  // Space at the end of a line would make it wider than what is seen of it.
  const seen = text.trimEnd().replace(/\\;$/, "");
  return start === 0 ? seen : `& \\qquad{} ${seen.trim().replace(/^\\quad /, "")}`;
};

const operators = /^(?:[-+]|\\(?:odot|cdot|le|ne|wedge|to)|==|=) /;
const relationCost = 3;
const atom = /\\[A-Za-z]+|\\.|[^\\]/y;

/** Where a row may be broken, at which widths, and how wide it is. */
function scan(source: string): { readonly places: readonly Place[]; readonly width: number } {
  const places: Place[] = [];
  let [width, depth] = [0, 0];
  for (let place = 0; place < source.length; ) {
    const before = source.slice(place - 2, place);
    const rest = source.slice(place, place + 12);
    const isOperator = before.endsWith(" ") && operators.test(rest);
    const isArgument = before === ", ";
    const isDeclared = before === "; ";
    const isNote = rest.startsWith("\\quad \\text") || (before.endsWith("}") && rest.startsWith("\\text{"));
    const isRelation = /^(?:=|\\to) /.test(rest);
    const goesOn = isOperator || isDeclared || (isArgument && depth > 0);
    if (place > 2 && (goesOn || isNote))
      places.push({ place, width, cost: 2 * depth + (isRelation ? relationCost : isArgument ? 1 : 0) });
    const step = piece(source, place);
    if (/[([]$/.test(source.slice(place, step.end))) depth++;
    if (/[)\]]$/.test(source.slice(place, step.end))) depth--;
    [width, place] = [width + step.width, step.end];
  }
  return { places, width };
}

interface Piece {
  readonly end: number;
  readonly width: number;
}

/** Widths of Computer Modern at 10 points in ems, with the space that TeX sets around an operator. */
const widths: Readonly<Record<string, number>> = {
  " ": 0,
  "&": 0,
  ",": 0.45,
  "(": 0.39,
  ")": 0.39,
  "[": 0.28,
  "]": 0.28,
  ":": 0.84,
  "+": 1.23,
  "-": 1.23,
  "=": 1.34,
  "\\,": 0.17,
  "\\;": 0.28,
  "\\ ": 0.34,
  "\\quad": 1,
  "\\to": 1.56,
  "\\in": 1.23,
  "\\times": 1.23,
  "\\odot": 1.23,
  "\\cdot": 0.73,
  "\\le": 1.34,
  "\\ne": 1.34,
  "\\infty": 1,
  "\\sum": 1.62,
  "\\Bigl": 0.2,
  "\\Bigr": 0.2,
  "\\left": 0.2,
  "\\right": 0.2,
};
/** Of a letter in words, of a digit, of letters in mathematics, and of a macro that is not listed. */
const [wordLetter, digit, small, capital, macroLetter] = [0.53, 0.5, 0.55, 0.8, 0.52];
const scriptSize = 0.75;
const wordMacros = /^\\(?:operatorname\*?|mathrm|mathit|mathbb|text)$/;

/** One character, macro or group with what belongs to it. */
function piece(source: string, place: number): Piece {
  const character = source.charAt(place);
  if (character === "{") {
    const end = closing(source, place);
    return { end, width: scan(source.slice(place + 1, end - 1)).width };
  }
  if (character === "_" || character === "^") {
    const inner = piece(source, place + 1);
    return { end: inner.end, width: scriptSize * inner.width };
  }
  atom.lastIndex = place;
  const [macro = character] = atom.exec(source) ?? [];
  const end = place + macro.length;
  if (wordMacros.test(macro)) {
    const stop = closing(source, end);
    const letters = source.slice(end + 1, stop - 1).replace(/\\.|\$.\$/g, "x");
    return { end: stop, width: wordLetter * letters.length };
  }
  if (macro === "\\frac") {
    const above = piece(source, end);
    const below = piece(source, above.end);
    return { end: below.end, width: Math.max(above.width, below.width) + 0.24 };
  }
  if (macro === "\\sqrt") {
    const inner = piece(source, end);
    return { end: inner.end, width: inner.width + 0.85 };
  }
  return { end, width: widths[macro] ?? letterWidth(macro) };
}

function letterWidth(macro: string): number {
  if (macro.startsWith("\\")) return Math.max(2, macro.length > 6 ? 2 : macro.length - 1) * macroLetter;
  if (/\d/.test(macro)) return digit;
  return /[A-Z]/.test(macro) ? capital : small;
}

/** Behind the brace that closes the group at this place, or behind the brace of words, whose escapes have none. */
function closing(source: string, open: number): number {
  let depth = 0;
  for (let place = open; place < source.length; place++) {
    if (source.charAt(place) === "\\") place++;
    else if (source.charAt(place) === "{") depth++;
    else if (source.charAt(place) === "}" && --depth === 0) return place + 1;
  }
  return source.length;
}
