import { connect, type ConnectOptions } from "@sheaf/sdk/index"
import { Effect } from "effect"

/** A promise client that is closed with the scope. */
export const client = (options: ConnectOptions) =>
  Effect.acquireRelease(
    Effect.sync(() => connect({ key: "test", ...options })),
    (sheaf) => Effect.promise(() => sheaf.close())
  )

/** What a promise rejects with; one that resolves fails the test. */
export const rejection = (call: () => PromiseLike<unknown>): Effect.Effect<unknown> =>
  Effect.promise(() =>
    call().then(
      (value) => {
        throw new Error(`it should have been rejected, and resolved to ${JSON.stringify(value)}`)
      },
      (error: unknown) => error
    )
  )

/** A call whose signal is aborted once it has begun. */
export const abortedSoon = <A>(call: (signal: AbortSignal) => Promise<A>): Promise<A> => {
  const controller = new AbortController()
  const promise = call(controller.signal)
  setImmediate(() => controller.abort())
  return promise
}

/** All items of an iterable. */
export const collect = async <A>(items: AsyncIterable<A>): Promise<Array<A>> => {
  const all: Array<A> = []
  for await (const item of items) all.push(item)
  return all
}
