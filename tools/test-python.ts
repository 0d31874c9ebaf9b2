/** @file `npm run test:python`: the tests that need Python: pytest on the bridge, and vitest end to end on `.py` models. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./files.ts";

const python = join(
  root,
  ".venv",
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
);
if (!existsSync(python)) {
  console.error(`${python} is missing: run npm run python:setup`);
  process.exit(1);
}

const reports = process.env["ASSAY_TEST_REPORTS"];
const passes = (program: string, args: readonly string[]): boolean =>
  spawnSync(program, args, { cwd: root, stdio: "inherit", env: { ...process.env, ASSAY_PYTHON: python } })
    .status === 0;

const pytest = passes(python, [
  "-m",
  "pytest",
  "python",
  "--quiet",
  ...(reports === undefined ? [] : [`--junitxml=${join(reports, "pytest.xml")}`]),
]);
const vitest = passes("vitest", ["run", "--project=python"]);
process.exitCode = pytest && vitest ? 0 : 1;
