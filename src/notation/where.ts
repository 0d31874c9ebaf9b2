/** @file The rows of a where list that declare parameters, and the words behind them. */
import { at, range } from "../base/assert.ts";
import { joinedNames, pairedNames } from "../base/joined-names.ts";
import { quoted } from "../diag/diagnostic.ts";
import { isReal } from "../ir/type.ts";
import type { DeclaredParameter } from "./document.ts";

/** A buffer of real numbers; integers can't be trained anyway. */
export const isFixed = ({ dtype, parameter }: DeclaredParameter): boolean =>
  isReal(dtype) && !parameter.trainable;

/** Of kernels a note says how they are stored. */
const isTransposed = ({ order }: DeclaredParameter): boolean => order?.length === 2;

/** Over so many rows, or groups of such, one is not joined to another: a reader would not look for it there. */
const reach = 64;

type Row = readonly DeclaredParameter[];
type Fits = (row: Row) => boolean;

/**
 * Parameters in few rows that fit: those of one module share a row, and modules share one whose names are alike; where that
 * is no longer, the weights of several modules have one row and their biases another. Full rows are met again and again, so
 * `isTooLong` may tell at a glance that a row does not fit whose prose has at least so many characters.
 */
export function inRows(
  parameters: Row,
  fits: Fits,
  isTooLong: (row: Row, prose: number) => boolean = () => false,
): Row[] {
  const mayFit = (row: Row): boolean => !isTooLong(row, leastProse(row));
  const mayBe = (row: Row): boolean => mayFit(row) && mayShare(row) && fits(row);
  const mayPair = (row: Row): boolean => mayFit(row) && mayShare(row, pairOfKind) && fits(row);
  const modules: DeclaredParameter[][] = [];
  for (const item of parameters) {
    const row = modules.at(-1);
    const isOwn = row?.every((other) => isOfOneLayer(other, item)) ?? false;
    if (row !== undefined && isOwn && mayBe([...row, item])) row.push(item);
    else modules.push([item]);
  }
  const rows = merged(
    turnable(modules, mayBe).flatMap((group) => {
      const columns = columnsOf(group);
      // Rather a weight with its bias, where two rows take two modules.
      const isShort = group.length > columns.length && columns.length <= merged(group, mayBe).length;
      return isShort ? columns : group;
    }),
    mayBe,
  );
  return merged(rows, mayPair);
}

/** The rows with each that can be joined to an earlier one in that. */
function merged(rows: readonly Row[], mayBe: Fits): Row[] {
  const result: Row[] = [];
  for (const row of rows) {
    const near = result.slice(-reach);
    const place = near.findLastIndex((other) => mayBe([...other, ...row]));
    if (place < 0) result.push(row);
    else result[result.length - near.length + place] = [...at(near, place), ...row];
  }
  return result;
}

/** Groups of modules of which each column, such as all weights, may be a row. */
function turnable(modules: readonly Row[], mayBe: Fits): Row[][] {
  const groups: Row[][] = [];
  for (const module of modules) {
    const group = groups.slice(-reach).find((other) => {
      const isAlike = other.every((row) => row.map(rankOf).join() === module.map(rankOf).join());
      return isAlike && columnsOf([...other, module]).every(mayBe);
    });
    if (group === undefined) groups.push([module]);
    else group.push(module);
  }
  return groups;
}

const columnsOf = (group: readonly Row[]): Row[] =>
  range(at(group, 0).length).map((place) => group.map((row) => at(row, place)));

/** Weights come before biases: behind these another layer begins. */
const isOfOneLayer = (first: DeclaredParameter, item: DeclaredParameter): boolean =>
  moduleOf(first) === moduleOf(item) && (rankOf(first) >= 2 || rankOf(item) < 2);

/** Whether one row can say everything of these. */
function mayShare(row: Row, join: (row: Row) => string | undefined = joined): boolean {
  const isPlain = row.every(({ used, parameter }) => used && parameter.names.length === 1);
  const matrices = row.filter((item) => rankOf(item) === 2);
  // Of matrices in one row either all are stored transposed or none.
  const isOneWay = new Set(matrices.map(isTransposed)).size <= 1;
  const isOneForm = new Set(row.map((item) => item.joined)).size <= 1;
  return isPlain && isOneWay && isOneForm && (row.every(hasOwnName) || join(row) !== undefined);
}

const joined = (row: Row): string | undefined => joinedNames(row.map(storedName));

const pairOfKind = (row: Row): string | undefined =>
  new Set(row.map(rankOf)).size === 1 ? pairedNames(row.map(storedName)) : undefined;

const rankOf = ({ shape }: DeclaredParameter): number => (shape.kind === "list" ? shape.items.length : 0);

const storedName = ({ parameter }: DeclaredParameter): string => parameter.names[0] ?? "";

const moduleOf = (item: DeclaredParameter): string => storedName(item).replace(/[^./]+$/, "");

/** Whether the equations call a parameter as the model does. */
const hasOwnName = (item: DeclaredParameter): boolean => item.parameter.names.join() === item.name;

/** The code's names and what is special. Without `=`, `:` and commas before them, which would declare something. */
export function proseOf(row: Row): string {
  const [first, ...others] = row;
  if (first === undefined) return "";
  const names = others.length > 0 ? storedNames(row) : quoted(first.parameter.names.join(" and "));
  return [...(row.every(hasOwnName) ? [] : [names]), ...remarksOf(row)].join(", ");
}

/** How long the prose of a row is at least: every name is in it, in pieces. */
const leastProse = (row: Row): number =>
  row.every(hasOwnName) ? 0 : Math.max(...row.map((item) => storedName(item).length));

/** The names of parameters that share a row. */
export const storedNames = (row: Row): string => joined(row) ?? pairOfKind(row) ?? "";

/** What is special about parameters; in a row of several only matrices are stored transposed. */
export function remarksOf(row: Row): string[] {
  const has = (isSo: (item: DeclaredParameter) => boolean, words: string): string[] =>
    row.some(isSo) ? [words] : [];
  return [
    ...has(({ parameter }) => parameter.names.length > 1, "tied"),
    ...has(isTransposed, row.length > 1 ? "transposed" : "stored transposed"),
    ...has(({ joined }) => joined, row.length > 1 ? "with more axes" : "stored with more axes"),
    ...has(({ used }) => !used, "unused"),
  ];
}
