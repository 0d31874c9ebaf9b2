/** @file The scale and the offset of a vector, which normalising layers take away from raw inputs. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { mean } from "../betting.ts";
import { head, squared } from "../heads.ts";
import { affineProbe, staysTheSame } from "../probes.ts";
import type { Predictor, Problem } from "../problem.ts";
import { named, reals, row } from "../tensor.ts";
import { everyRow, inner, level, normals, realField } from "./parts.ts";
import { centred, changed } from "./regression.ts";

const size = 4;
const scales = [1, 2.5];
const deviation = 0.1;
/** Of both targets. */
const noise = 2 * deviation ** 2;

const power = (exponent: number): number =>
  scales.reduce((sum, scale) => sum + scale ** exponent, 0) / scales.length;
const [meanScale, meanSquare] = [power(1), power(2)];
const variance = meanSquare - meanScale ** 2;

/** A direction without offset: uniform, with mean square 1. */
function drawShape(random: Random): number[] {
  const all = centred(normals(size, random));
  const length = Math.sqrt(inner(all, all) / size);
  return all.map((value) => value / length);
}

const offsetOf = (x: readonly number[]): number => Math.sign(mean(x));
const scaleOf = (x: readonly number[]): number => {
  const rest = centred(x);
  return Math.sqrt(inner(rest, rest) / size);
};

const says =
  (scale: (x: readonly number[]) => number, offset: (x: readonly number[]) => number): Predictor =>
  (batch) => {
    const of = (f: (x: readonly number[]) => number) =>
      everyRow(batch, [], (index) => [f(Array.from(row(named(batch.inputs, "x"), index)))]);
    return { scale: of(scale), offset: of(offset) };
  };

export const scaleBlind: Problem = {
  name: "scale-blind",
  title: "the scale and the sign of the offset of a vector",
  story: `x = s (e + q) ∈ ℝ⁴ with a scale s of ${scales.join(" or ")}, an offset e of −1 or 1, and a direction q of mean 0
and mean square 1, all uniform. The targets are s and e, both with noise of deviation ${deviation}; the loss is the sum of both squared errors.`,
  source:
    "Zhang and Sennrich 2019, Root mean square layer normalization, section 3, for what normalising layers are blind to",
  tags: ["regression", "normalisation"],
  inputs: [realField("x", [size], "a scaled direction with an offset")],
  heads: ["scale", "offset"].map((name) => head(name, [], squared({ variance: deviation ** 2, most: 1.5 }))),
  batch: 64,
  steps: 1000,
  draw: (rows, random) => {
    const all = range(rows).map(() => ({
      scale: at(scales, random.below(scales.length)),
      offset: random.below(2) === 1 ? 1 : -1,
      shape: drawShape(random),
    }));
    const noisy = (value: number): number => value + deviation * random.normal();
    return {
      rows,
      inputs: {
        x: reals(
          [rows, size],
          all.flatMap(({ scale, offset, shape }) => shape.map((value) => scale * (offset + value))),
        ),
      },
      targets: {
        scale: reals(
          [rows],
          all.map(({ scale }) => noisy(scale)),
        ),
        offset: reals(
          [rows],
          all.map(({ offset }) => noisy(offset)),
        ),
      },
      hidden: {},
    };
  },
  best: level(noise, "the variance of the noise of both targets", says(scaleOf, offsetOf)),
  rungs: [
    {
      ...level(
        variance + noise,
        "x divided by its root mean square is (e + q) / √2, which is independent of s; the variance of s is lost",
        says(() => meanScale, offsetOf),
      ),
      name: "scale lost",
      kind: "floor",
      bugs: [
        "the raw inputs are divided by their root mean square, as RMSNorm does",
        "inputs are scaled to length 1",
      ],
      probe: staysTheSame("2 x in place of x", (batch) => changed(batch, (value) => 2 * value)),
    },
    {
      ...level(
        1 + noise,
        "x less its mean is s q, which is independent of e; e has variance 1",
        says(scaleOf, () => 0),
      ),
      name: "offset lost",
      kind: "floor",
      bugs: ["means are subtracted from every row in place of every feature"],
      probe: staysTheSame("x + 3 in place of x", (batch) => changed(batch, (value) => value + 3)),
    },
    {
      ...level(
        variance + 1 + noise,
        "x less its mean, divided by its deviation, is q, which is independent of both; both variances are lost",
        says(
          () => meanScale,
          () => 0,
        ),
      ),
      name: "layer-normalised",
      kind: "floor",
      bugs: [
        "the raw inputs are layer-normalised",
        "the input is not read",
        "the losses broadcast [N] against [N, 1]",
      ],
      probe: staysTheSame("2 x + 3 in place of x", (batch) => changed(batch, (value) => 2 * value + 3)),
    },
    {
      ...level(
        variance + 1 - meanScale ** 2 / meanSquare + noise,
        "x and −x have one scale and are equally likely, so that a best affine scale is constant; e is correlated with the mean s e of x only, of which a share of E s / E s² is best",
        says(
          () => meanScale,
          (x) => (meanScale / meanSquare) * mean(x),
        ),
      ),
      name: "affine",
      kind: "floor",
      bugs: ["an activation is missing", "only one layer is trained or reached"],
      probe: affineProbe("x"),
    },
  ],
};
