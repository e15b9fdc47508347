import type { JobId } from "@sheaf/domain/ids"
import type { ClaimedJob, JobTag } from "@sheaf/domain/jobs/Job"
import { Clock, Duration, Effect, Layer, Schedule } from "effect"
import { NatsUnusable } from "../nats/errors.ts"
import { NatsConnection } from "../nats/NatsConnection.ts"
import { declare } from "../nats/streams.ts"
import type { HintsRepo } from "../repos/jobs/HintsRepo.ts"
import { JobsRepo } from "../repos/jobs/JobsRepo.ts"
import type { LeasesRepo } from "../repos/jobs/LeasesRepo.ts"
import type { Signals } from "../signals/Signals.ts"
import * as Database from "./database.ts"
import { JobFeed } from "./JobFeed.ts"
import { ackWait, hintStream, type Line } from "./jetstream/hints.ts"
import { type Ask, type Delivery, pull } from "./jetstream/pull.ts"
import * as Relay from "./jetstream/Relay.ts"
import { laneTurns } from "./laneTurns.ts"

// Hints at owed jobs by way of JetStream, for any number of worker processes:
//
//   JetstreamFeed.layer({ replicas: 1 })      over Signals of NATS, repositories, and NatsConnection
//
// The rows of `jobs` stay the only record. While NATS cannot be reached the workers look into the database, as the embedded profile does,
// and every few seconds when no hint comes.

export interface Options {
  /** Copies of the stream in a cluster of NATS servers; 1 if not given. From the environment: `SHEAF_NATS_REPLICAS`. */
  readonly replicas?: number
}

/** Who finds no hint looks into the database this often: whatever it is that keeps hints from coming, it costs no more than that. */
const doubt = Duration.seconds(5)

/** What does not get through at once, somebody else may try after this. */
const pardon = Duration.seconds(1)

const make = Effect.fn("JetstreamFeed.make")(function*({ replicas = 1 }: Options) {
  const nats = yield* NatsConnection
  const jobs = yield* JobsRepo
  const database = yield* Database.make
  const concurrencies = new Map<JobTag, number>()

  const { server } = yield* nats.status
  yield* declare(nats, hintStream(nats, replicas)).pipe(
    Effect.mapError(({ message }) => new NatsUnusable({ servers: server, reason: message }))
  )
  yield* Relay.run({ replicas, concurrency: (stage) => concurrencies.get(stage) }).pipe(Effect.forkScoped)

  const open: JobFeed["Service"]["open"] = Effect.fnUntraced(function*(options) {
    const { concurrency, holder, lease, poll, stage } = options
    concurrencies.set(stage, concurrency)
    const fallback = yield* database.open(options)
    const interactive: Line = { stage, lane: "interactive" }
    const bulk: Line = { stage, lane: "bulk" }
    const turns = laneTurns()

    /** Hints of the jobs that are being worked on. */
    const held = new Map<JobId, Delivery>()
    yield* Effect.addFinalizer(() => Effect.sync(() => held.forEach((delivery) => delivery.ack())))
    yield* Effect.sync(() => held.forEach((delivery) => delivery.working())).pipe(
      Effect.repeat(Schedule.spaced(Duration.divideUnsafe(ackWait, 3))),
      Effect.forkScoped
    )

    /** Nothing was there when we last looked: then wait for it at once. */
    let idle = false
    let doubtfulAt = (yield* Clock.currentTimeMillis) + Duration.toMillis(doubt)

    /** Now and then, and as long as that finds something: what is owed, hinted at or not. */
    const unhinted = Effect.fnUntraced(function*(limit: number) {
      const now = yield* Clock.currentTimeMillis
      if (now < doubtfulAt) return []
      const found = yield* jobs.claim({ wants: [{ stage, limit }], holder, lease })
      if (found.length === 0) doubtfulAt = now + Duration.toMillis(doubt)
      return found
    })

    /** Hints for at most `limit` jobs, put into `taken` as they come. */
    const gather = Effect.fnUntraced(function*(taken: Array<Delivery>, limit: number) {
      const from = Effect.fnUntraced(function*(asks: ReadonlyArray<Ask>, wait?: Duration.Duration) {
        const { deliveries, unavailable } = yield* pull(nats, asks, wait)
        taken.push(...deliveries)
        return unavailable
      })
      if (idle) {
        const unavailable = yield* from([{ line: interactive, batch: 1 }, { line: bulk, batch: 1 }], poll)
        taken.sort((a, b) => Number(a.line.lane === "bulk") - Number(b.line.lane === "bulk"))
        for (const tooMuch of taken.splice(limit)) tooMuch.nak(Duration.zero)
        return unavailable
      }
      const share = turns.bulkFirst(limit)
      for (const [line, most] of [[bulk, share], [interactive, limit], [bulk, limit]] as const) {
        const batch = most - taken.length
        if (batch > 0 && (yield* from([{ line, batch }]))) return true
      }
      return false
    })

    /** Claims what the hints are about. The others are out of date. */
    const claim = Effect.fnUntraced(function*(taken: ReadonlyArray<Delivery>) {
      const claims = yield* jobs.claimHinted({ hints: taken.map(({ hint }) => hint), holder, lease })
      const mine = new Set(claims.map(({ id }) => id))
      for (const delivery of taken) {
        const { jobId } = delivery.hint
        if (mine.delete(jobId)) held.set(jobId, delivery)
        else delivery.ack()
      }
      turns.took(claims)
      return claims
    })

    const take = (limit: number) =>
      Effect.gen(function*() {
        while ((yield* nats.status).connected) {
          const taken: Array<Delivery> = []
          const found = yield* gather(taken, limit).pipe(
            Effect.flatMap((unavailable) => Effect.map(claim(taken), (claims) => ({ claims, unavailable }))),
            Effect.onError(() => Effect.sync(() => taken.forEach((delivery) => delivery.nak(pardon))))
          )
          if (found.claims.length > 0) {
            idle = false
            return found.claims
          }
          if (found.unavailable) break
          if (taken.length === 0) {
            const missed = yield* unhinted(limit)
            if (missed.length > 0 || idle) return missed
          }
          // Out-of-date hints are no work: on to the next ones. Nothing at all: wait for something.
          idle = taken.length === 0
        }
        return yield* fallback.take(limit)
      })

    const release = ({ id }: ClaimedJob) =>
      Effect.sync(() => {
        held.get(id)?.ack()
        held.delete(id)
      })

    return { take, release }
  })

  return JobFeed.of({ open })
})

export const layer = (
  options: Options = {}
): Layer.Layer<JobFeed, NatsUnusable, NatsConnection | JobsRepo | HintsRepo | LeasesRepo | Signals> =>
  Layer.effect(JobFeed, make(options))
