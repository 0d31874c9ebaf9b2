/** @file Makes `.venv` with the packages that the Python tests and the end-to-end tests of `.py` models need. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const environment = join(root, ".venv");
const python = join(
  environment,
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
);

const run = (command: string, args: readonly string[]): void => {
  execFileSync(command, args, { stdio: "inherit", cwd: root });
};

if (!existsSync(python)) run(process.env["ASSAY_PYTHON"] ?? "python3", ["-m", "venv", environment]);
run(python, ["-m", "pip", "install", "--quiet", "--requirement", join("tools", "python-requirements.txt")]);
run(python, [
  "-c",
  "import torch, numpy, pytest; print(f'torch {torch.__version__}, numpy {numpy.__version__}')",
]);
