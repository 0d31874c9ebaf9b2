/** @file What all trainings of one entry on one problem show together, and whether another is needed. */
import type { Flaw, ToyRung, ToyVerdict } from "../result/toys.ts";
import type { Judged, Probed } from "./exam.ts";
import { levelsOf } from "./ladder.ts";
import type { Level, Problem, Rung } from "./problem.ts";
import { agrees } from "./rounding.ts";

/** How attempts differ: in the learning rate, where Assay sets it, and in the length as a multiple of the problem's steps. */
export const schedule: readonly { readonly learningRate: number; readonly length: number }[] = [
  { learningRate: 0.003, length: 1 },
  { learningRate: 0.01, length: 1 },
  { learningRate: 0.001, length: 2 },
];

/** One training's end. */
export type Ending =
  | {
      readonly kind: "judged";
      readonly judged: Judged;
      readonly audit?: Audit | undefined;
      readonly flaw?: Flaw | undefined;
    }
  | {
      readonly kind: "failed";
      readonly verdict: Extract<ToyVerdict, { readonly kind: "failed" | "flawed" }>;
    };

/** The entry's own loss of some predictions, and the true one. */
export interface Audit {
  readonly said: number | null;
  readonly truth: number;
}

/**
 * The verdict, or `undefined` while another attempt may change it. One reached loss refutes every bug that takes information
 * away; a leak and a wrong loss are proved by one attempt; so is a rung whose probe shows the model to be of its class.
 */
export function verdictOf(problem: Problem, endings: readonly Ending[]): ToyVerdict | undefined {
  const last = endings.at(-1);
  if (last === undefined) return undefined;
  const spent = endings.length >= schedule.length;
  if (last.kind === "failed") {
    // Numbers that overflow may be the learning rate's doing.
    const mayBeLuck = last.verdict.kind === "failed" && last.verdict.why === "not-finite";
    return mayBeLuck && !spent ? undefined : last.verdict;
  }
  return certain(last) ?? (spent ? together(problem, endings) : undefined);
}

/** What one training is enough for. */
function certain({
  judged,
  audit,
  flaw,
}: Extract<Ending, { readonly kind: "judged" }>): ToyVerdict | undefined {
  const { standing, confirmed } = judged;
  const isLeak = ({ kind }: Rung): boolean => kind === "leak";
  // A probe shows a leak that is too small for the numbers.
  const seen = [...confirmed].flatMap(([rung, yes]) => (isLeak(rung) && yes ? [rung] : []));
  if (standing.kind === "below" || seen.length > 0) {
    const near = standing.rungs.filter(isLeak);
    return {
      kind: "below",
      evidence: standing.leakEvidence,
      rungs: (near.length > 0 ? near : seen).map((rung) => told(rung, judged)),
    };
  }
  const rungs = standing.rungs.map((rung) => told(rung, judged));
  if (audit !== undefined && isMisreported(audit)) return { kind: "misreported", ...audit, rungs };
  if (flaw !== undefined) return { kind: "flawed", flaw, rungs };
  if (standing.kind === "reached") return { kind: "reached" };
  const isProved = (rung: Rung): boolean =>
    confirmed.get(rung) === true && (rung.probeDecides === true || standing.rungs.includes(rung));
  const proved = [...new Set([...standing.rungs, ...confirmed.keys()])].filter(isProved);
  return proved.length > 0 ? { kind: "stuck", rungs: proved.map((rung) => told(rung, judged)) } : undefined;
}

const isMisreported = ({ said, truth }: Audit): boolean => said === null || !agrees(said, truth);

/** What attempts show together of which none was enough. */
function together(problem: Problem, endings: readonly Ending[]): ToyVerdict {
  const all = endings.flatMap((ending) => (ending.kind === "judged" ? [ending.judged] : []));
  const [first, ...others] = all;
  if (first === undefined) throw new RangeError("the last ending is judged");
  const common = first.standing.rungs.filter((rung) =>
    others.every(({ standing }) => standing.rungs.includes(rung)),
  );
  if (common.length > 0) {
    const kind = common.every((rung) => rung.kind === "local-minimum") ? "local-minimum" : "stuck";
    return { kind, rungs: common.map((rung) => told(rung, first)) };
  }
  const minima = all.map(({ standing }) => standing.rungs.filter((rung) => rung.kind === "local-minimum"));
  if (minima.every((own) => own.length > 0))
    return { kind: "local-minimum", rungs: [...new Set(minima.flat())].map((rung) => told(rung, unasked)) };
  const closest = all.reduce((best, other) => (other.standing.excess < best.standing.excess ? other : best));
  if (all.some(({ standing }) => standing.kind === "unclear"))
    return { kind: "inconclusive", visible: closest.standing.excessBound };
  return { kind: "between", ...neighbours(problem, closest.standing.loss) };
}

/** The levels between which a loss lies. */
function neighbours(problem: Problem, loss: number): { readonly above: string; readonly below?: string } {
  const sorted = [...levelsOf(problem)].sort((a, b) => a.loss - b.loss);
  const above = sorted.filter((level) => level.loss <= loss).at(-1);
  const below = sorted.find((level) => level.loss > loss);
  return { above: nameOf(above), ...(below && { below: nameOf(below) }) };
}

const nameOf = (level: Level | undefined): string =>
  level !== undefined && "name" in level ? String(level.name) : "lowest";

const unasked: Probed = { confirmed: new Map(), measured: new Map() };

const told = (rung: Rung, { confirmed, measured }: Probed): ToyRung => {
  const { name, loss, derivation, bugs, probe } = rung;
  const [answer, number] = [confirmed.get(rung), measured.get(rung)];
  return {
    name,
    loss,
    derivation,
    bugs,
    ...(probe !== undefined &&
      answer !== undefined && {
        probe: {
          says: probe.says,
          confirmed: answer,
          ...(number !== undefined && { measured: number }),
        },
      }),
  };
};
