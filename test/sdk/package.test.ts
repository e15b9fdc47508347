import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { build } from "esbuild"
import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { gzipSync } from "node:zlib"
import { codeBlocks } from "../support/codeBlocks.ts"
import { Consumer } from "../support/processes/Consumer.ts"
import { makeLibrary } from "./support/library.ts"
import { serve } from "./support/ScriptedServer.ts"

const readMe = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

/** TypeScript of the pages that people read first. */
const blocks = ["packages/sdk/README.md", "README.md"].flatMap((path) =>
  codeBlocks(readMe(path)).filter(({ language }) => language === "ts").map(({ code, flags, line }) => ({
    name: `${path.replaceAll(/\W/g, "-")}-${line}.ts`,
    isRun: flags.includes("run"),
    code
  }))
)

it.layer(Consumer.layer, { timeout: "2 minutes", excludeTestServices: true })("the packed SDK", (it) => {
  it.effect("holds no trace of the workspace", () =>
    Effect.gen(function*() {
      const { folder } = yield* Consumer
      const installed = join(folder, "node_modules/@sheaf/sdk")
      const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"))
      assert.deepStrictEqual(Object.keys(manifest.exports), [".", "./effect", "./package.json"])
      assert.isUndefined(manifest.dependencies)
      const files = readdirSync(installed, { recursive: true, encoding: "utf8" })
      assert.includeMembers(files, ["README.md", "LICENSE", "sdk/index.js", "sdk/index.d.ts", "sdk/effect.js"])
      for (const file of files.filter((name) => /\.(js|d\.ts)$/.test(name))) {
        const code = readFileSync(join(installed, file), "utf8")
        assert.notMatch(code, /(?:from|import\()\s*["'](?:@sheaf\/|node:|\.[^"']*\.ts["'])/, file)
      }
    }))

  it.effect("compiles and runs every example of the read-mes", () =>
    Effect.gen(function*() {
      const consumer = yield* Consumer
      for (const { code, name } of blocks) yield* consumer.write(name, code)
      assert.strictEqual(yield* consumer.compile(blocks.map(({ name }) => name)), "")
      const { url } = yield* serve(makeLibrary())
      const runnable = blocks.filter(({ isRun }) => isRun)
      assert.isAbove(runnable.length, 3)
      for (const { name } of runnable) {
        const { code, stderr } = yield* consumer.run(name, { SHEAF_URL: url, SHEAF_KEY: "shf_test" })
        assert.strictEqual(code, 0, `${name}: ${stderr}`)
      }
    }), 120_000)

  it.effect("costs a page at most 74.1 kB to begin with, uploads included, and the rest when it is asked for", () =>
    Effect.gen(function*() {
      const consumer = yield* Consumer
      const page = yield* consumer.write(
        "page.ts",
        `import { connect } from "@sheaf/sdk"\nglobalThis.sheaf = connect()\n`
      )
      const { outputFiles } = yield* Effect.promise(() =>
        build({
          entryPoints: [page],
          bundle: true,
          splitting: true,
          minify: true,
          format: "esm",
          platform: "browser",
          outdir: "out",
          write: false
        })
      )
      // What the page imports, and what that imports: all but what only `import()` names.
      const files = new Map(outputFiles.map(({ path, text }) => [basename(path), text]))
      const needed = new Set(["page.js"])
      for (const name of needed) {
        for (const [, other] of files.get(name)!.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) needed.add(other!)
      }
      assert.isAbove(files.size, needed.size)
      const size = [...needed].reduce((sum, name) => sum + gzipSync(files.get(name)!, { level: 9 }).length, 0)
      assert.isAtMost(size, 74_050)
    }))
})
