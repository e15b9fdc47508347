import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { start } from "../support/processes/Cli.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import { eventually, isSignedWith, listener } from "../webhooks/world.ts"
import { askedOf, jsonOf } from "./asked.ts"

/** A server in a process of its own, and commands of this one that ask it. */
class Served extends Context.Service<Served, {
  readonly cwd: string
  readonly sheaf: ReturnType<typeof askedOf>
  readonly json: ReturnType<typeof jsonOf>
}>()("sheaf/test/cli/curated.test/Served") {
  static readonly layer = Layer.effect(
    Served,
    Effect.gen(function*() {
      const cwd = yield* temporaryFolder("cli")
      const server = yield* start(["serve", "--port", "0"], { cwd, env: { SHEAF_FETCH_ALLOW: "127.0.0.0/8" } })
      yield* Effect.promise(() => server.until("Ctrl-C stops it"))
      const key = Fs.readFileSync(Path.join(cwd, ".sheaf/credentials"), "utf8").trim()
      const sheaf = askedOf({ url: server.stdout.trim(), key })
      return { cwd, sheaf, json: jsonOf(sheaf) }
    })
  )
}

const nobody = "01980000-0000-7000-8000-000000000000"

layer(Served.layer, { timeout: 120_000, excludeTestServices: true })("curated answers by command", (it) => {
  it.effect("an app answers with what was put into it, and shows what it holds", () =>
    Effect.gen(function*() {
      const { json, sheaf } = yield* Served
      const none = yield* sheaf("apps", "list")
      assert.deepStrictEqual([none.code, none.stdout], [0, ""])
      assert.include(none.stderr, "sheaf apps create")
      const { id } = yield* json("apps", "create", "help", "--description", "A help page")
      const app = ["--app", id]
      const made = yield* sheaf(
        "annotations",
        "create",
        ...app,
        "--question",
        "How do I get in?",
        "--answer",
        "By key."
      )
      assert.match(made.stdout, /^outcome:  created$/m)
      const again = yield* json("annotations", "create", ...app, "--question", "how do i get in", "--answer", "No.")
      assert.deepInclude(again, { outcome: "skipped", answer: "By key." })

      const early = yield* sheaf("annotations", "match", ...app, "How do I get in?")
      assert.deepStrictEqual([early.code, early.stdout], [1, ""])
      assert.include(early.stderr, "hint: Switch it on: `sheaf apps reply ID --on`")
      const on = yield* sheaf("apps", "reply", id, "--on", "--threshold", "0.5")
      assert.match(on.stdout, /^reply: +on from 0\.5/m)
      for (const wrong of [["--on", "--off"], []]) {
        assert.strictEqual((yield* sheaf("apps", "reply", id, ...wrong)).code, 2)
      }
      const same = yield* sheaf("annotations", "match", ...app, "HOW do I get in")
      assert.deepStrictEqual([same.stdout, same.stderr], ["By key.\n", ""])
      const close = yield* json("annotations", "match", ...app, "How can I get in?")
      assert.strictEqual(close.best.by, "meaning")
      const far = yield* sheaf("annotations", "match", ...app, "Which herring is pickled?")
      assert.deepStrictEqual([far.code, far.stdout], [0, ""])
      assert.match(far.stderr, /^There is no answer to that\. The nearest scores 0\.\d\d\.$/m)
      const similar = yield* sheaf("annotations", "similar", ...app, "How can I get in?")
      assert.match(similar.stdout, /^SCORE +QUESTION +ID\n0\.\d\d +How do I get in\? /)

      yield* eventually(json("annotations", "get", again.id), ({ hits }) => hits === 2)
      const hits = yield* sheaf("annotations", "hits", again.id)
      assert.match(hits.stdout, / 1\.00 .* HOW do I get in$/m)
      assert.lengthOf((yield* json("annotations", "list", ...app, "--unused")).items, 0)
      const changed = yield* json("annotations", "update", again.id, "--answer", "Ring.")
      assert.deepInclude(changed, { question: "How do I get in?", answer: "Ring.", version: 2 })
      const deleted = yield* sheaf("annotations", "delete", ...app, again.id, nobody)
      assert.strictEqual(deleted.stdout, `${again.id}\n`)
      assert.include(deleted.stderr, nobody)
      assert.match((yield* sheaf("apps", "archive", id)).stdout, /^archived: +yes$/m)
      assert.notInclude((yield* sheaf("apps", "unarchive", id)).stdout, "archived")
      assert.strictEqual((yield* sheaf("apps", "delete", id)).stdout, `${id}\n`)
      const gone = yield* sheaf("annotations", "list", ...app)
      assert.strictEqual(gone.code, 9)
      assert.include(gone.stderr, "hint: Take the id from `sheaf apps list`.")
    }), 60_000)

  it.effect("a file of rows is imported, and every row that failed is named", () =>
    Effect.gen(function*() {
      const { cwd, json, sheaf } = yield* Served
      const { id } = yield* json("apps", "create", "faq")
      const wrong = yield* sheaf("notifications", "subscribe", "nobody")
      assert.strictEqual(wrong.code, 2)
      assert.include(wrong.stderr, "Expected one mail address, like ops@example.com")
      const reader = yield* json("notifications", "subscribe", "ops@example.com", "--kind", "import.finished")
      const file = Path.join(cwd, "faq.csv")
      Fs.writeFileSync(file, "Frage;Antwort\nWer?;Ich\nwer;Du\n;leer\nWas?;\"=1+1\"\n")
      const columns = ["--column", "question=Frage", "--column", "answer=Antwort"]
      const made = yield* sheaf("imports", "create", file, "--app", id, ...columns)
      assert.strictEqual(made.code, 8, made.stderr)
      assert.strictEqual(made.stdout, "finished: 4 rows, 2 created, 1 skipped, 1 failed\n")
      assert.include(made.stderr, "row 4: there is no question")
      assert.include(made.stderr, "error[SomeFailed]: 1 row of 4 failed.")
      const { items: [{ id: importId }] } = yield* json("imports", "list")
      const shown = yield* sheaf("imports", "get", importId)
      assert.match(shown.stdout, /^state: +finished$/m)
      const mailed = yield* eventually(
        sheaf("notifications", "mails", "--state", "sent"),
        ({ stdout }) => stdout !== ""
      )
      assert.match(mailed.stdout, /ops@example\.com +sent +1 +An import of 4 rows is over: 2 created, /)
      assert.match((yield* sheaf("notifications", "list")).stdout, /^ADDRESS +KINDS +DATASETS +BY +SINCE +ID\nops@ex/)
      assert.strictEqual((yield* sheaf("notifications", "unsubscribe", reader.id)).stdout, `${reader.id}\n`)
      const results = Path.join(cwd, "errors.csv")
      const saved = yield* sheaf("imports", "download", importId, "--errors", "-o", results)
      assert.deepStrictEqual([saved.code, saved.stdout], [0, ""])
      assert.match(Fs.readFileSync(results, "utf8"), /^4,failed,,question,Missing,there is no question,,leer$/m)
      const twice = yield* sheaf("imports", "download", importId, "-o", results)
      assert.strictEqual(twice.code, 2)
      assert.include(twice.stderr, "is there already")
      assert.strictEqual((yield* sheaf("imports", "cancel", importId)).code, 1)
      const background = yield* json("imports", "create", file, "--app", id, ...columns, "--background")
      yield* eventually(json("imports", "get", background.id), ({ state }) => state === "finished")
      for (
        const [args, code, tag] of [
          [[file], 2, "Misused"],
          [[file, "--app", nobody], 9, "AppNotFound"],
          [[Path.join(cwd, "none.csv"), "--app", id], 1, "SourceUnreadable"]
        ] as const
      ) {
        const refused = yield* sheaf("imports", "create", ...args)
        assert.deepStrictEqual([refused.code, refused.stdout], [code, ""], tag)
        assert.include(refused.stderr, `error[${tag}]`)
      }
    }), 60_000)

  it.effect("a webhook is told of events, changed, tried and given up", () =>
    Effect.gen(function*() {
      const { json, sheaf } = yield* Served
      const { heard, url } = yield* listener()
      const refused = yield* sheaf("webhooks", "create", "http://10.1.2.3/hook")
      assert.deepStrictEqual([refused.code, refused.stdout], [2, ""])
      const made = yield* json("webhooks", "create", url, "--kind", "document.failed")
      const { secret, webhook: { id } } = made
      assert.deepStrictEqual(made.webhook.kinds, ["document.failed"])
      const wider = yield* sheaf("webhooks", "update", id, "--all-kinds", "--description", "mine")
      assert.strictEqual(wider.stderr, "")
      assert.match(wider.stdout, /^kinds: +all$/m)
      assert.match(wider.stdout, /^description: +mine$/m)
      for (const wrong of [[], ["--all-kinds", "--kind", "document.failed"]]) {
        assert.strictEqual((yield* sheaf("webhooks", "update", id, ...wrong)).code, 2)
      }
      yield* json("webhooks", "test", id)
      yield* eventually(Effect.sync(() => heard.length), (calls) => calls === 1)
      assert.isTrue(isSignedWith(secret, heard[0]!))
      const { items: [delivery] } = yield* eventually(
        json("webhooks", "deliveries", id),
        ({ items }) => items[0].state === "delivered"
      )
      assert.strictEqual((yield* sheaf("webhooks", "redeliver", id)).stdout, "0 deliveries on the way\n")
      assert.strictEqual((yield* sheaf("webhooks", "redeliver", id, delivery.id)).stdout, "1 delivery on the way\n")
      yield* eventually(Effect.sync(() => heard.length), (calls) => calls === 2)
      assert.strictEqual(heard[1]!.headers["webhook-id"], heard[0]!.headers["webhook-id"])
      const rotated = yield* sheaf("webhooks", "rotate", id, "--overlap", "1")
      assert.match(rotated.stdout, /^secret: +whsec_\S+ +\(shown this once\)$/m)
      assert.match((yield* sheaf("webhooks", "disable", id)).stdout, /^state: +disabled \(asked\)$/m)
      const late = yield* sheaf("webhooks", "test", id)
      assert.strictEqual(late.code, 1)
      assert.include(late.stderr, "hint: Enable it first: `sheaf webhooks enable ID`")
      assert.match((yield* sheaf("webhooks", "enable", id)).stdout, /^state: +enabled$/m)
      assert.match((yield* sheaf("webhooks", "list")).stdout, new RegExp(`${id}$`, "m"))
      assert.strictEqual((yield* sheaf("webhooks", "delete", id)).stdout, `${id}\n`)
    }), 60_000)
})
