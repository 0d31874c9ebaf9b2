/** @file The tests that mutants run against: those of the engine, and none of the documentation's. */
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/python/**", "test/cli/**", "test/diag/**", "test/package/**"],
    env: { NO_COLOR: "1" },
  },
});

export default config;
