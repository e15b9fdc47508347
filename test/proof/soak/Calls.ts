import { Data, Effect, Schedule } from "effect"
import { randomUUID } from "node:crypto"

/** The server answered with an error of the contract. */
export class Denied extends Data.TaggedError("Denied")<{ readonly tag: string }> {}

class NotAnswered extends Data.TaggedError("NotAnswered") {}

/** What an answer looks like is up to who asked. */
export type Answer = Readonly<Record<string, unknown>>

const busy: ReadonlySet<number> = new Set([429, 500, 502, 503, 504])

/**
 * Calls as a patient client makes them: what is not answered is asked again with the same key, until the server is there again. Fails with
 * the error of a call that was answered.
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
  return (method: string, params: object): Effect.Effect<Answer, Denied> =>
    Effect.suspend(() => {
      const same = { ...params, idempotencyKey: randomUUID() }
      return ask(method, same).pipe(
        Effect.retry(Schedule.spaced("200 millis")),
        Effect.orDie,
        Effect.flatMap((json) =>
          "error" in json ? Effect.fail(new Denied({ tag: json.error.data?.tag ?? "?" })) : Effect.succeed(json.result)
        )
      )
    })
}
