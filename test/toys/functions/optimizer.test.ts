/** @file Optimizers as users write them, in float32, right and with every bug; and optimizers of which nothing is said. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { Misunderstood } from "../../../src/toys/functions/problem.ts";
import { optimizer } from "../../../src/toys/functions/problems/optimizer.ts";
import { bugsOf, verdictOn } from "./calls.ts";

const f = Math.fround;

type Row = number[];
type Square = Row[];
/** Changes parameters in place. */
type Step = (parameters: Row[], gradients: Row[]) => void;

interface Options {
  readonly kind: string;
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly dampening?: number;
  readonly weightDecay?: number;
  readonly decoupled?: boolean;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly mostNorm?: number;
  readonly accumulate?: number;
}

/** State for every parameter, or one for all. */
const state = (bug: string): Row[] => {
  const one = (): Row => [0, 0, 0, 0];
  const shared = one();
  return range(3).map(() => (bug === "one state for all parameters" ? shared : one()));
};

function descent(bug: string, options: Options): Step {
  const { learningRate: lr = 0.1, momentum: mu = 0, dampening = 0, weightDecay = 0 } = options;
  const nesterov = bug === "Nesterov" || (options.nesterov === true && bug !== "Nesterov left out");
  const decoupled =
    bug === "weight decay decoupled" ||
    (options.decoupled === true && bug !== "weight decay in the gradient");
  const sign = bug === "weight decay with the wrong sign" ? -1 : 1;
  const wd = bug === "weight decay left out" ? 0 : sign * weightDecay;
  const buffers = state(bug);
  const begun = new Set<Row>();
  const keeps = new Set<string>();
  return (parameters, gradients) => {
    for (const [p, theta] of parameters.entries()) {
      const buffer = at(buffers, p);
      for (const i of theta.keys()) {
        let g = at(at(gradients, p), i);
        const before = at(theta, i);
        if (bug === "weight decay without learning rate") theta[i] = f(before - f(wd * before));
        else if (decoupled) theta[i] = f(before - f(f(lr * wd) * before));
        else g = f(g + f(wd * before));
        if (bug === "running mean") buffer[i] = f(f(mu * at(buffer, i)) + f((1 - mu) * g));
        else if (bug === "dampening left out") buffer[i] = f(f(mu * at(buffer, i)) + g);
        else if (!keeps.has(key(bug, p, i))) buffer[i] = g;
        else buffer[i] = f(f(mu * at(buffer, i)) + f((1 - dampening) * g));
        keeps.add(key(bug, p, i));
        let direction = nesterov ? f(g + f(mu * at(buffer, i))) : at(buffer, i);
        if (bug === "momentum left out" || mu === 0) direction = g;
        theta[i] = f(at(theta, i) - f(lr * direction));
      }
      begun.add(buffer);
    }
  };
}
const key = (bug: string, p: number, i: number): string =>
  bug === "one state for all parameters" ? `${i}` : `${p} ${i}`;

