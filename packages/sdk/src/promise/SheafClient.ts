/// <reference lib="esnext.disposable" preserve="true" />
import type { TenantRemoval } from "@sheaf/domain/admin/TenantRemovalRpcs"
import type { ApiKey, Tenant } from "@sheaf/domain/admin/Admin"
import type { LimitChanges } from "@sheaf/domain/admin/Limits"
import type { Allowance } from "@sheaf/domain/admin/LimitsRpcs"
import type { NewApiKey } from "@sheaf/domain/admin/AdminRpcs"
import type { ServerInfo } from "@sheaf/domain/admin/InfoRpcs"
import type { DeadLetter, Requeued } from "@sheaf/domain/admin/DeadLettersRpcs"
import type { Dataset } from "@sheaf/domain/datasets/Dataset"
import type { Document } from "@sheaf/domain/documents/Document"
import type { DatasetStatistics, QueuePlace, RowField } from "@sheaf/domain/documents/ListsRpcs"
import type { Event } from "@sheaf/domain/events/Event"
import type { IngestRecord } from "@sheaf/domain/ingest/IngestRpcs"
import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import type { Operation, OperationItem } from "@sheaf/domain/operations/Operation"
import type { EffectiveSettings } from "@sheaf/domain/documents/ControlRpcs"
import type { Preview, TextPreview } from "@sheaf/domain/documents/Preview"
import type { RecordedRun, Run } from "@sheaf/domain/runs/Run"
import type { SearchResult } from "@sheaf/domain/search/Search"
import type { Segment } from "@sheaf/domain/segments/Segment"
import type { IngestEventsListOptions, NewKey } from "../areas/Admin.ts"
import type { DatasetSettings, DatasetsListOptions } from "../areas/Datasets.ts"
import type { PreviewOptions, RetryOptions, RunOptions } from "../areas/control.ts"
import type { Documents as Selected, FinishOptions, ItemsOptions } from "../areas/Operations.ts"
import type { BulkCall } from "./bulk.ts"
import type { DeadLettersListOptions, DeadLettersSelection } from "../areas/DeadLetters.ts"
import type { DoneOptions } from "../areas/Documents.ts"
import type { DocumentsListOptions, DocumentsPage } from "../areas/lists.ts"
import type { BatchItem, IngestAllOptions, IngestResult } from "../areas/ingestAll.ts"
import type { SegmentsListOptions } from "../areas/Segments.ts"
import type { Query } from "../makeSheaf.ts"
import type { CallOptions, DatasetRef, MutationOptions, PageOptions } from "../options.ts"
import type { EventsOptions, EventsSnapshot } from "../streams/events.ts"
import type { Source } from "../upload/Source.ts"
import type {
  DocumentHandle,
  IngestCall,
  IngestCallOptions,
  ProgressIterable,
  ProgressOptions
} from "./DocumentHandle.ts"
import type { AnnotationsClient } from "./annotations.ts"
import type { AppsClient } from "./apps.ts"
import type { ConnectionsClient } from "./connections.ts"
import type { ImportsClient } from "./imports.ts"
import type { PipelinesClient } from "./pipelines.ts"
import type { PageCall } from "./PageCall.ts"
import type { SegmentEditsClient } from "./segmentEdits.ts"
import type { DocumentDetailsClient } from "./documentDetails.ts"
import type { Abortable } from "./Runner.ts"
import type { DriftClient } from "./drift.ts"
import type { SpaceChangesClient } from "./spaceChanges.ts"
import type { SyncsClient } from "./syncs.ts"
import type { NotificationsClient } from "./notifications.ts"
import type { WebhooksClient } from "./webhooks.ts"
import type { DocumentSwitchesClient, SegmentSwitchesClient } from "./visibility.ts"

type Call = CallOptions & Abortable
type Mutation = MutationOptions & Abortable

/** Knowledge bases. */
export interface DatasetsClient {
  create(dataset: DatasetSettings & { readonly name: string }, options?: Mutation): Promise<Dataset>
  /** The dataset of this name: made if there is none, otherwise as it is. */
  ensure(name: string, settings?: DatasetSettings, options?: Mutation): Promise<Dataset>
  get(dataset: DatasetRef, options?: Call): Promise<Dataset>
  /** Figures, counted from its documents. */
  statistics(dataset: DatasetRef, options?: Call): Promise<DatasetStatistics>
  /** What rows of its tables have by name, and in how many documents: of versions that serve. */
  fields(dataset: DatasetRef, options?: Call): Promise<ReadonlyArray<RowField>>
  /** By name. */
  list(options?: DatasetsListOptions & Abortable): PageCall<Dataset>
  /** Changed chunking applies to runs that begin later. */
  update(
    dataset: DatasetRef,
    changes: DatasetSettings & { readonly name?: string },
    options?: Mutation
  ): Promise<Dataset>
  /** Invisible when this resolves, with all its documents; the server then removes what they hold. */
  delete(dataset: DatasetRef, options?: Mutation): Promise<void>
}

