/** @file What every command gets beside its own arguments. */
import type { Ink, Progress, Terminal } from "./terminal.ts";

export interface Context {
  readonly terminal: Terminal;
  readonly progress: Progress;
  /** For standard output. */
  readonly ink: Ink;
  readonly json: boolean;
  readonly seed: number;
  /** The command as typed, without `assay`, for result files. */
  readonly command: readonly string[];
}
