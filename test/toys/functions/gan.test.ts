/** @file Two models trained against each other as users write it, right and wrong, and the definition by other ways. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range, zip } from "../../../src/base/assert.ts";
import { gan } from "../../../src/toys/functions/problems/gan.ts";
import { reals } from "../../../src/toys/tensor.ts";
import { bugsOf, describeUsers, verdictOn } from "./calls.ts";

type Row = number[];
type Rows = Row[];
type When = "before" | "after" | "never";
type User = (theta: Row, psi: Row, real: Rows[], noise: Rows[], rate: number) => [Rows, Rows];

// In float32, one operation after another.
const f = Math.fround;
const add = (a: Row, b: Row): Row => a.map((x, i) => f(x + at(b, i)));
const scaled = (by: number, row: Row): Row => row.map((x) => f(by * x));
const zero = (row: Row): Row => row.map(() => 0);
const dot = (a: Row, b: Row): number => a.reduce((sum, x, i) => f(sum + f(x * at(b, i))), 0);
const sigmoid = (z: number): number => f(1 / f(1 + f(Math.exp(-z))));

/** What the code below does; what is right unless it is said otherwise. */
interface Code {
  /** Labels of real and made points for the discriminator, and of made ones for the generator. */
  readonly labels: readonly [number, number, number];
  /** Factors of the losses of real and made points, and of the generator's. */
  readonly factors: readonly [number, number, number];
  readonly endsInSigmoid: boolean;
  readonly detaches: boolean;
  /** When gradients of the discriminator and the generator are set to zero: around the step of each. */
  readonly zeros: readonly [When, When];
  /** Whether the optimizers hold the discriminator's parameters, the generator's, and in the generator's the other's too. */
  readonly holds: readonly [boolean, boolean, boolean];
  readonly order: "alternating" | "simultaneous" | "generator first";
}
const right: Code = {
  labels: [1, 0, 1],
  factors: [1, 1, 1],
  endsInSigmoid: false,
  detaches: true,
  zeros: ["before", "before"],
  holds: [true, true, false],
  order: "alternating",
};

/** A training that keeps a gradient for every parameter, with cross-entropy of labels. */
const code =
  (changes: Partial<Code> = {}): User =>
  (theta, psi, real, noise, rate) => {
    const { labels, factors, endsInSigmoid, detaches, zeros, holds, order } = { ...right, ...changes };
    let [g, d, gGradient, dGradient] = [theta, psi, zero(theta), zero(psi)];
    const [generators, discriminators]: [Rows, Rows] = [[], []];
    /** Adds the gradients of the mean cross-entropy of this label. */
    const backward = (points: Rows, label: number, factor: number, reaches: boolean): void => {
      for (const x of points) {
        const z = dot(d, x);
        const s = sigmoid(z);
        const error = endsInSigmoid ? f(f(sigmoid(s) - label) * f(s * f(1 - s))) : f(s - label);
        const share = f((factor * error) / points.length);
        dGradient = add(dGradient, scaled(share, x));
        if (reaches) gGradient = add(gGradient, scaled(share, d));
      }
    };
    for (const [step, batch] of real.entries()) {
      const made = (): Rows => at(noise, step).map((z) => add(g, z));
      const clear = (player: 0 | 1, when: When): void => {
        if (zeros[player] !== when) return;
        if (player === 0 || holds[2]) dGradient = zero(d);
        if (player === 1) gGradient = zero(g);
      };
      const discriminatorBackward = (): void => {
        clear(0, "before");
        backward(batch, labels[0], factors[0], false);
        backward(made(), labels[1], factors[1], !detaches);
      };
      const discriminatorStep = (): void => {
        if (holds[0]) d = add(d, scaled(-rate, dGradient));
        clear(0, "after");
      };
      const generatorBackward = (): void => {
        clear(1, "before");
        backward(made(), labels[2], factors[2], true);
      };
      const generatorStep = (): void => {
        if (holds[1]) g = add(g, scaled(-rate, gGradient));
        if (holds[2]) d = add(d, scaled(-rate, dGradient));
        clear(1, "after");
      };
      const phases = {
        alternating: [discriminatorBackward, discriminatorStep, generatorBackward, generatorStep],
        simultaneous: [generatorBackward, discriminatorBackward, discriminatorStep, generatorStep],
        "generator first": [generatorBackward, generatorStep, discriminatorBackward, discriminatorStep],
      };
      for (const phase of phases[order]) phase();
      generators.push(g);
      discriminators.push(d);
    }
    return [generators, discriminators];
  };