function adam(bug: string, options: Options): Step {
  const { learningRate: lr = 0.1, weightDecay = 0, epsilon: eps = 1e-8 } = options;
  let [b1, b2] = [options.beta1 ?? 0.9, options.beta2 ?? 0.999];
  if (bug === "β₁ and β₂ exchanged") [b1, b2] = [b2, b1];
  const sign = bug === "weight decay with the wrong sign" ? -1 : 1;
  const wd = bug === "weight decay left out" ? 0 : sign * weightDecay;
  const decoupled =
    bug === "weight decay decoupled" || (options.kind === "adamw" && bug !== "weight decay in the gradient");
  let rate = f(lr * wd);
  if (bug === "weight decay without learning rate") rate = wd;
  if (bug === "weight decay times the learning rate twice") rate = f(lr * lr * wd);
  const [m, v] = [state(bug), state(bug)];
  let t = bug === "steps counted from 2" ? 1 : 0;
  return (parameters, gradients) => {
    if (bug !== "every parameter counts as a step") t++;
    if (bug === "count stands still") t = 1;
    for (const [p, theta] of parameters.entries()) {
      if (bug === "every parameter counts as a step") t++;
      const [mean, square] = [at(m, p), at(v, p)];
      for (const i of theta.keys()) {
        let g = at(at(gradients, p), i);
        if (!decoupled) g = f(g + f(wd * at(theta, i)));
        const now = bug === "first moment a sum" ? g : f((1 - b1) * g);
        mean[i] = f(f(b1 * at(mean, i)) + now);
        const squared = bug === "square of the first moment" ? at(mean, i) : g;
        if (bug === "squares not averaged") square[i] = f(g * g);
        else if (bug === "squares added up") square[i] = f(at(square, i) + f(g * g));
        else square[i] = f(f(b2 * at(square, i)) + f((1 - b2) * f(squared * squared)));
        const plain = bug === "no bias correction";
        let first =
          plain || bug === "first moment not corrected" ? at(mean, i) : f(at(mean, i) / (1 - b1 ** t));
        const whole = plain || bug === "second moment not corrected" || bug.startsWith("squares");
        const second = whole ? at(square, i) : f(at(square, i) / (1 - b2 ** t));
        if (bug === "gradient for the first moment") first = g;
        let size = f(f(Math.sqrt(second)) + eps);
        if (bug === "root left out") size = f(second + eps);
        if (bug === "ε under the root") size = f(Math.sqrt(f(second + eps)));
        const change = f(f(lr * first) / size);
        if (!decoupled) theta[i] = f(at(theta, i) - change);
        else if (bug === "weight decay after the step") theta[i] = f(f(at(theta, i) - change) * f(1 - rate));
        else theta[i] = f(f(at(theta, i) * f(1 - rate)) - change);
      }
    }
  };
}

function rmsprop(bug: string, options: Options): Step {
  const { learningRate: lr = 0.1, beta2: beta = 0.9, epsilon: eps = 1e-8, weightDecay = 0 } = options;
  const wd = bug === "weight decay left out" ? 0 : weightDecay;
  const squares = state(bug);
  return (parameters, gradients) => {
    for (const [p, theta] of parameters.entries()) {
      const square = at(squares, p);
      for (const i of theta.keys()) {
        const g = f(at(at(gradients, p), i) + f(wd * at(theta, i)));
        const keep = bug === "shares exchanged" ? 1 - beta : beta;
        square[i] =
          bug === "squares added up"
            ? f(at(square, i) + f(g * g))
            : f(f(keep * at(square, i)) + f((1 - keep) * f(g * g)));
        const size = bug === "root left out" ? at(square, i) : f(Math.sqrt(at(square, i)));
        theta[i] = f(at(theta, i) - f(lr * f(g / f(size + eps))));
      }
    }
  };
}

function lion(bug: string, options: Options): Step {
  const { learningRate: lr = 0.1, weightDecay = 0 } = options;
  let [b1, b2] = [options.beta1 ?? 0.9, options.beta2 ?? 0.99];
  if (bug === "β₁ and β₂ exchanged") [b1, b2] = [b2, b1];
  if (bug === "β₁ in both") b2 = b1;
  const means = state(bug);
  return (parameters, gradients) => {
    for (const [p, theta] of parameters.entries()) {
      const mean = at(means, p);
      for (const i of theta.keys()) {
        let g = at(at(gradients, p), i);
        if (bug === "weight decay in the gradient") g = f(g + f(weightDecay * at(theta, i)));
        else if (bug === "weight decay without learning rate")
          theta[i] = f(at(theta, i) * f(1 - weightDecay));
        else if (bug !== "weight decay left out") theta[i] = f(at(theta, i) * f(1 - f(lr * weightDecay)));
        const direction = f(f(b1 * at(mean, i)) + f((1 - b1) * g));
        mean[i] = f(f(b2 * at(mean, i)) + f((1 - b2) * g));
        theta[i] = f(at(theta, i) - f(lr * (bug === "sign left out" ? direction : Math.sign(direction))));
      }
    }
  };
}

