/** @file Compiles many pieces of LaTeX as one document, and says of each what the engine complained about. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pageWidth } from "../../src/notation/tex-lines.ts";
import type { Engine } from "../../tools/typeset/engines.ts";

/** Points by which a line may stick out: what nobody sees. */
const tolerance = 1;

const preamble = String.raw`\documentclass[10pt]{article}
\usepackage{amsmath,amssymb}
\allowdisplaybreaks
\setlength{\textwidth}{${pageWidth * 10}pt}
\setlength{\oddsidemargin}{0pt}
\setlength{\hfuzz}{${tolerance}pt}
\tracinglostchars=2
\begin{document}
`;

/** Complaints of each document by its name: errors, lines that are too wide, characters that the fonts lack. */
export function complaints(
  { program, args, env }: Engine,
  documents: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "assay-tex-"));
  try {
    const names = [...documents.keys()];
    const pieces = [...documents.values()].map((latex, i) => `\\typeout{DOCUMENT ${i}}\n${latex}\n`);
    writeFileSync(
      join(folder, "all.tex"),
      `${preamble}${pieces.join("")}\\typeout{DOCUMENT end}\n\\end{document}\n`,
    );
    const options = ["-draftmode", "-interaction=nonstopmode", "-no-shell-escape", "all.tex"];
    // The log's lines are cut at this length.
    spawnSync(program, [...args, ...options], { cwd: folder, env: { ...env, max_print_line: "10000" } });
    const log = readFileSync(join(folder, "all.log"), "latin1");
    const [head = "", ...parts] = log.split(/^DOCUMENT /m);
    const last = parts.pop() ?? "";
    if (!last.startsWith("end\n") || head.includes("\n!") || parts.length !== names.length)
      throw new Error(`TeX did not get to the end:\n${log.slice(-2000)}`);
    return new Map(names.map((name, i) => [name, complaintsIn(parts[i] ?? "")]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Without repetitions: `align*` sets its rows twice. */
const complaintsIn = (log: string): string[] => [
  ...new Set(log.split("\n").filter((line) => /^(?:! |Overfull \\hbox|Missing character)/.test(line))),
];
