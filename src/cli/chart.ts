/** @file Loss curves as a chart of text. */
import { at, range } from "../base/assert.ts";

export interface Curve {
  readonly mark: string;
  readonly values: readonly number[];
}

/** A level that is drawn as a line. */
export interface Level {
  readonly label: string;
  readonly value: number;
}

const rows = 10;

/**
 * Curves over their common steps, on an axis from the lowest to the highest value, logarithmic where all are positive. Where curves and
 * levels share a place, later curves cover earlier ones and levels lie below.
 */
export function chart(curves: readonly Curve[], levels: readonly Level[], width: number): string {
  const values = [...curves.flatMap((curve) => curve.values), ...levels.map((level) => level.value)];
  const scale = values.every((value) => value > 0) ? Math.log : (value: number): number => value;
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const [low, high] = [scale(lowest), scale(highest)];
  const rowOf = (value: number): number => Math.round(((high - scale(value)) / (high - low)) * (rows - 1));
  const grid = range(rows).map(() => new Array<string>(width).fill(" "));
  for (const { value } of levels) at(grid, rowOf(value)).fill("·");
  for (const { mark, values: own } of curves) {
    for (const column of range(width)) {
      const value = at(own, Math.round((column / (width - 1)) * (own.length - 1)));
      at(grid, rowOf(value))[column] = mark;
    }
  }
  return grid
    .map((cells, row) => {
      const level = levels.find(({ value }) => rowOf(value) === row);
      const shown = level?.value ?? (row === 0 ? highest : undefined);
      const label = shown === undefined ? "" : shown.toFixed(2);
      return `  ${label.padStart(5)} ${cells.join("")}${level === undefined ? "" : `  ${level.label}`}`.trimEnd();
    })
    .join("\n");
}
