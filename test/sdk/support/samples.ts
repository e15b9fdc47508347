import { Tenant } from "@sheaf/domain/admin/Admin"
import { apiVersion } from "@sheaf/domain/apiVersion"
import type { ServerInfo } from "@sheaf/domain/admin/InfoRpcs"
import { Dataset } from "@sheaf/domain/datasets/Dataset"
import { Document, DocumentProgress } from "@sheaf/domain/documents/Document"
import { ApiKeyId, DatasetId, DocumentId, RunId, Sha256, SpaceId, TenantId } from "@sheaf/domain/ids"
import type { RunState } from "@sheaf/domain/runs/Run"
import type { SearchResult } from "@sheaf/domain/search/Search"
import { DateTime } from "effect"
import { Space } from "@sheaf/domain/spaces/Space"

const at = DateTime.toDateUtc(DateTime.makeUnsafe("2026-11-22T12:00:00Z"))

export const datasetId = DatasetId.make("01900000-0000-7000-8000-00000000000a")
export const documentId = DocumentId.make("01900000-0000-7000-8000-00000000000b")
export const runId = RunId.make("01900000-0000-7000-8000-00000000000c")
export const contentHash = Sha256.make("0".repeat(64))
const createdBy = { keyId: ApiKeyId.make("01900000-0000-7000-8000-00000000000d") }

const space = new Space({
  id: SpaceId.make("0123456789abcdef"),
  provider: "test",
  model: "test",
  revision: "1",
  dimension: 4,
  queryPrefix: "",
  documentPrefix: "",
  normalised: true,
  tokenizer: "test",
  maxTokens: 512,
  languages: null,
  vectorWeight: 0.5,
  cosineFloor: 0
})

export const serverInfo: typeof ServerInfo.Type = {
  version: "0.1.0",
  api: apiVersion,
  profile: "embedded",
  tenant: new Tenant({
    id: TenantId.make("01900000-0000-7000-8000-000000000001"),
    name: "default",
    state: "active",
    createdAt: at
  }),
  scopes: ["write"],
  space,
  limits: { maxUploadBytes: 1e9, maxPages: 1000, maxSegments: 10_000 }
}

export const dataset = (name: string, id = datasetId): Dataset =>
  new Dataset({
    id,
    name,
    description: "",
    space,
    chunking: { method: "whole" },
    permission: "tenant",
    fields: [],
    parsing: {},
    pipeline: null,
    documents: 0,
    segments: 0,
    tokens: 0,
    bytes: 0,
    lastIngestedAt: null,
    createdBy,
    createdAt: at
  })

export const document = (name = "report.pdf"): Document =>
  new Document({
    id: documentId,
    datasetId,
    parentId: null,
    name,
    mediaType: "application/pdf",
    size: 1000,
    contentHash,
    metadata: {},
    version: 0,
    enabled: true,
    archived: false,
    indexState: "in_sync",
    indexCause: null,
    status: "available",
    publishedRunId: runId,
    run: null,
    pages: 3,
    segments: 9,
    tokens: 900,
    createdBy,
    createdAt: at,
    updatedAt: at
  })

export const progress = (
  revision: number,
  state: RunState = "embedding",
  more: Partial<Pick<DocumentProgress, "cause" | "runId" | "documentId">> = {}
): DocumentProgress =>
  new DocumentProgress({
    documentId,
    runId,
    revision,
    status: state === "published" ? "available" : state === "failed" ? "error" : "indexing",
    state,
    since: at,
    waitingFor: null,
    stages: [{ stage: "embed", done: revision, total: 100 }],
    cause: null,
    timings: {},
    pages: 3,
    segments: 9,
    ...more
  })

export const nothingFound: SearchResult = {
  hits: [],
  explain: {
    mode: "hybrid",
    reranked: false,
    notReranked: "not-configured",
    candidates: 0,
    exhausted: true,
    dropped: 0,
    belowThreshold: 0,
    bestBelowThreshold: null,
    timings: { embedMs: 0, candidatesMs: 0, rankMs: 0, loadMs: 0, rerankMs: 0, totalMs: 0 }
  }
}
