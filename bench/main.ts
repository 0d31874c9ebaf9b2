/**
 * @file `npm run bench`: how long the built command takes from a cold start, and how much memory, on small examples. Times are
 * medians, and also given as multiples of an empty Node process in the same run, so that machines can be compared.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { at, range } from "../src/base/assert.ts";

const root = join(import.meta.dirname, "..");
const repetitions = 9;
const memoryPrefix = "peak memory in KiB: ";

const fixture = (name: string): string => join(root, "test/fixtures/pt2", `${name}.pt2`);
const right = join(root, "examples/xor-regression/right.ts:model");

/** Arguments after `assay`, and the exit code that they must end with. */
const commands: readonly (readonly [string, readonly string[], number])[] = [
  ["--help", ["--help"], 0],
  ["read .pt2", ["read", fixture("two_layer_mlp")], 0],
  ["read .ts", ["read", right], 0],
  ["check .pt2, equal", ["check", fixture("two_layer_mlp"), "--spec", "two-layer-mlp"], 0],
  [
    "check .pt2, equal, attention",
    ["check", fixture("two_layer_attention_pool"), "--spec", "two-layer-attention-pool"],
    0,
  ],
  ["check .pt2, different", ["check", fixture("two_layer_wrong_activation"), "--spec", "two-layer-mlp"], 1],
  ["check .ts, equal", ["check", right, "--spec", "xor-regression"], 0],
];

function node(
  args: readonly string[],
  exit: number,
): { readonly milliseconds: number; readonly errors: string } {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  const milliseconds = performance.now() - start;
  if (status !== exit) throw new Error(`node ${args.join(" ")} ended with ${status}, not ${exit}\n${stderr}`);
  return { milliseconds, errors: stderr };
}

function median(args: readonly string[], exit: number): number {
  const times = range(repetitions).map(() => node(args, exit).milliseconds);
  return at(
    times.toSorted((a, b) => a - b),
    Math.floor(repetitions / 2),
  );
}

/** Peak memory in MiB, told by the process itself when it exits. */
function peakMemory(args: readonly string[], exit: number): number {
  const report = `process.on("exit", () => console.error("${memoryPrefix}" + process.resourceUsage().maxRSS))`;
  const { errors } = node(["--import", `data:text/javascript,${encodeURIComponent(report)}`, ...args], exit);
  return Number(errors.slice(errors.lastIndexOf(memoryPrefix) + memoryPrefix.length)) / 1024;
}

node([join(root, "tools/build.ts")], 0);
const empty = median(["-e", "0"], 0);
console.log(`${"command".padEnd(30)} ${"ms".padStart(6)} ${"× node".padStart(7)} ${"MiB".padStart(5)}`);
const print = (name: string, time: number, memory: number): void => {
  const ratio = (time / empty).toFixed(1);
  console.log(
    `${name.padEnd(30)} ${time.toFixed(0).padStart(6)} ${ratio.padStart(7)} ${memory.toFixed(0).padStart(5)}`,
  );
};
print("node -e 0", empty, peakMemory(["-e", "0"], 0));
for (const [name, args, exit] of commands) {
  const line = [join(root, "dist/cli.js"), ...args];
  print(name, median(line, exit), peakMemory(line, exit));
}
