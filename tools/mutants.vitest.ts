/** @file The tests that mutants run against: those of the folders that are broken, which `tools/mutants.ts` names. */
import { defineConfig, type ViteUserConfig } from "vitest/config";

const areas = (process.env["ASSAY_MUTATED"] ?? "").split(",");

const config: ViteUserConfig = defineConfig({
  test: {
    include: areas.map((area) => `test/${area}/**/*.test.ts`),
    env: { NO_COLOR: "1" },
    testTimeout: 60_000,
  },
});

export default config;
