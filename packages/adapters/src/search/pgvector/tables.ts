import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Fragment } from "effect/sql/Statement"

/** The tables of one space, as fragments to put into statements. */
export interface Tables {
  readonly datasets: Fragment
  readonly documents: Fragment
  readonly entries: Fragment
  readonly payloads: Fragment
  readonly postings: Fragment
}

const kinds = ["datasets", "documents", "entries", "payloads", "postings"] as const

/** A space's id is hex, so it may be part of a name. */
const nameOf = (space: Space, kind: typeof kinds[number]) => `index_${space.id}_${kind}`

export const tablesOf = (sql: SqlClient.SqlClient, space: Space): Tables => {
  const table = (kind: typeof kinds[number]) => sql.literal(nameOf(space, kind))
  return {
    datasets: table("datasets"),
    documents: table("documents"),
    entries: table("entries"),
    payloads: table("payloads"),
    postings: table("postings")
  }
}

/**
 * What a space's tables are:
 *
 * - `datasets`: a tenant's dataset gets a number; all else hangs on the number, so nothing crosses tenants. Its row is locked by
 *   whoever writes to the dataset, and holds the statistics.
 * - `documents`: what filters look at, once per document.
 * - `entries`: one narrow row per segment, scanned for near vectors by the signs of their components (64 bytes for 512 dimensions).
 * - `payloads`: what is read of few segments: id, length, vector; the terms, out of the row, to remove it.
 * - `postings`: for each term the segments that have it, in blocks: `data` holds 4 bytes a segment (see postings.ts), `first` is the
 *   lowest number in it. Blocks stay below the size where Postgres would move them out of the row.
 */
const statements = (space: Space): ReadonlyArray<string> => {
  const name = (kind: typeof kinds[number]) => nameOf(space, kind)
  return [
    "create extension if not exists vector",
    `create table ${name("datasets")} (
      number int generated always as identity primary key,
      tenant_id uuid not null, dataset_id uuid not null,
      next_no int not null default 1, segments int not null default 0, length bigint not null default 0,
      unique (tenant_id, dataset_id)
    ) with (fillfactor = 50)`,
    `create table ${name("documents")} (
      dataset int not null, document_id uuid not null, fields jsonb not null,
      primary key (dataset, document_id)
    )`,
    `create table ${name("entries")} (
      dataset int not null, no int not null, length int not null,
      segment_id uuid not null, document_id uuid not null, bits bit(${space.dimension}),
      primary key (dataset, no), unique (segment_id, dataset)
    )`,
    `create index on ${name("entries")} (document_id)`,
    `create table ${name("payloads")} (
      dataset int not null, no int not null, length int not null, segment_id uuid not null,
      vector halfvec(${space.dimension}), terms text not null,
      primary key (dataset, no)
    )`,
    `alter table ${name("payloads")} alter column vector set storage plain, alter column terms set storage external`,
    `create table ${name("postings")} (
      dataset int not null, term text collate "C" not null, first int not null,
      count int not null, data bytea not null,
      primary key (dataset, term, first)
    ) with (fillfactor = 80)`
  ]
}

/** Whether the space has its tables. */
export const exists = (sql: SqlClient.SqlClient, space: Space): Effect.Effect<boolean, SqlError> =>
  Effect.map(
    sql<{ readonly found: boolean }>`select to_regclass(${nameOf(space, "postings")}) is not null as found`,
    ([row]) => row?.found === true
  )

/** Any number of processes may try at once: one makes the tables, the others wait for it. */
export const create = (sql: SqlClient.SqlClient, space: Space): Effect.Effect<void, SqlError> =>
  sql.withTransaction(Effect.gen(function*() {
    yield* sql`select pg_advisory_xact_lock(hashtext('sheaf search index'))`
    if (yield* exists(sql, space)) return
    for (const statement of statements(space)) yield* sql.unsafe(statement)
  }))
