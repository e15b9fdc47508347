import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"

// Plain JavaScript, which brings no types along.
const load = <Module>(name: string): Promise<Module> =>
  import(new URL(`../scripts/bootstrap/${name}`, import.meta.url).href)

type Packages = Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>
interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: ReadonlyArray<{ readonly status: string; readonly assertionResults: ReadonlyArray<object> }>
}

const { upToDate } = await load<{ upToDate: (lock: Packages, installed: Packages) => boolean }>("install.mjs")
const { isFit } = await load<{ isFit: (version: string) => boolean }>("runtime.mjs")
const { countTests, failures } = await load<{
  countTests: (report: Report | undefined) => object
  failures: (report: object | undefined) => ReadonlyArray<string>
}>("tests.mjs")

describe("the way in", () => {
  it("notices what is not installed, or not in its version", () => {
    const lock = {
      "": {},
      "node_modules/a": { version: "1.0.0" },
      "node_modules/b": { version: "2.0.0", optional: true }
    }
    assert.isTrue(upToDate(lock, { "node_modules/a": { version: "1.0.0" } }))
    assert.isFalse(upToDate(lock, {}))
    assert.isFalse(upToDate(lock, { "node_modules/a": { version: "1.0.1" } }))
    assert.isFalse(upToDate(lock, { "node_modules/a": { version: "1.0.0" }, "node_modules/b": { version: "1.0.0" } }))
  })

  it("takes Node 24 from 24.15 on, and no other", () => {
    for (const version of ["v24.15.0", "v24.21.0"]) assert.isTrue(isFit(version), version)
    for (const version of ["v24.14.9", "v20.20.2", "v25.0.0", ""]) assert.isFalse(isFit(version), version)
  })

  it("counts tests, and files that did not even load", () => {
    const loaded = { status: "passed", assertionResults: [{}] }
    const unloaded = { status: "failed", assertionResults: [] }
    assert.deepStrictEqual(
      countTests({ numPassedTests: 3, numFailedTests: 1, testResults: [loaded, unloaded] }),
      { passed: 3, failed: 2 }
    )
    assert.deepStrictEqual(countTests(undefined), { passed: 0, failed: 1 })
  })

  it("names what failed, a line each", () => {
    const test = (status: string) => ({ status, fullName: `a test that ${status}`, failureMessages: ["expected\n 1"] })
    const file = (status: string, tests: ReadonlyArray<object>, message = "") => ({
      name: new URL(`../test/${status}.test.ts`, import.meta.url).pathname,
      status,
      message,
      assertionResults: tests
    })
    assert.deepStrictEqual(
      failures({
        testResults: [
          file("passed", [test("passed")]),
          file("failed", [test("passed"), test("failed")]),
          file("failed", [], "no such module")
        ]
      }),
      ["test/failed.test.ts > a test that failed: expected 1", "test/failed.test.ts: no such module"]
    )
    assert.deepStrictEqual(failures(undefined), [])
  })

  it("has a lock without gaps: npm ci refuses one that leaves out what belongs to other machines", () => {
    const { packages } = JSON.parse(Fs.readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"))
    const gaps = Object.entries<{ optionalDependencies?: Record<string, string> }>(packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter((name) =>
        !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages)
      )
    )
    assert.deepStrictEqual(gaps, [])
  })
})
