/**
 * @file A share of all mutants, for files whose every mutant would take a night. Which ones is chance, but the same chance in each
 * run: a hash of the mutant decides. Stryker asks a checker of each mutant whether it is worth a run, and this one says no to the rest.
 */
import { createHash } from "node:crypto";
import { type Checker, type CheckResult, CheckStatus } from "@stryker-mutator/api/check";
import type { Mutant } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";

/** The environment variable that carries the share, between 0 and 1, to the process in which Stryker runs its checkers. */
export const shareVariable = "ASSAY_MUTANT_SHARE";

export function isInSample({ location, replacement }: Pick<Mutant, "location" | "replacement">): boolean {
  const { start, end } = location;
  const digest = createHash("sha256")
    .update(JSON.stringify([start.line, start.column, end.line, end.column, replacement]))
    .digest();
  return digest.readUInt32BE() < Number(process.env[shareVariable]) * 2 ** 32;
}

class Sample implements Checker {
  init(): Promise<void> {
    return Promise.resolve();
  }

  check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    const results = mutants.map((mutant): readonly [string, CheckResult] => [
      mutant.id,
      isInSample(mutant)
        ? { status: CheckStatus.Passed }
        : { status: CheckStatus.CompileError, reason: "not in the sample" },
    ]);
    return Promise.resolve(Object.fromEntries(results));
  }
}

export const strykerPlugins: readonly unknown[] = [declareClassPlugin(PluginKind.Checker, "sample", Sample)];
