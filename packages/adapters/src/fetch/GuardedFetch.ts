import { Clock, Context, Duration, Effect, Layer, type Scope, Stream } from "effect"
import type { IncomingMessage } from "node:http"
import { retryAfter } from "../embedding/http/retryAfter.ts"
import { makeGuard } from "./addresses.ts"
import { FetchFailed, FetchTooLarge, type UrlRefused } from "./errors.ts"
import { lookupByMachine } from "./lookups.ts"
import { request } from "./request.ts"
import { checkText, type Rules, targetOf } from "./target.ts"

export interface Options {
  /** Ranges like `10.1.0.0/16` that may be fetched from besides the public internet. Default none. */
  readonly allow?: ReadonlyArray<string>
  /** `check` lets plain http through. Default `false`. */
  readonly webhooksOverHttp?: boolean
  /** Redirects that are followed. Default 5. */
  readonly maxRedirects?: number
  /** For everything, from the first look-up to the last byte. Default 10 minutes. */
  readonly timeout?: Duration.Input
  /** For the connection, and between two pieces of what comes. Default 20 seconds. */
  readonly idleTimeout?: Duration.Input
  /** PEM of an authority to trust besides those that Node trusts. */
  readonly ca?: string
  /** How a host's addresses are found out. Default: as the machine does. */
  readonly resolve?: (host: string) => Promise<ReadonlyArray<string>>
}

export interface Fetched {
  /** Where the redirects led to. */
  readonly url: string
  /** As the server says, without parameters. */
  readonly mediaType: string | null
  /** Fails where the server breaks off, is too slow, or sends too much. */
  readonly bytes: Stream.Stream<Uint8Array, FetchFailed | FetchTooLarge>
}

/** What is sent to a service that a user has named. */
export interface Message {
  readonly body: Uint8Array
  /** Besides those that every request has. */
  readonly headers: Readonly<Record<string, string>>
  /** Of the answer. */
  readonly maxBytes: number
  /** The rest of a longer answer is left unread, where only its beginning is looked at. Default: it is an error. */
  readonly cutsAnswer?: boolean
  /** For everything, from the look-up to the last byte of the answer. */
  readonly timeout: Duration.Input
}

/** What such a service has answered, whatever it says. */
export interface Answer {
  readonly status: number
  /** How long the service wants to be left alone. */
  readonly retryAfterMs: number | undefined
  readonly body: Uint8Array
}

/**
 * The only way to fetch what a user names. It connects to nothing but the public internet (and what the operator allows): every
 * address is checked, pinned for the connection, and checked again at each redirect. Sends no credential and keeps no cookie.
 */
export class GuardedFetch extends Context.Service<GuardedFetch, {
  /** Refuses, without asking anybody, an address that messages are to be sent to and never would be. */
  readonly check: (url: string) => Effect.Effect<void, UrlRefused>
  /** The connection is closed with the scope. */
  readonly get: (
    url: string,
    options: { readonly maxBytes: number }
  ) => Effect.Effect<Fetched, UrlRefused | FetchFailed | FetchTooLarge, Scope.Scope>
  /** Sends a message and reads the answer, of any status. Follows no redirect: what was signed for one address goes to no other. */
  readonly post: (
    url: string,
    message: Message
  ) => Effect.Effect<Answer, UrlRefused | FetchFailed | FetchTooLarge>
}>()("@sheaf/adapters/fetch/GuardedFetch") {}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** What a server says when asking again later may help. */
const busy: ReadonlySet<number> = new Set([408, 425, 429])

const failed = (detail: string, isRetryable: boolean) => new FetchFailed({ detail, isRetryable })

