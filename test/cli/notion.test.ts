import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as NotionDouble from "../support/notion/NotionDouble.ts"
import { paragraph } from "../support/notion/Workspace.ts"
import { start } from "../support/processes/Cli.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import { askedOf, jsonOf } from "./asked.ts"

/** A server that has a double of Notion, and commands that ask it. */
class Served extends Context.Service<Served, {
  readonly notion: Effect.Success<ReturnType<typeof NotionDouble.start>>
  readonly sheaf: ReturnType<typeof askedOf>
  readonly json: ReturnType<typeof jsonOf>
  /** A file with a token in it. */
  readonly tokenIn: (token: string) => string
}>()("sheaf/test/cli/notion.test/Served") {
  static readonly layer = Layer.effect(
    Served,
    Effect.gen(function*() {
      const cwd = yield* temporaryFolder("cli")
      const notion = yield* NotionDouble.start()
      const env = { SHEAF_NOTION_URL: notion.url.href, SHEAF_NOTION_RATE: "100" }
      const server = yield* start(["serve", "--port", "0"], { cwd, env })
      yield* Effect.promise(() => server.until("Ctrl-C stops it"))
      const key = Fs.readFileSync(Path.join(cwd, ".sheaf/credentials"), "utf8").trim()
      const sheaf = askedOf({ url: server.stdout.trim(), key })
      const tokenIn = (token: string) => {
        const file = Path.join(cwd, "token.txt")
        Fs.writeFileSync(file, `${token}\n`)
        return file
      }
      return { notion, sheaf, json: jsonOf(sheaf), tokenIn }
    })
  )
}

const editedAt = Date.UTC(2026, 0, 1)

layer(Served.layer, { timeout: 120_000, excludeTestServices: true })("Notion by command", (it) => {
  it.effect("a workspace is connected, followed, left alone and given up", () =>
    Effect.gen(function*() {
      const { json, notion: { workspace }, sheaf, tokenIn } = yield* Served
      const root = workspace.addPage({ title: "Handbook", blocks: [paragraph("Valves are opened by hand.")] })
      const child = workspace.addPage({
        title: "Pumps",
        parent: { kind: "page", id: root.id },
        blocks: [paragraph("Pumps run at night.")]
      })
      for (const page of [root, child]) page.editedAt = editedAt

      assert.include((yield* sheaf("notion", "connections")).stderr, "`sheaf notion connect` does it")
      const odd = yield* sheaf("notion", "connect", "--token-file", tokenIn("not a token"))
      assert.strictEqual(odd.code, 2)
      assert.include(odd.stderr, "hint: Copy it in Notion")
      const wrong = yield* sheaf("notion", "connect", "--token-file", tokenIn("ntn_wrong"))
      assert.strictEqual(wrong.code, 4)
      assert.notInclude(wrong.stdout + wrong.stderr, "ntn_wrong")
      const { id } = yield* json("notion", "connect", "--token-file", tokenIn("ntn_double"), "--name", "Ours")
      const again = yield* sheaf("notion", "connect", "--token-file", tokenIn("ntn_double"))
      assert.include(again.stderr, id)
      assert.include(again.stderr, "hint: Give the connection that it names the token")
      assert.match((yield* sheaf("notion", "connections")).stdout, /^NAME .*\nOurs +Pumps and valves +connected /)
      assert.match((yield* sheaf("notion", "pages", id)).stdout, /^page +Handbook +2026-01-01/m)

      yield* sheaf("datasets", "create", "handbook")
      const into = ["--dataset", "handbook"]
      assert.strictEqual((yield* sheaf("notion", "import", id, ...into)).code, 2)
      const nonsense = yield* sheaf("notion", "import", id, "handbook", ...into)
      assert.include(nonsense.stderr, "the id of a page or a database in Notion: 32 hexadecimal digits")
      const address = `https://www.notion.so/Handbook-${root.id.replaceAll("-", "")}?pvs=4`
      const imported = yield* sheaf("notion", "import", id, address, ...into)
      assert.deepStrictEqual([imported.code, imported.stdout], [0, "finished: 2 created of 2\n"])
      const { items: [{ id: source }] } = yield* json("notion", "sources", "list")

      workspace.edit(child.id, { title: "Pumps of 2026", blocks: [paragraph("Pumps run at noon.")] })
      child.editedAt = editedAt + 60_000
      const synced = yield* json("notion", "sync", source)
      assert.deepStrictEqual(synced.counts, { unchanged: 1, renamed: 1 })
      const results = yield* sheaf("notion", "syncs", "results", synced.id)
      assert.match(results.stdout, /^Pumps of 2026 +renamed from "Pumps", updated +[0-9a-f-]{36}$/m)
      const history = yield* sheaf("notion", "syncs", "list", "--source", source)
      assert.match(history.stdout, /asked .*finished: 1 unchanged, 1 renamed of 2\n.*import .*2 created of 2\n$/)

      const update = ["notion", "sources", "update", source]
      assert.match((yield* sheaf(...update, "--every", "60")).stdout, /^every: +60 min$/m)
      const often = yield* sheaf(...update, "--every", "3")
      assert.strictEqual(often.code, 2)
      assert.include(often.stderr, "between 5 and 43200")
      assert.include((yield* sheaf(...update)).stderr, "Nothing is to be changed.")
      assert.match((yield* sheaf(...update, "--every", "0")).stdout, /^every: +when asked$/m)
      const { items: [{ id: item }] } = yield* json("notion", "items", "list", source, "--state", "present")
      assert.match((yield* sheaf("notion", "items", "pause", item)).stdout, /^paused /)
      assert.match((yield* sheaf("notion", "items", "resume", item)).stdout, /^present /)
    }), 60_000)

  it.effect("a connection that does not work says so, and goes with its documents", () =>
    Effect.gen(function*() {
      const { json, notion: { workspace }, sheaf } = yield* Served
      const { items: [{ id }] } = yield* json("notion", "connections")
      const { items: [{ id: source }] } = yield* json("notion", "sources", "list")
      assert.match((yield* sheaf("notion", "disable", id)).stdout, /^state: +disabled$/m)
      const disabled = yield* sheaf("notion", "sync", source)
      assert.strictEqual(disabled.code, 1)
      assert.include(disabled.stderr, "is disabled. Enable it.\nhint: `sheaf notion enable ID`")
      assert.match((yield* sheaf("notion", "enable", id)).stdout, /^state: +connected$/m)

      workspace.tokens.delete("ntn_double")
      const refused = yield* sheaf("notion", "sync", source)
      assert.strictEqual(refused.code, 8)
      assert.match(refused.stdout, /^failed\. Notion does not accept .* \(API token is invalid\)\. Connect it again /)
      assert.match((yield* sheaf("notion", "connections")).stdout, / revoked /)
      workspace.tokens.add("ntn_double")
      assert.match((yield* sheaf("notion", "check", id)).stdout, /^state: +connected$/m)

      assert.strictEqual((yield* sheaf("notion", "delete", id)).code, 2)
      const deleted = yield* sheaf("notion", "delete", id, "--documents", "delete")
      assert.deepStrictEqual([deleted.code, deleted.stdout], [0, `${id}\n`])
      assert.include(deleted.stderr, "Deleted. Its documents: finished: 2 of 2 done.")
      assert.strictEqual((yield* sheaf("notion", "delete", id, "--documents", "keep")).code, 9)
      assert.strictEqual((yield* sheaf("notion", "sources", "list")).stdout, "")
      assert.lengthOf((yield* json("documents", "list", "--dataset", "handbook")).items, 0)
    }), 60_000)
})
