import { derivedId } from "@sheaf/adapters/repos/derivedId"
import { type Known, linesKept, type News, type Subjects } from "@sheaf/adapters/repos/notifications/MailsRepo"
import type { Reader } from "@sheaf/adapters/repos/notifications/SubscriptionsRepo"
import type { Event, EventBody } from "@sheaf/domain/events/Event"
import { MailId, type TenantId } from "@sheaf/domain/ids"
import { kindOf } from "@sheaf/domain/notifications/kinds"
import { lineOf, mailedKinds } from "@sheaf/domain/notifications/mailed"
import { MailAddress } from "@sheaf/domain/notifications/Subscription"
import { Option, Schema } from "effect"

/** Whether people are mailed of it. */
export const isMailed = ({ body }: Event) => mailedKinds.includes(kindOf(body))

/** Things that have to be known of before somebody can be mailed of these events. */
export const subjectsOf = (events: ReadonlyArray<Event>): Subjects => {
  const bodies = events.map(({ body }) => body)
  return {
    documentIds: bodies.flatMap((body) => "documentId" in body ? [body.documentId] : []),
    runIds: bodies.flatMap((body) => "runId" in body ? [body.runId] : []),
    operationIds: bodies.flatMap((body) => "operationId" in body ? [body.operationId] : []),
    importIds: bodies.flatMap((body) => "importId" in body ? [body.importId] : []),
    syncIds: bodies.flatMap((body) => "syncId" in body ? [body.syncId] : []),
    connectionIds: bodies.flatMap((body) => "connectionId" in body ? [body.connectionId] : [])
  }
}

const wants = ({ after, datasetIds, kinds }: Reader, { body, cursor }: Event): boolean =>
  BigInt(cursor) > BigInt(after) && (kinds ?? mailedKinds).includes(kindOf(body)) &&
  (datasetIds === null || body.datasetId !== null && datasetIds.includes(body.datasetId))

/** What came to its end: a run, an operation, an import, a sync, the use of a connection. */
const begunBy = (body: EventBody): string | undefined =>
  "runId" in body
    ? body.runId
    : "operationId" in body
    ? body.operationId
    : "importId" in body
    ? body.importId
    : "syncId" in body
    ? body.syncId
    : "connectionId" in body
    ? body.connectionId
    : undefined

/** Whoever began or made what has come to its end, where that was done for somebody with an address. */
const actorOf = (body: EventBody, { addresses }: Known): ReadonlyArray<string> => {
  const id = begunBy(body)
  const address = id === undefined ? undefined : addresses.get(id)
  // It was sent along by a client, which may send what it likes.
  return Option.toArray(Schema.decodeUnknownOption(MailAddress)(address))
}

/** What of documents is told together, by dataset; everything else is told by itself. */
const topicOf = ({ body, cursor }: Event) =>
  "documentId" in body
    ? { topic: `dataset ${body.datasetId}`, datasetId: body.datasetId }
    : { topic: `event ${cursor}`, datasetId: null }

/** What these events have to tell to whom: a mail for each address and topic. */
export const newsOf = (
  tenantId: TenantId,
  events: ReadonlyArray<Event>,
  readers: ReadonlyArray<Reader>,
  known: Known
): ReadonlyArray<News> => {
  const told = new Map<string, News & { readonly counts: Record<string, number>; readonly lines: Array<string> }>()
  for (const event of events) {
    const { body, cursor } = event
    const name = "documentId" in body ? known.names.get(body.documentId) ?? "A document that is gone" : ""
    const line = lineOf(body, name)
    if (line === undefined) continue
    const addresses = new Set([
      ...actorOf(body, known),
      ...readers.filter((reader) => wants(reader, event)).map(({ address }) => address)
    ])
    const { datasetId, topic } = topicOf(event)
    for (const address of addresses) {
      const key = `${address} ${topic}`
      const news = told.get(key) ?? {
        id: MailId.make(derivedId("mail", tenantId, address, topic, cursor)),
        address,
        topic,
        datasetId,
        counts: {},
        lines: []
      }
      told.set(key, news)
      const kind = kindOf(body)
      news.counts[kind] = (news.counts[kind] ?? 0) + 1
      if (news.lines.length < linesKept) news.lines.push(line)
    }
  }
  return [...told.values()]
}
