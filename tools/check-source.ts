/** @file Rules on the source that no linter has: how long a file may be, and traits instead of operators' names. */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { filesUnder, root } from "./files.ts";

const longest = 400;

/** Leaves and rearrangements are kinds of node, and no trait could say more; the others have a meaning. */
const leaves = ["Input", "Parameter", "Constant", "NamedConstant", "Opaque"];
const rearrangements = ["Contract", "Transpose", "Reshape", "Broadcast", "Concat", "Slice", "Take", "Cast"];
const kinds = [...leaves, ...rearrangements];
const namedOperator = new RegExp(`\\bop\\s*[!=]==\\s*"(?!(?:${kinds.join("|")})")[A-Z]`);
/** A rewriting rule is about the operators that it names. */
const mayNameOperators = /^src\/(ops|frontends|rewrite)\//;

function complaintsOf(path: string): string[] {
  const lines = readFileSync(path, "utf8").split("\n");
  const name = relative(root, path);
  const complaints: string[] = [];
  if (lines.length - 1 > longest)
    complaints.push(`${name} has ${lines.length - 1} lines, more than ${longest}: split it`);
  if (!lines[0]?.startsWith("/**") && !lines[0]?.startsWith("#!")) {
    complaints.push(`${name}:1 does not start with a /** @file … */ sentence`);
  }
  if (mayNameOperators.test(name)) return complaints;
  lines.forEach((line, index) => {
    if (!namedOperator.test(line)) return;
    complaints.push(`${name}:${index + 1} asks for an operator by name: ask for a trait\n    ${line.trim()}`);
  });
  return complaints;
}

const complaints = filesUnder(join(root, "src"), ".ts")
  // Generated.
  .filter((path) => !path.endsWith("_pb.ts"))
  .flatMap(complaintsOf);
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;
