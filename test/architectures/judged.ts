/** @file The tests of one architecture. */
import { describe, expect, test } from "vitest";
import { type Architecture, outcomeOf, verdictOn } from "./architecture.ts";

/** Two busy cores are no reason to fail. */
const slow = { timeout: 300_000 };

/** Chance of a false `equal` above which no one would call it a proof. */
const negligible = 1e-9;

export function judged(architecture: Architecture): void {
  const { name, right, wrong } = architecture;
  describe(name, slow, () => {
    test.for(right)("right: $program, $written", async ({ program, short }) => {
      const verdict = await verdictOn(architecture, program);
      expect(verdict.kind, verdict.kind === "undecided" ? verdict.reason : "").toBe(short ?? "equal");
      if (verdict.kind === "equal") expect(verdict.evidence.error).toBeLessThan(negligible);
    });

    // What falls short takes minutes to say so; `npm run architectures` looks at all, and docs/architectures.md shows it.
    const told = wrong.filter(({ short, long }) => short === undefined && long !== true);
    test.for(told)("wrong: $program, $mistake", async (mistake) => {
      const verdict = await verdictOn(architecture, mistake.program);
      expect(outcomeOf(verdict, mistake), said(verdict)).toBe("named");
    });
  });
}

/** What a verdict says of the first difference, for the message of a failed test. */
function said(verdict: Awaited<ReturnType<typeof verdictOn>>): string {
  if (verdict.kind !== "different") return verdict.kind;
  return verdict.differences
    .map(({ kind, words, spec, code }) => `${kind}: ${words} | (${spec.place.equation}) | ${code.place.code}`)
    .join("\n");
}
