/** @file The learning rate that an optimizer used, from its first step, whose length it is proportional to. */
import { at, range, zip } from "../../../base/assert.ts";
import type { Tensor } from "../../tensor.ts";
import { tensorsIn } from "../given.ts";
import type { Answer, Definition, Given } from "../problem.ts";
import { total } from "../problems/parts.ts";
import type { Settings } from "./settings.ts";

/** Digits to which people choose rates; rounding leaves more. */
const digits = 3;
/** How far a number of the first step may be off, as a share of the largest; whether it is the same is decided later. */
const slack = 0.05;

/** The rate with which settings make the answer's first step; `undefined` where they can't make it. */
export function firstRate(
  settings: Settings,
  answerTo: (settings: Settings) => Definition,
  given: Given,
  answer: Answer,
): number | undefined {
  const start = tensorsIn(given, "start");
  if (answer.length !== start.length) return undefined;
  const step = settings.accumulate;
  const linear = tensorsIn(given, "linear").map((tensor) => firstRows(tensor, step));
  const unit = answerTo({ ...settings, learningRate: 1 })({ ...given, linear });
  const pairs = zip(start, zip(unit, answer)).flatMap(([{ data: before }, [one, said]]) =>
    range(before.length).map((i) => {
      const last = (step - 1) * before.length + i;
      return { own: at(one.data, last) - at(before, i), got: at(said.data, last) - at(before, i) };
    }),
  );
  const along = total(pairs.map(({ own, got }) => own * got));
  const rate = Number((along / total(pairs.map(({ own }) => own ** 2))).toPrecision(digits));
  const most = Math.max(...pairs.map(({ got }) => Math.abs(got)));
  const fits = pairs.every(({ own, got }) => Math.abs(rate * own - got) <= slack * most);
  return rate > 0 && fits ? rate : undefined;
}

const firstRows = ({ shape, data }: Tensor, count: number): Tensor => ({
  shape: [count, ...shape.slice(1)],
  data: data.subarray(0, (data.length / at(shape, 0)) * count),
});
