import { TenantId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { BlobKey, BlobStore } from "../blobs/BlobStore.ts"
import { Embedder } from "../embedding/Embedder.ts"
import { previousEmbedders } from "../embedding/Embedders.ts"
import { SearchIndex } from "../search/SearchIndex.ts"
import type { Part, PartName } from "./Health.ts"

const nobody = TenantId.make("00000000-0000-7000-8000-000000000000")

/** The parts that every process has, whatever implements them; `active` says what does. */
export const ofPorts = Effect.fnUntraced(function*(active: Partial<Readonly<Record<PartName, string>>> = {}) {
  const blobs = yield* BlobStore
  const embedder = yield* Embedder
  const index = yield* SearchIndex
  const sql = yield* SqlClient.SqlClient
  const named = (name: PartName) => ({ name, active: active[name] ?? name })
  const parts: ReadonlyArray<Part> = [
    {
      ...named("database"),
      probe: Effect.map(
        sql`select current_setting('server_version') as version, (select 1 from tenants limit 1) as tenants`,
        ([row]) => `PostgreSQL ${row?.["version"]}`
      ),
      remedy: "Check that the database runs and is migrated (`sheaf migrate`)."
    },
    {
      ...named("blobs"),
      probe: Effect.asVoid(blobs.size(BlobKey.make("readiness"))),
      remedy: "Check that the blob store can be reached and that its disk is not full."
    },
    {
      ...named("search"),
      probe: Effect.asVoid(index.count(embedder.space, nobody, { _tag: "Segments", segmentIds: [] })),
      remedy: "Check the search engine; documents wait until it is back."
    },
    {
      ...named("embedder"),
      probe: embedder.check,
      remedy: "Check the embedder; keyword search works without it."
    }
  ]
  const previous = yield* previousEmbedders
  return previous.length === 0 ? parts : [...parts, {
    ...named("previousEmbedder"),
    probe: Effect.forEach(previous, ({ check }) => check, { discard: true }),
    remedy: "Check the previous embedder; datasets of its model are searched by words until it is back.",
    optional: true
  }]
})
