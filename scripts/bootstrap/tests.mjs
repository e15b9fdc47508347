import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { stripVTControlCharacters } from "node:util"
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
  const test = async (...which) => {
    const file = join(folder, "report.json")
    rmSync(file, { force: true })
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`]
    const code = await here(node, bin("vitest"), "run", ...reporters, ...which)
    return { code, report: existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined }
  }
  try {
    const { code, report } = await test(...args)
    const { failed, passed } = countTests(report)
    // What fails while three files share two cores may have waited too long: it is tried once more, with the machine to itself, and told.
    const files = failedFiles(report)
    const again = files.length > 0 && files.length <= 5 ? await test("--maxWorkers=1", ...files) : undefined
    const steady = again === undefined ? failed : countTests(again.report).failed
    for (const line of failures(report)) say(`FAILED ${line}`)
    if (again !== undefined) {
      for (const line of failures(again.report)) say(`FAILED AGAIN, alone: ${line}`)
      if (steady < failed) say(`${failed - steady} of these passed alone and count as passed.`)
    }
    const broken = steady + (checked === 0 ? 0 : 1) + (built === 0 ? 0 : 1)
    // Something that no test tells of: a crash of the runner, or an error outside of all tests.
    const total = broken === 0 && (again ?? { code }).code !== 0 ? 1 : broken
    say(`Checked and tested in ${seconds(started)}.`)
    process.stdout.write(`${passed + failed - steady} passed, ${total} failed\n`)
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

/**
 * What failed in a report of vitest, a line each: the file, the test, and how its message begins. Said once more at the very end, where
 * those find it who see only the end.
 * @public
 */
export const failures = (report) =>
  (report?.testResults ?? []).filter(({ status }) => status === "failed").flatMap(
    ({ assertionResults, message, name }) => {
      const failed = assertionResults.filter(({ status }) => status === "failed")
      const file = relative(root, name)
      return failed.length === 0
        ? [`${file}: ${begin(message)}`]
        : failed.map(({ failureMessages, fullName }) => `${file} > ${fullName}: ${begin(failureMessages?.[0])}`)
    }
  )

const failedFiles = (report) =>
  (report?.testResults ?? []).filter(({ status }) => status === "failed").map(({ name }) => relative(root, name))

const begin = (message) => stripVTControlCharacters(message ?? "").replaceAll(/\s+/g, " ").slice(0, 300)
