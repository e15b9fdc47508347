import { assert, it } from "@effect/vitest"
import { BlobStore, rawKey } from "@sheaf/adapters/blobs/BlobStore"
import * as GuardedFetch from "@sheaf/adapters/fetch/GuardedFetch"
import { Control } from "@sheaf/adapters/lifecycle/Control"
import { Intake } from "@sheaf/adapters/repos/documents/Intake"
import { newId } from "@sheaf/adapters/repos/newId"
import { PipelineSecretsRepo } from "@sheaf/adapters/repos/pipelines/PipelineSecretsRepo"
import { PipelinesRepo } from "@sheaf/adapters/repos/pipelines/PipelinesRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import * as KeyRing from "@sheaf/adapters/secrets/keyRing"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { DocumentId, type PipelineId } from "@sheaf/domain/ids"
import type { PipelineDefinition } from "@sheaf/domain/pipelines/Pipeline"
import { Clock, Effect, Layer, Redacted, Schedule, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { createHmac, randomBytes } from "node:crypto"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { makeTenant, some } from "../repos/world.ts"
import { layer as pipelineLayer, makeDataset, until } from "../support/Pipeline.ts"

const key = randomBytes(32)
const secret = `whsec_${key.toString("base64")}`

interface Asked {
  readonly headers: Http.IncomingHttpHeaders
  readonly text: string
}

/** A service of a user, and what it was asked. It leaves those waiting to whom it has nothing to say; `waiting` counts them. */
const serve = Effect.fnUntraced(function*(answer: (body: never, calls: number) => unknown) {
  const asked: Array<Asked> = []
  let waiting = 0
  const server = yield* Effect.acquireRelease(
    Effect.callback<Http.Server>((resume) => {
      const made = Http.createServer((request, response) => {
        const pieces: Array<Buffer> = []
        waiting++
        response.on("close", () => void waiting--)
        request.on("data", (piece: Buffer) => pieces.push(piece))
        request.on("end", () => {
          const text = Buffer.concat(pieces).toString("utf8")
          asked.push({ headers: request.headers, text })
          const answered = answer(JSON.parse(text) as never, asked.length)
          if (typeof answered === "number") response.writeHead(answered, { "retry-after": "0" }).end()
          else if (answered !== undefined) response.end(JSON.stringify(answered))
        })
      })
      made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
    }),
    (server) => Effect.sync(() => (server.closeAllConnections(), server.close()))
  )
  // The port of a server that listens on TCP.
  const { port } = server.address() as AddressInfo
  return { asked, waiting: () => waiting, url: `http://127.0.0.1:${port}/step` }
})

const layer = pipelineLayer.pipe(
  Layer.provide(Layer.merge(
    GuardedFetch.layer({ allow: ["127.0.0.1"] }),
    KeyRing.layer([{ id: "t", key: Redacted.make(new Uint8Array(randomBytes(32))) }])
  ))
)

const makePipeline = Effect.fnUntraced(function*(caller: Caller, name: string, definition: PipelineDefinition) {
  const pipelines = yield* PipelinesRepo
  return some(yield* pipelines.insert(caller, { name, description: "", definition }))
})

const ingest = Effect.fnUntraced(function*(caller: Caller, text: string, id: PipelineId) {
  const blobs = yield* BlobStore
  const intake = yield* Intake
  const { actor, tenantId } = caller
  const owner = { tenantId, datasetId: yield* makeDataset(caller), documentId: yield* newId(DocumentId) }
  const { sha256, size } = yield* blobs.put(rawKey(owner), Stream.succeed(new TextEncoder().encode(text)))
  const arrival = {
    ...owner,
    name: "log.md",
    declaredType: null,
    size,
    contentHash: sha256,
    metadata: { ship: "Argo" },
    ifSame: "new",
    lane: "interactive",
    actor,
    settings: { pipeline: { id } }
  } as const
  return yield* transact(yield* SqlClient.SqlClient)(intake.accept(arrival))
})

const segmentsOf = Effect.fnUntraced(function*(caller: Caller, documentId: DocumentId) {
  const segments = yield* SegmentsRepo
  return some(yield* segments.list(caller, { documentId, limit: 50 })).items
})

const text = "# Watch\n\nWrite to bosun@ship.example about the anchor, the anchor chain and the sails.\n"

/** Looks until it is so. */
const eventually = (isSo: () => boolean) =>
  Effect.sync(isSo).pipe(
    Effect.repeat({ until: (so) => so, schedule: Schedule.spaced("10 millis") }),
    Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())
  )

