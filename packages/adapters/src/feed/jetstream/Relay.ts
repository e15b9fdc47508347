import { headers } from "@nats-io/transport-node"
import type { JobId } from "@sheaf/domain/ids"
import type { JobTag } from "@sheaf/domain/jobs/Job"
import { Clock, Duration, Effect, Metric, Queue, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import { NatsConnection } from "../../nats/NatsConnection.ts"
import { declare, isMissing } from "../../nats/streams.ts"
import { type Due, HintsRepo } from "../../repos/jobs/HintsRepo.ts"
import { LeasesRepo } from "../../repos/jobs/LeasesRepo.ts"
import { Signals } from "../../signals/Signals.ts"
import { roomFor } from "./demand.ts"
import { consumerOf, encodeHint, hintStream, type Line, lines, messageId, streamOf, subjectOf } from "./hints.ts"

export interface RelayOptions {
  /** Copies of the stream in a cluster of servers. */
  readonly replicas: number
  /** Jobs of a stage that this process works on at a time, if it does. */
  readonly concurrency: (stage: JobTag) => number | undefined
}

/** Whoever has this lease relays; another takes over when it was not renewed for so long. */
const leaseName = "hints"
const lease = Duration.seconds(3)

/** How often everything is looked at: delays run out silently, and signals and streams may be lost. */
const heartbeat = Duration.seconds(1)

/** How long a hint may be out, with none waiting, before its job is hinted at again. */
const overdueMillis = 2_000

/** While more is owed than hints may be out, the next look is when half of them will be gone: within these bounds. */
const soonest = Duration.millis(5)
const latest = Duration.millis(100)

const unsettled = Metric.gauge("sheaf_hints_unsettled", {
  description: "Hints in the queue or in the hands of workers, by stage and lane; from the process that relays."
})

/** What the relay remembers of a line. All of it may be forgotten: then hints are sent twice, which the server and workers see through. */
interface Memory {
  readonly line: Line
  /** Hints that are out, for all we know. */
  readonly out: Map<JobId, { readonly epoch: number; readonly since: number }>
  /** The server's count of hints taken, when it was read, and the pace between the last two readings. */
  taken: number
  readAt: number
  perSecond: number
  /** More is owed than could be hinted at. */
  more: boolean
}

const fresh = (line: Line): Memory => ({ line, out: new Map(), taken: 0, readAt: 0, perSecond: 0, more: false })
const keyOf = ({ lane, stage }: Line) => `${stage} ${lane}`

/**
 * Puts hints at owed jobs into the queue, a few at a time: the backlog waits in the database, where it can be counted, ordered and
 * cancelled. Runs in every process and works in one, the holder of a lease, as long as it reaches both database and NATS.
 */
export const run = Effect.fn("Relay.run")(function*(options: RelayOptions) {
  const nats = yield* NatsConnection
  const hints = yield* HintsRepo
  const leases = yield* LeasesRepo
  const signals = yield* Signals
  const holder = `relay ${SecureRandom.uuidV7Unsafe()}`
  yield* Effect.addFinalizer(() => Effect.ignoreCause(leases.releaseAll(holder), { log: "Warn" }))

  const memories = new Map<string, Memory>()
  const forget = () => {
    for (const line of lines) memories.set(keyOf(line), fresh(line))
  }
  forget()

  /** Whoever does not relay has no figures to show. */
  const silence = Effect.forEach(
    lines,
    ({ lane, stage }) => Metric.update(Metric.withAttributes(unsettled, { stage, lane }), 0),
    { discard: true }
  )

  const repair = Effect.gen(function*() {
    yield* Effect.logWarning("the stream of hints, or a consumer of it, is gone: making it anew")
    forget()
    yield* declare(nats, hintStream(nats, options.replicas))
  })

  const ask = ({ line }: Memory) =>
    nats.use("look at a consumer", ({ manager }) => manager.consumers.info(streamOf(nats), consumerOf(line)))

  /** Reads where a line stands, and how fast it goes. */
  const read = Effect.fnUntraced(function*(memory: Memory) {
    const info = yield* ask(memory)
    const now = yield* Clock.currentTimeMillis
    const elapsed = now - memory.readAt
    if (elapsed >= 50) {
      const more = info.delivered.consumer_seq - memory.taken
      memory.perSecond = memory.readAt === 0 || more < 0 ? 0 : more * 1_000 / elapsed
      memory.taken = info.delivered.consumer_seq
      memory.readAt = now
    }
    const counts = { pending: info.num_pending, taken: info.num_ack_pending, asking: info.num_waiting }
    const attributes = { stage: memory.line.stage, lane: memory.line.lane }
    yield* Metric.update(Metric.withAttributes(unsettled, attributes), counts.pending + counts.taken)
    const { lane, stage } = memory.line
    const behind = lane === "bulk" && memories.get(keyOf({ stage, lane: "interactive" }))?.more === true
    const concurrency = options.concurrency(stage) ?? 1
    const room = roomFor(counts, { concurrency, perSecond: memory.perSecond, behind })
    return { memory, now, pending: counts.pending, room }
  })

  const about = ({ tenantId, trace }: Due) => {
    const fields = headers()
    fields.set("Sheaf-Tenant", tenantId)
    if (trace !== null) fields.set("traceparent", trace)
    return fields
  }

  const send = Effect.fnUntraced(function*({ line, out }: Memory, due: ReadonlyArray<Due>) {
    if (due.length === 0) return
    const subject = subjectOf(nats, line)
    yield* nats.use("send hints", ({ jetstream }) =>
      Promise.all(
        due.map((hint) =>
          jetstream.publish(subject, encodeHint(hint), { msgID: messageId(hint), headers: about(hint) })
        )
      ))
    const since = yield* Clock.currentTimeMillis
    for (const { epoch, jobId } of due) out.set(jobId, { epoch, since })
  })

  /** One line's share of what is due. */
  const relay = Effect.fnUntraced(
    function*({ memory, now, pending, room }: Effect.Success<ReturnType<typeof read>>, due: ReadonlyArray<Due>) {
      const isOut = ({ epoch, jobId }: Due) => memory.out.get(jobId)?.epoch === epoch
      const still = new Set(due.filter(isOut).map(({ jobId }) => jobId))
      // Claimed, cancelled or changed since: that hint has done its work.
      for (const jobId of memory.out.keys()) if (!still.has(jobId)) memory.out.delete(jobId)

      // Whoever takes a hint claims its job at once. So if more jobs are ready, though hinted at some time ago, than hints wait, then
      // hints were lost, or are with a worker that is gone. Which ones does not show: all are void, and sent anew.
      const overdue = due.filter((hint) => isOut(hint) && memory.out.get(hint.jobId)!.since < now - overdueMillis)
      const lost = overdue.length > pending ? overdue : []
      const byJob = new Map(lost.map((hint) => [hint.jobId, hint]))
      const again = (yield* hints.renew(lost)).flatMap((hint) => {
        const old = byJob.get(hint.jobId)
        return old === undefined ? [] : [{ ...old, ...hint }]
      })
      if (again.length > 0) {
        yield* Effect.logInfo(`${again.length} hints at ${keyOf(memory.line)} were lost: sent again`)
      }
      for (const { jobId } of lost) memory.out.delete(jobId)

      const news = due.filter((hint) => !isOut(hint) && !byJob.has(hint.jobId))
      yield* send(memory, [...again, ...news.slice(0, room)])
      memory.more = news.length > room
    }
  )

  /** Looks at some lines and sends what may go out. */
  const round = Effect.fn("Relay.round")(function*(which: ReadonlyArray<Memory>) {
    const readings = yield* Effect.forEach(which, read, { concurrency: "unbounded" })
    const due = yield* hints.due(
      // One more than there is room for shows that there is more.
      readings.map(({ memory, room }) => ({ ...memory.line, limit: memory.out.size + room + 1 }))
    )
    const byLine = Map.groupBy(due, keyOf)
    yield* Effect.forEach(
      readings,
      (reading) => relay(reading, byLine.get(keyOf(reading.memory.line)) ?? []),
      { concurrency: "unbounded", discard: true }
    )
  })

  const due = yield* signals.subscribe("JobsDue")
  const wake = yield* Queue.sliding<Line>(1_024)
  yield* due.pipe(Stream.runForEach((line) => Queue.offer(wake, line)), Effect.forkScoped)

  /** How long until half of what waits in some lines is taken. */
  const pause = (owed: ReadonlyArray<Memory>) => {
    const pace = Math.max(...owed.map(({ out, perSecond }) => perSecond / Math.max(1, out.size)))
    return Duration.clamp(Duration.millis(pace === 0 ? Infinity : 500 / pace), { minimum: soonest, maximum: latest })
  }

  /** Relays as long as the lease is ours and everything answers. */
  const work = Effect.gen(function*() {
    let heldAt = yield* Clock.currentTimeMillis
    let lookedAt = 0
    while (true) {
      const now = yield* Clock.currentTimeMillis
      if (now - heldAt >= Duration.toMillis(heartbeat)) {
        if (!(yield* leases.hold(leaseName, holder, lease))) return
        heldAt = now
      }
      const everything = now - lookedAt >= Duration.toMillis(heartbeat)
      if (everything) lookedAt = now
      const woken = new Set((yield* Queue.clear(wake)).map(keyOf))
      const all = Array.from(memories.values())
      yield* round(all.filter((memory) => everything || memory.more || woken.has(keyOf(memory.line))))
      const owed = all.filter((memory) => memory.more)
      const rest = owed.length > 0 ? pause(owed) : Duration.millis(Math.max(0, lookedAt + 1_000 - now))
      yield* Queue.peek(wake).pipe(Effect.timeoutOption(rest))
    }
  })

  /** Nobody else would relay while we hold the lease and cannot. */
  const yieldLease = Effect.ignoreCause(leases.releaseAll(holder))

  const turn = Effect.gen(function*() {
    const { connected } = yield* nats.status
    if (!connected || !(yield* leases.hold(leaseName, holder, lease))) return
    forget()
    yield* declare(nats, hintStream(nats, options.replicas))
    yield* work.pipe(
      Effect.catchTag("NatsError", (error) => isMissing(error) ? repair : Effect.fail(error)),
      Effect.onError(() => yieldLease),
      Effect.ensuring(silence)
    )
  })

  return yield* turn.pipe(
    Effect.catchCause((cause) => Effect.logWarning("relaying hints failed", cause)),
    Effect.andThen(Effect.sleep(heartbeat)),
    Effect.forever
  )
})
