/**
 * @file Sines or cosines of rotary positions as a table (Su et al. 2021, §3.4.2): exporters compute what depends on positions alone. The
 * base is the simplest number under which all of the table comes out.
 */
import { at, range } from "../../base/assert.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { type Formulas, type Pattern, roundings } from "./formula-maker.ts";

/** Which frequency a column has, of `count`, and how the table is made of one with a column for each frequency. */
interface Arrangement {
  readonly words: string;
  readonly count: (columns: number) => number;
  readonly frequency: (column: number, count: number) => number;
  readonly arrange: (maker: Formulas, angles: Node, count: number) => Node;
}

const arrangements: readonly Arrangement[] = [
  {
    words: "",
    count: (columns) => columns,
    frequency: (column) => column,
    arrange: (_, angles) => angles,
  },
  {
    words: ", twice side by side",
    count: (columns) => columns / 2,
    frequency: (column, count) => column % count,
    arrange: (maker, angles) => maker.concat([angles, angles], 1),
  },
  {
    words: ", each twice",
    count: (columns) => columns / 2,
    frequency: (column) => Math.floor(column / 2),
    arrange: (maker, angles, count) => {
      const rows = at(angles.type.shape, 0);
      return maker.reshape(maker.stretch(maker.column(angles), [rows, count, 2]), [rows, 2 * count]);
    },
  },
];

/** cos(t b^(−k/n)) or sin(t b^(−k/n)) in row t, where k is the frequency of the column. */
export function waves(
  maker: Formulas,
  values: Float64Array,
  rows: number,
  columns: number,
): Pattern | undefined {
  const first = values.subarray(0, columns);
  const kind = first.every((value) => value === 1) ? "Cos" : "Sin";
  if (!isReal(maker.dtype) || (kind === "Sin" && first.some((value) => value !== 0))) return undefined;
  for (const { words, count, frequency, arrange } of arrangements) {
    const n = count(columns);
    if (!Number.isInteger(n) || n < 2) continue;
    const fits = (base: number): boolean =>
      values.every((value, i) => {
        const angle = Math.floor(i / columns) * base ** (-frequency(i % columns, n) / n);
        // The angle is rounded to float32 before its sine is taken.
        return Math.abs(value - waveOf[kind](angle)) <= (1 + angle) * roundings;
      });
    const second = range(columns).find((column) => frequency(column, n) === 1) ?? 0;
    const slope = slopeOf(
      range(rows).map((row) => at(values, row * columns + second)),
      kind,
    );
    const base = simplest(slope ** -n, fits);
    if (base === undefined) continue;
    const angles = maker.mul(maker.column(maker.range(rows)), maker.powers(base, n, -1));
    const node = maker.apply(kind, [arrange(maker, angles, n)], {});
    return { node, words: `${kind.toLowerCase()}(t ${base}^(-k/${n}))${words}` };
  }
  return undefined;
}

const waveOf = { Cos: Math.cos, Sin: Math.sin } as const;

/** w in the sines or cosines of 0, w, 2 w, … for w up to 1, from the largest angle that is still below a right one. */
function slopeOf(wave: readonly number[], kind: "Cos" | "Sin"): number {
  const angleOf = kind === "Cos" ? Math.acos : Math.asin;
  const turn = wave.findIndex((_, t) => t > 1 && t * angleOf(at(wave, 1)) > 1.5);
  const last = turn < 0 ? wave.length - 1 : turn - 1;
  return angleOf(at(wave, last)) / last;
}

const mostDigits = 7;

/** The number of fewest digits near an estimate that fits. */
function simplest(estimate: number, fits: (number: number) => boolean): number | undefined {
  if (!(estimate > 1) || !Number.isFinite(estimate)) return undefined;
  return range(mostDigits)
    .map((digits) => Number(estimate.toPrecision(digits + 1)))
    .find(fits);
}
