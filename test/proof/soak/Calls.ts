import { Data, Effect, Schedule } from "effect"
import { randomUUID } from "node:crypto"

/** The server answered with an error of the contract. */
export class Denied extends Data.TaggedError("Denied")<{ readonly tag: string }> {}

class NotAnswered extends Data.TaggedError("NotAnswered") {}

/** What an answer looks like is up to who asked. */
export type Answer = Readonly<Record<string, unknown>>

const busy: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])

/**
 * Calls as a patient client makes them: what is not answered is asked again, a change with the same key, until the server is there again.
 * Fails with the error of a call that was answered, and dies of one that was malformed.
 */
export const calls = (url: string, key: string) => {
  const ask = (method: string, params: object) =>
    Effect.tryPromise({
      try: async () => {
        const response = await fetch(`${url}/rpc/json`, {
          method: "POST",
          headers: { authorization: `Bearer ${key}` },
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
          signal: AbortSignal.timeout(20_000)
        })
        if (busy.has(response.status)) throw new Error(`${response.status}`)
        return JSON.parse(await response.text())
      },
      catch: () => new NotAnswered()
    })
  const patiently = (method: string, params: object): Effect.Effect<Answer, Denied> =>
    ask(method, params).pipe(
      Effect.retry(Schedule.spaced("200 millis")),
      Effect.orDie,
      Effect.flatMap((json) => {
        if (!("error" in json)) return Effect.succeed(json.result)
        const tag = json.error.data?.tag ?? "?"
        return tag === "BadRequest" ? Effect.die(json.error) : Effect.fail(new Denied({ tag }))
      })
    )
  return {
    look: patiently,
    change: (method: string, params: object) =>
      Effect.suspend(() => patiently(method, { ...params, idempotencyKey: randomUUID() }))
  }
}
