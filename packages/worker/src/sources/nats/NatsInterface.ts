import * as GuardedFetch from "@sheaf/adapters/fetch/GuardedFetch"
import { limits } from "@sheaf/domain/limits"
import { Layer } from "effect"
import * as OutcomePublisher from "../../outcomes/OutcomePublisher.ts"
import * as ProgressPublisher from "../../outcomes/ProgressPublisher.ts"
import { IngestEvents } from "../ingest/IngestEvents.ts"
import * as IngestConsumer from "./IngestConsumer.ts"

export interface Options {
  /** Names this process in leases; another one for each process. */
  readonly holder: string
  /** Bytes of a document, wherever they come from. Default: as for uploads. */
  readonly maxBytes?: number
  /** Events that this process works on at the same time. Default 16. From the environment: `SHEAF_NATS_INGEST_CONCURRENCY`. */
  readonly concurrency?: number
  /** Copies of the streams in a cluster of NATS servers. Default 1. From the environment: `SHEAF_NATS_REPLICAS`. */
  readonly replicas?: number
  /** What URLs may lead to. `allow` from the environment: `SHEAF_FETCH_ALLOW`, addresses and ranges like `10.1.0.0/16` with commas between. */
  readonly fetch?: GuardedFetch.Options
}

/**
 * NATS as an interface to other services (docs/nats.md): events in, verdicts, outcomes and progress out. Any number of processes may run
 * it. Open are `NatsConnection`, `Signals`, `BlobStore` and the repositories. On where `NATS_URL` is set, unless `SHEAF_NATS_INTERFACE`
 * says no.
 */
export const layer = (options: Options) => {
  const { concurrency = 16, maxBytes = limits.maxUploadBytes } = options
  const ingest = IngestConsumer.layer({ ...options, concurrency }).pipe(
    Layer.provide(IngestEvents.layer({ maxBytes, concurrency })),
    Layer.provide(GuardedFetch.layer(options.fetch))
  )
  return Layer.mergeAll(ingest, OutcomePublisher.layer(options), ProgressPublisher.layer(options))
}
