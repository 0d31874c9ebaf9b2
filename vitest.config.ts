import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      // Needs nothing but Node.
      { test: { name: "unit", include: ["test/**/*.test.ts"], exclude: ["test/python/**"] } },
      // Needs the Python environment that `npm run python:setup` makes.
      { test: { name: "python", include: ["test/python/**/*.test.ts"], testTimeout: 120_000 } },
    ],
    // A test that reaches no assertion proves nothing.
    expect: { requireAssertions: true },
    // Colours would make golden texts depend on the terminal.
    env: { NO_COLOR: "1" },
  },
});
