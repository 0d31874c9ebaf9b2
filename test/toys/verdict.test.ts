/** @file What trainings show together: when one is enough, when another is needed, and what is said at the end. */
import { describe, expect, test } from "vitest";
import { only } from "../../src/base/assert.ts";
import type { Flaw } from "../../src/result/toys.ts";
import type { Problem, Rung } from "../../src/toys/problem.ts";
import { xorRegression } from "../../src/toys/problems/xor-regression.ts";
import type { Standing } from "../../src/toys/standing.ts";
import { type Audit, type Ending, schedule, verdictOf } from "../../src/toys/verdict.ts";

const problem: Problem = xorRegression;
const rung = (name: string): Rung => only(problem.rungs.filter((one) => one.name === name));
const [affine, sigmoid] = [rung("affine"), rung("sigmoid twice")];

function ending(
  kind: Standing["kind"],
  rungs: readonly Rung[] = [],
  {
    confirmed = [],
    measured = [],
    audit,
    flaw,
    excess = 0.1,
  }: {
    confirmed?: [Rung, boolean][];
    measured?: [Rung, string][];
    audit?: Audit;
    flaw?: Flaw;
    excess?: number;
  } = {},
): Ending {
  const standing = {
    kind,
    rungs,
    loss: problem.best.loss + excess,
    excess,
    excessBound: excess + 0.01,
    tolerance: 0.05,
    leakEvidence: 0,
  };
  return {
    kind: "judged",
    judged: { standing, confirmed: new Map(confirmed), measured: new Map(measured) },
    audit,
    flaw,
  };
}

const wrongGradient: Flaw = { kind: "wrong-gradient", parameter: "w", said: 0, truth: 1 };
const failed = (why: "crashed" | "not-finite"): Ending => ({
  kind: "failed",
  verdict: { kind: "failed", why, message: "…" },
});
const thrice = (one: Ending): Ending[] => schedule.map(() => one);

test("nothing is said before the first training", () => {
  expect(verdictOf(problem, [])).toBeUndefined();
});

describe("one training is enough", () => {
  test.each<[string, Ending, object]>([
    ["when it reaches", ending("reached"), { kind: "reached" }],
    ["when it sees what it may not", ending("below"), { kind: "below" }],
    ["when it crashes", failed("crashed"), { kind: "failed", why: "crashed" }],
    [
      "when a probe confirms its rung",
      ending("stuck", [sigmoid, affine], { confirmed: [[affine, true]] }),
      { kind: "stuck", rungs: [{ name: "affine", probe: { confirmed: true } }] },
    ],
    [
      "when its loss is not the problem's, though it reaches",
      ending("reached", [], { audit: { said: 0.5, truth: 0.25 } }),
      { kind: "misreported", said: 0.5, truth: 0.25 },
    ],
    [
      "when its gradient is wrong, though it reaches",
      ending("reached", [], { flaw: wrongGradient }),
      { kind: "flawed", flaw: wrongGradient, rungs: [] },
    ],
    [
      "when its gradient is wrong and it stands at a rung",
      ending("stuck", [affine], { flaw: wrongGradient }),
      { kind: "flawed", flaw: wrongGradient, rungs: [{ name: "affine" }] },
    ],
    [
      "when a leak explains more than its gradient",
      ending("below", [], { flaw: wrongGradient }),
      { kind: "below" },
    ],
    [
      "when wrong steps end in numbers that are none",
      { kind: "failed", verdict: { kind: "flawed", flaw: { kind: "uphill", cosine: 1 }, rungs: [] } },
      { kind: "flawed", flaw: { kind: "uphill" } },
    ],
    [
      "when its loss is no number",
      ending("reached", [], { audit: { said: null, truth: 0.25 } }),
      { kind: "misreported", said: null },
    ],
  ])("%s", (_, one, verdict) => {
    expect(verdictOf(problem, [one])).toMatchObject(verdict);
  });

  test("a loss that is right but for rounding is no finding", () => {
    const audit = { said: 0.25 * (1 + 1e-5), truth: 0.25 };
    expect(verdictOf(problem, [ending("reached", [], { audit })])).toEqual({ kind: "reached" });
  });

  test("a probe of a rung on which the model does not stand proves nothing", () => {
    expect(verdictOf(problem, [ending("between", [], { confirmed: [[affine, true]] })])).toBeUndefined();
  });

  test("the probe of a rung that no prediction stands for decides alone, unless the model reaches", () => {
    const open: Rung = { ...affine, probeDecides: true };
    const confirmed: [Rung, boolean][] = [[open, true]];
    expect(verdictOf(problem, [ending("between", [], { confirmed })])).toMatchObject({
      kind: "stuck",
      rungs: [{ name: "affine" }],
    });
    expect(verdictOf(problem, [ending("reached", [], { confirmed })])).toEqual({ kind: "reached" });
    expect(verdictOf(problem, [ending("between", [], { confirmed: [[open, false]] })])).toBeUndefined();
  });

  test("what a probe measures is told with it", () => {
    const one = ending("stuck", [affine], { confirmed: [[affine, true]], measured: [[affine, "0.3"]] });
    expect(verdictOf(problem, [one])).toMatchObject({
      rungs: [{ probe: { confirmed: true, measured: "0.3" } }],
    });
  });

  test("a leak that a probe shows is told although no number shows it yet", () => {
    const leak: Rung = { ...affine, kind: "leak" };
    const verdict = verdictOf(problem, [ending("reached", [], { confirmed: [[leak, true]] })]);
    expect(verdict).toMatchObject({ kind: "below", rungs: [{ name: "affine" }] });
  });
});

