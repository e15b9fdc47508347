import { BlobKey, BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { Embedder } from "@sheaf/adapters/embedding/Embedder"
import { SearchIndex } from "@sheaf/adapters/search/SearchIndex"
import { TenantId } from "@sheaf/domain/ids"
import { Cause, Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { SqlClient } from "effect/sql"
import { plainHeaders } from "./answers.ts"

/** A part that does not answer in this time counts as down. */
const patience = "3 seconds"

interface Part {
  readonly name: string
  /** Dies where the part does not answer. */
  readonly probe: Effect.Effect<unknown>
  /** What to try when it is down. */
  readonly remedy: string
}

const nobody = TenantId.make("00000000-0000-7000-8000-000000000000")

const check = ({ name, probe, remedy }: Part) =>
  probe.pipe(
    Effect.timeout(patience),
    Effect.as({ name, ok: true } as const),
    Effect.catchCause((cause) =>
      Effect.as(Effect.logWarning(`${name} is not ready`, cause), {
        name,
        ok: false,
        detail: Cause.hasInterruptsOnly(cause) ? "interrupted" : wordsOf(cause),
        remedy
      })
    )
  )

/** The kind of failure; its details stay in the log. */
const wordsOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.name : "failed"
}

/** Whether the process runs, and whether it can do its work: what is missing is named, with something to try. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const blobs = yield* BlobStore
  const embedder = yield* Embedder
  const index = yield* SearchIndex
  const router = yield* HttpRouter.HttpRouter
  const sql = yield* SqlClient.SqlClient

  const parts: ReadonlyArray<Part> = [
    {
      name: "database",
      probe: Effect.orDie(sql`select 1 from tenants limit 1`),
      remedy: "Check that the database runs and is migrated (`sheaf migrate`)."
    },
    {
      name: "blobs",
      probe: Effect.orDie(blobs.size(BlobKey.make("readiness"))),
      remedy: "Check that the blob store can be reached and that its disk is not full."
    },
    {
      name: "search",
      probe: Effect.orDie(index.count(embedder.space, nobody, { _tag: "Segments", segmentIds: [] })),
      remedy: "Check the search engine; documents wait until it is back."
    },
    {
      name: "embedder",
      probe: Effect.orDie(embedder.countTokens(["ready"])),
      remedy: "Check the embedder; keyword search works without it."
    }
  ]

  yield* router.add(
    "GET",
    "/health/live",
    HttpServerResponse.jsonUnsafe({ status: "live" }, { headers: plainHeaders })
  )
  yield* router.add(
    "GET",
    "/health/ready",
    Effect.gen(function*() {
      const found = yield* Effect.forEach(parts, check, { concurrency: "unbounded" })
      const isReady = found.every((part) => part.ok)
      return HttpServerResponse.jsonUnsafe({ status: isReady ? "ready" : "not ready", parts: found }, {
        status: isReady ? 200 : 503,
        headers: plainHeaders
      })
    })
  )
}))
