import type { EventKind } from "@sheaf/domain/notifications/kinds"
import { Clock, Data, Effect, Predicate } from "effect"
import { type Explanation, mark } from "../errors/explained.ts"

/** What a webhook was sent is not what Sheaf sent to it now. Answer 401, and do nothing else with it. */
export class WebhookUnverified extends Data.TaggedError("WebhookUnverified")<{
  /** What is wrong: headers are missing, it was signed too long ago or ahead, or with another secret. */
  readonly reason: "headers" | "timestamp" | "signature" | "body"
}> implements Explanation {
  readonly retryable = false
  override get message() {
    return `This is no message of Sheaf's to this webhook: its ${this.reason} ${
      this.reason === "headers" ? "are missing" : "does not fit"
    }.`
  }
  get hint() {
    return "Verify the body as it came, byte for byte, with the secret that `webhooks.create` or `rotate` answered."
  }
}
mark(WebhookUnverified)

/** Headers of a request, as a `Request` or Node has them. */
export type ReceivedHeaders =
  | { readonly get: (name: string) => string | null }
  | Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

export interface WebhookMessage {
  /** The same for every attempt: whoever has seen it leaves it. */
  readonly id: string
  readonly type: EventKind | "webhook.test"
  /** When it happened, ISO 8601. */
  readonly timestamp: string
  /** The event: `_tag` and its fields, `cursor` and `tenantId`. */
  readonly data: Readonly<Record<string, unknown>>
}

export interface VerifyOptions {
  /** How old, or how far ahead, a message may be: 300 seconds if nothing is said. */
  readonly toleranceSeconds?: number
  /** Milliseconds since 1970; default: now. */
  readonly now?: number
}

const headerOf = (headers: ReceivedHeaders, name: string): string => {
  const value = Predicate.hasProperty(headers, "get") && typeof headers.get === "function"
    ? headers.get(name)
    : (headers as Readonly<Record<string, unknown>>)[name]
  if (typeof value !== "string" || value === "") throw new WebhookUnverified({ reason: "headers" })
  return value
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> | undefined => {
  try {
    return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))
  } catch {
    return undefined
  }
}

/**
 * The message that a webhook was sent, once its signature holds (Standard Webhooks, version 1: HMAC-SHA256 over `id.timestamp.body`, any of the
 * signatures, compared in constant time); rejects with a `WebhookUnverified` otherwise. Runs wherever there is Web Crypto.
 *
 * ```ts
 * const message = await verifyWebhook(secret, request.headers, await request.text())
 * ```
 */
export const verifyWebhook = async (
  secret: string,
  headers: ReceivedHeaders,
  body: string,
  { now = Effect.runSync(Clock.currentTimeMillis), toleranceSeconds = 300 }: VerifyOptions = {}
): Promise<WebhookMessage> => {
  const id = headerOf(headers, "webhook-id")
  const seconds = headerOf(headers, "webhook-timestamp")
  const signatures = headerOf(headers, "webhook-signature")
  if (!/^\d{1,12}$/.test(seconds) || Math.abs(now / 1_000 - Number(seconds)) > toleranceSeconds) {
    throw new WebhookUnverified({ reason: "timestamp" })
  }
  const raw = bytesOf(secret.replace(/^whsec_/, ""))
  if (raw === undefined || raw.length === 0) throw new WebhookUnverified({ reason: "signature" })
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"])
  const signed = new TextEncoder().encode(`${id}.${seconds}.${body}`)
  const holds = await Promise.all(
    signatures.split(" ").slice(0, 20).map((signature) => {
      const given = signature.startsWith("v1,") ? bytesOf(signature.slice(3)) : undefined
      return given === undefined ? false : crypto.subtle.verify("HMAC", key, given, signed)
    })
  )
  if (!holds.includes(true)) throw new WebhookUnverified({ reason: "signature" })
  return { id, ...messageOf(body) }
}

const messageOf = (body: string): Omit<WebhookMessage, "id"> => {
  const parsed: unknown = JSON.parse(body)
  const isMessage = ["type", "timestamp", "data"].every((name) => Predicate.hasProperty(parsed, name))
  if (!isMessage) throw new WebhookUnverified({ reason: "body" })
  // Its signature says that Sheaf wrote it.
  return parsed as Omit<WebhookMessage, "id">
}
