/** @file Weights made by hand say what the best predictor says, and go into networks of any shape that can hold them. */
import { describe, expect, it } from "vitest";
import { at, invariant, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { drawn } from "../../src/toys/batches.ts";
import { catalogue } from "../../src/toys/catalogue.ts";
import type { Affine, Certificate } from "../../src/toys/certificate.ts";
import { featuresOf, type Parameter, placements } from "../../src/toys/placement.ts";
import type { Problem } from "../../src/toys/problem.ts";
import { named, type Tensor, type Tensors } from "../../src/toys/tensor.ts";

const certified = catalogue.filter(({ certificate }) => certificate !== undefined);

/** The largest difference between two sets of outputs, whole shapes included. */
function gap(problem: Problem, one: Tensors, other: Tensors): number {
  const gaps = problem.heads.flatMap(({ name }) => {
    const [a, b] = [named(one, name), named(other, name)];
    expect(a.shape).toEqual(b.shape);
    return Array.from(a.data, (value, index) => Math.abs(value - at(b.data, index)));
  });
  return Math.max(...gaps);
}

describe.each(certified.map((problem) => [problem.name, problem] as const))(
  "the certificate of %s",
  (_, problem) => {
    const batch = at(drawn(problem, 1, random(7)), 0);
    const best = at(problem.best.predictors, 0)(batch);

    it("says what the best predictor says", () => {
      const said = saidBy(problem.certificate as never, problem, batch.inputs, batch.rows);
      expect(gap(problem, said, best)).toBeLessThan(1e-9);
    });

    it.each([1, 2, 3])("goes into a network of %s hidden layers, stored either way", (depth) => {
      for (const turned of [true, false]) {
        const network = networkFor(problem, depth, turned);
        const gaps = placements(problem, network.parameters).map((values) =>
          gap(problem, network.says(values, batch.inputs, batch.rows), best),
        );
        expect(gaps).not.toEqual([]);
        expect(Math.min(...gaps)).toBeLessThan(1e-3);
      }
    });
  },
);

describe("a network without a place for the certificate", () => {
  const problem = at(
    certified.filter(({ name }) => name === "xor-regression"),
    0,
  );
  const layer = (name: string, shape: readonly number[]): Parameter => ({ name, shape });

  it.each([
    ["is too narrow", [layer("a.w", [3, 2]), layer("b.w", [2, 1]), layer("c.w", [2, 1])]],
    ["has a parameter more", [layer("a.w", [3, 8]), layer("n", [5]), layer("b.w", [8, 2])]],
    ["has a kernel", [layer("a.w", [8, 3, 3]), layer("b.w", [8, 2])]],
    ["takes another number of features", [layer("a.w", [4, 8]), layer("b.w", [8, 2])]],
    ["has no hidden layer", [layer("b.w", [3, 2]), layer("b.b", [2])]],
  ])("gets nothing: it %s", (_, parameters) => {
    expect(placements(problem, parameters)).toEqual([]);
  });

  it("gets a unit in the place of biases that its heads lack", () => {
    const parameters = [layer("hidden", [3, 8]), layer("bias", [8]), layer("heads", [8, 2])];
    const [values] = placements(problem, parameters);
    expect(Array.from(named(values ?? {}, "bias").data)).toContain(1);
  });

  it("gets nothing where no layer has a bias", () => {
    expect(placements(problem, [layer("hidden", [3, 8]), layer("heads", [8, 2])])).toEqual([]);
  });
});

interface Network {
  readonly parameters: readonly Parameter[];
  says(values: Tensors, inputs: Tensors, rows: number): Tensors;
}

/** A network of ReLU layers with names and sizes of its own, and arithmetic of its own. */
function networkFor(problem: Problem, depth: number, turned: boolean): Network {
  const features = problem.inputs.reduce((sum, field) => sum + featuresOf(field), 0);
  const widths = [features, ...range(depth).map((index) => 60 + index)];
  const wide = at(widths, depth);
  const layers = [
    ...range(depth).map((index) => ({
      name: `hidden.${index}`,
      from: at(widths, index),
      to: at(widths, index + 1),
    })),
    ...problem.heads.map(({ name, items, scoring }) => ({
      name: `heads.${name}`,
      from: wide,
      to: items.reduce((product, size) => product * size, scoring.width),
    })),
  ];
  const apply = (values: Tensors, name: string, x: readonly number[]): number[] => {
    const { shape, data } = named(values, `${name}.weight`);
    const [to, from] = turned ? [shape[0], shape[1]] : [shape[1], shape[0]];
    return range(to ?? 0).map((row) =>
      x.reduce(
        (sum, value, column) =>
          sum + value * at(data, turned ? row * (from ?? 0) + column : column * (to ?? 0) + row),
        at(named(values, `${name}.bias`).data, row),
      ),
    );
  };
  return {
    parameters: layers.flatMap(({ name, from, to }) => [
      { name: `${name}.weight`, shape: turned ? [to, from] : [from, to] },
      { name: `${name}.bias`, shape: [to] },
    ]),
    says: (values, inputs, rows) => {
      const perRow = range(rows).map((index) => {
        const x = problem.inputs.flatMap(({ name, count }) => oneHot(named(inputs, name), index, count));
        const hidden = range(depth).reduce(
          (h, layer) => apply(values, `hidden.${layer}`, h).map((value) => Math.max(0, value)),
          x,
        );
        return problem.heads.map(({ name }) => apply(values, `heads.${name}`, hidden));
      });
      return Object.fromEntries(
        problem.heads.map(({ name, items, scoring: { width } }, head) => [
          name,
          {
            shape: [rows, ...items, ...(width === 1 ? [] : [width])],
            data: Float64Array.from(perRow.flatMap((heads) => at(heads, head))),
          },
        ]),
      );
    },
  };
}

/** What the network says, in float64. */
function saidBy(certificate: Certificate, problem: Problem, inputs: Tensors, rows: number): Tensors {
  const features = range(rows).map((index) =>
    problem.inputs.flatMap(({ name, count }) => oneHot(named(inputs, name), index, count)),
  );
  const { hidden, heads } = certificate;
  const units =
    hidden === undefined
      ? features
      : features.map((x) => mapped(hidden, x).map((value) => Math.max(0, value)));
  return Object.fromEntries(
    problem.heads.map(({ name, items, scoring: { width } }) => {
      const head = heads[name];
      invariant(head !== undefined, `the certificate has a head ${name}`);
      const shape = [rows, ...items, ...(width === 1 ? [] : [width])];
      return [name, { shape, data: Float64Array.from(units.flatMap((unit) => mapped(head, unit))) }];
    }),
  );
}

const mapped = ({ weight, bias }: Affine, x: readonly number[]): number[] =>
  weight.map((row, index) => row.reduce((sum, value, place) => sum + value * at(x, place), at(bias, index)));

function oneHot({ shape, data }: Tensor, index: number, count: number | undefined): number[] {
  const size = shape.slice(1).reduce((product, length) => product * length, 1);
  const own = Array.from(data.subarray(index * size, (index + 1) * size));
  return count === undefined
    ? own
    : own.flatMap((value) => range(count).map((place) => (place === value ? 1 : 0)));
}
