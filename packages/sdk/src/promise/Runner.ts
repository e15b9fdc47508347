import { Cause, Effect, Exit, Fiber, Scope } from "effect"
import { type Core, makeSheaf } from "../makeSheaf.ts"
import { ClientClosed } from "../errors/client.ts"
import { SheafError } from "../errors/explained.ts"
import type { ClientOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"

/** Any call of the promise client can be given up. The promise then rejects with the signal's reason, an `AbortError`. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined
}

/** Where a call was made: errors come to light far from it, and their stack should lead back. */
export type CallSite = { readonly frames: ReadonlyArray<string> | undefined }

/** Runs effects of one client as promises, and reads feeds as async iterables. */
export interface Runner {
  readonly run: <A, E>(
    site: CallSite,
    effect: (sheaf: Core) => Effect.Effect<A, E>,
    options?: Abortable
  ) => Promise<A>
  readonly iterate: <A, E>(
    site: CallSite,
    feed: (sheaf: Core) => Feed<A, E>,
    options?: Abortable
  ) => AsyncIterable<A>
  readonly close: () => Promise<void>
}

/** The stack of whoever called the caller of this, or that of whoever called so many functions above it. */
export const callSite = (depth = 1): CallSite => {
  const stack = new Error().stack
  // Only V8 begins its frames like this; elsewhere errors keep the stack of where they arose.
  const frames = stack?.split("\n    at ").slice(2 + depth)
  return { frames: frames?.length ? frames : undefined }
}

/** The client is made by the first call: nothing is read from the environment, and nothing can fail, before that. */
export const makeRunner = (options: ClientOptions): Runner => {
  const scope = Scope.makeUnsafe()
  const running = new Set<() => void>()
  let client: Core | undefined
  let closed = false

  const sheaf = () => client ??= Effect.runSync(Scope.provide(makeSheaf(withEnvironment(options)), scope))

  const failure = (cause: Cause.Cause<unknown>, site: CallSite, signal: AbortSignal | undefined): unknown => {
    if (!Cause.hasInterruptsOnly(cause)) return at(Cause.squash(cause), site)
    return closed && !signal?.aborted ? at(new ClientClosed(), site) : aborted(signal)
  }

  const run: Runner["run"] = async (site, effect, { signal } = {}) => {
    if (signal?.aborted) throw aborted(signal)
    if (closed) throw at(new ClientClosed(), site)
    const fiber = Effect.runFork(effect(sheaf()))
    const stop = () => fiber.interruptUnsafe()
    running.add(stop)
    signal?.addEventListener("abort", stop, { once: true })
    const exit = await Effect.runPromise(Fiber.await(fiber))
    signal?.removeEventListener("abort", stop)
    running.delete(stop)
    if (Exit.isSuccess(exit)) return exit.value
    throw failure(exit.cause, site, signal)
  }

  const iterate: Runner["iterate"] = (site, feed, options) => ({
    [Symbol.asyncIterator]: async function*() {
      const reading = Scope.makeUnsafe()
      try {
        const next = await run(site, (sheaf) => Scope.provide(feed(sheaf), reading), options)
        while (true) {
          const items = await run(site, () => next, options)
          if (items === undefined) return
          yield* items
        }
      } finally {
        await Effect.runPromise(Scope.close(reading, Exit.void))
      }
    }
  })

  const close = async () => {
    closed = true
    for (const stop of running) stop()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
  return { run, iterate, close }
}

/** `SHEAF_URL` and `SHEAF_KEY`, where there is an environment. Config would be a twentieth of what a page has to load. */
const withEnvironment = ({ key, url, ...options }: ClientOptions): ClientOptions => {
  const { process } = globalThis as {
    readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> }
  }
  const environment = process?.env
  return { ...options, url: url ?? (environment?.["SHEAF_URL"] || undefined), key: key ?? environment?.["SHEAF_KEY"] }
}

const aborted = (signal: AbortSignal | undefined): DOMException =>
  signal?.reason instanceof DOMException
    ? signal.reason
    : new DOMException("The call was aborted.", "AbortError")

/** Gives an error the stack of the call that it ended. */
const at = (error: unknown, site: CallSite): unknown => {
  if (error instanceof SheafError && site.frames !== undefined) {
    const frames = site.frames.map((frame) => `\n    at ${frame}`).join("")
    Object.defineProperty(error, "stack", {
      value: `${error._tag}: ${error.message}\n  ${error.hint}${frames}`,
      configurable: true,
      writable: true
    })
  }
  return error
}
