/** @file Finds the Python that runs the user's models. */
import { access } from "node:fs/promises";
import { join } from "node:path";

const executable = process.platform === "win32" ? join("Scripts", "python.exe") : join("bin", "python");

/**
 * The first that exists of: what `ASSAY_PYTHON` says, `.venv` of the current folder, the active virtual environment,
 * `python3` of the path.
 */
export async function findPython(): Promise<string> {
  const told = process.env["ASSAY_PYTHON"] ?? "";
  if (told !== "") return told;
  const active = process.env["VIRTUAL_ENV"] ?? "";
  const candidates = [join(".venv", executable), ...(active === "" ? [] : [join(active, executable)])];
  for (const candidate of candidates) if (await exists(candidate)) return candidate;
  return process.platform === "win32" ? "python" : "python3";
}

const exists = async (path: string): Promise<boolean> =>
  await access(path).then(
    () => true,
    () => false,
  );
