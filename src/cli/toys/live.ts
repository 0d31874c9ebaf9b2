/** @file How far the trainings are, on standard error: rewritten in place for a person, nothing for a file. */
import type { Problem } from "../../toys/problem.ts";
import { schedule } from "../../toys/verdict.ts";
import type { Terminal } from "../terminal.ts";

/** Between two pictures, in milliseconds. */
const pause = 200;

interface Running {
  readonly index: number;
  readonly share: number;
  readonly loss: number | null;
}

export class Live {
  readonly #terminal: Terminal;
  readonly #total: number;
  readonly #running = new Map<string, Running>();
  #ended: number;
  #lines = 0;
  #drawn = 0;

  constructor(terminal: Terminal, total: number, ended: number) {
    this.#terminal = terminal;
    this.#total = total;
    this.#ended = ended;
  }

  /** One training goes on. */
  at(problem: Problem, index: number, share: number, loss: number | null): void {
    this.#running.set(problem.name, { index, share, loss });
    if (performance.now() - this.#drawn > pause) this.#draw();
  }

  /** A problem is decided. */
  ended(problem: string): void {
    this.#running.delete(problem);
    this.#ended++;
    this.#draw();
  }

  done(): void {
    this.#clear();
  }

  #draw(): void {
    if (!this.#terminal.warns.toPerson) return;
    this.#clear();
    const rows = [...this.#running].map(([name, { index, share, loss }]) => {
      const attempt = index === 0 ? "" : `  attempt ${index + 1} of ${schedule.length}`;
      const shown = loss === null ? "" : `  loss ${loss.toFixed(4)}`;
      return `  ${name.padEnd(24)} ${bar(share)}${shown}${attempt}\n`;
    });
    this.#terminal.warn(`${this.#ended} of ${this.#total} problems\n${rows.join("")}`);
    this.#lines = rows.length + 1;
    this.#drawn = performance.now();
  }

  #clear(): void {
    // Up to the first of the lines, and everything below it gone.
    if (this.#lines > 0) this.#terminal.warn(`\u001b[${this.#lines}A\u001b[J`);
    this.#lines = 0;
  }
}

const barWidth = 20;

const bar = (share: number): string => {
  const full = Math.round(share * barWidth);
  return `${"━".repeat(full)}${"·".repeat(barWidth - full)}`;
};
