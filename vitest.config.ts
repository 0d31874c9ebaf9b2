import { join } from "node:path";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Folder for reports that CI adds up. */
const reports = process.env["ASSAY_TEST_REPORTS"];

const config: ViteUserConfig = defineConfig({
  test: {
    reporters: reports === undefined ? ["default"] : ["default", "json"],
    ...(reports === undefined ? {} : { outputFile: { json: join(reports, `vitest-${process.pid}.json`) } }),
    projects: [
      // Needs nothing but Node.
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/python/**", "test/typeset/**"],
        },
      },
      // Needs the TeX engine and the browser that `npm run typeset:setup` gets.
      {
        extends: true,
        test: { name: "typeset", include: ["test/typeset/**/*.test.ts"], testTimeout: 120_000 },
      },
      // Needs the Python environment that `npm run python:setup` makes.
      {
        extends: true,
        test: { name: "python", include: ["test/python/**/*.test.ts"], testTimeout: 120_000 },
      },
    ],
    // Generous, since two busy cores are no reason to fail.
    testTimeout: 30_000,
    // By default one core is left idle.
    maxWorkers: "100%",
    // A test that reaches no assertion proves nothing.
    expect: { requireAssertions: true },
    // Colours would make golden texts depend on the terminal.
    env: { NO_COLOR: "1" },
    unstubEnvs: true,
  },
});

export default config;
