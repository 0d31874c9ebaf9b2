/** @file A bilinear score of two vectors whose order matters, as of a query and a key. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { staysTheSame, sumsAgree } from "../probes.ts";
import type { Batch, Predictor, Problem } from "../problem.ts";
import { type Numbers, named, reals, row, type Tensors } from "../tensor.ts";
import { everyRow, inner, level, normals, realField } from "./parts.ts";
import { yHead } from "./regression.ts";

type Matrix = readonly (readonly number[])[];

const size = 2;
const places = range(size);
const deviation = 0.1;
const noise = deviation ** 2;

/** Neither symmetric nor of rank 1. */
const M: Matrix = [
  [1, 1.2],
  [-0.4, 0.8],
];

const matrix = (f: (i: number, j: number) => number): Matrix => places.map((i) => places.map((j) => f(i, j)));
const entry = (matrix: Matrix, i: number, j: number): number => at(at(matrix, i), j);
const square = (matrix: Matrix): number => matrix.reduce((sum, line) => sum + inner(line, line), 0);
const minus = (a: Matrix, b: Matrix): Matrix => matrix((i, j) => entry(a, i, j) - entry(b, i, j));

const symmetric = matrix((i, j) => (entry(M, i, j) + entry(M, j, i)) / 2);
const diagonal = matrix((i, j) => (i === j ? entry(M, i, j) : 0));

/** aᵀ M b. */
const score = (matrix: Matrix, a: ArrayLike<number>, b: ArrayLike<number>): number =>
  places.reduce((sum, i) => sum + at(a, i) * inner(at(matrix, i), b), 0);

/**
 * The best matrix of rank 1: M p pᵀ for the eigenvector p of Mᵀ M with the larger eigenvalue, here the root of its
 * characteristic polynomial.
 */
function rankOne(): Matrix {
  const gram = matrix((i, j) => places.reduce((sum, k) => sum + entry(M, k, i) * entry(M, k, j), 0));
  const [a, b, c] = [entry(gram, 0, 0), entry(gram, 0, 1), entry(gram, 1, 1)];
  const largest = (a + c + Math.sqrt((a - c) ** 2 + 4 * b ** 2)) / 2;
  const p = [b, largest - a];
  const image = M.map((line) => inner(line, p) / inner(p, p));
  return matrix((i, j) => at(image, i) * at(p, j));
}

const says =
  (f: (a: Numbers, b: Numbers) => number): Predictor =>
  (batch) => {
    const [a, b] = [named(batch.inputs, "a"), named(batch.inputs, "b")];
    return { y: everyRow(batch, [], (index) => [f(row(a, index), row(b, index))]) };
  };

const scores = (matrix: Matrix): Predictor => says((a, b) => score(matrix, a, b));

const difference = (a: Numbers, b: Numbers): number[] => places.map((i) => at(a, i) - at(b, i));
const trace = places.reduce((sum, i) => sum + entry(M, i, i), 0);

const other = ({ inputs }: Batch, random: Random): Tensors =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      reals(shape, normals(data.length, random)),
    ]),
  );

/** The first number of a and of b is taken from `second`, the rest from `first`. */
const spliced = (first: Tensors, second: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(first).map(([name, { shape, data }]) => {
      const from = named(second, name).data;
      return [
        name,
        reals(
          shape,
          data.map((value, i) => (i % size === 0 ? at(from, i) : value)),
        ),
      ];
    }),
  );

