import { Cause, Clock, Context, Duration, Effect, Layer, Ref, Semaphore } from "effect"

/** The parts that a process may depend on. */
export const partNames = [
  "database",
  "migrations",
  "nats",
  "blobs",
  "search",
  "embedder",
  "previousEmbedder",
  "reranker"
] as const
export type PartName = (typeof partNames)[number]

/** How to look whether a part does its work now. */
export interface Part {
  readonly name: PartName
  /** Which implementation, and where: `PostgreSQL at db:5432/sheaf`. No secrets. */
  readonly active: string
  /** Fails or dies where the part does not answer. May tell more, such as a version. */
  readonly probe: Effect.Effect<string | void, Error>
  /** What to try when it is down. */
  readonly remedy: string
  /** Work goes on without it: it is reported, but does not make the process unready. */
  readonly optional?: boolean
}

export interface Finding {
  readonly name: PartName
  readonly active: string
  readonly ok: boolean
  readonly optional: boolean
  /** Of a part that works: what it says of itself. Of one that does not: the kind of failure; its details are in the log. */
  readonly detail?: string
  readonly remedy?: string
}

export interface Report {
  readonly status: "ready" | "not ready" | "draining"
  readonly parts: ReadonlyArray<Finding>
}

/** A part that does not answer in this time counts as down. */
const patience = Duration.seconds(3)

/** Whoever asks more often gets the same answer: probes cost the dependencies something. */
const freshFor = Duration.seconds(1)

/** Whether this process can do its work, part by part. Nothing here says whether it is alive. */
export class Health extends Context.Service<Health, {
  readonly parts: ReadonlyArray<Part>
  /** Looks at all parts at once; an answer is kept for a second, and takes three at most. */
  readonly report: Effect.Effect<Report>
  /** From now on the process is not ready: it is about to end. */
  readonly drain: Effect.Effect<void>
}>()("@sheaf/adapters/health/Health") {
  static readonly layer = (parts: ReadonlyArray<Part>) =>
    Layer.effect(
      Health,
      Effect.gen(function*() {
        const draining = yield* Ref.make(false)
        const one = yield* Semaphore.make(1)
        let kept: { readonly at: number; readonly found: ReadonlyArray<Finding> } | undefined
        const look = one.withPermits(1)(Effect.gen(function*() {
          const now = yield* Clock.currentTimeMillis
          if (kept !== undefined && now - kept.at < Duration.toMillis(freshFor)) return kept.found
          const found = yield* Effect.forEach(parts, check, { concurrency: "unbounded" })
          kept = { at: yield* Clock.currentTimeMillis, found }
          return found
        }))
        const report = Effect.gen(function*() {
          const found = yield* look
          const status = (yield* Ref.get(draining))
            ? "draining"
            : found.every((part) => part.ok || part.optional)
            ? "ready"
            : "not ready"
          return { status, parts: found } satisfies Report
        })
        return Health.of({ parts, report, drain: Ref.set(draining, true) })
      })
    )
}

const check = ({ active, name, optional = false, probe, remedy }: Part): Effect.Effect<Finding> =>
  probe.pipe(
    Effect.timeout(patience),
    Effect.map((said): Finding => ({ name, active, ok: true, optional, ...(said && { detail: said }) })),
    Effect.catchCause((cause) =>
      Effect.as(Effect.logWarning(`${name} is not ready`, cause), {
        name,
        active,
        ok: false,
        optional,
        detail: Cause.hasInterruptsOnly(cause) ? "interrupted" : kindOf(cause),
        remedy
      })
    )
  )

/** The kind of failure; its details stay in the log. */
const kindOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.name : "failed"
}
