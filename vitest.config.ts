import { tmpdir } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** What takes minutes has a process of its own. */
const alone = ["test/{proof,faults,crash}/**/*.test.ts"]

const rank = ({ moduleId, project }: TestSpecification) =>
  project.name === "alone" ? 0 : moduleId.includes("/test/") ? 1 : 2

/** What takes minutes begins first, so that it does not run by itself at the end; then what starts servers, and last what is quick. */
class LongFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>) {
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

// Three files at a time: each may hold a database of some 300 MB, and the smallest supported machine has two cores, which tests that wait
// for servers and timers leave idle half of the time.
export default defineConfig({
  test: {
    setupFiles: process.env["CI"] === "true" ? ["./test/support/seeded.ts"] : [],
    // Where the command line tool keeps it as well: processes that tests start load what others compiled before them.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") },
    pool: "forks",
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 15_000,
    reporters: [["default", { summary: false }]],
    projects: [
      { extends: true, test: { name: "alone", include: alone } },
      {
        extends: true,
        test: {
          name: "together",
          include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "migrations/**/*.test.ts"],
          exclude: ["**/node_modules/**", ...alone],
          // One process for many files, one after the other: loading the code, and running it before it was made fast, took a third of
          // all time. So no test changes what belongs to the process: its environment, its folder, global objects.
          isolate: false
        }
      }
    ]
  }
})