describeUsers(
  gan,
  code(),
  {
    "discriminator's labels exchanged": code({ labels: [0, 1, 1] }),
    "generator's label exchanged": code({ labels: [1, 0, 0] }),
    "generator's sign": code({ factors: [1, 1, -1] }),
    "discriminator's sign": code({ factors: [-1, -1, 1] }),
    "real points left out": code({ factors: [0, 1, 1] }),
    "made points left out": code({ factors: [1, 0, 1] }),
    "sigmoid twice": code({ endsInSigmoid: true }),
    "generator not moved": code({ holds: [true, false, false] }),
    "discriminator not moved": code({ holds: [false, true, false] }),
    "discriminator's loss moves the generator": code({ detaches: false, zeros: ["before", "after"] }),
    "generator's loss moves the discriminator": code({ zeros: ["after", "before"] }),
    "both losses move both models": code({ detaches: false, zeros: ["after", "after"] }),
    "discriminator's gradients add up": code({ zeros: ["never", "before"] }),
    "generator's gradients add up": code({ zeros: ["before", "never"] }),
    "generator's step moves both": code({ holds: [true, true, true] }),
  },
  { claim: "alternating", several: true },
);

const sound: readonly (readonly [claim: string, user: User])[] = [
  ["simultaneous", code({ order: "simultaneous" })],
  ["generator first", code({ order: "generator first" })],
  ["saturating", code({ labels: [1, 0, 0], factors: [1, 1, -1] })],
  ["alternating, halved", code({ factors: [0.5, 0.5, 1] })],
  ["alternating, summed", code({ factors: [4, 4, 4] })],
  ["alternating, made points labelled 1", code({ labels: [0, 1, 0] })],
  ["saturating, made points labelled 1", code({ labels: [0, 1, 1], factors: [1, 1, -1] })],
];

describe("what may be meant", () => {
  test("is alternating where nothing is said", () => {
    expect(verdictOn(gan, code(), { several: true })).toMatchObject({
      kind: "reached",
      is: ["alternating"],
    });
  });

  test.each(sound.filter(([claim]) => !claim.includes("summed")))("%s has to be claimed", (claim, user) => {
    expect(verdictOn(gan, user, { several: true })).toMatchObject({
      kind: "inconclusive",
      is: [{ name: claim }],
    });
    expect(verdictOn(gan, user, { several: true, claim })).toMatchObject({ kind: "reached" });
    expect(bugsOf(verdictOn(gan, user, { several: true, claim: "alternating" }))).toEqual([claim]);
  });

  test("a loss that is not detached does no harm where the generator's gradient is cleared after it", () => {
    expect(verdictOn(gan, code({ detaches: false }), { several: true }).kind).toBe("reached");
  });

  test("which of two losses is wrong where they don't fit each other is not known unless it is said what is meant", () => {
    const user = code({ labels: [0, 1, 1] });
    expect(bugsOf(verdictOn(gan, user, { several: true }))).toEqual([
      "discriminator's labels exchanged",
      "generator's label exchanged",
      "generator's sign",
    ]);
  });

  test("an answer that is like nothing known has its place told", () => {
    const user: User = (...given) => {
      const [generators, discriminators] = code()(...given);
      return [generators, discriminators.map((row, step) => row.map((x) => (step === 1 ? x + 0.2 : x)))];
    };
    expect(verdictOn(gan, user, { several: true })).toMatchObject({
      kind: "different",
      place: "number 1 of the discriminator after step 2,",
    });
  });
});

