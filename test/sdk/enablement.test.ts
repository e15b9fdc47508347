import { assert, it } from "@effect/vitest"
import { Conflict } from "@sheaf/sdk/index"
import { Effect } from "effect"
import { AllInOne } from "./support/AllInOne.ts"
import { client } from "./support/client.ts"

it.layer(AllInOne.layer, { timeout: "2 minutes", excludeTestServices: true })(
  "hiding and showing with the SDK",
  (it) => {
    it.effect("documents and segments are hidden at once, and a search waits for what is shown", () =>
      Effect.gen(function*() {
        const { keys, url } = yield* AllInOne
        const sheaf = yield* client({ url, key: keys.write })
        yield* Effect.promise(async () => {
          await sheaf.datasets.ensure("boats")
          const text = "# Mast\n\nStep the mast with two people."
          const accepted = await sheaf.documents.ingest(new File([text], "mast.md"), { dataset: "boats" })
          const { id } = await accepted.done()
          const find = async (waitFor?: string) => {
            const { explain, hits } = await sheaf.search({ text: "mast", ...(waitFor !== undefined && { waitFor }) })
            assert.isUndefined(explain.notYet)
            return hits.length
          }
          assert.strictEqual(await find(), 1)
          const disabled = await sheaf.documents.disable(id)
          assert.deepStrictEqual([disabled.changed, disabled.document.status], [true, "disabled"])
          assert.strictEqual(await find(), 0)
          assert.strictEqual((await sheaf.documents.disable(id)).changed, false)
          const archived = await sheaf.documents.archive(id)
          await sheaf.documents.enable(id)
          const stale = await sheaf.documents.unarchive(id, { ifVersion: archived.document.version }).catch((
            error: unknown
          ) => error)
          assert.instanceOf(stale, Conflict)
          assert.strictEqual(await find((await sheaf.documents.unarchive(id)).indexToken), 1)

          const [segment] = await sheaf.segments.list({ documentId: id }).toArray({ limit: 1 })
          const named = { documentId: id, segmentIds: [segment!.id] }
          assert.strictEqual((await sheaf.segments.disable(named)).changed, 1)
          assert.strictEqual(await find(), 0)
          assert.strictEqual(await find((await sheaf.segments.enable(named)).indexToken), 1)
          assert.strictEqual((await sheaf.documents.get(id)).indexState, "in_sync")
        })
      }))
  }
)
