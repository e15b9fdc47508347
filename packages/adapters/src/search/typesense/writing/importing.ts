import { Effect, Schedule, Schema, Stream } from "effect"
import { documentsOf, type Engine } from "../Engine.ts"
import { Failure, malformed } from "../Failure.ts"
import type { Options } from "../options.ts"

/** Bytes of one import, about: the server answers such a one in a fifth of a second, and others get a turn in between. */
const batchBytes = 2 * 1024 * 1024

/** Imports of one call under way at a time: one is indexed while the next is written out. */
const concurrency = 2

const Line = Schema.Struct({
  success: Schema.Boolean,
  code: Schema.optionalKey(Schema.Finite),
  error: Schema.optionalKey(Schema.String)
})
type Line = typeof Line.Type
const decodeLine = Schema.decodeUnknownEffect(Schema.fromJsonString(Line))

/** Lines in bodies of a size that the server digests well; a longer line goes alone. */
function* bodies(lines: Iterable<string>): Generator<ReadonlyArray<string>> {
  let body: Array<string> = []
  let size = 0
  for (const line of lines) {
    if (size + line.length > batchBytes && body.length > 0) {
      yield body
      body = []
      size = 0
    }
    body.push(line)
    size += line.length + 1
  }
  if (body.length > 0) yield body
}

/** One answer per line, in order: whatever is less is no answer, and all is sent again. */
const answersOf = (text: string, expected: number): Effect.Effect<ReadonlyArray<Line>, Failure> => {
  const lines = text.split("\n").filter((line) => line !== "")
  if (lines.length !== expected) return Effect.fail(malformed(`${lines.length} answers to ${expected} lines`))
  // Nearly always.
  if (lines.every((line) => line === `{"success":true}`)) return Effect.succeed(lines.map(() => ({ success: true })))
  return Effect.mapError(Effect.forEach(lines, (line) => decodeLine(line)), () => malformed("the answer to a line"))
}

export interface Import {
  readonly collection: string
  /** `create` leaves alone what is there. */
  readonly action: "upsert" | "create"
  readonly lines: Iterable<string>
}

/**
 * Imports lines and looks at the answer to each. What the server could not take at the moment is sent again, those lines alone, with growing
 * pauses and up to a limit; a line that it refuses ends the import. All that is imported is searchable when this returns.
 */
export const importLines = (
  engine: Engine,
  { backOff, timeouts }: Options,
  { action, collection, lines }: Import
): Effect.Effect<void, Failure> => {
  const pauses = Schedule.exponential(backOff.first).pipe(
    Schedule.jittered,
    Schedule.upTo({ duration: backOff.longest })
  )

  const send = (body: ReadonlyArray<string>) => {
    let pending = body
    const once = Effect.gen(function*() {
      const text = yield* engine.call({
        method: "POST",
        path: `${documentsOf(collection)}/import`,
        query: { action },
        body: pending.join("\n")
      }, timeouts.write)
      const answers = yield* answersOf(text, pending.length)
      const failures = answers.flatMap((answer, i) => {
        const failure = failureOf(answer, action)
        return failure === undefined ? [] : [{ failure, line: pending[i]! }]
      })
      const refused = failures.find(({ failure }) => !failure.isRetryable)
      if (refused !== undefined) return yield* refused.failure
      pending = failures.map(({ line }) => line)
      if (failures.length > 0) return yield* failures[0]!.failure
    })
    return Effect.retry(once, { schedule: pauses, while: ({ isRetryable }) => isRetryable })
  }

  return Stream.fromIterable(bodies(lines), { chunkSize: 1 }).pipe(
    Stream.mapEffect(send, { concurrency, unordered: true }),
    Stream.runDrain
  )
}

const failureOf = ({ code, error, success }: Line, action: Import["action"]): Failure | undefined =>
  success || (action === "create" && code === 409)
    ? undefined
    : new Failure({ status: code ?? 500, message: `a line of the import: ${error ?? "refused"}` })
