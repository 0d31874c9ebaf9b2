/**
 * @file Where the TeX engine and the browser are that look at what is printed: those of the system, else those that
 * `npm run typeset:setup` unpacked, which needs no rights on the machine.
 */
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "../files.ts";

/** A program, what it is always called with, and the environment that it needs. */
export interface Engine {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** What the setup has made. */
export const unpacked: string = join(root, "node_modules/.cache/typeset");
export const system: string = join(unpacked, "root");
const format: string = join(unpacked, "pdflatex.fmt");

/** pdfTeX with the format of LaTeX. */
export function texEngine(): Engine | undefined {
  const program = onPath(["pdflatex"]);
  if (program !== undefined) return { program, args: [], env: process.env };
  return existsSync(format) ? { ...unpackedTex(), args: [`-fmt=${format}`] } : undefined;
}

/** pdfTeX of the unpacked packages, whose places are told, since Debian's settings are made when it is installed. */
export function unpackedTex(): Engine {
  const distribution = join(system, "usr/share/texlive/texmf-dist");
  const inputs = ["latex", "generic", "plain"].map((name) => join(distribution, "tex", `${name}//`));
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: libraries(),
    TEXMF: distribution,
    TEXMFDIST: distribution,
    TEXMFCNF: join(distribution, "web2c"),
    // Without lists of files, which Debian makes when it is installed.
    TEXMFDBS: "",
    TEXINPUTS: [".", ...inputs, ""].join(":"),
  };
  return { program: join(system, "usr/bin/pdftex"), args: [], env };
}

/** Chromium, without what it would load by itself. */
export function browser(): Engine | undefined {
  const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  const program = onPath(["chromium", "chromium-browser", "google-chrome"]);
  if (program !== undefined) return { program, args, env: process.env };
  const own = join(system, "usr/lib/chromium/chromium");
  if (!existsSync(own)) return undefined;
  const fonts = existsSync("/etc/fonts/fonts.conf")
    ? {}
    : { FONTCONFIG_PATH: join(system, "etc/fonts"), XDG_DATA_HOME: join(system, "usr/share") };
  return { program: own, args, env: { ...process.env, ...fonts, LD_LIBRARY_PATH: libraries() } };
}

/**
 * What a test says that can't run here. Where `ASSAY_TYPESET` is `required`, as in CI, that is an error instead.
 */
export function skipReason(engine: Engine | undefined, what: string): string | undefined {
  if (engine !== undefined) return undefined;
  const reason = `${what} is missing: npm run typeset:setup`;
  if (process.env["ASSAY_TYPESET"] === "required") throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
  return reason;
}

/** Every folder with libraries: some packages have theirs apart, and look for them only where they are installed. */
function libraries(): string {
  const entries = ["usr/lib", "lib"]
    .map((folder) => join(system, folder))
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
  const folders = entries.filter(({ name }) => /^lib.*\.so/.test(name)).map(({ parentPath }) => parentPath);
  return [...new Set(folders)].join(":");
}

const onPath = (names: readonly string[]): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(existsSync);
