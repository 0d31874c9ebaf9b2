/** @file A linear map whose singular values differ, so that the loss tells how many of them a model can hold. */

import { at, range } from "../../base/assert.ts";
import { affine } from "../certificate.ts";
import { head, squared } from "../heads.ts";
import { itemsStayTheSame, rounding } from "../probes.ts";
import type { Predictor, Probe, Problem } from "../problem.ts";
import { named, reals, row, type Tensors } from "../tensor.ts";
import { inner, level, normals } from "./parts.ts";
import { changed, predicts, xField } from "./regression.ts";

const size = 4;
const places = range(size);
const deviation = 0.1;
/** The loss is the sum over outputs. */
const noise = size * deviation ** 2;

const squaredSingularValues = [4, 3, 2, 1];

type Matrix = readonly (readonly number[])[];

/** An orthogonal matrix: the mirror image across the plane that is orthogonal to v. */
const reflection = (v: readonly number[]): Matrix =>
  v.map((a, i) => v.map((b, j) => Number(i === j) - (2 * a * b) / inner(v, v)));

/** Rows are singular vectors, chosen so that no axis is special. */
const [left, right] = [reflection([1, 2, 3, 4]), reflection([2, -1, 1, 3])];

/** The best map of a rank: the sum of the first s u vᵀ. */
const mapOfRank = (rank: number): Matrix =>
  places.map((i) =>
    places.map((j) =>
      range(rank).reduce((sum, k) => {
        return sum + Math.sqrt(at(squaredSingularValues, k)) * at(at(left, k), i) * at(at(right, k), j);
      }, 0),
    ),
  );

/** y = map x + noise. */
const map: Matrix = mapOfRank(size);

const times = (matrix: Matrix, x: readonly number[]): number[] => matrix.map((weights) => inner(weights, x));

const says = (matrix: Matrix): Predictor => predicts((x) => times(matrix, x), [size]);

const tail = (rank: number): number =>
  squaredSingularValues.slice(rank).reduce((sum, value) => sum + value, 0);

const diagonal: Matrix = map.map((weights, i) => weights.map((weight, j) => (i === j ? weight : 0)));
const square = (matrix: Matrix): number => matrix.reduce((sum, weights) => sum + inner(weights, weights), 0);

const outOfRank = (rank: number): Problem["rungs"][number] => ({
  ...level(
    tail(rank) + noise,
    `the squared singular values beyond the first ${rank} (Eckart and Young 1936), and the variance of the noise in ${size} outputs`,
    says(mapOfRank(rank)),
  ),
  name: `rank ${rank}`,
  kind: "floor",
  bugs:
    rank === 0
      ? ["the input is not read", "no gradient reaches the weights", "a factor of a low-rank update stays 0"]
      : [
          `a bottleneck, a head or a low-rank update has a width of ${rank} in place of ${size}`,
          "rows of a weight share their values or their gradients",
        ],
  probe: rankProbe(rank),
});

export const rankLadder: Problem = {
  name: "rank-ladder",
  title: "a linear map with four different singular values",
  story: `x ∈ ℝ⁴ normal and y = A x + ${deviation} n, where A has the squared singular values
${squaredSingularValues.join(", ")}. The loss is squared error, summed over the four outputs.`,
  source: "Eckart and Young 1936, The approximation of one matrix by another of lower rank",
  tags: ["regression", "rank"],
  inputs: xField(size),
  heads: [head("y", [size], squared({ variance: deviation ** 2, most: 6 }), size)],
  batch: 64,
  steps: 600,
  draw: (rows, random) => {
    const x = reals([rows, size], normals(rows * size, random));
    const y = range(rows).flatMap((index) =>
      times(map, Array.from(row(x, index))).map((mean) => mean + deviation * random.normal()),
    );
    return { rows, inputs: { x }, targets: { y: reals([rows, size], y) }, hidden: {} };
  },
  best: level(noise, "the variance of the noise in four outputs", says(map)),
  certificate: affine(
    "y",
    map,
    places.map(() => 0),
  ),
  rungs: [
    ...places.map(outOfRank),
    {
      ...level(
        square(map) - square(diagonal) + noise,
        "an output that reads its own input only misses the squares of all other weights in its row",
        says(diagonal),
      ),
      name: "diagonal",
      kind: "floor",
      bugs: [
        "a weight multiplies element by element in place of a matrix product",
        "a convolution has as many groups as channels",
      ],
      probe: itemsStayTheSame(
        "all y but the first where x₁ is another",
        (batch, random) => changed(batch, (value, place) => (place === 0 ? random.normal() : value)),
        [1, 2, 3],
      ),
    },
  ],
};

/** Models whose outputs, less the output at 0, span at most so many dimensions. */
function rankProbe(rank: number): Probe {
  return {
    says: `outputs less the output for x = 0: they span ${rank === 1 ? "one dimension" : `${rank} dimensions`} at most`,
    inputs: (batch) => [changed(batch, () => 0)],
    confirms: (plain, [zero]) => zero !== undefined && spans(vectors(plain, zero), rank),
  };
}

const vectors = (plain: Tensors, zero: Tensors): number[][] => {
  const [y, origin] = [named(plain, "y"), row(named(zero, "y"), 0)];
  return range(at(y.shape, 0)).map((index) => places.map((i) => at(row(y, index), i) - at(origin, i)));
};

/** Gram–Schmidt with the longest remainder first: whether nothing but rounding is left after `rank` directions. */
function spans(vectors: readonly (readonly number[])[], rank: number): boolean {
  const lengths = (all: typeof vectors): number[] => all.map((vector) => Math.sqrt(inner(vector, vector)));
  const longest = (all: typeof vectors): readonly number[] =>
    all.reduce((a, b) => (inner(b, b) > inner(a, a) ? b : a));
  let left = vectors;
  for (let k = 0; k < rank; k++) {
    const direction = longest(left);
    const square = inner(direction, direction);
    if (square === 0) return true;
    left = left.map((vector) => {
      const share = inner(vector, direction) / square;
      return vector.map((value, i) => value - share * at(direction, i));
    });
  }
  return Math.max(...lengths(left)) <= rounding * Math.max(...lengths(vectors));
}
