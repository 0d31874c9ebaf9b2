/**
 * @file `npm run check`: every `check:…` script of package.json, which lists them from the cheapest to the dearest, two
 * at a time, with what each took.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./files.ts";

const prefix = "check:";
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const pending = Object.entries(scripts).filter(([name]) => name.startsWith(prefix));
const failed: string[] = [];

async function passes(name: string, command: string): Promise<boolean> {
  const start = performance.now();
  const child = spawn(command, { cwd: root, shell: true, stdio: ["ignore", "pipe", "pipe"] });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await new Promise((resolve) => child.on("close", resolve));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name.padEnd(16)} ${seconds.padStart(5)} s   ${command}`);
  if (code !== 0) console.log(Buffer.concat(output).toString().trimEnd());
  return code === 0;
}

async function work(): Promise<void> {
  for (let script = pending.shift(); script !== undefined; script = pending.shift()) {
    if (!(await passes(...script))) failed.push(script[0]);
  }
}

await Promise.all([work(), work()]);
if (failed.length > 0) {
  console.log(`\nfailed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