it.layer(layer, { timeout: "60 seconds" })("pipelines", (it) => {
  it.effect("cleaning stops when its run is paused or cancelled, without blame, and another run does it", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const control = yield* Control
      const { caller } = yield* makeTenant
      const by = { tenantId: caller.tenantId, actor: caller.actor }
      const service = yield* serve((body: { elements: Array<object> }, calls) =>
        calls <= 2 ? undefined : { elements: body.elements }
      )
      const id = yield* makePipeline(caller, "slow", { clean: [{ step: "http", name: "slow", url: service.url }] })
      const { documentId } = yield* ingest(caller, text, id)

      yield* eventually(() => service.asked.length === 1)
      yield* transact(sql)(control.pause(by, { documentId }))
      yield* eventually(() => service.waiting() === 0)
      assert.strictEqual((yield* until(caller, documentId, () => true)).status, "paused")
      assert.deepStrictEqual(
        yield* sql`select stage, state, attempts from jobs where document_id = ${documentId}`,
        [{ stage: "CleanElements", state: "paused", attempts: 0 }]
      )

      yield* transact(sql)(control.resume(by, { documentId }))
      yield* eventually(() => service.asked.length === 2)
      yield* transact(sql)(control.cancel(by, { documentId }))
      yield* eventually(() => service.waiting() === 0)
      assert.strictEqual((yield* until(caller, documentId)).status, "cancelled")
      assert.deepStrictEqual(
        yield* sql`select stage from jobs where document_id = ${documentId} and stage <> 'PurgeRun'`,
        []
      )

      yield* transact(sql)(control.retry(by, { documentId }))
      assert.strictEqual((yield* until(caller, documentId)).status, "available")
      assert.lengthOf(service.asked, 3)
    }))

  it.effect("a document goes through the steps in their order; a retry asks no service twice", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const service = yield* serve((body: { elements?: Array<{ text: string }>; segments?: Array<object> }) =>
        body.elements === undefined
          ? { segments: body.segments!.map(() => ({ keywords: ["nautical"] })) }
          : { elements: body.elements.map((element) => ({ ...element, text: element.text.replace("sails", "SAILS") })) }
      )
      const http = { step: "http", url: service.url } as const
      const id = yield* makePipeline(caller, "tidy", {
        clean: [{ step: "mask", what: ["emails"] }, { ...http, name: "shout" }, {
          step: "replace",
          pattern: "anchor (\\w+)",
          with: "$1 of the anchor"
        }],
        enrich: [{ step: "context", documentName: true, metadata: ["ship"] }, { ...http, name: "words" }]
      })
      const secrets = yield* PipelineSecretsRepo
      yield* secrets.set(caller.tenantId, id, "shout", Redacted.make(secret))

      const { documentId } = yield* ingest(caller, text, id)
      const published = yield* until(caller, documentId)
      assert.deepInclude(published, { status: "available" }, JSON.stringify(published.run?.cause))
      const [segment, ...others] = yield* segmentsOf(caller, documentId)
      assert.lengthOf(others, 0)
      assert.include(segment!.text, "Write to [email] about the anchor, the chain of the anchor and the SAILS.")
      assert.deepStrictEqual(segment!.headingPath.slice(0, 2), ["log.md", "ship: Argo"])
      assert.deepStrictEqual(segment!.keywords, ["nautical"])
      assert.lengthOf(service.asked, 2)
      // What was masked before is not sent.
      assert.notInclude(service.asked[0]!.text, "bosun@")
      const { headers, text: body } = service.asked[0]!
      const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`
      const expected = createHmac("sha256", key).update(signed).digest("base64")
      assert.strictEqual(headers["webhook-signature"], `v1,${expected}`)
      assert.isUndefined(service.asked[1]!.headers["webhook-signature"])
      const stages = published.run!.progress.map(({ stage }) => stage)
      assert.deepStrictEqual(stages.slice(0, 3), ["parse", "clean", "chunk"])

      const control = yield* Control
      yield* transact(yield* SqlClient.SqlClient)(
        control.retry({ tenantId: caller.tenantId, actor: caller.actor }, { documentId })
      )
      const again = yield* until(caller, documentId)
      assert.deepInclude(again, { status: "available" })
      assert.lengthOf(service.asked, 2)
      const { values } = yield* control.settings({ tenantId: caller.tenantId, actor: caller.actor }, { documentId })
      const chosen = values.find(({ name }) => name === "pipeline")
      assert.deepStrictEqual(chosen, {
        name: "pipeline",
        value: { id, name: "tidy", version: 1 },
        origin: "document"
      })
    }))

  it.effect("a service that is busy is asked again; one that refuses, or answers nonsense, fails the run by the step's name", () =>
    Effect.gen(function*() {
      const { caller } = yield* makeTenant
      const busy = yield* serve((body: { elements: Array<object> }, calls) =>
        calls === 1 ? 503 : { elements: body.elements }
      )
      const patient = yield* makePipeline(caller, "busy", { clean: [{ step: "http", name: "busy", url: busy.url }] })
      const first = yield* ingest(caller, text, patient)
      assert.deepInclude(yield* until(caller, first.documentId), { status: "available" })
      assert.strictEqual(busy.asked[0]!.headers["webhook-id"], busy.asked[1]!.headers["webhook-id"])

      const nonsense = yield* serve(() => ({ elements: [{ kind: "song", text: "la" }] }))
      const refusing = yield* serve(() => 403)
      for (const [name, url] of [["sings", nonsense.url], ["refuses", refusing.url]] as const) {
        const id = yield* makePipeline(caller, name, { clean: [{ step: "http", name, url }] })
        const { documentId } = yield* ingest(caller, text, id)
        const { run, status } = yield* until(caller, documentId)
        assert.strictEqual(status, "error")
        assert.deepInclude(run!.cause, { _tag: "StepFailed", step: name, retryable: false })
      }
      assert.lengthOf(refusing.asked, 1)
    }))
})
