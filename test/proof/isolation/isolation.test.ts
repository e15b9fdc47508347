import { assert, it } from "@effect/vitest"
import { Health } from "@sheaf/adapters/health/Health"
import { ofPorts } from "@sheaf/adapters/health/ofPorts"
import type { ApiTag } from "@sheaf/domain/ApiRpcs"
import { ApiRpcs, requiredScope } from "@sheaf/domain/ApiRpcs"
import { Server } from "@sheaf/server/Server"
import { Context, Effect, Layer } from "effect"
import { RpcSchema } from "effect/rpc"
import { difference } from "../evidence/canonical.ts"
import { snapshot } from "../evidence/snapshot.ts"
import * as Steps from "../operations/steps.ts"
import { acts } from "../operations/acts.ts"
import * as Stage from "../world/Stage.ts"
import { type Foreign, foreignPayloads } from "./foreign.ts"

/** Stands in whatever the other tenant has, and in nothing that is sent. */
const secret = "quagga"
/** Stands in it as well, and is sent. */
const words = ["lantern", "kept", "log.md", "watch"]

const isStream = (tag: ApiTag) => RpcSchema.isStreamSchema(ApiRpcs.requests.get(tag)!.successSchema)

/** A tenant that has something of everything; its ids by the name under which requests send them. */
const furnished = Effect.fnUntraced(function*(stage: Stage.Stage) {
  const actor = (yield* Stage.newActor(stage))()
  const { call, client, once, rest } = actor
  const datasetId = yield* Steps.dataset(actor)
  const text = `The ${secret} carries a lantern. `
  const documentId = yield* Steps.ingest(actor, datasetId, "log", Steps.text(text))
  yield* Steps.upload(actor, datasetId, { name: `${secret}.pdf`, bytes: Steps.unreadable })
  const { uploadId } = yield* call(client.DocumentsUpload({ datasetId, name: `${secret}.txt`, ...once("open") }))
  const { key } = yield* call(client.KeysCreate({ name: secret, scopes: ["read"], ...once("key") }))
  yield* rest
  const { items: segments } = yield* call(client.SegmentsList({ documentId }))
  const segmentId = segments[0]!.id
  const edited = yield* call(client.SegmentsEdit({ documentId, segmentId, text: `${text} Edited.`, ...once("edit") }))
  const { id: operationId } = yield* acts.DocumentsBulk({ datasetId, documentId, segmentId })(actor)
  yield* rest
  const { id: changeId } = yield* acts.DatasetsChangeSpace({ datasetId, documentId, segmentId })(actor)
  yield* rest
  const { id: pipelineId } = yield* call(
    client.PipelinesCreate({ name: secret, definition: {}, ...once("pipeline") })
  )
  const { id: subscriptionId } = yield* call(
    client.NotificationsSubscribe({ address: `${secret}@example.invalid`, ...once("subscribe") })
  )
  const { webhook } = yield* call(client.WebhooksCreate({ url: `https://${secret}.invalid/`, ...once("webhook") }))
  const { id: deliveryId } = yield* call(client.WebhooksTest({ webhookId: webhook.id, ...once("test") }))
  yield* call(client.WebhooksDisable({ webhookId: webhook.id, ...once("disable") }))
  yield* rest
  const { id: connectionId } = yield* call(
    client.ConnectionsCreate({ token: "ntn_double", name: secret, ...once("connection") })
  )
  const { id: appId } = yield* call(client.AppsCreate({ name: secret, ...once("app") }))
  const { annotation } = yield* call(
    client.AnnotationsCreate({ appId, question: text, answer: text, ...once("annotation") })
  )
  const { items: letters } = yield* call(client.DeadLettersList({}))
  const { items: runs } = yield* call(client.DocumentsRuns({ documentId }))
  const foreign: Foreign = {
    words,
    ids: {
      datasetId,
      documentId,
      segmentId: edited.segment.id,
      after: edited.segment.id,
      parentId: edited.segment.id,
      uploadId,
      keyId: key.id,
      operationId,
      changeId,
      connectionId,
      pipelineId,
      webhookId: webhook.id,
      subscriptionId,
      deliveryId,
      id: pipelineId,
      appId,
      annotationId: annotation.id,
      jobId: letters[0]!.jobId,
      runId: runs[0]!.id,
      tenantId: actor.tenant.tenantId
    }
  }
  return { actor, foreign }
})

const send = (url: string, secret: string) => (path: string, init: RequestInit = {}) =>
  Effect.promise(async () => {
    const response = await fetch(`${url}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${secret}` }
    })
    return { status: response.status, text: await response.text() }
  })

it.live(
  "a tenant that sends another's ids, filters and words reads, changes, starts and counts nothing of it",
  () =>
    Effect.gen(function*() {
      const seed = 1
      const stage = yield* Stage.make("embedded")
      const { life } = stage
      const { actor: owner, foreign } = yield* furnished(stage)
      const stranger = (yield* Stage.newActor(stage))()
      const ports = Layer.succeedContext(life.context)
      const health = Layer.unwrap(Effect.map(ofPorts(), Health.layer)).pipe(Layer.provide(ports))
      const server = yield* Layer.build(
        Server.layer({ version: "0.0.0-test", profile: "embedded" }).pipe(Layer.provide(Layer.merge(ports, health)))
      )
      const call = send(Context.get(server, Server).url, stranger.tenant.secrets.admin)
      const before = yield* snapshot(stage.installation, owner.tenant.tenantId)

      let answered = 0
      const clean = (what: string, { text }: { readonly text: string }) =>
        assert.isFalse(text.includes(secret), `${what}, seed ${seed}: ${text.slice(0, 500)}`)
      for (const { payload, tag } of yield* foreignPayloads(foreign, { count: 3, seed })) {
        if (isStream(tag)) continue
        const reply = yield* call("/rpc/json", {
          method: "POST",
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: tag, params: payload })
        })
        clean(`${tag} ${JSON.stringify(payload)}`, reply)
        if (reply.status === 200) {
          assert.notStrictEqual(requiredScope[tag], "operator", tag)
          answered++
        }
        assert.notStrictEqual(reply.status, 500, `${tag} ${JSON.stringify(payload)}: ${reply.text}`)
      }
      assert.isAbove(answered, 10)

      const { datasetId, documentId, uploadId } = foreign.ids
      const routes: ReadonlyArray<readonly [string, RequestInit?]> = [
        [`/documents/${documentId}/content`],
        [`/documents/${documentId}/content?as=link`],
        [`/documents/${documentId}/thumbnail`],
        [`/documents/${documentId}/assets/${"0".repeat(64)}`],
        [`/documents/${documentId}/cited-pages?segments=${foreign.ids["segmentId"]}`],
        [`/uploads/${uploadId}`],
        [`/uploads/${uploadId}`, { method: "PATCH", body: "x", headers: { "upload-offset": "0" } }],
        [`/datasets/${datasetId}/documents?name=a.txt`, { method: "POST", body: "x" }]
      ]
      for (const [path, init] of routes) {
        const reply = yield* call(path, init)
        clean(path, reply)
        assert.isAtLeast(reply.status, 400, path)
        assert.isBelow(reply.status, 500, `${path}: ${reply.text}`)
      }
      yield* owner.rest
      assert.deepStrictEqual(difference(before, yield* snapshot(stage.installation, owner.tenant.tenantId)), [])
    }).pipe(Effect.scoped),
  180_000
)
