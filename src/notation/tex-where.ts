/** @file What is declared, in TeX: the rows of a where list, and the items of a signature. */
import { isReal } from "../ir/type.ts";
import { packed } from "./beside.ts";
import type { Declared, DeclaredParameter, Equations } from "./document.ts";
import { toPlainText } from "./plain.ts";
import { texName, toTex } from "./tex.ts";
import { inRows, isFixed } from "./where.ts";

/** Between what is declared in one row. */
export const separator = ",\\; ";

/** A name, and what is said of it: `= 64`, `\in \mathbb{R}^{3}`. */
interface Item {
  readonly name: string;
  readonly said: string;
}

/** Several items, of which the first stands apart from what is said of it and of the others. */
export interface WhereRow extends Item {
  readonly parameters: readonly DeclaredParameter[];
}

/** The rows of a where list, as few as `fits` allows. */
export function whereRows(model: Equations, fits: (row: WhereRow) => boolean): WhereRow[] {
  const { sizes, steps, starts, values, parameters } = model;
  const known: Item[] = [
    ...sizes.map(({ name, value }) => ({ name: texName(name), said: `= ${toTex(value)}` })),
    ...steps.map(({ name, length }) => ({ name: texName(name), said: `= ${rangeTex(toTex(length))}` })),
    ...starts.map(({ name, value }) => ({ name: texName(name), said: `= ${toPlainText(value)}` })),
    ...values.map((item) => ({ name: texName(item.name), said: membership(item) })),
  ];
  const rowOf = (items: readonly Item[]): WhereRow => joined(items, []);
  const parameterRow = (row: readonly DeclaredParameter[]): WhereRow =>
    joined(
      row.map((item) => ({
        name: texName(item.name),
        said: membership(item) + (isFixed(item) ? fixed : ""),
      })),
      row,
    );
  return [
    ...packed(known, (row) => fits(rowOf(row))).map(rowOf),
    ...inRows(parameters, (row) => fits(parameterRow(row))).map(parameterRow),
  ];
}

/** Items that share a row: neighbours of which the same is said have it said once. */
function joined(items: readonly Item[], parameters: readonly DeclaredParameter[]): WhereRow {
  const groups: { readonly names: string[]; readonly said: string }[] = [];
  for (const { name, said } of items) {
    const group = groups.at(-1);
    if (group?.said === said && said.startsWith("\\in")) group.names.push(name);
    else groups.push({ names: [name], said });
  }
  const texts = groups.map(({ names, said }) => [names.join(separator), said] as const);
  const [[name, said] = ["", ""], ...others] = texts;
  return { name, said: [said, ...others.map((text) => text.join(" "))].join(separator), parameters };
}

export const rangeTex = (last: string): string => `1, \\ldots, ${last}`;

const fixed = "\\ \\mathrm{not}\\ \\mathrm{trained}";

/** `x \in \mathbb{R}^{B \times 3}`. */
export const declaredTex = (item: Declared): string => `${texName(item.name)} ${membership(item)}`;

const membership = (item: Declared): string => `${item.dtype === "bool" ? ":" : "\\in"} ${kindTex(item)}`;

/** What a value is an element of, `\mathbb{R}^{B \times 3}`; of booleans their shape. */
function kindTex({ shape, dtype }: Declared): string {
  const sizes = shape.kind !== "list" ? [] : shape.named ? [toTex(shape)] : shape.items.map(toTex);
  if (dtype === "bool") return `${toTex(shape)}\\ \\mathrm{booleans}`;
  const set = isReal(dtype) ? "\\mathbb{R}" : "\\mathbb{Z}";
  return `${set}${sizes.length === 0 ? "" : `^{${sizes.join(" \\times ")}}`}`;
}
