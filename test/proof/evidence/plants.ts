import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Installation } from "../world/Installation.ts"

// Defects of our own: whoever judges an installation has to find each of them.

type Plant = (
  installation: Pick<Installation, "observer" | "root">,
  tenantId: string
) => Effect.Effect<unknown>

/** Statements over the tables of every space. */
const inIndex = (statement: (base: string) => string): Plant => ({ observer }, tenantId) =>
  observer<{ readonly name: string }>`select table_name as name from information_schema.tables
    where table_name like 'index\\_%\\_entries'`.pipe(
    Effect.flatMap(Effect.forEach(({ name }) => observer.unsafe(statement(name.replace(/_entries$/, "")), [tenantId]))),
    Effect.orDie
  )

export const plants = {
  /** A segment falls out of a published version. */
  lost: ({ observer }, tenantId) =>
    Effect.orDie(observer`delete from run_segments m using documents d where d.tenant_id = ${tenantId}::uuid
      and m.tenant_id = d.tenant_id and m.run_id = d.published_run_id and m.ordinal = 0`),
  /** What was told is told again. */
  duplicate: ({ observer }, tenantId) =>
    Effect.orDie(observer`insert into events (tenant_id, id, dataset_id, document_id, body, number)
      select tenant_id, gen_random_uuid(), dataset_id, document_id, body,
        (select max(number) + 1 from events where tenant_id = ${tenantId}::uuid)
      from events where tenant_id = ${tenantId}::uuid and body ->> '_tag' = 'DocumentPublished' limit 1`),
  /** Bytes of a document that nobody knows. */
  orphan: ({ root }, tenantId) =>
    Effect.sync(() => {
      const folder = Path.join(root, tenantId, crypto.randomUUID(), crypto.randomUUID())
      Fs.mkdirSync(folder, { recursive: true })
      Fs.writeFileSync(Path.join(folder, "raw"), "nobody's")
    }),
  /** A counter is one off. */
  drift: ({ observer }, tenantId) =>
    Effect.orDie(observer`insert into dataset_counter_deltas (tenant_id, dataset_id, documents, segments, tokens, bytes)
      select tenant_id, id, 0, 1, 0, 0 from datasets where tenant_id = ${tenantId}::uuid limit 1`),
  /** The index has another vector than the text. */
  stale: inIndex((base) =>
    `update ${base}_payloads p set vector = (select array_agg(-x) from unnest(p.vector::real[]) x)::halfvec
    from ${base}_datasets d where d.number = p.dataset and d.tenant_id = $1::uuid and p.vector is not null`
  )
} satisfies Record<string, Plant>

export type PlantName = keyof typeof plants
export const plantNames = Object.keys(plants) as ReadonlyArray<PlantName>