/** Documents and the work on them. */
export interface DocumentsClient extends DocumentDetailsClient, DocumentSwitchesClient {
  /**
   * Sends a source, and resolves when the server has durably accepted it. `ingest(...).done()` waits until it is published.
   * Nothing is held in memory whole; a lost connection is waited for and the upload goes on where it stopped.
   */
  ingest(source: Source, options: IngestCallOptions): IngestCall
  /** Ingests every source, several at a time, with a result for each: one that fails does not stop the others. */
  ingestAll(
    items: Iterable<BatchItem> | AsyncIterable<BatchItem>,
    options: IngestAllOptions & Abortable
  ): AsyncIterable<IngestResult>
  /** Waits for the newest run: resolves to the published document, or rejects with a `DocumentFailed`. No time limit of its own. */
  done(documentId: string, options?: DoneOptions & Abortable): Promise<Document>
  /** Progress of the newest run until it is final. Goes on by itself after a lost connection. */
  progress(documentId: string, options?: ProgressOptions): ProgressIterable
  /** A document that is known by its id, to wait for or to watch. Asks nothing of the server. */
  handle(documentId: string): DocumentHandle
  get(documentId: string, options?: Call): Promise<Document>
  /** Newest first if nothing else is said. */
  list(options: DocumentsListOptions & Abortable): PageCall<Document, DocumentsPage>
  /** What is before it, and how long it may take. */
  queue(documentId: string, options?: Call): Promise<QueuePlace>
  /** Every run, newest first. */
  runs(documentId: string, options?: PageOptions & Call): PageCall<RecordedRun>
  /** Builds the version again, with other settings if some are given. Only what they change is done again. */
  run(documentId: string, options?: RunOptions & Abortable): Promise<Run>
  /** With which settings the next run would be begun, and who decided each. */
  settings(documentId: string, options?: Call): Promise<EffectiveSettings>
  /** The first segments that a run with these settings would cut, of what an earlier run has parsed. Stores nothing. */
  preview(documentId: string, options?: PreviewOptions & Abortable): Promise<Preview>
  /** The first segments that a text would be cut into as a file of plain text in that dataset. Stores nothing. */
  previewText(datasetId: string, text: string, options?: PreviewOptions & Abortable): Promise<TextPreview>
  /** Builds the version again, reusing what still fits. */
  retry(documentId: string, options?: RetryOptions & Abortable): Promise<Run>
  /** Holds the newest run up, also what is at work for it, until it is resumed. */
  pause(documentId: string, options?: Mutation): Promise<Run>
  resume(documentId: string, options?: Mutation): Promise<Run>
  /** Moves what the newest run owes into a lane. */
  prioritise(documentId: string, lane: "interactive" | "bulk", options?: Mutation): Promise<Run>
  /**
   * Does the same to many documents. Resolves when the server has durably taken it on; `bulk(...).finished()` waits until every document
   * had its turn.
   */
  bulk(action: BulkAction, documents: Selected, options?: Mutation): BulkCall
  /** Stops the newest run for good; a published version goes on serving. */
  cancel(documentId: string, options?: Mutation): Promise<Run>
  /** Invisible when this resolves; the server then removes all that it holds. */
  delete(documentId: string, options?: Mutation): Promise<void>
  /** The original bytes, as a `Response`: read its `body`, or `await response.text()`. */
  download(documentId: string, options?: Call): Promise<Response>
}

/** Actions on many documents, which `documents.bulk` begins. */
export interface OperationsClient {
  get(operationId: string, options?: Call): Promise<Operation>
  /** Resolves when it is over. Documents that failed do not make it reject: their number is in the answer. */
  finished(operationId: string, options?: FinishOptions & Abortable): Promise<Operation>
  /** Newest first. */
  list(options?: PageOptions & Call): PageCall<Operation>
  /** What became of each document. */
  items(operationId: string, options?: ItemsOptions & Abortable): PageCall<OperationItem>
  /** Documents whose turn has not come are left as they are. */
  cancel(operationId: string, options?: Mutation): Promise<Operation>
}

