import { createInbox, type Msg, type NatsConnection as Core } from "@nats-io/transport-node"
import { Duration, Effect, Option, Queue } from "effect"
import type { NatsConnection } from "../../nats/NatsConnection.ts"
import type { Hint } from "../../repos/jobs/HintsRepo.ts"
import { consumerOf, decodeHint, type Line, streamOf, subjectOf } from "./hints.ts"

// Pulls hints by hand, message by message of the protocol: a worker may take no more hints than it has hands free, must not lose one
// that arrives while it stops waiting, and asks two consumers at once. The client's own consumers prefetch.

/** A hint that the server holds for us until we settle it. None of these waits or fails: a lost settlement means a repetition. */
export interface Delivery {
  readonly line: Line
  readonly hint: Hint
  /** Done with it, for good. */
  readonly ack: () => void
  /** For somebody else, after a delay. */
  readonly nak: (delay: Duration.Duration) => void
  /** Still at it. */
  readonly working: () => void
}

export interface Ask {
  readonly line: Line
  readonly batch: number
}

interface Pulled {
  readonly deliveries: ReadonlyArray<Delivery>
  /** There is no consumer to ask, or it did not answer. */
  readonly unavailable: boolean
}

/** What the server says instead of a hint. 404 and 408: there is none (any more). Others: there is nobody to ask. */
const isNothing = (status: number) => status === 404 || status === 408

/** An answer later than this is none. */
const patience = Duration.seconds(2)

const settling = (core: Core, { reply }: Msg) => (word: string) => {
  // While the connection is down nobody hears it; when it is closed there is nobody to tell.
  if (reply !== undefined && !core.isClosed()) core.publish(reply, word)
}

const delivered = (core: Core, line: Line, message: Msg): Delivery | undefined => {
  const settle = settling(core, message)
  const hint = decodeHint(message.string())
  if (Option.isNone(hint)) {
    settle("+TERM")
    return undefined
  }
  return {
    line,
    hint: hint.value,
    ack: () => settle("+ACK"),
    nak: (delay) => settle(`-NAK {"delay":${Duration.toMillis(delay) * 1_000_000}}`),
    working: () => settle("+WPI")
  }
}

type Answer = Delivery | { readonly ended: boolean }

/**
 * Asks for hints of several lines. Without `wait` it takes what is there. With it, it waits that long for the first, and then takes what has
 * come with it. Hints that arrive when nobody listens any more go back at once.
 */
export const pull = (nats: NatsConnection["Service"], asks: ReadonlyArray<Ask>, wait?: Duration.Duration) =>
  Effect.gen(function*() {
    const { core } = nats
    const answers = yield* Queue.unbounded<Answer>()
    const inbox = createInbox()
    let listening = true
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        core.subscribe(`${inbox}.*`, {
          callback: (error, message) => {
            if (error !== null) return void Queue.offerUnsafe(answers, { ended: false })
            const status = message.headers?.code ?? 0
            if (status > 0) return void Queue.offerUnsafe(answers, { ended: isNothing(status) })
            const ask = asks.find(({ line }) => subjectOf(nats, line) === message.subject)
            const delivery = ask === undefined ? undefined : delivered(core, ask.line, message)
            if (delivery === undefined) Queue.offerUnsafe(answers, { ended: true })
            else if (listening) Queue.offerUnsafe(answers, delivery)
            else delivery.nak(Duration.zero)
          }
        })
      ),
      (open) =>
        Effect.gen(function*() {
          listening = false
          for (const answer of yield* Queue.clear(answers)) if ("hint" in answer) answer.nak(Duration.zero)
          // Not at once: what is on its way to us must be sent back, or it waits until the server misses us.
          open.drain().catch(() => {})
        })
    )
    asks.forEach(({ batch, line }, index) => {
      const limit = wait === undefined ? { no_wait: true } : { expires: Duration.toMillis(wait) * 1_000_000 }
      core.publish(
        `${nats.jetstream.apiPrefix}.CONSUMER.MSG.NEXT.${streamOf(nats)}.${consumerOf(line)}`,
        JSON.stringify({ batch, ...limit }),
        { reply: `${inbox}.${index}` }
      )
    })

    const deliveries: Array<Delivery> = []
    let owed = asks.reduce((sum, { batch }) => sum + batch, 0)
    let open = asks.length
    const result = (unavailable: boolean): Pulled => ({ deliveries, unavailable })
    const deadline = wait === undefined ? patience : Duration.sum(wait, patience)
    const collect = Effect.gen(function*() {
      while (owed > 0 && open > 0) {
        const answer = yield* Queue.take(answers)
        if ("hint" in answer) {
          deliveries.push(answer)
          owed--
          if (wait !== undefined) {
            for (const more of yield* Queue.clear(answers)) if ("hint" in more) deliveries.push(more)
            return result(false)
          }
        } else {
          if (!answer.ended) return result(true)
          open--
        }
      }
      return result(false)
    })
    return yield* collect.pipe(
      Effect.timeoutOrElse({ duration: deadline, orElse: () => Effect.succeed(result(true)) }),
      // Whoever interrupts us gets nothing, so the hints must not stay with us.
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          for (const delivery of deliveries) delivery.nak(Duration.zero)
        })
      )
    )
  }).pipe(Effect.scoped)