/** For whoever has none: nothing but the public internet. */
export const make = (options: Options): GuardedFetch["Service"] => {
  const rules: Rules = { isAllowed: makeGuard(options.allow ?? []), resolve: options.resolve ?? lookupByMachine }
  const maxRedirects = options.maxRedirects ?? 5
  const idle = Duration.fromInputUnsafe(options.idleTimeout ?? "20 seconds")
  const whole = Duration.toMillis(Duration.fromInputUnsafe(options.timeout ?? "10 minutes"))

  const get: GuardedFetch["Service"]["get"] = Effect.fn("GuardedFetch.get")(function*(text, { maxBytes }) {
    const closing = yield* Effect.acquireRelease(
      Effect.sync(() => new AbortController()),
      (controller) => Effect.sync(() => controller.abort())
    )
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(whole)])
    let from: URL | undefined
    let next = text
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const target = yield* targetOf(rules, next, from).pipe(
        Effect.timeoutOrElse({ duration: idle, orElse: () => failed("its name was not resolved in time", true) })
      )
      const response = yield* request(target, { signal, idleMs: Duration.toMillis(idle), ca: options.ca })
      const status = response.statusCode ?? 0
      const { location } = response.headers
      if (!redirects.has(status) || location === undefined) return yield* fetched(response, target.url, maxBytes)
      response.destroy()
      from = target.url
      next = location
    }
    return yield* failed(`it led to more than ${maxRedirects} others`, false)
  })

  const post: GuardedFetch["Service"]["post"] = Effect.fn("GuardedFetch.post")(
    function*(text, { body, cutsAnswer = false, headers, maxBytes, timeout }) {
      const limit = Duration.toMillis(Duration.fromInputUnsafe(timeout))
      const target = yield* targetOf(rules, text).pipe(
        Effect.timeoutOrElse({ duration: limit, orElse: () => failed("its name was not resolved in time", true) })
      )
      const closing = yield* Effect.acquireRelease(
        Effect.sync(() => new AbortController()),
        (controller) => Effect.sync(() => controller.abort())
      )
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(limit)])
      const response = yield* request(target, { signal, idleMs: limit, ca: options.ca, sent: { body, headers } })
      const answer = bytesOf(response)
      const pieces = yield* Stream.runCollect(cutsAnswer ? beginning(answer, maxBytes) : bounded(answer, maxBytes))
      return {
        status: response.statusCode ?? 0,
        retryAfterMs: retryAfter({ "retry-after": response.headers["retry-after"] }, yield* Clock.currentTimeMillis),
        body: Buffer.concat(pieces)
      }
    },
    Effect.scoped
  )
  return { check: (url) => checkText(rules.isAllowed, options.webhooksOverHttp ?? false, url), get, post }
}

const fetched = Effect.fnUntraced(function*(response: IncomingMessage, url: URL, maxBytes: number) {
  const status = response.statusCode ?? 0
  if (status !== 200) return yield* failed(`the server answered ${status}`, status >= 500 || busy.has(status))
  const encoding = response.headers["content-encoding"] ?? "identity"
  if (encoding !== "identity") return yield* failed(`the content is compressed (${encoding.slice(0, 40)})`, false)
  if (Number(response.headers["content-length"] ?? 0) > maxBytes) return yield* new FetchTooLarge({ limit: maxBytes })
  const bytes = bounded(bytesOf(response), maxBytes)
  return { url: url.href, mediaType: essenceOf(response.headers["content-type"]), bytes }
})

const bytesOf = (response: IncomingMessage) =>
  Stream.fromAsyncIterable<Uint8Array, FetchFailed>(
    response,
    () => failed("the connection broke off, or was too slow", true)
  )

const bounded = (
  bytes: Stream.Stream<Uint8Array, FetchFailed>,
  limit: number
): Stream.Stream<Uint8Array, FetchFailed | FetchTooLarge> =>
  bytes.pipe(
    Stream.mapAccumEffect(() => 0, (total, piece: Uint8Array) => {
      const next = total + piece.length
      return next > limit ? Effect.fail(new FetchTooLarge({ limit })) : Effect.succeed([next, [piece]] as const)
    })
  )

const beginning = (bytes: Stream.Stream<Uint8Array, FetchFailed>, limit: number) =>
  bytes.pipe(
    Stream.mapAccum(() => 0, (total, piece: Uint8Array) => {
      const kept = piece.subarray(0, Math.max(0, limit - total))
      return [total + piece.length, [{ kept, isLast: total + piece.length >= limit }]] as const
    }),
    Stream.takeUntil(({ isLast }) => isLast),
    Stream.map(({ kept }) => kept)
  )

const essenceOf = (contentType: string | undefined): string | null => {
  const essence = contentType?.split(";")[0]?.trim().toLowerCase() ?? ""
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,127}$/.test(essence) ? essence : null
}

/** Dies where `allow` holds what is no range: check it with `isRange` of addresses.ts when reading it. */
export const layer = (options: Options = {}): Layer.Layer<GuardedFetch> =>
  Layer.sync(GuardedFetch, () => GuardedFetch.of(make(options)))