/** One step of a meaning, in float64. */
function stepOf(name: string, theta: Row, psi: Row, real: Rows, noise: Rows, rate: number): [Row, Row] {
  const meaning = gan.known(undefined, []).find((one) => one.name === name);
  if (meaning === undefined) throw new RangeError(`no meaning ${name}`);
  const answer = meaning.answer({
    generator: reals([theta.length], theta),
    discriminator: reals([psi.length], psi),
    real: reals([1, real.length, theta.length], real.flat()),
    noise: reals([1, noise.length, theta.length], noise.flat()),
    learningRate: rate,
  });
  return [Array.from(at(answer, 0).data), Array.from(at(answer, 1).data)];
}

const softplus = (z: number): number => Math.log1p(Math.exp(z));
const inner = (a: Row, b: Row): number => a.reduce((sum, x, i) => sum + x * at(b, i), 0);
const average = (row: Row): number => row.reduce((sum, x) => sum + x, 0) / row.length;
/** The gradient by central differences. */
const gradient = (loss: (row: Row) => number, row: Row): Row =>
  row.map((x, i) => {
    const [up, down] = [1e-5, -1e-5].map((h) => loss(row.with(i, x + h)));
    return ((up as number) - (down as number)) / 2e-5;
  });

const vector = fc.array(
  fc.double({ min: -2, max: 2, noNaN: true }).map((x) => f(x)),
  { minLength: 2, maxLength: 2 },
);
const points = fc.array(vector, { minLength: 3, maxLength: 3 });

describe("the definition, by other ways", () => {
  test.each([
    ["alternating", false],
    ["simultaneous", false],
    ["saturating", true],
  ] as const)("%s goes down the losses' slopes", (name, isSaturating) => {
    fc.assert(
      fc.property(vector, vector, points, points, (theta, psi, real, noise) => {
        const made = (t: Row): Rows => noise.map((z) => z.map((x, i) => x + at(t, i)));
        const ofDiscriminator = (p: Row): number =>
          average(real.map((x) => softplus(-inner(p, x)))) +
          average(made(theta).map((g) => softplus(inner(p, g))));
        const rate = 0.25;
        const wanted = zip(psi, gradient(ofDiscriminator, psi)).map(([x, slope]) => x - rate * slope);
        const seen = name === "simultaneous" ? psi : wanted;
        const ofGenerator = (t: Row): number =>
          average(made(t).map((g) => (isSaturating ? -softplus(inner(seen, g)) : softplus(-inner(seen, g)))));
        const moved = zip(theta, gradient(ofGenerator, theta)).map(([x, slope]) => x - rate * slope);
        const [g, d] = stepOf(name, theta, psi, real, noise, rate);
        for (const i of range(2)) {
          expect(at(d, i)).toBeCloseTo(at(wanted, i), 6);
          expect(at(g, i)).toBeCloseTo(at(moved, i), 6);
        }
      }),
      { numRuns: 30 },
    );
  });

  // Mescheder, Geiger and Nowozin 2018, lemmas 2.3 and 2.4: eigenvalues of the step at the equilibrium (0, 0).
  test.each([
    ["simultaneous", 1 + 0.5 ** 2 / 4],
    ["alternating", 1],
    ["generator first", 1],
  ] as const)(
    "%s steps of the Dirac-GAN turn around its equilibrium, with a determinant of %d",
    (name, determinant) => {
      const h = 2 ** -12;
      const column = (theta: number, psi: number): Row =>
        stepOf(name, [theta], [psi], [[0]], [[0]], 0.5).map(([x = 0]) => x / h);
      const [[a, b], [c, d]] = [column(h, 0), column(0, h)] as [[number, number], [number, number]];
      expect(a * d - b * c).toBeCloseTo(determinant, 5);
      // A complex pair: it turns.
      expect((a + d) ** 2).toBeLessThan(4 * determinant);
    },
  );
});
