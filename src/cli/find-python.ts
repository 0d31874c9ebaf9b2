/** @file Finds the Python that runs the user's models, and asks it things. */
import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { packageRoot } from "./package.ts";

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

/** The environment in which `assay_bridge` can be imported without being installed. */
export function bridgeEnvironment(): NodeJS.ProcessEnv {
  const known = process.env["PYTHONPATH"] ?? "";
  const shipped = join(packageRoot, "python");
  return {
    ...process.env,
    PYTHONPATH: known === "" ? shipped : `${shipped}${delimiter}${known}`,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONIOENCODING: "utf-8",
  };
}

const patience = 60_000;

/** What a few lines of Python print, or undefined where Python is missing or the lines fail. */
export async function askPython(python: string, lines: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    execFile(python, ["-c", lines], { timeout: patience, env: bridgeEnvironment() }, (error, output) => {
      resolve(error === null ? output.trim() : undefined);
    });
  });
}