describe("more are needed", () => {
  test.each<[string, Ending]>([
    ["at a rung that nothing confirms", ending("stuck", [sigmoid])],
    ["at a rung that the probe denies", ending("stuck", [affine], { confirmed: [[affine, false]] })],
    ["between rungs", ending("between")],
    ["when nothing is shown", ending("unclear")],
    ["when numbers overflowed", failed("not-finite")],
  ])("%s", (_, one) => {
    expect(verdictOf(problem, [one])).toBeUndefined();
    expect(verdictOf(problem, [one, ending("reached")])).toEqual({ kind: "reached" });
    expect(verdictOf(problem, thrice(one))).toBeDefined();
  });
});

describe("after the last", () => {
  test("a rung that all stand on is told, and what its probe said", () => {
    const denied = ending("stuck", [affine], { confirmed: [[affine, false]] });
    expect(verdictOf(problem, thrice(denied))).toMatchObject({
      kind: "stuck",
      rungs: [{ name: "affine", probe: { confirmed: false } }],
    });
  });

  test("local minima of all are told as such, though they are different ones", () => {
    const [one, two] = [rung("one of four"), rung("two of four")];
    const endings = [ending("stuck", [one]), ending("stuck", [two]), ending("stuck", [one])];
    expect(verdictOf(problem, endings)).toMatchObject({ kind: "local-minimum" });
  });

  test("different rungs are no rung: the losses between which the best training lies", () => {
    const endings = [
      ending("stuck", [sigmoid], { excess: 0.2 }),
      ending("stuck", [affine], { excess: 0.3 }),
      ending("between", [], { excess: 0.1 }),
    ];
    expect(verdictOf(problem, endings)).toEqual({ kind: "between", above: "lowest", below: "two of four" });
  });

  test("what stays unclear says what would have been seen", () => {
    expect(verdictOf(problem, thrice(ending("unclear", [], { excess: 0.02 })))).toEqual({
      kind: "inconclusive",
      visible: 0.03,
    });
  });

  test("numbers that overflow at every rate are the entry's", () => {
    expect(verdictOf(problem, thrice(failed("not-finite")))).toMatchObject({
      kind: "failed",
      why: "not-finite",
    });
  });
});