const rules: Readonly<Record<string, (bug: string, options: Options) => Step>> = {
  sgd: descent,
  adam,
  adamw: adam,
  rmsprop,
  lion,
};

const norm = (rows: Row[]): number => f(Math.sqrt(rows.flat().reduce((sum, x) => sum + x * x, 0)));

function clipped(bug: string, gradients: Row[], most: number): Row[] {
  if (bug === "not clipped") return gradients;
  const factor = (size: number): number => (bug === "always scaled" || size > most ? f(most / size) : 1);
  return gradients.map((row) => {
    const size = bug === "each tensor clipped by itself" ? norm([row]) : norm(gradients);
    return row.map((g) => f(g * factor(size)));
  });
}

/** A training loop over the given gradients with an optimizer by hand. */
const loop =
  (make: (learningRate: number) => Step, bug = "", { mostNorm, accumulate = 1 }: Partial<Options> = {}) =>
  (learningRate: number, start: Square[], linear: Square[][], curvature: Square[]): Square[][] => {
    const parameters = start.map((square) => square.flat());
    const step = make(learningRate);
    const visited: Square[][] = start.map(() => []);
    const zeros = (): Row[] => parameters.map((theta) => theta.map(() => 0));
    const clip = (all: Row[]): Row[] => (mostNorm === undefined ? all : clipped(bug, all, mostNorm));
    let gathered = zeros();
    for (const t of range(at(linear, 0).length)) {
      let gradients = parameters.map((theta, p) =>
        theta.map((x, i) => f(at(at(at(linear, p), t).flat(), i) + at(at(curvature, p).flat(), i) * x)),
      );
      if (bug === "up the slope") gradients = gradients.map((row) => row.map((g) => -g));
      if (bug === "each gradient clipped by itself") gradients = clip(gradients);
      if (bug === "last gradient only") gathered = zeros();
      gathered = gathered.map((row, p) => row.map((g, i) => f(g + at(at(gradients, p), i))));
      const boundary = (t + 1) % accumulate === 0;
      if (boundary || bug === "a step for every gradient") {
        const whole =
          bug === "sum of gradients" || bug === "a step for every gradient" || bug === "last gradient only";
        const count = bug === "mean divided again" ? accumulate ** 2 : whole ? 1 : accumulate;
        const mean = gathered.map((row) => row.map((g) => f(g / count)));
        const final = bug === "each gradient clipped by itself" ? mean : clip(mean);
        step(parameters, final);
        if (bug === "every step made twice") step(parameters, final);
        if (bug !== "gradients not reset") gathered = zeros();
      }
      for (const [p, theta] of parameters.entries()) at(visited, p).push([theta.slice(0, 2), theta.slice(2)]);
    }
    return visited;
  };

const user = (options: Options, bug = ""): ReturnType<typeof loop> =>
  loop(
    (learningRate) => {
      const make = rules[options.kind];
      if (make === undefined) throw new Error(options.kind);
      return make(bug, { learningRate, ...options });
    },
    bug,
    options,
  );

const cases = optimizer.examples.map((claim) => {
  const meaning = at(optimizer.meant(claim), 0);
  return [meaning.name, { claim: claim as Options, meaning }] as const;
});

describe.each(cases)("%s, as users write it", (name, { claim, meaning }) => {
  test("is reached by right code", () => {
    const verdict = verdictOn(optimizer, user(claim), { several: true, claim });
    expect(verdict).toEqual({ kind: "reached", is: [name], unseen: [] });
  });

  test.each(meaning.variants.map((variant) => variant.name))("names: %s", (bug) => {
    expect(bugsOf(verdictOn(optimizer, user(claim, bug), { several: true, claim }))).toEqual([bug]);
  });
});

