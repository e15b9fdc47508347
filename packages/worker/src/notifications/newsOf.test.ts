import { assert, it } from "@effect/vitest"
import type { OwedMail } from "@sheaf/adapters/repos/notifications/MailsRepo"
import type { Event } from "@sheaf/domain/events/Event"
import {
  ConnectionId,
  DatasetId,
  DocumentId,
  EventCursor,
  MailId,
  OperationId,
  RunId,
  SyncId,
  SyncSourceId,
  TenantId
} from "@sheaf/domain/ids"
import { DateTime } from "effect"
import { compose } from "../stages/send-mail/compose.ts"
import { newsOf } from "./newsOf.ts"

const id = (last: number) => `01890a5d-ac96-774b-bcce-b3020${String(last).padStart(7, "0")}`
const at = DateTime.toDateUtc(DateTime.makeUnsafe(0))
const datasetId = DatasetId.make(id(1))
const tenantId = TenantId.make(id(2))

const published = (number: number): Event => ({
  cursor: EventCursor.make(String(number)),
  at,
  body: {
    _tag: "DocumentPublished",
    datasetId,
    documentId: DocumentId.make(id(100 + number)),
    runId: RunId.make(id(200 + number)),
    pages: 1,
    segments: 2,
    tokens: 3
  }
})

const known = (events: ReadonlyArray<Event>, address: string) => ({
  names: new Map(events.map(({ body }) => ["documentId" in body ? body.documentId : "", "log.md"])),
  addresses: new Map(events.map(({ body }) => ["runId" in body ? body.runId : "", address]))
})

const everybody = { address: "kept@example.com", kinds: null, datasetIds: null, after: EventCursor.make("0") }

it("tells of a batch at once, with its counts and the first lines, and whoever is told twice is told once", () => {
  const events = Array.from({ length: 50 }, (_, at) => published(at + 1))
  const readers = [everybody, { ...everybody, address: "late@example.com", after: EventCursor.make("49") }]
  const news = newsOf(tenantId, events, readers, known(events, "kept@example.com"))
  assert.deepStrictEqual(
    news.map(({ address, counts, lines }) => [address, counts, lines.length]),
    [["kept@example.com", { "document.published": 50 }, 20], ["late@example.com", { "document.published": 1 }, 1]]
  )
  assert.deepStrictEqual(newsOf(tenantId, events, readers, known(events, "kept@example.com")), news)
})

it("tells nobody of what nobody is mailed of, and each operation by itself", () => {
  const finished = (cursor: string): Event => ({
    cursor: EventCursor.make(cursor),
    at,
    body: {
      _tag: "OperationFinished",
      datasetId: null,
      operationId: OperationId.make(id(5)),
      action: "Retry",
      state: "finished",
      total: 10,
      done: 8,
      skipped: 1,
      failed: 1
    }
  })
  const news = newsOf(tenantId, [finished("1"), finished("2")], [everybody], known([], ""))
  assert.deepStrictEqual(news.map(({ lines }) => lines), [
    ["Retry of 10 documents is over: 8 done, 1 skipped, 1 failed."],
    ["Retry of 10 documents is over: 8 done, 1 skipped, 1 failed."]
  ])
  const accepted: Event = {
    cursor: EventCursor.make("3"),
    at,
    body: { _tag: "DatasetCreated", datasetId, name: "kept" }
  }
  assert.lengthOf(newsOf(tenantId, [accepted], [everybody], known([], "")), 0)
})

it("tells whoever made a connection that it is refused, and nobody of a schedule that found everything as it was", () => {
  const connectionId = ConnectionId.make(id(6))
  const reason = "Notion does not accept the token: API token is invalid."
  const refused: Event["body"] = { _tag: "ConnectionRevoked", datasetId: null, connectionId, name: "Ours", reason }
  const synced = (trigger: "asked" | "schedule", updated: number): Event["body"] => ({
    _tag: "SyncFinished",
    datasetId,
    sourceId: SyncSourceId.make(id(7)),
    syncId: SyncId.make(id(8)),
    trigger,
    state: "finished",
    total: 3,
    counts: { unchanged: 3 - updated, ...(updated > 0 && { updated }) }
  })
  const news = newsOf(
    tenantId,
    [refused, synced("schedule", 0), synced("schedule", 1), synced("asked", 0)].map((body, number) => ({
      cursor: EventCursor.make(String(number + 1)),
      at,
      body
    })),
    [],
    { names: new Map(), addresses: new Map([[connectionId, "made@example.com"], [id(8), "began@example.com"]]) }
  )
  assert.deepStrictEqual(news.map(({ address, lines }) => [address].concat(lines)), [
    ["made@example.com", `The connection Ours does not work any more. ${reason} Connect it again.`],
    ["began@example.com", "A sync of 3 items is over: 2 unchanged, 1 updated."],
    ["began@example.com", "A sync of 3 items is over: 3 unchanged."]
  ])
})

it("a mail says how many and which, in lines that nothing breaks out of", () => {
  const mail: OwedMail = {
    id: MailId.make(id(9)),
    address: "kept@example.com",
    counts: { "document.published": 30, "document.failed": 1 },
    lines: ["a.md is published: 1 pages, 2 segments.", "b\r\nBcc: x failed. The file is damaged"],
    dataset: "Ships\nand sails",
    state: "sending",
    tries: 0,
    waitMs: 0,
    restMs: 0,
    ageMs: 0,
    isAtWork: false
  }
  const { subject, text } = compose(mail)
  assert.strictEqual(subject, "Ships and sails: 30 published, 1 failed")
  assert.deepStrictEqual(text.split("\n"), [
    "In the dataset Ships and sails:",
    "",
    "a.md is published: 1 pages, 2 segments.",
    "b Bcc: x failed. The file is damaged",
    "And 29 more.",
    ""
  ])
})
