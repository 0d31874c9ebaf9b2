/** @file The tests that mutants run against: those of the folders that are broken, which `tools/mutants.ts` names. */
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: (process.env["ASSAY_MUTANT_TESTS"] ?? "").split(","),
    env: { NO_COLOR: "1" },
    testTimeout: 60_000,
  },
});

export default config;
