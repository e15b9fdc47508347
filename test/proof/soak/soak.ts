import { PgClient } from "@effect/sql-pg"
import { BlobServiceClient } from "@azure/storage-blob"
import { Clock, Effect, Random, Redacted, Schedule, Schema, Stream } from "effect"
import { SqlClient } from "effect/sql"
import * as Reactivity from "effect/reactivity/Reactivity"
import { createHash } from "node:crypto"
import { gather, rowsOf, type Source, text } from "../evidence/Facts.ts"
import { listed } from "../evidence/Findings.ts"
import { judge } from "../evidence/judge.ts"
import { readTypesense } from "../evidence/typesense.ts"
import { plants } from "../../faults/plants.ts"
import type { Production } from "../../support/production/Production.ts"
import { quietly } from "../world/quiet.ts"
import { calls } from "./Calls.ts"
import { type Accepted, workload } from "./workload.ts"

/** The installation as somebody sees it who has the keys to its stores. */
const sourceOf = Effect.fnUntraced(function*(production: Production) {
  const observer = yield* PgClient.make({ url: production.databaseUrl, maxConnections: 2 }).pipe(
    Effect.provide(Reactivity.layer)
  )
  const { connectionString, container } = production.blobs
  const client = BlobServiceClient.fromConnectionString(Redacted.value(connectionString)).getContainerClient(container)
  const engine = { url: new URL(production.search.url), apiKey: Redacted.make(production.search.apiKey) }
  return {
    observer,
    readIndex: (tenantIds) => readTypesense(engine, tenantIds),
    readFiles: (tenantIds) =>
      Stream.fromAsyncIterable(client.listBlobsFlat(), (error) => error).pipe(
        Stream.map(({ name }) => name),
        Stream.filter((name) => tenantIds.includes(name.split("/")[0]!)),
        Stream.mapEffect((key) =>
          Effect.map(
            Effect.promise(() => client.getBlobClient(key).downloadToBuffer()),
            (bytes) => ({ key, sha256: createHash("sha256").update(bytes).digest("hex") })
          ), { concurrency: 8 }),
        Stream.runCollect,
        Effect.orDie
      )
  } satisfies Source
})

type PlantName = keyof typeof plants

export interface SoakOptions {
  readonly kills: number
  readonly seed: number
  /** Defects of our own, put in one after the other once all has been judged, to see that each is found. */
  readonly plants?: ReadonlyArray<PlantName>
  readonly onKill?: (kill: number, name: string) => Effect.Effect<void>
}

interface SoakResult {
  readonly calls: number
  readonly documents: number
  readonly seconds: number
  readonly findings: ReadonlyArray<string>
  /** What each defect of our own brought to light that was not found before it. */
  readonly planted: ReadonlyArray<{ readonly plant: PlantName; readonly findings: ReadonlyArray<string> }>
}

/** Kills processes at random while everything is being done, waits until all is quiet, and judges what is there. */
export const soak = Effect.fn("proof.soak")(
  function*(production: Production, { kills, onKill, plants: wanted = [], seed }: SoakOptions) {
    const begun = yield* Clock.currentTimeMillis
    const source = yield* sourceOf(production)
    const writer = yield* writerOf(production, seed)
    const { change } = calls(production.url, writer)
    const dataset = yield* Effect.orDie(change("DatasetsCreate", { name: `soak-${seed}` }))
    const accepted: Accepted = { documents: new Map(), found: new Set(), calls: 0 }
    const working = Effect.forEach(
      ["a", "b", "c"],
      (name) => workload(production.url, writer, String(dataset["id"]), accepted, name),
      { concurrency: "unbounded", discard: true }
    )
    const processes = [production.api, ...production.workers]
    const killing = Effect.gen(function*() {
      for (let kill = 0; kill < kills; kill++) {
        yield* Effect.sleep(yield* Random.nextIntBetween(50, 1_500))
        const process = processes[yield* Random.nextIntBetween(0, processes.length - 1)]!
        yield* process.end("SIGKILL")
        yield* Effect.retry(process.start, Schedule.spaced("500 millis").pipe(Schedule.upTo({ times: 20 })))
        if (onKill !== undefined) yield* onKill(kill, process.name)
      }
      // However few processes were killed: something was done.
      yield* Effect.repeat(Effect.sync(() => accepted.documents.size), {
        until: (documents) => documents >= 4,
        schedule: Schedule.spaced("50 millis")
      })
    })
    yield* Effect.raceFirst(killing, working)
    // What is held up is let go: all of it must come to its end.
    yield* Effect.forEach(
      accepted.documents.keys(),
      (documentId) => Effect.ignore(change("DocumentsResume", { documentId })),
      { discard: true }
    )
    const [tenant] = yield* Effect.orDie(
      source.observer<{ readonly id: string }>`select tenant_id as id from datasets where id = ${
        String(dataset["id"])
      }::uuid`
    )
    const tenantId = tenant!.id
    // Every death leaves more to do than is done meanwhile.
    const rest = yield* Effect.result(quietly(source.observer, tenantId, 120 + kills))
    const look = Effect.map(gather(source, tenantId), (facts) => {
      const there = new Set(rowsOf(facts, "documents").map((document) => text(document, "id")))
      const lost = [...accepted.documents].filter(([id, { asked }]) => !asked && !there.has(id))
      const back = [...accepted.documents].filter(([id, { deleted }]) => deleted && there.has(id))
      return [
        ...lost.map(([id]) => `lost: document ${id} was accepted and is not there`),
        ...back.map(([id]) => `stale: document ${id} was deleted and is there`),
        ...Array.from(accepted.found, (id) => `stale: document ${id} was deleted and is found`),
        ...listed(judge(facts)).filter((finding) => !isLateBlob(finding, accepted))
      ]
    })
    // While there is something to do, nothing that is read at different moments can be compared.
    const findings = rest._tag === "Failure" ? [`stale: ${rest.failure.message}`] : yield* look
    const known = new Set(findings)
    const planted = yield* Effect.forEach(wanted, (plant) =>
      plants[plant](production, String(dataset["id"])).pipe(
        Effect.provideService(SqlClient.SqlClient, source.observer),
        Effect.andThen(look),
        Effect.map((all) => ({ plant, findings: all.filter((finding) => !known.has(finding)) })),
        Effect.tap((brought) => Effect.sync(() => brought.findings.forEach((finding) => known.add(finding))))
      ))
    return {
      calls: accepted.calls,
      documents: accepted.documents.size,
      seconds: ((yield* Clock.currentTimeMillis) - begun) / 1_000,
      findings,
      planted
    } satisfies SoakResult
  },
  Effect.scoped
)

/**
 * Bytes came, and their row did not: the client was never answered, and sent them again as another document. The reconciler removes them
 * after its grace, which no test waits for.
 */
const isLateBlob = (finding: string, { documents }: Accepted): boolean => {
  const [, documentId = ""] = /^orphans: blob [\w-]+\/[\w-]+\/([\w-]+)\/raw belongs to no document$/.exec(finding) ?? []
  return documentId !== "" && !documents.has(documentId)
}

const decodeMade = Schema.decodeUnknownEffect(
  Schema.Struct({ key: Schema.Struct({ secret: Schema.String }) })
)

/** The key of a new tenant, whose limits are wide. */
const writerOf = Effect.fnUntraced(function*(production: Production, seed: number) {
  const operator = calls(production.url, production.key)
  const name = `soak-${seed}-${(yield* Clock.currentTimeMillis).toString(36)}`
  const made = yield* operator.change("TenantsCreate", { name }).pipe(Effect.flatMap(decodeMade))
  return made.key.secret
}, Effect.orDie)
