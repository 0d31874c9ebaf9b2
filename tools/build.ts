/**
 * @file `npm run build`: bundles the command and the library into `dist/`. Each command's code is a chunk of its own, so
 * that `assay --help` loads almost nothing. With `--types` also writes the library's declarations, which publishing needs.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { build } from "rolldown";
import { root } from "./files.ts";

const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });
await build({
  input: {
    cli: join(root, "src/cli/main.ts"),
    index: join(root, "src/index.ts"),
    "toys-worker": join(root, "src/cli/toys/worker.ts"),
  },
  platform: "node",
  logLevel: "warn",
  // Dependencies are bundled: a few files load in half the time of a hundred. The libraries of arrays must be the copies that
  // the user's code has, and KaTeX is one file with fonts beside it.
  external: [/^node:/, "@jax-js/jax", "@tensorflow/tfjs", "katex"],
  output: { dir: dist, format: "esm", chunkFileNames: "chunks/[name]-[hash].js" },
});
chmodSync(join(dist, "cli.js"), 0o755);
// The demo's networks stay files of their own, whose lines the verdict can name.
mkdirSync(join(dist, "examples"));
for (const file of readdirSync(join(root, "examples/xor-regression"))) {
  const source = readFileSync(join(root, "examples/xor-regression", file), "utf8");
  writeFileSync(join(dist, "examples", file.replace(/ts$/, "js")), stripTypeScriptTypes(source));
}
if (process.argv.includes("--types")) {
  execFileSync("tsc", ["--project", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
}
