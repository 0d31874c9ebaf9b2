/** @file The command as a whole: help, versions, exit codes, streams. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { parseResult } from "../../src/result/result.ts";
import { assay, root } from "./support.ts";

describe("help", () => {
  test.each([
    ["assay", ["--help"]],
    ["read", ["read", "--help"]],
    ["check", ["check", "--help"]],
    ["demo", ["demo", "--help"]],
    ["doctor", ["doctor", "--help"]],
  ])("%s", async (name, args) => {
    const { code, output, errors } = await assay(...args);
    expect([code, errors]).toEqual([0, ""]);
    await expect(output).toMatchFileSnapshot(join(root, "test/golden/help", `${name}.txt`));
  });

  test("no command at all is an error that shows the help", async () => {
    const { code, output, errors } = await assay();
    const help = await assay("--help");
    expect([code, output]).toEqual([2, ""]);
    expect(help.output).toContain(errors.trimEnd());
  });

  test("every command has a page", async () => {
    const { output } = await assay("--help");
    const commands = [...output.matchAll(/^ {2}(\w+) (?:\[options\] .*|) {2,}\S/gm)].map(([, name]) => name);
    expect(commands).toContain("check");
    for (const name of commands) {
      const page = readFileSync(join(root, "docs/commands", `${name}.md`), "utf8");
      expect(page).toMatch(new RegExp(`^# assay ${name}\n`));
    }
  });
});

test("--version prints the version of the package", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  expect(await assay("--version")).toEqual({ code: 0, output: `${version}\n`, errors: "" });
});

describe("a defect of Assay", () => {
  const broken = async (...args: readonly string[]) => {
    let [output, errors] = ["", ""];
    const code = await run(args, {
      print: (text) => {
        // Results fail to print; what follows is the report of that.
        if (!text.includes("assay/error")) throw new Error("the printer is broken");
        output += text;
      },
      warn: (text) => void (errors += text),
      prints: { toPerson: false, columns: 100 },
      warns: { toPerson: false },
    });
    return { code, output, errors };
  };

  test("ends with 70 and the command that reproduces it", async () => {
    const { code, errors } = await broken("doctor", "--seed", "7");
    expect(code).toBe(70);
    expect(errors).toContain("the printer is broken");
    expect(errors).toContain("run     assay doctor --seed 7\n");
    expect(errors).toMatch(/\n {4}at .*run\.test\.ts/);
  });

  test("is data under --json", async () => {
    const { output } = await broken("doctor", "--json", "--seed", "7");
    expect(parseResult(JSON.parse(output))).toMatchObject({
      schema: "assay/error@1",
      kind: "internal",
      message: "the printer is broken",
      command: ["doctor", "--json", "--seed", "7"],
    });
  });
});

describe("as a process", () => {
  const bash = async (line: string, environment: Readonly<Record<string, string>> = {}) =>
    await new Promise<{ code: unknown; output: string; errors: string }>((resolve) => {
      const env = {
        ...process.env,
        ...environment,
        ASSAY: `${process.execPath} ${join(root, "src/cli/main.ts")}`,
      };
      execFile("bash", ["-c", line], { env, cwd: root }, (error, output, errors) => {
        resolve({ code: error === null ? 0 : error.code, output, errors });
      });
    });

  test("the exit code reaches the shell", async () => {
    const { code, output, errors } = await bash("$ASSAY read missing.pt2");
    expect([code, output]).toEqual([2, ""]);
    expect(errors).toMatch(/^A1001/);
  });

  test("a reader that goes away ends it quietly", async () => {
    const { output, errors } = await bash(`$ASSAY --help | true; echo "\${PIPESTATUS[0]}"`);
    expect([output, errors]).toEqual(["141\n", ""]);
  });

  test("colour only where it is asked for", async () => {
    const environment = { NO_COLOR: "" };
    const plain = await bash("$ASSAY doctor", environment);
    const coloured = await bash("$ASSAY doctor --color", environment);
    expect(plain.output).not.toContain("\u001b[");
    expect(coloured.output).toContain("\u001b[");
  });
});
