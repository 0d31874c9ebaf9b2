/** @file Running other programs: to their end, past their time, and when there are none. */
import { expect, test } from "vitest";
import { runProgram } from "../../src/cli/process.ts";

const limits = { milliseconds: 20_000, environment: process.env, onInterrupt: () => undefined };
const node = (code: string, milliseconds = limits.milliseconds) =>
  runProgram(process.execPath, ["-e", code], { ...limits, milliseconds });

test("gives the exit code and both streams", async () => {
  const finished = await node("console.log('out'); console.error('err'); process.exitCode = 3");
  expect(finished).toEqual({ code: 3, output: "out\n", errors: "err\n" });
});

test("keeps the end of a long output", async () => {
  const finished = await node("console.log('x'.repeat(1e6)); console.log('the end')");
  expect(finished).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^x{200000,300000}\nthe end\n$/) as string,
  });
});

test("stops a program that takes too long", async () => {
  expect(await node("setInterval(() => 0, 1000)", 200)).toBe("late");
});

test("says when there is no such program", async () => {
  expect(await runProgram("no-such-program", [], limits)).toBe("missing");
});
