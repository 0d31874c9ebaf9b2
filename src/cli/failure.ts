/** @file Turns whatever a command throws into a message and an exit code. */
import { catalogue } from "../diag/catalogue.ts";
import { Diagnostic, type Report, reportText, Unsupported } from "../diag/diagnostic.ts";
import type { ErrorResult } from "../result/result.ts";
import { exitCodes } from "./exit-codes.ts";
import { version } from "./package.ts";
import type { Ink } from "./terminal.ts";

export interface Failure {
  readonly code: number;
  /** For standard error. */
  readonly text: string;
  /** For standard output under `--json`. */
  readonly result: ErrorResult;
}

export function failureOf(error: unknown, command: readonly string[], ink: Ink): Failure {
  const envelope = { schema: "assay/error@1", assay: version, command: [...command] } as const;
  if (error instanceof Diagnostic || error instanceof Unsupported) {
    const kind = error instanceof Diagnostic ? "diagnostic" : "unsupported";
    const code = error instanceof Diagnostic ? exitCodes.wrongInput : exitCodes.unsupported;
    return {
      code,
      text: coloured(error.report, ink),
      result: { ...envelope, kind, report: withTitle(error.report) },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? message) : message;
  return {
    code: exitCodes.internal,
    text: internalText(message, stack, command, ink),
    result: { ...envelope, kind: "internal", message, stack },
  };
}

const withTitle = (report: Report) => ({ ...report, title: catalogue[report.code] });

function coloured(report: Report, ink: Ink): string {
  const [head, ...rest] = reportText(report).split("\n");
  return [ink.bad(head ?? ""), ...rest].join("\n");
}

function internalText(message: string, stack: string, command: readonly string[], ink: Ink): string {
  const [, ...frames] = stack.split("\n");
  return [
    ink.bad(`internal  ${message}`),
    "  this is a defect of Assay, not of your input",
    `  run     assay ${command.map(shellQuoted).join(" ")}`,
    `  report  Assay ${version}, Node ${process.versions.node}, ${process.platform}: \`npm bugs assay\` opens the place;`,
    "          give the line above, the files that it reads, and the lines below",
    ...frames.map((frame) => ink.faint(frame)),
  ].join("\n");
}

/** An argument as a POSIX shell needs it. */
const shellQuoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
