import { assert, it } from "@effect/vitest"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import { Control } from "@sheaf/adapters/lifecycle/Control"
import { QuotasRepo } from "@sheaf/adapters/repos/access/QuotasRepo"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { ListsRepo } from "@sheaf/adapters/repos/documents/ListsRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { HistoryRepo } from "@sheaf/adapters/repos/runs/HistoryRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DatasetId, DocumentId } from "@sheaf/domain/ids"
import { drawPdf } from "@sheaf/worker/parsing/pdf/testPdf"
import { Clock, Effect, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import { makeTenant, some } from "../repos/world.ts"
import { ingest, layer, makeDataset, until } from "../support/Pipeline.ts"

interface File {
  readonly name: string
  readonly type: string
  readonly content: string | Uint8Array
}

/** A mail with files. */
const mail = (subject: string, files: ReadonlyArray<File>): string =>
  [
    "From: ann@example.org",
    "To: bob@example.org",
    `Subject: ${subject}`,
    "Message-ID: <1@example.org>",
    "MIME-Version: 1.0",
    "Content-Type: multipart/mixed; boundary=limit",
    "",
    "--limit",
    "Content-Type: text/plain",
    "",
    `What is said about ${subject}.`,
    ...files.flatMap(({ content, name, type }) => [
      "--limit",
      `Content-Type: ${type}`,
      `Content-Disposition: attachment; filename="${name}"`,
      "Content-Transfer-Encoding: base64",
      "",
      Buffer.from(content).toString("base64")
    ]),
    "--limit--",
    ""
  ].join("\r\n")

const notes = { name: "notes.md", type: "text/markdown", content: "# Notes\n\nAbout ropes and knots.\n" }
const prices = { name: "prices.txt", type: "text/plain", content: "A rope is 12, a knot is free." }

const listed = Effect.fnUntraced(function*(caller: Caller, datasetId: DatasetId, attachedTo: DocumentId | null) {
  const lists = yield* ListsRepo
  return some(yield* lists.list(caller, { datasetId, filter: { attachedTo }, sort: "name" })).items
})

/** Looks in real time until something is so. */
const eventually = <A, E, R>(effect: Effect.Effect<A, E, R>, isSo: (value: A) => boolean) =>
  effect.pipe(
    Effect.repeat({ until: isSo, schedule: Schedule.spaced("30 millis") }),
    Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())
  )

/** The attached documents, once there are so many and all have come to rest. */
const children = (caller: Caller, datasetId: DatasetId, parent: DocumentId, count: number) =>
  Effect.gen(function*() {
    const found = yield* eventually(listed(caller, datasetId, parent), (all) => all.length === count)
    return yield* Effect.forEach(found, ({ id }) => until(caller, id))
  })

const jobsOf = (documentId: DocumentId, stage: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const found = yield* sql`select 1 from jobs where document_id = ${documentId} and stage = ${stage}`
    return found.length
  })