describe("an optimizer of which nothing is said", () => {
  const unsaid = (make: ReturnType<typeof loop>) => verdictOn(optimizer, make, { several: true });

  test.each<[Options, string]>([
    [{ kind: "sgd" }, "SGD, learning rate 0.1"],
    [{ kind: "sgd", momentum: 0.9, nesterov: true }, "SGD, learning rate 0.1, Nesterov's momentum 0.9"],
    [{ kind: "adam" }, "Adam, learning rate 0.1, β₁ 0.9, β₂ 0.999, ε 1e-8"],
    [
      { kind: "adam", beta2: 0.95, weightDecay: 0.1 },
      "Adam, learning rate 0.1, β₁ 0.9, β₂ 0.95, ε 1e-8, weight decay 0.1",
    ],
    [
      { kind: "adamw", weightDecay: 0.01 },
      "AdamW, learning rate 0.1, β₁ 0.9, β₂ 0.999, ε 1e-8, weight decay 0.01",
    ],
    [{ kind: "lion" }, "Lion, learning rate 0.1, β₁ 0.9, β₂ 0.99"],
    [{ kind: "rmsprop", beta2: 0.99 }, "RMSprop, learning rate 0.1, β₂ 0.99, ε 1e-8"],
    // Where it has a rate of its own.
    [{ kind: "adam", learningRate: 0.05 }, "Adam, learning rate 0.05, β₁ 0.9, β₂ 0.999, ε 1e-8"],
    [{ kind: "sgd", momentum: 0.9, learningRate: 0.0525 }, "SGD, learning rate 0.0525, momentum 0.9"],
  ])("is named: %j", (options, name) => {
    expect(unsaid(user(options))).toMatchObject({ kind: "reached", is: [name] });
  });

  test("is one of several where steps are so small that they can't be told apart", () => {
    expect(unsaid(user({ kind: "adam", learningRate: 0.003 }))).toMatchObject({
      kind: "reached",
      is: [
        "Adam, learning rate 0.003, β₁ 0.9, β₂ 0.999, ε 1e-8",
        "AdamW, learning rate 0.003, β₁ 0.9, β₂ 0.999, ε 1e-8, weight decay 0.0001",
      ],
    });
  });

  test("is named as what a bug makes of a usual one, which may be meant", () => {
    expect(unsaid(user({ kind: "adam" }, "no bias correction"))).toMatchObject({
      kind: "inconclusive",
      is: [{ name: "no bias correction" }],
    });
  });

  test("is like nothing known, which is no fault", () => {
    const signed = loop((learningRate) => (parameters, gradients) => {
      for (const [p, theta] of parameters.entries())
        for (const i of theta.keys())
          theta[i] = f(at(theta, i) - learningRate * Math.cbrt(at(at(gradients, p), i)));
    });
    expect(unsaid(signed)).toEqual({ kind: "inconclusive", is: [] });
  });
});

