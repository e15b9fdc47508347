import { assert, describe, it } from "@effect/vitest"
import { explain, FailureCause } from "@sheaf/domain/documents/FailureCause"
import { DocumentId, RunId } from "@sheaf/domain/ids"
import { DateTime, Effect } from "effect"
import { DocumentProgress } from "@sheaf/domain/documents/Document"
import * as all from "./all.ts"
import { apiErrors } from "./api.ts"
import { failureOf } from "./failures.ts"

const id = "01900000-0000-7000-8000-000000000001"

/** Fields for every class at once: each takes what it knows. */
const fields = {
  action: "cancel",
  actual: "b",
  allowed: ["cancel"],
  annotationId: id,
  appId: id,
  because: "replyOff",
  changeId: id,
  connectionId: id,
  currentVersion: 3,
  datasetId: id,
  datasets: [{ id, name: "n" }],
  deliveryId: id,
  dependency: "the database",
  detail: "it was closed",
  detectedType: "image/png",
  documentId: id,
  documents: 2,
  expected: "a",
  failure: { _tag: "Unsupported", detectedType: "image/png" },
  hash: "0".repeat(64),
  idempotencyKey: "k",
  importId: id,
  itemId: id,
  jobIds: [id],
  keyId: id,
  limit: 10,
  name: "n",
  needs: "write",
  newest: "2",
  obstacle: "notParsed",
  offset: 5,
  oldest: "1",
  operation: "DocumentsGet",
  operationId: id,
  pipelineId: id,
  problem: "it has to be https",
  problems: [{ field: "year", problem: "is required" }],
  quota: "documents",
  rate: "searchesPerMinute",
  reason: "missing",
  reference: "ref",
  retryAfterMs: 5,
  runs: 1,
  segmentId: id,
  served: [{ id: "00112233aabbccdd", model: "m" }],
  sourceId: id,
  spaceId: "00112233aabbccdd",
  state: "building",
  status: "indexing",
  subscriptionId: id,
  supported: ["PDF"],
  syncId: id,
  tenantId: id,
  tokens: 20,
  uploadId: id,
  url: "http://example.com/",
  webhookId: id,
  workspace: "w"
}

/** Where a class means something else by a name. */
const own: { readonly [tag: string]: object } = {
  ConnectionUnusable: { state: "revoked" },
  ImportOver: { state: "finished" },
  OperationOver: { state: "finished" },
  PipelineInvalid: { problems: [{ step: "mask", field: "with", problem: "is required" }] },
  SourceRefused: { problem: "notFound" },
  SourceUnavailable: { problem: "timedOut" },
  SyncOver: { state: "finished" },
  TenantProtected: { reason: "own" }
}

const progress = new DocumentProgress({
  documentId: DocumentId.make(id),
  runId: RunId.make(id),
  revision: 1,
  status: "error",
  state: "failed",
  since: DateTime.toDateUtc(DateTime.makeUnsafe(0)),
  waitingFor: null,
  stages: [],
  cause: null,
  timings: {},
  pages: 0,
  segments: 0
})

const check = (error: unknown) => {
  if (!(error instanceof all.SheafError)) return assert.fail(String(error))
  assert.isNotEmpty(error.message)
  assert.isNotEmpty(error.hint)
  assert.isBoolean(error.retryable)
  assert.notInclude(`${error.message}${error.hint}`, "undefined")
}

describe("errors", () => {
  for (const [tag, Class] of Object.entries(apiErrors)) {
    it(`${tag} says what is wrong and what to do`, () => {
      const error = new (Class as new(given: object) => Error & { readonly _tag: string })({ ...fields, ...own[tag] })
      assert.isTrue(error instanceof Class)
      assert.strictEqual(error._tag, tag)
      check(error)
      assert.strictEqual(Reflect.get(all, tag), Class)
    })
  }

  it("of the client say what is wrong and what to do", () => {
    check(new all.Unreachable({ url: "http://x", reason: "refused" }))
    check(new all.TimedOut({ operation: "SearchQuery", limitMs: 5 }))
    check(new all.StillRunning({ documentId: id, limitMs: 5, progress: null }))
    check(new all.StillRunning({ documentId: id, limitMs: 5, progress }))
    check(new all.OperationPending({ operationId: id, limitMs: 5, operation: null }))
    check(new all.VersionSkew({ client: 1, server: 2 }))
    check(new all.VersionSkew({ client: 1, server: null }))
    check(new all.KeyInBrowser({ scopes: ["admin"] }))
    check(new all.SourceUnreadable({ source: "a.pdf", reason: "it is a folder" }))
    check(new all.DatasetNameUnknown({ name: "n" }))
    check(new all.DocumentCancelled({ documentId: progress.documentId, progress }))
    check(new all.ClientClosed())
  })

  it.effect.prop(
    "of documents carry their cause",
    { cause: FailureCause },
    ({ cause }) =>
      Effect.sync(() => {
        const error = failureOf(progress, cause)
        assert.isTrue(error instanceof all.DocumentFailed)
        assert.isTrue(error instanceof all.SheafError)
        assert.deepStrictEqual(error.failure, cause)
        assert.strictEqual(error.message, explain(cause).message)
        assert.strictEqual(error.retryable, explain(cause).retryable)
        assert.isNotEmpty(error.hint)
        assert.strictEqual(error.documentId, id)
      })
  )
})