it.layer(layer, { timeout: "120 seconds" })("attachments", (it) => {
  it.effect("of a PDF become documents, too", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const bytes = yield* Effect.promise(() =>
        drawPdf([({ line }) => line("What is said about ropes.", 100)], (document) =>
          void document.attach(Buffer.from(notes.content), notes.name))
      )
      const { documentId } = yield* ingest(caller, datasetId, { name: "a.pdf", bytes })
      assert.strictEqual((yield* until(caller, documentId)).status, "available")
      const [child] = yield* children(caller, datasetId, documentId, 1)
      assert.deepStrictEqual([child!.name, child!.mediaType, child!.status], ["notes.md", "text/markdown", "available"])
    }), 60_000)

  it.effect("become documents of their own, once, and go with the mail", () =>
    Effect.gen(function*() {
      const control = yield* Control
      const datasets = yield* DatasetsRepo
      const documents = yield* DocumentsRepo
      const removal = yield* Removal
      const sql = yield* SqlClient.SqlClient
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      const inner = { name: "inner.eml", type: "message/rfc822", content: mail("inner things", [prices]) }
      const { documentId } = yield* ingest(caller, datasetId, { name: "a.eml", bytes: mail("ropes", [notes, inner]) })
      const parent = yield* until(caller, documentId)
      assert.deepStrictEqual([parent.status, parent.parentId], ["available", null])

      const [first, second] = yield* children(caller, datasetId, documentId, 2)
      assert.deepStrictEqual([first!.name, first!.status, first!.parentId], ["inner.eml", "available", documentId])
      assert.deepStrictEqual([second!.name, second!.mediaType], ["notes.md", "text/markdown"])
      const [innermost] = yield* children(caller, datasetId, first!.id, 1)
      assert.deepStrictEqual([innermost!.name, innermost!.parentId], ["prices.txt", first!.id])
      assert.deepStrictEqual((yield* listed(caller, datasetId, null)).map(({ id }) => id), [documentId])

      const again = yield* transact(sql)(control.run(caller, { documentId }))
      yield* until(caller, documentId, ({ publishedRunId }) => publishedRunId === again.id)
      yield* eventually(jobsOf(documentId, "AcceptAttachments"), (count) => count === 0)
      assert.strictEqual((yield* listed(caller, datasetId, documentId)).length, 2)

      yield* transact(sql)(removal.document(caller, documentId))
      for (const id of [documentId, first!.id, second!.id, innermost!.id]) {
        assert.isTrue(Option.isNone(yield* documents.find(caller, id)))
        yield* eventually(documents.exists(caller.tenantId, id), (isThere) => !isThere)
      }
      const { bytes, documents: left } = some(yield* datasets.find(caller, datasetId))
      assert.deepStrictEqual([left, bytes], [0, 0])
    }), 110_000)

  it.effect(
    "are refused as other documents are: the mail is there, and says what became of them",
    () =>
      Effect.gen(function*() {
        const history = yield* HistoryRepo
        const quotas = yield* QuotasRepo
        const { caller, tenantId } = yield* makeTenant
        const datasetId = yield* makeDataset(caller)
        yield* quotas.setLimits(tenantId, { documents: 1 })
        const picture = {
          name: "scan.tiff",
          type: "application/octet-stream",
          content: Buffer.from("II*\0 and more bytes")
        }
        const { documentId } = yield* ingest(caller, datasetId, {
          name: "a.eml",
          bytes: mail("ropes", [notes, picture])
        })
        assert.strictEqual((yield* until(caller, documentId)).status, "available")
        const warnings = yield* eventually(
          Effect.map(history.list(tenantId, { documentId }), (page) => some(page).items[0]!.warnings),
          (all) => all.length > 0
        )
        assert.deepStrictEqual(warnings.map(({ detail }) => detail.split(":")[0]).sort(), [
          "the attachment notes.md became no document",
          "the attachment scan.tiff became no document"
        ])
        assert.deepStrictEqual(yield* listed(caller, datasetId, documentId), [])
      }),
    60_000
  )

  it.effect("within attachments become documents three deep", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const datasetId = yield* makeDataset(caller)
      let file: File = notes
      for (const depth of [4, 3, 2, 1]) {
        file = { name: `${depth}.eml`, type: "message/rfc822", content: mail(`level ${depth}`, [file]) }
      }
      let { documentId } = yield* ingest(caller, datasetId, { name: "0.eml", bytes: mail("level 0", [file]) })
      for (const name of ["1.eml", "2.eml", "3.eml"]) {
        const [child] = yield* children(caller, datasetId, documentId, 1)
        assert.strictEqual(child!.name, name)
        documentId = child!.id
      }
      yield* until(caller, documentId)
      yield* eventually(jobsOf(documentId, "AcceptAttachments"), (count) => count === 0)
      assert.deepStrictEqual(yield* listed(caller, datasetId, documentId), [])
    }), 110_000)
})
