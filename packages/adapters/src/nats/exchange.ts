import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream"
import { nanos } from "@nats-io/transport-node"
import { Duration } from "effect"
import type { NatsConnection } from "./NatsConnection.ts"
import type { StreamSpec } from "./streams.ts"

// What Sheaf and other services say to each other over NATS. docs/nats.md is the contract.

type Nats = Pick<NatsConnection["Service"], "stream" | "subject">

/** For how long an event waits for a Sheaf that is down, and an outcome for whoever wants to read it. */
const kept = nanos(Duration.toMillis(Duration.days(30)))

export const ingestStreamOf = (nats: Nats) => nats.stream("ingest")
export const eventsStreamOf = (nats: Nats) => nats.stream("events")

/** The one durable consumer of the ingest stream, shared by all processes. */
export const ingestConsumer = "ingest"

/** For how long the server leaves an event with a process that shows no sign of life. */
export const ingestAckWait = Duration.seconds(30)

/** The last token of a subject of the ingest stream. */
export const tenantOfSubject = (subject: string): string => subject.slice(subject.lastIndexOf(".") + 1)

/** `sheaf.events.<tenant>.<area>...` */
export const eventSubject = (nats: Nats, tenant: string, tokens: ReadonlyArray<string>): string =>
  nats.subject("events", tenant, ...tokens)

/** `sheaf.progress.<tenant>.<dataset>.<document>`: plain messages, in no stream. */
export const progressSubject = (nats: Nats, tenant: string, datasetId: string, documentId: string): string =>
  nats.subject("progress", tenant, datasetId, documentId)

/**
 * Events of other services, until they are decided about. When the disk that it may have is full, publishers are refused: nothing that was
 * taken is ever dropped for something newer.
 */
export const ingestStream = (nats: Nats, replicas: number): StreamSpec => ({
  config: {
    name: ingestStreamOf(nats),
    description: "Documents that other services send to Sheaf.",
    subjects: [nats.subject("ingest", "*")],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    num_replicas: replicas,
    discard: DiscardPolicy.New,
    max_age: kept,
    // Message ids are one name space for all tenants: a long memory for them would let one tenant silence another.
    duplicate_window: nanos(100)
  },
  consumers: [{
    name: ingestConsumer,
    ack_wait: nanos(Duration.toMillis(ingestAckWait)),
    // Attempts are counted in the database, where an outage is not one.
    max_deliver: -1,
    // Events that wait for their next attempt must not keep the others out.
    max_ack_pending: 1_000_000
  }],
  disposable: false
})

/** What became of events and documents. Written by Sheaf alone. */
export const eventsStream = (nats: Nats, replicas: number): StreamSpec => ({
  config: {
    name: eventsStreamOf(nats),
    description: "What Sheaf says about documents and about events that were sent to it.",
    subjects: [nats.subject("events", ">")],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas,
    discard: DiscardPolicy.Old,
    max_age: kept,
    duplicate_window: nanos(Duration.toMillis(Duration.minutes(2)))
  },
  consumers: [],
  disposable: false
})
