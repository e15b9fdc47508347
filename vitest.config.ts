import { defineConfig } from "vitest/config"

// Two files at a time: each may hold a database of some 300 MB, and the smallest supported machine has two cores.
export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "migrations/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 15_000,
    reporters: [["default", { summary: false }]]
  }
})