describe("what an optimizer is meant to be", () => {
  test("and what it is instead is told", () => {
    const claim = { kind: "adamw", weightDecay: 0.1 };
    const other = (options: Options) => bugsOf(verdictOn(optimizer, user(options), { several: true, claim }));
    expect(other({ kind: "sgd", momentum: 0.9 })).toEqual(["SGD, learning rate 0.1, momentum 0.9"]);
    expect(other({ kind: "adamw", weightDecay: 0.1, beta2: 0.99 })).toEqual([
      "AdamW, learning rate 0.1, β₁ 0.9, β₂ 0.99, ε 1e-8, weight decay 0.1",
    ]);
    expect(other({ kind: "adamw", weightDecay: 0.1, learningRate: 0.05 })).toEqual([
      "AdamW, learning rate 0.05, β₁ 0.9, β₂ 0.999, ε 1e-8, weight decay 0.1",
    ]);
  });

  test("is right in other forms of it", () => {
    const early = loop((lr) => {
      const [m, v] = [state(""), state("")];
      let t = 0;
      return (parameters, gradients) => {
        t++;
        const rate = (lr * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
        for (const [p, theta] of parameters.entries()) {
          for (const [i, g] of at(gradients, p).entries()) {
            const [mean, square] = [at(m, p), at(v, p)];
            mean[i] = f(0.9 * at(mean, i) + 0.1 * g);
            square[i] = f(0.999 * at(square, i) + 0.001 * g * g);
            theta[i] = f(at(theta, i) - (rate * at(mean, i)) / (Math.sqrt(at(square, i)) + 1e-8));
          }
        }
      };
    });
    const verdict = verdictOn(optimizer, early, { several: true, claim: { kind: "adam" } });
    expect(verdict).toMatchObject({ kind: "reached" });
  });

  test("names what can't be seen with it", () => {
    const claim = { kind: "adamw", weightDecay: 1e-7 };
    const verdict = verdictOn(optimizer, user(claim), { several: true, claim });
    expect(verdict.kind === "reached" && verdict.unseen).toContain("weight decay left out");
  });

  test("and where it is neither, the first number that differs is told", () => {
    const claim = { kind: "sgd", momentum: 0.9 };
    const late = loop((lr) => {
      const step = descent("", { kind: "sgd", momentum: 0.9, learningRate: lr });
      let made = 0;
      return (parameters, gradients) => {
        step(parameters, gradients);
        if (++made === 7) at(parameters, 1)[2] = 5;
      };
    });
    expect(verdictOn(optimizer, late, { several: true, claim })).toMatchObject({
      kind: "different",
      place: "parameter 1 after step 7, [1, 0],",
      got: 5,
    });
  });

  test.each([7, { kind: "adamw" }, { kind: "sgd", beta1: 0.9 }, { kind: "adagrad" }])(
    "is not understood: %j",
    (claim) => {
      expect(() => optimizer.meant(claim)).toThrow(Misunderstood);
    },
  );
});

describe("published numbers", () => {
  const path = (claim: Options, gradient: number, theta: number, steps: number): number => {
    const flat = (value: number, ...shape: number[]) => ({
      shape,
      data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => value),
    });
    const given = { start: [flat(theta, 1)], linear: [flat(gradient, steps, 1)], curvature: [flat(0, 1)] };
    const [answer] = at(optimizer.meant(claim), 0).answer(given);
    return at(answer?.data ?? [], steps - 1);
  };

  test("a constant slope moves by the rate at every step, whatever the slope", () => {
    expect(path({ kind: "adam", learningRate: 0.01 }, -1, 0, 100)).toBeCloseTo(1, 6);
    expect(path({ kind: "adam", learningRate: 0.01 }, -0.001, 0, 100)).toBeCloseTo(1, 3);
    expect(path({ kind: "sgd", learningRate: 0.01 }, -1, 0, 100)).toBeCloseTo(1, 10);
  });

  test("without a slope weight decay acts alone", () => {
    expect(path({ kind: "adamw", learningRate: 0.01, weightDecay: 0.1 }, 0, 1, 100)).toBeCloseTo(
      0.999 ** 100,
      10,
    );
    expect(path({ kind: "adam", learningRate: 0.01, weightDecay: 0.1 }, 0, 1, 100)).toBeCloseTo(0.2244, 4);
  });

  test("without bias correction a hundred steps of 0.01 go 4.657 far", () => {
    const meaning = at(optimizer.meant({ kind: "adam", learningRate: 0.01 }), 0);
    const bug = meaning.variants.find(({ name }) => name === "no bias correction");
    const ones = { shape: [100, 1], data: new Float64Array(100).fill(-1) };
    const zero = { shape: [1], data: new Float64Array(1) };
    const [answer] = bug?.answer({ start: [zero], linear: [ones], curvature: [zero] }) ?? [];
    expect(at(answer?.data ?? [], 99)).toBeCloseTo(4.657, 3);
  });
});
