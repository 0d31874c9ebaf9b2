/** @file What a command may do to the outside: print, in colour where wanted, and show that it is still working. */
import { isatty } from "node:tty";
import { styleText } from "node:util";

export interface Terminal {
  /** Standard output: results and nothing else. */
  print(text: string): void;
  /** Standard error: messages and progress. */
  warn(text: string): void;
  /** Whether each stream is a terminal that a person looks at. */
  readonly prints: { readonly toPerson: boolean; readonly columns: number };
  readonly warns: { readonly toPerson: boolean };
}

export const processTerminal: Terminal = {
  print: (text) => void process.stdout.write(text),
  warn: (text) => void process.stderr.write(text),
  prints: { toPerson: isatty(1), columns: process.stdout.columns ?? 100 },
  warns: { toPerson: isatty(2) },
};

/** Colours by meaning. */
export interface Ink {
  /** Whether it colours at all. */
  readonly paints: boolean;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

const painted = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  // The decision whether to colour was made before.
  styleText(format, text, { validateStream: false });
const plain = (text: string): string => text;

const colours: Ink = {
  paints: true,
  good: painted("green"),
  bad: painted("red"),
  doubtful: painted("yellow"),
  strong: painted("bold"),
  faint: painted("dim"),
};
const noColours: Ink = {
  paints: false,
  good: plain,
  bad: plain,
  doubtful: plain,
  strong: plain,
  faint: plain,
};

/** The ink for one stream: `--color` and `--no-color` decide, then `NO_COLOR`, then whether a person looks. */
export function inkFor(toPerson: boolean, wanted: boolean | undefined): Ink {
  const silenced = (process.env["NO_COLOR"] ?? "") !== "";
  return (wanted ?? (toPerson && !silenced)) ? colours : noColours;
}

const patience = 2000;

/** Says on standard error what a command is doing once it has taken over two seconds; only to a person. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #start = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  phase(label: string): void {
    if (!this.#terminal.warns.toPerson) return;
    this.#clear();
    const show = (): void => {
      this.#shown = true;
      this.#terminal.warn(`${label} …`);
    };
    const left = patience - (performance.now() - this.#start);
    if (left <= 0) show();
    else this.#timer = setTimeout(show, left).unref();
  }

  done(): void {
    this.#clear();
  }

  #clear(): void {
    clearTimeout(this.#timer);
    if (this.#shown) this.#terminal.warn("\r\u001b[2K");
    this.#shown = false;
  }
}
