/**
 * @file `npm run typeset:setup`: gets a TeX engine and a browser for `npm run test:typeset`, where the machine has none.
 * Takes Debian's packages and unpacks them into `node_modules/.cache/typeset`, as anybody: nothing is installed.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { browser, type Engine, system, texEngine, unpacked, unpackedTex } from "./typeset/engines.ts";

const archives = join(unpacked, "cache/archives");

/** Downloads what the packages need and the machine lacks, with lists of its own. */
function download(packages: readonly string[]): void {
  for (const folder of [join(unpacked, "state/lists/partial"), join(archives, "partial"), system])
    mkdirSync(folder, { recursive: true });
  const options = [
    `Dir::State=${join(unpacked, "state")}`,
    `Dir::Cache=${join(unpacked, "cache")}`,
    "Debug::NoLocking=1",
    `APT::Sandbox::User=${userInfo().username}`,
  ].flatMap((option) => ["-o", option]);
  const apt = (...args: readonly string[]): void => {
    execFileSync("apt-get", [...options, "-qq", ...args], { stdio: "inherit" });
  };
  apt("update");
  apt("install", "-y", "--no-install-recommends", "--download-only", ...packages);
}

async function unpack(path: string): Promise<void> {
  const child = spawn("dpkg", ["-x", path, system], { stdio: "inherit" });
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`dpkg -x ${path} fails`);
}

async function unpackAll(): Promise<void> {
  const pending = readdirSync(archives).filter((name) => name.endsWith(".deb"));
  const work = async (): Promise<void> => {
    for (let name = pending.pop(); name !== undefined; name = pending.pop())
      await unpack(join(archives, name));
  };
  await Promise.all([work(), work()]);
}

/** The format of LaTeX, which Debian makes when the package is installed. */
function makeFormat(): void {
  // A package leaves this list to be made; hyphenation matters to no formula.
  writeFileSync(join(unpacked, "language.dat"), "english hyphen.tex\n");
  const { program, env } = unpackedTex();
  const args = ["-ini", "-etex", "-jobname=pdflatex", "-interaction=nonstopmode", "pdflatex.ini"];
  execFileSync(program, args, { cwd: unpacked, env, stdio: ["ignore", "pipe", "inherit"] });
}

/** Whether it starts at all; what it lacks is told. */
function runs({ program, env }: Engine): boolean {
  return spawnSync(program, ["--version"], { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

const wanted = [
  ...(texEngine() === undefined ? ["texlive-latex-base"] : []),
  ...(browser() === undefined ? ["chromium", "fonts-dejavu-core"] : []),
];
try {
  if (wanted.length > 0) {
    rmSync(unpacked, { recursive: true, force: true });
    download(wanted);
    await unpackAll();
    rmSync(join(unpacked, "cache"), { recursive: true });
    rmSync(join(unpacked, "state"), { recursive: true });
    if (wanted.includes("texlive-latex-base")) makeFormat();
  }
} catch (error) {
  console.error(`The packages ${wanted.join(", ")} can't be had: ${String(error)}`);
  console.error(
    "They are Debian's; elsewhere install LaTeX and Chromium, so that pdflatex and chromium are in the path.",
  );
}
for (const [name, engine] of Object.entries({ TeX: texEngine(), browser: browser() })) {
  if (engine === undefined) console.log(`${name}: none`);
  else console.log(`${name}: ${engine.program}`);
  if (engine === undefined || !runs(engine)) process.exitCode = 1;
}