export const bilinear: Problem = {
  name: "bilinear",
  title: "a score of two vectors whose order matters",
  story: `a, b ∈ ℝ² normal and y = aᵀ M b + ${deviation} n with M = (${M.map((line) => line.join(", ")).join("; ")}), which
is not symmetric: a and b are no more interchangeable than a query and a key. The loss is squared error.`,
  source: "folklore; Vaswani et al. 2017, Attention is all you need, section 3.2.1, for scores of this form",
  tags: ["regression", "attention", "gating"],
  inputs: [realField("a", [size], "two standard normal numbers"), realField("b", [size], "two more")],
  heads: yHead(deviation, 4),
  batch: 64,
  steps: 1500,
  draw: (rows, random) => {
    const [a, b] = [0, 1].map(() => reals([rows, size], normals(rows * size, random)));
    if (a === undefined || b === undefined) throw new RangeError("two vectors are drawn");
    const y = range(rows).map(
      (index) => score(M, row(a, index), row(b, index)) + deviation * random.normal(),
    );
    return { rows, inputs: { a, b }, targets: { y: reals([rows], y) }, hidden: {} };
  },
  best: level(noise, "the variance of the noise", scores(M)),
  rungs: [
    {
      ...level(
        square(M) + noise,
        "the score has mean 0 given either vector, so that it is uncorrelated with every f(a) + g(b); its variance is |M|²",
        says(() => 0),
      ),
      name: "additive",
      kind: "floor",
      bugs: [
        "the two branches are added, nothing multiplies them",
        "an activation is missing",
        "one of the vectors is not read",
        "the loss broadcasts [N] against [N, 1]",
      ],
      probe: sumsAgree("f(a, b) + f(c, d) = f(a, d) + f(c, b) holds", (batch, random) => {
        const drawn = other(batch, random);
        return [drawn, { ...batch.inputs, b: named(drawn, "b") }, { ...drawn, b: named(batch.inputs, "b") }];
      }),
    },
    {
      ...level(
        square(minus(M, symmetric)) + noise,
        "swapping a and b leaves their law alone, so that the best function that doesn't tell them apart is the symmetric part (M + Mᵀ) / 2; it misses the rest",
        scores(symmetric),
      ),
      name: "symmetric",
      kind: "floor",
      bugs: [
        "both branches share their weights, such as those of queries and keys",
        "the vectors are added, or sorted, before they are read",
      ],
      probe: staysTheSame("a and b swapped", ({ inputs }) => ({
        a: named(inputs, "b"),
        b: named(inputs, "a"),
      })),
    },
    {
      ...level(
        square(M) - square(symmetric) / 2 + noise,
        "a + b is independent of d = a − b, and aᵀ M b given d has the mean (2 tr M − dᵀ M d) / 4, whose variance is |M + Mᵀ|² / 8",
        says((a, b) => (2 * trace - score(M, difference(a, b), difference(a, b))) / 4),
      ),
      name: "difference only",
      kind: "floor",
      bugs: ["one vector is subtracted from the other in place of being concatenated"],
      probe: staysTheSame("1 added to all inputs", ({ inputs }) =>
        Object.fromEntries(
          Object.entries(inputs).map(([name, { shape, data }]) => [
            name,
            reals(
              shape,
              data.map((value) => value + 1),
            ),
          ]),
        ),
      ),
    },
    {
      ...level(
        square(minus(M, diagonal)) + noise,
        "functions of (a₁, b₁) and of (a₂, b₂), added: products across are uncorrelated with both",
        scores(diagonal),
      ),
      name: "diagonal",
      kind: "floor",
      bugs: ["the vectors are multiplied element by element, without a matrix between them"],
      probe: sumsAgree(
        "f(u, v) + f(u′, v′) = f(u′, v) + f(u, v′) holds for u = (a₁, b₁) and v = (a₂, b₂)",
        (batch, random) => {
          const drawn = other(batch, random);
          return [drawn, spliced(batch.inputs, drawn), spliced(drawn, batch.inputs)];
        },
      ),
    },
    {
      ...level(
        square(minus(M, rankOne())) + noise,
        "one number of each vector, p · a and q · b, is read: the mean of the score given both is (pᵀ M q) of their product, which leaves at least the smaller squared singular value (Eckart and Young 1936)",
        scores(rankOne()),
      ),
      name: "rank 1",
      kind: "floor",
      bugs: [
        "queries and keys have a dimension of 1 in place of 2",
        "rows of a projection share their values",
      ],
    },
  ],
};
