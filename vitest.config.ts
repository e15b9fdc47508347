import { defineConfig } from "vitest/config"

// Three files at a time: each may hold a database of some 300 MB, and the smallest supported machine has two cores, which tests that wait
// for servers and timers leave idle half of the time.
export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "migrations/**/*.test.ts"],
    setupFiles: process.env["CI"] === "true" ? ["./test/support/seeded.ts"] : [],
    pool: "forks",
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 15_000,
    reporters: [["default", { summary: false }]]
  }
})
