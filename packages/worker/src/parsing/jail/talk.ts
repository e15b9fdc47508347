import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Clock, Duration, Effect, Option, type Schema, type Scope } from "effect"
import type { JailProcess } from "./JailProcess.ts"
import { ParseRejected } from "./ParserJail.ts"
import type { Pool } from "./pool.ts"

export interface TalkLimits {
  /** Milliseconds that one request may keep its caller waiting; time in which the caller itself is slow is not counted. */
  readonly wallTimeMs: number
  /** Milliseconds of processor time that one request may take, all threads counted. As much as wall time where it is left out. */
  readonly cpuTimeMs?: number
  /** Bytes that one request may answer with. */
  readonly maxOutputBytes: number
}

/** A request that is being answered, and what it has left of its time and its output. */
export interface Talk {
  readonly process: JailProcess
  leftMs: number
  leftBytes: number
}

export interface Talks<Request, Reply> {
  readonly begin: (request: Request) => Effect.Effect<Talk, never, Scope.Scope>
  /** The next reply, or why there is none. */
  readonly receive: (talk: Talk) => Effect.Effect<Reply, ParseRejected>
}

export const reject = (cause: FailureCause) => new ParseRejected({ cause })

/** The process says what it cannot say: it is not trusted any more. */
export const nonsense = Effect.fail(reject({ _tag: "ParserCrashed", detail: "it gave an answer that makes no sense" }))

/** Asks processes of a pool, and hears them out within limits. Whatever goes wrong is a failure of that request alone. */
export const makeTalks = <Request extends { readonly path: string }, Reply>(
  pool: Pool,
  { wallTimeMs, cpuTimeMs = wallTimeMs, maxOutputBytes }: TalkLimits,
  protocol: {
    readonly decode: (line: string) => Effect.Effect<Reply, Schema.SchemaError>
    /** Whether a reply is the last one, and if it says that the content gives nothing, why. */
    readonly ends: (reply: Reply) => boolean
    readonly failure: (reply: Reply) => FailureCause | undefined
    /** Bytes that a reply gives, where the line says them in more. */
    readonly sizeOf?: (reply: Reply) => number | undefined
  }
): Talks<Request, Reply> => {
  const crashed = Effect.fnUntraced(function*(process: JailProcess) {
    process.kill()
    yield* Effect.promise(() => process.gone)
    const { detail, errors, overCpu } = process.epitaph
    yield* Effect.logWarning("A parser process ended in the middle of its work", { detail, errors, overCpu })
    return yield* reject(
      overCpu ? { _tag: "ParserTimedOut", limitMs: cpuTimeMs } : { _tag: "ParserCrashed", detail }
    )
  })

  const begin: Talks<Request, Reply>["begin"] = (request) =>
    Effect.map(pool.checkOut(request.path), (process) => {
      process.send(request)
      return { process, leftMs: wallTimeMs, leftBytes: maxOutputBytes }
    })

  const receive = Effect.fnUntraced(function*(talk: Talk) {
    const { process } = talk
    const before = yield* Clock.currentTimeMillis
    const line = yield* Effect.promise(() => process.next()).pipe(Effect.timeoutOption(Duration.millis(talk.leftMs)))
    talk.leftMs -= (yield* Clock.currentTimeMillis) - before
    if (Option.isNone(line) || talk.leftMs <= 0) {
      return yield* reject({ _tag: "ParserTimedOut", limitMs: wallTimeMs })
    }
    if (line.value === null) return yield* crashed(process)
    const reply = yield* protocol.decode(line.value).pipe(Effect.catch(() => nonsense))
    talk.leftBytes -= protocol.sizeOf?.(reply) ?? line.value.length
    if (talk.leftBytes < 0) {
      const actual = maxOutputBytes - talk.leftBytes
      return yield* reject({ _tag: "TooLarge", what: "bytes of parsed text", limit: maxOutputBytes, actual })
    }
    if (protocol.ends(reply)) process.busy = false
    const failure = protocol.failure(reply)
    return failure === undefined ? reply : yield* reject(failure)
  })

  return { begin, receive }
}
