import type { DriftSummary, Finding } from "@sheaf/domain/admin/DriftRpcs"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Schedule, Stream } from "effect"

/** What one tenant's look has found. */
interface Drift {
  readonly tenant: string
  readonly findings: ReadonlyArray<Finding>
}

/** Repairs set off work, which a second look finds done; what is left after so many rounds needs a person. */
const rounds = 3

const isOver = (summaries: ReadonlyArray<DriftSummary>) => summaries.every(({ looking }) => !looking)

const driftOf = ({ last, name }: DriftSummary): Drift => ({ tenant: name, findings: last?.findings ?? [] })

/** Whether something was found that is not put right. */
export const isLeft = (drift: ReadonlyArray<Drift>): boolean =>
  drift.some(({ findings }) => findings.some(({ found, mended }) => found > mended))

/** Has the server look for drift, in every tenant if the key may, else in its own, and waits until it has. */
export const lookForDrift = Effect.fn("lookForDrift")(function*(repair: boolean) {
  const sheaf = yield* Sheaf
  const { scopes, tenant } = yield* sheaf.info()
  const now = scopes.includes("operator")
    ? Effect.map(Stream.runCollect(sheaf.drift.allEverywhere()), (found): ReadonlyArray<DriftSummary> => found)
    : Effect.map(sheaf.drift.list({ limit: 1 }), ({ items: [last] }): ReadonlyArray<DriftSummary> => [{
      tenantId: tenant.id,
      name: tenant.name,
      looking: last !== undefined && last.finishedAt === null,
      last: last ?? null
    }])
  const resting = now.pipe(Effect.repeat({ until: isOver, schedule: Schedule.spaced("1 second") }))
  const begin = scopes.includes("operator")
    ? Effect.asVoid(sheaf.drift.lookEverywhere({ repair }))
    : Effect.asVoid(sheaf.drift.look({ repair }))
  const round = resting.pipe(
    Effect.andThen(begin),
    Effect.andThen(resting),
    Effect.map((summaries) => summaries.map(driftOf).filter(({ findings }) => findings.length > 0))
  )
  const seen: Array<ReadonlyArray<Drift>> = []
  for (let i = 0; i < (repair ? rounds : 1); i++) {
    const found = yield* round
    seen.push(found)
    if (found.length === 0) break
  }
  return { first: seen[0] ?? [], last: seen.at(-1) ?? [] }
})
