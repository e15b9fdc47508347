import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Installation } from "../world/Installation.ts"

// Defects of our own: whoever judges an installation has to find each of them.

type Plant = (
  installation: Pick<Installation, "observer" | "root">,
  tenantId: string
) => Effect.Effect<unknown>

export const plants = {
  /** A segment falls out of a published version. */
  lost: ({ observer }, tenantId) =>
    Effect.orDie(observer`delete from run_segments m using documents d where d.tenant_id = ${tenantId}::uuid
      and m.tenant_id = d.tenant_id and m.run_id = d.published_run_id and m.ordinal = (select min(x.ordinal) from run_segments x
        where x.tenant_id = m.tenant_id and x.run_id = m.run_id)`),
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
  /** The index has another vector than the text: the first number of those in the database is 4 from now on. */
  stale: ({ observer }, tenantId) =>
    Effect.orDie(observer`update vectors set vector = overlay(vector placing decode('00008040', 'hex') from 1)
      where tenant_id = ${tenantId}::uuid`)
} satisfies Record<string, Plant>

export type PlantName = keyof typeof plants
export const plantNames = Object.keys(plants) as ReadonlyArray<PlantName>
