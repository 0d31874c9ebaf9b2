/** @file The losses that models in jax-js are trained with are those that Assay judges by, for every kind of head. */

import * as jax from "@jax-js/jax";
import { defaultDevice, init, numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { weighed } from "../../src/cli/toys/batches.ts";
import { lossOf } from "../../src/cli/toys/jaxjs-losses.ts";
import { descriptionOf } from "../../src/toys/description.ts";
import {
  binary,
  categorical,
  gaussian,
  head,
  latent,
  quantile,
  type Scoring,
  squared,
} from "../../src/toys/heads.ts";
import { losses } from "../../src/toys/measure.ts";
import { type Batch, ignored, type Problem } from "../../src/toys/problem.ts";
import { indices, outputs, reals } from "../../src/toys/tensor.ts";

await init("wasm");
defaultDevice("wasm");

const kinds: readonly Scoring[] = [
  categorical(3),
  binary,
  squared({ variance: 1, most: 1 }),
  gaussian({ most: 1 }),
  quantile({ level: 0.8, deviation: 1, most: 1 }),
  latent({ most: 1 }),
];

const [rows, items] = [4, 3];

test.each(kinds.map((scoring) => [scoring.kind, scoring] as const))(
  "of a head of kind %s",
  async (kind, scoring) => {
    const source = random(8);
    const whole = kind === "categorical";
    const target = (): number => (whole || kind === "binary" ? source.below(2) : source.normal());
    const values = range(rows * items).map(target);
    // One item of every row doesn't count, so that the mean over rows is that over items.
    for (const row of range(rows)) values[row * items + (row % items)] = whole ? ignored : Number.NaN;
    const y = whole ? indices([rows, items], values) : reals([rows, items], values);
    const shape = scoring.width === 1 ? [rows, items] : [rows, items, scoring.width];
    const said = range(rows * items * scoring.width).map(source.normal);
    const problem = {
      inputs: [],
      heads: [head("y", [items], scoring, 1.5)],
      batch: rows,
    } as unknown as Problem;
    const batch: Batch = { rows, inputs: {}, targets: { y }, hidden: {} };
    const expected =
      losses(problem, batch, { y: outputs(shape, said) }).reduce((sum, loss) => sum + loss, 0) / rows;
    const known = weighed(y);
    const array = ({ data, shape: sizes }: { data: ArrayLike<number>; shape: readonly number[] }) =>
      np.array(whole && data === known.target.data ? Int32Array.from(data) : Float32Array.from(data), {
        shape: [...sizes],
      });
    const loss = lossOf(
      jax,
      descriptionOf(problem),
      { y: array({ data: said, shape }) },
      { y: { target: array(known.target), share: array(known.share) } },
    );
    expect((await loss.data())[0]).toBeCloseTo(expected, 5);
  },
);
