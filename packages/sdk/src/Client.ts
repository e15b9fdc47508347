import type { Event } from "@sheaf/domain/events/Event"
import { Config, Context, Effect, Layer, Option, Stream } from "effect"
import type { IngestEvents, Keys, Tenants } from "./areas/Admin.ts"
import type { Connections } from "./areas/Connections.ts"
import type { Datasets } from "./areas/Datasets.ts"
import type { DeadLetters } from "./areas/DeadLetters.ts"
import type { Drift } from "./areas/Drift.ts"
import type { Documents, IngestOptions } from "./areas/Documents.ts"
import type { ReplaceOptions } from "./areas/documentDetails.ts"
import type { IngestedDocument, IngestError, ReplaceError } from "./areas/ingest.ts"
import { type BatchItem, type IngestAllOptions, ingestOne, type IngestResult } from "./areas/ingestAll.ts"
import type { Operations } from "./areas/Operations.ts"
import type { Annotations } from "./areas/Annotations.ts"
import type { Apps } from "./areas/Apps.ts"
import type { Imports } from "./areas/Imports.ts"
import type { Pipelines } from "./areas/Pipelines.ts"
import type { Segments } from "./areas/Segments.ts"
import type { SpaceChanges } from "./areas/SpaceChanges.ts"
import type { Syncs } from "./areas/Syncs.ts"
import type { Notifications } from "./areas/Notifications.ts"
import type { Webhooks } from "./areas/Webhooks.ts"
import { type Core, makeSheaf } from "./makeSheaf.ts"
import type { ClientOptions } from "./options.ts"
import type { EventsError, EventsOptions, EventsSnapshot } from "./streams/events.ts"
import { type Streamed, streaming } from "./streams/toStream.ts"
import type { Source } from "./upload/Source.ts"

/** Documents and the work on them. */
export interface DocumentsService extends Omit<Streamed<Documents>, "ingest" | "replace"> {
  /** Sends a source. Returns when the server has durably accepted it; the document's `done` waits for the rest. */
  readonly ingest: (
    source: Source,
    options: IngestOptions
  ) => Effect.Effect<Streamed<IngestedDocument>, IngestError>
  /** Sends other bytes for a document. The version that serves goes on serving until the new one is published. */
  readonly replace: (
    documentId: string,
    source: Source,
    options?: ReplaceOptions
  ) => Effect.Effect<Streamed<IngestedDocument>, IngestError | ReplaceError>
  /** Ingests every source that a stream gives, several at a time, with a result for each: nothing is collected. */
  readonly ingestAll: <E>(
    items: Stream.Stream<BatchItem, E>,
    options: IngestAllOptions
  ) => Stream.Stream<IngestResult, E>
}

/** All that a client can do. */
export interface SheafService extends Pick<Core, "info" | "search" | "usage"> {
  readonly datasets: Streamed<Datasets>
  readonly documents: DocumentsService
  readonly operations: Streamed<Operations>
  readonly connections: Streamed<Connections>
  readonly imports: Streamed<Imports>
  readonly pipelines: Streamed<Pipelines>
  readonly apps: Streamed<Apps>
  readonly annotations: Streamed<Annotations>
  readonly segments: Streamed<Segments>
  readonly drift: Streamed<Drift>
  readonly spaceChanges: Streamed<SpaceChanges>
  readonly syncs: Streamed<Syncs>
  readonly webhooks: Streamed<Webhooks>
  readonly notifications: Streamed<Notifications>
  readonly keys: Streamed<Keys>
  readonly tenants: Streamed<Tenants>
  readonly ingestEvents: Streamed<IngestEvents>
  readonly deadLetters: Streamed<DeadLetters>
  readonly events: {
    /**
     * What happens in the tenant, in order and without end, after a cursor; `"0"` is before the first, and without one it
     * begins now. Goes on by itself after a lost connection.
     */
    readonly since: {
      (cursor?: string, options?: EventsOptions<"fail">): Stream.Stream<Event, EventsError>
      (cursor: string | undefined, options: EventsOptions): Stream.Stream<Event | EventsSnapshot, EventsError>
    }
  }
}

/**
 * The client for Effect programs. Every call has a deadline and typed errors; changes carry an idempotency key and calls are
 * sent again after a lost connection. Nothing is connected before the first call, so building the layer never fails for want
 * of a server.
 */
