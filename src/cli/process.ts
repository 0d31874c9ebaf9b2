/** @file Runs another program to its end, with a time limit, and takes it along when the user interrupts. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { exitCodes } from "./exit-codes.ts";

export interface Finished {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface Limits {
  readonly milliseconds: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Runs before the process exits because the user interrupted. */
  readonly onInterrupt: () => void;
  /** Gets every line of the output as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Beyond this the beginning of what a program prints is forgotten. */
const keptCharacters = 1 << 18;

/**
 * What the program printed and how it ended; `"missing"` when there is no such program, `"late"` when it was stopped
 * for taking too long.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { milliseconds, environment, onInterrupt, onLine }: Limits,
): Promise<Finished | "missing" | "late"> {
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors] = [new Tail(), new Tail()];
  child.stdout.setEncoding("utf8").on("data", (text: string) => output.add(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.add(text));
  if (onLine !== undefined) createInterface({ input: child.stdout }).on("line", onLine);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, milliseconds);
  const interrupted = (): void => {
    child.kill("SIGKILL");
    onInterrupt();
    process.exit(exitCodes.interrupted);
  };
  process.once("SIGINT", interrupted);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT" || error.code === "EACCES") resolve("missing");
        else reject(error);
      });
      child.once("close", (code) => {
        resolve(late ? "late" : { code, output: output.text, errors: errors.text });
      });
    });
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", interrupted);
  }
}

class Tail {
  text = "";

  add(more: string): void {
    this.text = (this.text + more).slice(-keptCharacters);
  }
}
