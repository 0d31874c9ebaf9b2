/** @file The transcripts in the documentation are what the commands print at 80 columns. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { root } from "../cli/support.ts";

interface Transcript {
  readonly file: string;
  readonly args: readonly string[];
  readonly printed: string;
}

/** Fenced `console` blocks: a line `$ npx assay …`, what it prints, and so on. */
function transcriptsOf(file: string): Transcript[] {
  const text = readFileSync(join(root, file), "utf8");
  const blocks = [...text.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ npx assay /m)
      .slice(1)
      .map((part) => {
        const [command = "", ...lines] = part.split("\n");
        return { file, args: command.split(" "), printed: lines.join("\n").trimEnd() };
      }),
  );
}

const files = ["README.md", ...globSync("docs/**/*.md", { cwd: root })];
const transcripts = files.flatMap(transcriptsOf);

test("there are transcripts to check", () => {
  expect(transcripts.map(({ file }) => file)).toContain("README.md");
});

test.for(transcripts)("$file: assay $args", { timeout: 60_000 }, async ({ args, printed }) => {
  const before = process.cwd();
  process.chdir(root);
  let output = "";
  await run(args, {
    print: (text) => void (output += text),
    warn: () => {},
    prints: { toPerson: false, columns: 80 },
    warns: { toPerson: false },
  });
  process.chdir(before);
  expect(output.trimEnd()).toBe(printed);
});
