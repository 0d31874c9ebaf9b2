/**
 * @file An architecture: a paper's model in specs/, programs of test/fixtures/pt2 that are it, and programs in which one thing
 * was broken on purpose. The tests judge all of it, and `npm run architectures` writes what comes out into docs/architectures.md.
 */
import { readFileSync } from "node:fs";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { check } from "../../src/prove/check.ts";
import type { FindingKind } from "../../src/result/findings.ts";
import type { Difference, Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";
import { fixture } from "../torch/support.ts";

export interface Architecture {
  readonly name: string;
  /** Name of the file in specs/. */
  readonly spec: string;
  /** Sizes that the programs have and the paper's model has not, such as L = 2 for the paper's 6 layers. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Programs that are the spec's model, however they are written. */
  readonly right: readonly Program[];
  readonly wrong: readonly Mistake[];
}

interface Program {
  readonly program: string;
  /** How it is written, in words. */
  readonly written: string;
  /** What is said of it so far, where that is not `equal`. */
  readonly short?: "undecided";
}

export interface Mistake {
  readonly program: string;
  /** What was broken, in words. */
  readonly mistake: string;
  /** Of each difference that has to be reported, the first one first. */
  readonly kinds: readonly FindingKind[];
  /** The equation of the spec that the first difference is at. */
  readonly equation: string;
  /** What the source line of the first difference contains; of what is missing it is the line before the gap or the one behind. */
  readonly line: string | readonly [before: string, behind: string];
  /** What the sentence about the first difference contains. */
  readonly words?: string;
  /** It is named after many edits were tried: `npm run architectures` judges it, the tests of every change don't. */
  readonly long?: true;
  /** What comes out so far, where it is not `named`. */
  readonly short?: Exclude<Outcome, "named">;
}

/** How well a mistake was found, from best to worst. */
export type Outcome = "named" | "another place" | "another name" | "unnamed" | "undecided" | "missed";

/** The spec of an architecture at the sizes of its programs. */
function specText({ spec, sizes = {} }: Architecture): string {
  const text = readFileSync(new URL(`../../specs/${spec}.md`, import.meta.url), "utf8");
  return Object.entries(sizes).reduce((all, [name, size]) => {
    const line = new RegExp(`^(  ${name}) = \\d+$`, "m");
    if (!line.test(all)) throw new RangeError(`${spec}.md gives no number for ${name}`);
    return all.replace(line, `$1 = ${size}`);
  }, text);
}

export async function verdictOn(architecture: Architecture, program: string): Promise<Verdict> {
  const text = specText(architecture);
  return check({
    code: await readTorchExport(fixture(program)),
    spec: (batch) => readSpec(text, `${architecture.spec}.md`, { batch }),
    seed: 1,
  });
}

export function outcomeOf(verdict: Verdict, { kinds, equation, line, words = "" }: Mistake): Outcome {
  if (verdict.kind === "equal") return "missed";
  if (verdict.kind === "undecided") return "undecided";
  const found = verdict.differences.map(({ kind }) => kind);
  if (found.includes("unnamed")) return "unnamed";
  const first: Difference | undefined = verdict.differences[0];
  if (first === undefined || found.join() !== kinds.join() || !first.words.includes(words))
    return "another name";
  const { spec, code } = first;
  const isLine = [line].flat().some((text) => code.place.code?.includes(text) === true);
  const isThere = spec.place.equation === equation && isLine;
  return isThere ? "named" : "another place";
}
