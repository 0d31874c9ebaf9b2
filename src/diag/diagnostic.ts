/**
 * @file The three ways in which a command can fail to give a verdict, never mixed: the user's input is wrong
 * (`Diagnostic`, exit 2), Assay does not support something yet (`Unsupported`, exit 3), Assay itself is wrong
 * (any other error, exit 70). A negative verdict is a result and never thrown.
 */
import { type Code, catalogue } from "./catalogue.ts";

/** A place in the user's terms. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Node, module, equation or archive member. */
  readonly part?: string;
}

export interface Report {
  readonly code: Code;
  readonly place: Place;
  /** What was found and what was required, in the same notation. */
  readonly got: string;
  readonly want: string;
  /** At most one action, and only one that would work. */
  readonly action?: string;
}

abstract class Reported extends Error {
  readonly report: Report;

  constructor(report: Report) {
    super(reportText(report));
    this.report = report;
  }
}

/** The model, the spec or the command is wrong. */
export class Diagnostic extends Reported {
  override readonly name = "Diagnostic";
}

/** A limit of Assay; `got` names what was met, `want` what is supported. */
export class Unsupported extends Reported {
  override readonly name = "Unsupported";
}

const shownLength = 120;

/** A line of text from a file or a model as data: control characters made visible. */
export function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex -- making them visible is the purpose
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** The same, cut to a line's length. */
export function quoted(text: string): string {
  const shown = visible(text);
  return shown.length > shownLength ? `${shown.slice(0, shownLength - 1)}…` : shown;
}

function placeText({ file, line, column, part }: Place): string {
  const position = [file, line, column].filter((item) => item !== undefined).join(":");
  return [position, part].filter((item) => item !== undefined && item !== "").join("  ");
}

/** The message as a terminal shows it. */
export function reportText(report: Report): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["at", placeText(report.place)],
    ["got", report.got],
    ["want", report.want],
    ["try", report.action],
  ];
  const lines = rows
    .filter(([, text]) => text !== undefined && text !== "")
    .map(([key, text]) => {
      return `  ${key.padEnd(5)} ${String(text).replaceAll("\n", "\n        ")}`;
    });
  return [`${report.code}  ${catalogue[report.code]}`, ...lines].join("\n");
}
