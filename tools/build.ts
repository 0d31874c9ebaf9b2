/**
 * @file `npm run build`: bundles the command and the library into `dist/`. Each command's code is a chunk of its own, so
 * that `assay --help` loads almost nothing. With `--types` also writes the library's declarations, which publishing needs.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";
import { root } from "./files.ts";

const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });
await build({
  input: { cli: join(root, "src/cli/main.ts"), index: join(root, "src/index.ts") },
  platform: "node",
  logLevel: "warn",
  // Dependencies stay where npm installs them.
  external: /^[^./]/,
  output: { dir: dist, format: "esm", chunkFileNames: "chunks/[name]-[hash].js" },
});
chmodSync(join(dist, "cli.js"), 0o755);
if (process.argv.includes("--types")) {
  execFileSync("tsc", ["--project", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
}
