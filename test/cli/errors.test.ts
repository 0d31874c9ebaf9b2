/** @file The messages about files and the command line, each provoked by a command as a user would type it. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseResult } from "../../src/result/result.ts";
import { assay, inFolderWith } from "./support.ts";

const golden = (code: string): string => join(import.meta.dirname, "..", "errors", `${code}.txt`);
const fixtures = join(import.meta.dirname, "..", "fixtures");
const script = "export const model = { params: {}, inputs: {}, apply: () => 0 };\nexport const other = 1;\n";

interface Provocation {
  /** The files of the folder in which the command runs. */
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly exit: number;
}

const provocations: Readonly<Record<string, Provocation>> = {
  A1001: { files: {}, args: ["read", "missing.pt2"], exit: 2 },
  A1002: { files: {}, args: ["chekc", "net.pt2"], exit: 2 },
  A1003: { files: { "weights.pth": "" }, args: ["read", "weights.pth"], exit: 2 },
  A1004: { files: { "net.ts": script }, args: ["read", "net.ts"], exit: 2 },
  A1005: { files: { "net.ts": script }, args: ["read", "net.ts:modle"], exit: 2 },
  A1006: {
    files: { "net.mjs": "\n\n  throw new RangeError('no weights here');\n" },
    args: ["read", "net.mjs:model"],
    exit: 2,
  },
  A1007: { files: {}, args: ["check", "net.pt2", "--spec", "two-layer-mpl"], exit: 2 },
  A1011: { files: {}, args: ["read", join(fixtures, "pt2", "gpt2.pt2"), "--at", "h.0.atn"], exit: 2 },
  A1300: { files: {}, args: ["toys", "net.mjs:model", "--only", "xor-regresion"], exit: 2 },
  A1301: {
    files: { "net.mjs": "export function model() { throw new RangeError('too many inputs'); }\n" },
    args: ["toys", "net.mjs:model", "--only", "xor-regression"],
    exit: 2,
  },
  A1302: {
    files: { "net.mjs": "process.kill(process.pid, 'SIGKILL');\n" },
    args: ["toys", "net.mjs:model", "--only", "xor-regression"],
    exit: 2,
  },
  A5003: { files: { "net.tflite": "" }, args: ["read", "net.tflite"], exit: 3 },
};

test.each(Object.entries(provocations))("%s", async (code, { files, args, exit }) => {
  inFolderWith(files);
  const outcome = await assay(...args);
  expect(outcome.code).toBe(exit);
  expect(outcome.output).toBe("");
  // The lists of what Assay ships grow.
  const text = outcome.errors.replace(/(\.tex file, or one of |want  one of ).*/, "$1…");
  await expect(text).toMatchFileSnapshot(golden(code));
});

test("under --json the same message is data on standard output", async () => {
  inFolderWith({});
  const { code, output, errors } = await assay("read", "missing.pt2", "--json");
  const result = parseResult(JSON.parse(output));
  expect(code).toBe(2);
  expect(errors).toMatch(/^A1001 {2}the file can't be read\n/);
  expect(result).toMatchObject({
    schema: "assay/error@1",
    kind: "diagnostic",
    command: ["read", "missing.pt2", "--json"],
    report: { code: "A1001", place: { file: "missing.pt2" }, got: "no such file" },
  });
});

test.each([
  [["read", "."], "a folder"],
  [["read", "net.py"], "a file of code without a name"],
  [["read", "net.py:"], "a file of code without a name"],
  [["read", "net.txt"], "a file that ends in .txt"],
  [["read", "net"], "a file without an ending"],
  [["read", "gone.py:model"], "no such file"],
  [["read", "empty.mjs"], "a file of code without a name"],
  [["read"], "missing required argument 'model'"],
  [["read", "a", "b"], "too many arguments for 'read'. Expected 1 argument but got 2."],
  [["read", "net.pt2", "--width", "3"], "20 to 10000 columns"],
  [["doctor", "--seed", "1.5"], "a seed is 0, 1, 2, …"],
  [["check", "net.pt2"], "required option '--spec <spec>' not specified"],
])("assay %j says: %s", async (args, got) => {
  inFolderWith({ "net.py": "", "net.txt": "", net: "", "empty.mjs": "" });
  const { code, output, errors } = await assay(...args);
  expect(code).toBe(2);
  expect(output).toBe("");
  expect(errors).toContain(got);
});