export class Sheaf extends Context.Service<Sheaf, SheafService>()("@sheaf/sdk/Client/Sheaf") {
  static readonly layer = (options: ClientOptions = {}): Layer.Layer<Sheaf> =>
    Layer.effect(Sheaf, Effect.map(makeSheaf(options), serviceOf))

  /** The same, with `SHEAF_URL` and `SHEAF_KEY` of the environment where `url` and `key` are left out. */
  static readonly layerConfig = (options: ClientOptions = {}): Layer.Layer<Sheaf, Config.ConfigError> =>
    Layer.unwrap(Effect.map(withEnvironment(options), Sheaf.layer))
}

const withEnvironment = Effect.fnUntraced(function*({ key, url, ...options }: ClientOptions) {
  return {
    ...options,
    url: url ?? Option.getOrUndefined(yield* Config.option(Config.String("SHEAF_URL"))),
    key: key ?? Option.getOrUndefined(yield* Config.option(Config.Redacted("SHEAF_KEY")))
  }
})

const serviceOf = (
  {
    annotations,
    apps,
    datasets,
    connections,
    deadLetters,
    documents,
    drift,
    events,
    imports,
    info,
    ingestEvents,
    keys,
    operations,
    pipelines,
    search,
    segments,
    spaceChanges,
    syncs,
    tenants,
    usage,
    webhooks,
    notifications
  }: Core
): SheafService => ({
  info,
  search,
  usage,
  datasets: { ...datasets, all: streaming(datasets.all) },
  operations: {
    ...operations,
    all: streaming(operations.all),
    everyItem: streaming(operations.everyItem)
  },
  apps: { ...apps, all: streaming(apps.all) },
  annotations: { ...annotations, all: streaming(annotations.all), everyHit: streaming(annotations.everyHit) },
  connections: {
    ...connections,
    all: streaming(connections.all),
    everyItem: streaming(connections.everyItem)
  },
  imports: { ...imports, all: streaming(imports.all), everyRow: streaming(imports.everyRow) },
  pipelines: { ...pipelines, all: streaming(pipelines.all) },
  segments: { ...segments, all: streaming(segments.all), everyChange: streaming(segments.everyChange) },
  syncs: {
    ...syncs,
    all: streaming(syncs.all),
    everyItem: streaming(syncs.everyItem),
    everyResult: streaming(syncs.everyResult),
    everySource: streaming(syncs.everySource)
  },
  spaceChanges: { ...spaceChanges, all: streaming(spaceChanges.all) },
  notifications: {
    ...notifications,
    all: streaming(notifications.all),
    everyMail: streaming(notifications.everyMail)
  },
  webhooks: { ...webhooks, all: streaming(webhooks.all), everyDelivery: streaming(webhooks.everyDelivery) },
  keys: { ...keys, all: streaming(keys.all) },
  drift: { ...drift, all: streaming(drift.all), allEverywhere: streaming(drift.allEverywhere) },
  tenants: { ...tenants, all: streaming(tenants.all), allRemovals: streaming(tenants.allRemovals) },
  deadLetters: { ...deadLetters, all: streaming(deadLetters.all) },
  ingestEvents: { ...ingestEvents, all: streaming(ingestEvents.all) },
  // As with the feed that it is made of, the second form gives what the first one does, and more when it is asked for.
  events: { since: streaming(events.since) as SheafService["events"]["since"] },
  documents: {
    ...documents,
    all: streaming(documents.all),
    everyAsset: streaming(documents.everyAsset),
    everyRun: streaming(documents.everyRun),
    progress: streaming(documents.progress),
    replace: (documentId, source, options) =>
      Effect.map(documents.replace(documentId, source, options), (accepted) => ({
        ...accepted,
        progress: streaming(accepted.progress)
      })),
    ingest: (source, options) =>
      Effect.map(documents.ingest(source, options), (accepted) => ({
        ...accepted,
        progress: streaming(accepted.progress)
      })),
    ingestAll: (items, options) =>
      Stream.mapEffect(items, (item) => ingestOne(documents.ingest, item, options), {
        concurrency: options.concurrency ?? 4,
        unordered: true
      })
  }
})