/** The pieces of a document's published version. */
export interface SegmentsClient extends SegmentSwitchesClient, SegmentEditsClient {
  /** In reading order. */
  list(options: SegmentsListOptions & Abortable): PageCall<Segment>
  get(segment: { readonly documentId: string; readonly segmentId: string }, options?: Call): Promise<Segment>
}

/** Keys of this tenant. */
export interface KeysClient {
  /** The answer has the secret, which nobody can read again. */
  create(key: NewKey, options?: Mutation): Promise<typeof NewApiKey.Type>
  list(options?: PageOptions & Call): PageCall<ApiKey>
  /** The key that this client has. */
  own(options?: Call): Promise<ApiKey>
  /** Refused from the next call on. */
  revoke(keyId: string, options?: Mutation): Promise<ApiKey>
}

/** All tenants of the installation: for keys with the scope `operator`. */
export interface TenantsClient {
  /** Makes a tenant and its first key, with the scope `admin`. */
  create(
    name: string,
    options?: Mutation
  ): Promise<{ readonly tenant: Tenant; readonly key: typeof NewApiKey.Type }>
  list(options?: PageOptions & Call): PageCall<Tenant>
  suspend(tenantId: string, options?: Mutation): Promise<Tenant>
  resume(tenantId: string, options?: Mutation): Promise<Tenant>
  /** What a tenant may have, and what it has. */
  usage(tenantId: string, options?: Call): Promise<Allowance>
  /** What is left out stays as it is; `null` goes back to what the installation says. */
  setLimits(tenantId: string, limits: LimitChanges, options?: Mutation): Promise<Allowance>
  /** For good, with all that it owns. Its keys are refused when this resolves; the rest goes in the background. */
  delete(tenantId: string, options?: Mutation): Promise<TenantRemoval>
  /** Tenants that were deleted or are being deleted, the latest first. */
  removals(options?: PageOptions & Call): PageCall<TenantRemoval>
}

/** The client for promises and async iterables: what `connect` gives. */
export interface SheafClient extends AsyncDisposable {
  readonly datasets: DatasetsClient
  readonly documents: DocumentsClient
  readonly operations: OperationsClient
  readonly connections: ConnectionsClient
  /** Rows of files: questions and answers, segments. */
  readonly imports: ImportsClient
  readonly pipelines: PipelinesClient
  readonly apps: AppsClient
  readonly annotations: AnnotationsClient
  readonly segments: SegmentsClient
  readonly drift: DriftClient
  readonly spaceChanges: SpaceChangesClient
  readonly syncs: SyncsClient
  readonly webhooks: WebhooksClient
  readonly notifications: NotificationsClient
  readonly keys: KeysClient
  readonly tenants: TenantsClient
  /** Work that was given up: for keys with the scope `admin`. */
  readonly deadLetters: {
    /** Those given up last come first. */
    list(options?: DeadLettersListOptions & Abortable): PageCall<DeadLetter>
    /** Begins a new run for the documents of all that fit, at most 50 a call; where the answer says `more`, call again. */
    requeue(which: DeadLettersSelection, options?: Mutation): Promise<typeof Requeued.Type>
  }
  /** What other services sent over NATS, and what was decided about it: for keys with the scope `admin`. */
  readonly ingestEvents: {
    /** Newest first. With `state: "rejected"`: those of which nothing will come. */
    list(options?: IngestEventsListOptions & Abortable): PageCall<IngestRecord>
  }
  readonly events: {
    /**
     * What happens in the tenant, in order and without end, after a cursor; `"0"` is before the first, and without one it
     * begins now. Goes on by itself after a lost connection.
     */
    since(cursor?: string, options?: EventsOptions<"fail"> & Abortable): AsyncIterable<Event>
    /** With `onExpired: "snapshot"`, a cursor that is too old is answered with how everything stands, in parts. */
    since(cursor: string | undefined, options: EventsOptions & Abortable): AsyncIterable<Event | EventsSnapshot>
  }
  /** The best segments for a text, with citations and the parts of their scores. */
  search(query: Query, options?: Call): Promise<SearchResult>
  /** What the key's tenant may have, and what it has. */
  usage(options?: Call): Promise<Allowance>
  /** What the server is and offers, and what the key may do. */
  info(options?: Call): Promise<typeof ServerInfo.Type>
  /** Ends calls in flight and closes the connection. `await using sheaf = connect()` does it by itself. */
  close(): Promise<void>
}
