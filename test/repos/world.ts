import { newId } from "@sheaf/adapters/repos/newId"
import { DatasetsRepo } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import * as Repos from "@sheaf/adapters/repos/Repos"
import { TenantsRepo } from "@sheaf/adapters/repos/access/TenantsRepo"
import * as InProcessSignals from "@sheaf/adapters/signals/inProcess"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, DocumentId, RunId, Sha256, SpaceId } from "@sheaf/domain/ids"
import { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Layer, Option } from "effect"
import * as Database from "../support/database/Database.ts"

/** Every repository over an empty database, once per engine. */
export const engines = Database.engines.map(({ layer, name }) => ({
  name,
  layer: Repos.layer.pipe(Layer.provideMerge(Layer.merge(InProcessSignals.layer, layer)))
}))

export const space = new Space({
  id: SpaceId.make("00112233aabbccdd"),
  provider: "test",
  model: "test",
  revision: "1",
  dimension: 4,
  queryPrefix: "",
  documentPrefix: "",
  normalised: true,
  tokenizer: "words",
  maxTokens: 64,
  languages: null,
  vectorWeight: 0.2,
  cosineFloor: 0.1
})

let serial = 0

/** A tenant of its own with a caller who may do everything in it: tests that share a database do not meet. */
export const makeTenant = Effect.gen(function*() {
  const tenants = yield* TenantsRepo
  const tenant = yield* Effect.flatMap(tenants.insert(`t-${++serial}`), Effect.fromOption)
  const keyId = yield* newId(ApiKeyId)
  const caller = new Caller({ tenantId: tenant.id, keyId, scopes: ["admin"], datasetIds: null })
  return { tenant, caller, tenantId: tenant.id }
})

export const makeDataset = Effect.fnUntraced(function*(caller: Caller, permission: "tenant" | "private" = "tenant") {
  const datasets = yield* DatasetsRepo
  return yield* Effect.flatMap(
    datasets.insert(caller, space, {
      name: `d-${++serial}`,
      description: "",
      chunking: { method: "general" },
      permission
    }),
    Effect.fromOption
  )
})

/** A document with one run in state `queued`. */
export const makeDocument = Effect.fnUntraced(
  function*(caller: Caller, datasetId: Effect.Success<ReturnType<typeof makeDataset>>) {
    const documents = yield* DocumentsRepo
    const documentId = yield* newId(DocumentId)
    const runId = yield* newId(RunId)
    yield* documents.insert(caller.tenantId, {
      datasetId,
      documentId,
      name: `document ${++serial}`,
      declaredType: null,
      size: 10,
      contentHash: Sha256.make(String(serial).padStart(64, "0")),
      metadata: {},
      actor: caller.actor
    })
    yield* documents.insertRun(caller.tenantId, {
      datasetId,
      documentId,
      runId,
      config: { space, chunking: { method: "general" }, lane: "interactive" },
      actor: caller.actor
    })
    return { datasetId, documentId, runId }
  }
)

export const some = <A>(option: Option.Option<A>): A => Option.getOrThrow(option)
