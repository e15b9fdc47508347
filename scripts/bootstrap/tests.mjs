import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root, say, seconds } from "./console.mjs"
import { installServers } from "./install.mjs"
import { run } from "./run.mjs"
import { ensureSystemPackages, forTests } from "./systemPackages.mjs"

const bin = (name) => join(root, "node_modules", ".bin", name)

/** Checks and tests everything; the last line says how it went. The exit code is 0 only if nothing failed. */
export const runTests = async (node, args) => {
  const started = performance.now()
  await ensureSystemPackages(forTests, "The tests need")
  await installServers()
  const here = (command, ...rest) => run(command, rest, { cwd: root })

  // npm runs this after an installation, unless it was told to run no scripts; a second time it changes nothing.
  const prepared = await here(node, bin("effect-tsgo"), "patch")
  const checked = prepared === 0 ? await here("npm", "run", "check") : prepared
  const built = buildsSdk() ? await here("npm", "run", "build", "--workspace", "@sheaf/sdk") : 0
  say(`Checks ${checked === 0 ? "passed" : "FAILED"} after ${seconds(started)}.`)

  const folder = mkdtempSync(join(tmpdir(), "sheaf-tests-"))
  try {
    const report = join(folder, "report.json")
    const tested = await here(
      node,
      bin("vitest"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...args
    )
    const { failed, passed } = countTests(existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined)
    const broken = failed + (checked === 0 ? 0 : 1) + (built === 0 ? 0 : 1)
    // Something that no test tells of: a crash of the runner, or an error outside of all tests.
    const total = broken === 0 && tested !== 0 ? 1 : broken
    say(`Checked and tested in ${seconds(started)}.`)
    process.stdout.write(`${passed} passed, ${total} failed\n`)
    return total === 0 && passed > 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const buildsSdk = () =>
  JSON.parse(readFileSync(join(root, "packages/sdk/package.json"), "utf8")).scripts?.build !== undefined

/**
 * Tests that passed and failed in a report of vitest; a file that could not even be loaded counts as one that failed.
 * @public
 */
export const countTests = (report) => {
  if (report === undefined) return { passed: 0, failed: 1 }
  const unloaded = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0)
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length }
}
