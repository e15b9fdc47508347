import { APIResponseError, Client, RequestTimeoutError, UnknownHTTPResponseError } from "@notionhq/client"
import { Clock, Effect, Redacted } from "effect"
import { retryAfter } from "../embedding/http/retryAfter.ts"
import {
  type NotionError,
  NotionInvalid,
  NotionMalformed,
  NotionNotFound,
  NotionRateLimited,
  NotionRestricted,
  NotionUnauthorized,
  NotionUnavailable
} from "./errors.ts"
import type { Endpoint } from "./NotionEndpoint.ts"
import { readBounded } from "./readBounded.ts"

/** One question to Notion. */
export interface Question {
  readonly method: "get" | "post"
  /** Below `/v1/`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number>>
  readonly body?: Readonly<Record<string, unknown>>
  /** What a 404 means. */
  readonly about?: { readonly what: NotionNotFound["what"]; readonly id: string }
}

/** What came of one try. */
export interface Failed {
  readonly error: NotionError
  /** Whether the next try may succeed. */
  readonly again: boolean
  /** How long Notion wants to be left alone by the whole integration. */
  readonly restMs?: number
}

/** The version that sources of databases came with; what we know of its answers is written down for this one. */
const version = "2025-09-03"

/** Of an error's text as much as a person reads, and never the token, whoever repeats it. */
const said = (text: string, token: Redacted.Redacted): string => {
  const clean = text.replaceAll(Redacted.value(token), "(the token)")
  return clean.length > 500 ? `${clean.slice(0, 500)}…` : clean
}

const mute = () => undefined

/** Asks once. The client of Notion knows the protocol; tries, waits and bounds are ours. */
export const ask = (
  { url }: Pick<Endpoint, "url">,
  token: Redacted.Redacted,
  { about, ...question }: Question
): Effect.Effect<unknown, Failed> =>
  Effect.flatMap(Clock.Clock, (clock) =>
    Effect.tryPromise({
      try: (signal) =>
        new Client({
          auth: Redacted.value(token),
          baseUrl: url.href.replace(/\/+$/, ""),
          notionVersion: version,
          retry: false,
          // It writes on the console otherwise.
          logger: mute,
          fetch: async (address, init) => readBounded(await fetch(address, requestOf(init, signal)))
        }).request<object>(question),
      catch: (error) => read(error, { about, token, now: clock.currentTimeMillisUnsafe() })
    }))

/** A redirect is not followed: the token is for one address. */
const requestOf = (
  init: Parameters<NonNullable<ConstructorParameters<typeof Client>[0]>["fetch"] & {}>[1],
  signal: AbortSignal
): RequestInit => ({
  method: init?.method ?? "GET",
  headers: init?.headers ?? {},
  ...(typeof init?.body === "string" && { body: init.body }),
  redirect: "manual",
  signal
})

const read = (
  error: unknown,
  { about, now, token }: {
    readonly about: Question["about"]
    readonly now: number
    readonly token: Redacted.Redacted
  }
): Failed => {
  if (error instanceof APIResponseError || error instanceof UnknownHTTPResponseError) {
    const { code, headers, status } = error
    const wait = headers instanceof Headers
      ? retryAfter({ "retry-after": headers.get("retry-after") ?? undefined }, now)
      : undefined
    return refusal({ code, status, wait, detail: said(error.message, token) }, about)
  }
  if (error instanceof SyntaxError) {
    return { error: new NotionMalformed({ detail: "it is no JSON, or was cut off" }), again: true }
  }
  const detail = error instanceof RequestTimeoutError ? "it took too long" : reasonOf(error)
  return { error: new NotionUnavailable({ detail }), again: true }
}

const refusal = (
  { code, detail, status, wait }: {
    readonly code: string
    readonly detail: string
    readonly status: number
    readonly wait: number | undefined
  },
  about: Question["about"]
): Failed => {
  if (status === 401) return { error: new NotionUnauthorized({ detail }), again: false }
  // A page of HTML is of whoever stands before Notion, and says nothing about the token.
  if (status === 403 && code === "restricted_resource") return { error: new NotionRestricted({ detail }), again: false }
  if (status === 404 && about !== undefined) return { error: new NotionNotFound(about), again: false }
  if (status === 429 || status === 529 || status === 503 && wait !== undefined) {
    const restMs = wait ?? 1_000
    return { error: new NotionRateLimited({ retryAfterMs: restMs }), again: true, restMs }
  }
  if (status === 408 || status === 409 || status === 403 || status >= 500) {
    return { error: new NotionUnavailable({ detail: `it answered ${status}: ${detail}` }), again: true }
  }
  return { error: new NotionInvalid({ code, detail }), again: false }
}

/** The system's word for what happened, such as ECONNREFUSED: its sentences may hold what was sent. */
const reasonOf = (error: unknown): string => {
  for (let at = error, depth = 0; typeof at === "object" && at !== null && depth < 5; depth++) {
    const code: unknown = Reflect.get(at, "code")
    if (typeof code === "string" && /^[A-Z_]{3,40}$/.test(code)) return code
    at = Reflect.get(at, "cause")
  }
  return "the connection broke off"
}
