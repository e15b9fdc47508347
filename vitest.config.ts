import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

const takesMinutes = ({ moduleId }: TestSpecification) => /\/test\/(proof|faults|crash)\//.test(moduleId)

/** What takes minutes begins first, so that it does not run alone at the end. */
class LongFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>) {
    const sorted = await super.sort(files)
    return [...sorted.filter(takesMinutes), ...sorted.filter((file) => !takesMinutes(file))]
  }
}

// Three files at a time: each may hold a database of some 300 MB, and the smallest supported machine has two cores, which tests that wait
// for servers and timers leave idle half of the time.
export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "migrations/**/*.test.ts"],
    setupFiles: process.env["CI"] === "true" ? ["./test/support/seeded.ts"] : [],
    pool: "forks",
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 15_000,
    reporters: [["default", { summary: false }]]
  }
})
